//! `/login`: a name and a password.

use super::consent::{MAX_HANDLE, links};
use crate::forms::Form;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::Visit;
use crate::{cookies, device, format, headers as policy, marks, paths, respond, views};
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use omniport_engine::Engine;
use omniport_engine::pages::consent_path;
use omniport_engine::people::MAX_USERNAME_CHARS;
use omniport_engine::sessions::{SESSION_COOKIE, SignIn};
use omniport_protocol::authorize::{Door, Waiting, WaitingRequest};
use omniport_protocol::vocabulary::{ClientId, Params, RedirectUri, Secret};

/// What follows the sign-in.
enum Destination {
    /// The home page.
    Home,
    /// An authorisation request that waits under this handle.
    Request(Secret),
    /// A path on this site.
    Path(String),
}

impl Destination {
    /// Of `request` and `next`; an address that is not on this site is not followed.
    fn of(request: Option<&str>, next: Option<&str>) -> Self {
        match (request, next.and_then(paths::own)) {
            (Some(handle), _) => Self::Request(Secret::new(handle)),
            (None, Some(path)) => Self::Path(path.to_owned()),
            (None, None) => Self::Home,
        }
    }

    fn location(&self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Request(handle) => consent_path(handle),
            Self::Path(path) => path.clone(),
        }
    }

    fn return_to(&self) -> views::ReturnTo {
        match self {
            Self::Home => views::ReturnTo::Home,
            Self::Request(handle) => views::ReturnTo::Request(handle.expose().to_owned()),
            Self::Path(path) => views::ReturnTo::Next(path.clone()),
        }
    }
}

/// Why the page is shown again.
struct Again {
    status: StatusCode,
    username: String,
    error: String,
    retry_after: Option<i64>,
}

/// GET `/login?request=HANDLE` or `/login?next=PATH`.
///
/// Who is signed in already goes on at once, unless an app's request waits: it was sent here because it wants the
/// password again.
pub(crate) async fn show(visit: Visit, Query(query): Query) -> Result<Response, Problem> {
    let destination = Destination::of(query.get("request"), query.get("next"));
    if visit.visitor.is_some() && !matches!(destination, Destination::Request(_)) {
        return Ok(respond::see_other(&destination.location()));
    }
    page(visit, &destination, None).await
}

/// POST `/login`.
pub(crate) async fn sign_in(visit: Visit, headers: HeaderMap, form: Form) -> Result<Response, Problem> {
    let some = |name| Some(form.text(name)).filter(|text| !text.is_empty());
    let destination = Destination::of(some("request"), some("next"));
    let username = form.text("username").trim();
    let password = Secret::new(form.text("password"));
    let earlier = visit.session.as_ref().map(Secret::hash);
    let again = |status, error: String, retry_after| Again {
        status,
        username: username.chars().take(MAX_USERNAME_CHARS).collect(),
        error,
        retry_after,
    };
    let again = match visit
        .engine
        .sign_in(username, &password, earlier, visit.address)
        .await?
    {
        SignIn::Welcome(session) => {
            let device = device::of(&headers);
            visit.engine.store().name_session(session.hash(), &device).await?;
            let onwards = respond::see_other(&destination.location());
            return Ok(respond::with_cookie(
                onwards,
                cookies::set(SESSION_COOKIE, &session),
            ));
        }
        SignIn::Wrong => {
            let error = "The username or the password is wrong. Check both and try again.";
            again(StatusCode::UNAUTHORIZED, error.to_owned(), None)
        }
        SignIn::Wait(seconds) => {
            let error = format!(
                "There were too many attempts. Try again in {}.",
                format::wait(seconds)
            );
            again(StatusCode::TOO_MANY_REQUESTS, error, Some(seconds))
        }
    };
    page(visit, &destination, Some(again)).await
}

