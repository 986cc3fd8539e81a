//! The outermost layer: refusals become pages for people.

use crate::pages::form_post;
use crate::paths::sign_in_to;
use crate::respond;
use crate::views;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use omniport_engine::Engine;
use omniport_engine::pages::{ErrorPage, FormPost, RequestId};
use std::sync::Arc;

/// Paths that scripts speak to: what is refused there without a word for people stays as it is, unless a browser asked.
const FOR_SCRIPTS: [&str; 5] = ["/oauth/", "/open_auth/", "/.well-known/", "/health/", "/metrics"];

/// What of a request its error page depends on.
#[derive(Debug, Clone)]
pub struct Asked {
    for_people: bool,
    id: Option<RequestId>,
}

impl Asked {
    /// By this request.
    pub fn by(request: &Request) -> Self {
        Self {
            for_people: is_for_people(request.uri().path(), request.headers()),
            id: request.extensions().get::<RequestId>().cloned(),
        }
    }
}

/// Turns a response that carries an [`ErrorPage`], or is a bare refusal of a page's path, into the error page with the
/// ids `error-code` and `error-detail`, keeping the refusal's headers; and one that carries a [`FormPost`] into its page.
/// Every other response is left as it is.
pub fn with_error_page(engine: &Engine, asked: Asked, mut response: Response) -> Response {
    if let Some(form) = response.extensions_mut().remove::<FormPost>() {
        return form_post::page(engine, form);
    }
    let told = response.extensions_mut().remove::<ErrorPage>();
    let bare = || {
        (asked.for_people && !has_document(response.headers()))
            .then(|| bare(response.status()))
            .flatten()
    };
    let Some(error) = told.or_else(bare) else {
        return response;
    };
    let id = asked
        .id
        .or_else(|| response.extensions().get::<RequestId>().cloned());
    page(engine, error, id, response)
}

/// [`with_error_page`] around every request, as a layer.
pub async fn render_error_pages(State(engine): State<Arc<Engine>>, request: Request, next: Next) -> Response {
    let asked = Asked::by(&request);
    with_error_page(&engine, asked, next.run(request).await)
}

/// The error page, with what else the refusal said (`Allow`, `Retry-After`, cookies).
fn page(engine: &Engine, error: ErrorPage, id: Option<RequestId>, refusal: Response) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let link = |label: &str, href: String| views::Link {
        label: label.to_owned(),
        href,
    };
    let sign_in = error.sign_in_to.as_deref().map(sign_in_to);
    let again = error.look_again.map(|path| link("Look at the page again", path));
    let link = again.or_else(|| sign_in.map(|href| link("Sign in", href)));
    let template = views::ErrorPage {
        chrome: views::Chrome::bare(&engine.settings().institution),
        title: title(&error.code, status).to_owned(),
        code: error.code.into_owned(),
        detail: error.detail.into_owned(),
        link,
        correlation_id: id.map(|RequestId(id)| id),
    };
    let (mut refused, _) = refusal.into_parts();
    for shape in [CONTENT_TYPE, CONTENT_LENGTH] {
        refused.headers.remove(shape);
    }
    let (mut parts, body) = respond::page(status, &template).into_parts();
    // What the refusal says of itself outweighs what every page says: the authorisation endpoint's `no-referrer`.
    for name in refused.headers.keys() {
        parts.headers.remove(name);
    }
    parts.headers.extend(refused.headers);
    parts.extensions = refused.extensions;
    Response::from_parts(parts, body)
}

/// Whether a browser asked, or the path is one of a page.
fn is_for_people(path: &str, headers: &HeaderMap) -> bool {
    let said = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    said.is_some_and(|accept| accept.contains("text/html"))
        || !FOR_SCRIPTS
            .iter()
            .any(|prefix| path.starts_with(prefix) || path == prefix.trim_end_matches('/'))
}

/// Whether the refusal speaks for itself.
fn has_document(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    ["application/", "text/html", "image/"]
        .iter()
        .any(|prefix| kind.starts_with(prefix))
}

/// What a bare status means to a person; none for the statuses that are no refusal of a request.
fn bare(status: StatusCode) -> Option<ErrorPage> {
    let (code, detail) = match status {
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => (
            "invalid_request",
            "The request is malformed. Go back and try again.",
        ),
        StatusCode::FORBIDDEN => ("forbidden", "This is not yours to open."),
        StatusCode::NOT_FOUND => ("not_found", "There is nothing at this address."),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "This address cannot be used in this way."),
        StatusCode::REQUEST_TIMEOUT => ("timeout", "The request took too long. Try again."),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The request is larger than 64 KiB."),
        StatusCode::URI_TOO_LONG => ("too_large", "The address is too long."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "invalid_request",
            "The form was sent in a way that is not read here.",
        ),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
            "too_large",
            "The request's headers are too large. Clear this site's cookies and try again.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "too_many_requests",
            "There were too many requests. Wait a little, then try again.",
        ),
        status if status.is_server_error() => {
            return Some(ErrorPage {
                status: status.as_u16(),
                ..ErrorPage::unavailable()
            });
        }
        _ => return None,
    };
    Some(ErrorPage::new(status.as_u16(), code, detail))
}

/// The page's heading.
fn title(code: &str, status: StatusCode) -> &'static str {
    match code {
        "invalid_client" | "unauthorized_client" => "This app cannot be used",
        "invalid_request" => "This request cannot be answered",
        "csrf" => "Open the form again",
        "cross_site" => "This form came from elsewhere",
        _ => match status.as_u16() {
            403 => "This is not yours to open",
            404 => "There is nothing here",
            405 => "This does not work like that",
            413 | 414 | 431 => "That is too much",
            429 => "Wait a moment",
            500.. => "Something failed on our side",
            _ => "This cannot be done",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use axum::response::IntoResponse;
    use http::HeaderValue;
    use omniport_engine::Fault;

    #[test]
    fn a_fault_is_told_without_a_word_of_why() {
        let response = Problem::from(Fault::Contended(8)).into_response();
        let page = response.extensions().get::<ErrorPage>().unwrap();
        assert_eq!((page.status, &*page.code), (503, "temporarily_unavailable"));
        assert!(!page.detail.contains("rows") && !page.detail.contains('8'));
    }

    #[test]
    fn scripts_keep_their_bare_refusals_and_browsers_get_pages() {
        let browser = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"))]);
        assert!(is_for_people("/nowhere", &HeaderMap::new()));
        assert!(is_for_people("/oauth/nowhere", &browser));
        for path in [
            "/oauth/token",
            "/open_auth/token",
            "/health/live",
            "/metrics",
            "/.well-known/x",
        ] {
            assert!(!is_for_people(path, &HeaderMap::new()), "{path}");
        }
    }

    #[test]
    fn refusals_are_told_and_answers_left_alone() {
        for status in [400, 404, 405, 413, 422, 431, 503] {
            let page = bare(StatusCode::from_u16(status).unwrap()).unwrap();
            assert_eq!(page.status, status);
        }
        for status in [200, 204, 303, 304] {
            assert!(bare(StatusCode::from_u16(status).unwrap()).is_none());
        }
    }
}