async fn page(visit: Visit, destination: &Destination, again: Option<Again>) -> Result<Response, Problem> {
    let (mut app_links, mut sandbox) = (Vec::new(), None);
    let (app, leads_to, hint) = match destination {
        Destination::Home => (None, None, None),
        Destination::Path(path) => (None, behind(&visit.engine, path).await?, None),
        Destination::Request(handle) => {
            let waiting = waiting(&visit.engine, handle).await?;
            // Whoever registers an app chooses its name, its logo and its links: before anybody has looked at them, the
            // page on which people type their password must not vouch for them.
            if waiting.in_sandbox {
                sandbox = Some(
                    "Sandbox: this app is not approved. Only its own team and its test people can use it.",
                );
            } else {
                app_links = links(&waiting.publisher);
            }
            (
                Some(marks::app(waiting.app_name, waiting.logo.as_deref())),
                Some(waiting.redirect_origin),
                waiting.login_hint,
            )
        }
    };
    let (visit, cookie) = visit.with_form_cookie()?;
    let known = visit
        .visitor
        .as_ref()
        .map(|visitor| visitor.person.username.clone());
    let (status, username, error, retry_after) = match again {
        Some(again) => (again.status, again.username, Some(again.error), again.retry_after),
        None => (StatusCode::OK, hint.or(known).unwrap_or_default(), None, None),
    };
    let mut chrome = visit.chrome();
    if let Some(sandbox) = sandbox {
        chrome.sandbox = Some(sandbox.to_owned());
    }
    let template = views::Login {
        chrome,
        app,
        links: app_links,
        username: views::Field::of(username),
        error,
        return_to: destination.return_to(),
    };
    let mut response = respond::page(status, &template);
    if let Some(origin) = leads_to {
        policy::allow_forms_to(response.headers_mut(), &origin);
    }
    if let Some(seconds) = retry_after {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(match cookie {
        Some(cookie) => respond::with_cookie(response, cookie),
        None => response,
    })
}

/// The app whose request waits. Nobody is asked for a password on behalf of a request that is gone.
async fn waiting(engine: &Engine, handle: &Secret) -> Result<Waiting, Problem> {
    let gone = || {
        Problem::malformed(
            "This sign-in took too long or was already used. Go back to the app and start again.",
        )
    };
    if handle.expose().len() > MAX_HANDLE {
        return Err(gone());
    }
    let (waiting, _) = engine
        .run(&WaitingRequest {
            handle: handle.hash(),
        })
        .await?;
    waiting.ok_or_else(gone)
}

/// Where an authorisation request that starts again at `path` may end: the sign-in's form may then lead there, when
/// the person has consented before.
async fn behind(engine: &Engine, path: &str) -> Result<Option<String>, Problem> {
    let Some((door, query)) = path.split_once('?') else {
        return Ok(None);
    };
    let params = Params::parse(query.as_bytes()).ok();
    let params = params.filter(|_| Door::ALL.iter().any(|known| known.path() == door));
    let client = params
        .as_ref()
        .and_then(|params| ClientId::parse(params.get("client_id")?).ok());
    let (Some(params), Some(client)) = (params, client) else {
        return Ok(None);
    };
    let app = engine.store().app(&client).await?;
    let registered = app
        .as_ref()
        .and_then(|app| app.serving())
        .map(|version| &version.manifest.redirect_uris);
    let target = registered.and_then(|uris| match params.get("redirect_uri") {
        Some(given) => uris.iter().any(|uri| uri.matches(given)).then_some(given),
        None => uris.first().map(RedirectUri::as_str),
    });
    Ok(target.map(RedirectUri::origin_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_only_to_this_site() {
        assert_eq!(Destination::of(None, Some("/developer")).location(), "/developer");
        assert_eq!(
            Destination::of(None, Some("https://evil.example/")).location(),
            "/"
        );
        assert_eq!(Destination::of(None, Some("//evil.example/")).location(), "/");
        assert_eq!(
            Destination::of(Some("a b"), Some("/developer")).location(),
            "/consent?request=a%20b"
        );
    }
}
