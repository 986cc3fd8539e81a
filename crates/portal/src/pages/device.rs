//! `/device`: where a person types in the code that a device shows (RFC 8628 section 3.3).

use super::consent::waits_under;
use crate::forms::Form;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::Visit;
use crate::{headers, respond, views};
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use omniport_engine::decoupled::Typed;
use omniport_engine::flow::{Asked, Ending};
use omniport_engine::pages::{ErrorPage, consent_path, sign_in_path};
use omniport_engine::{Fault, Ran};
use omniport_protocol::authorize::{Outcome, PageError};
use omniport_protocol::decoupled::UserCode;

/// Most of what somebody typed that is shown again, in characters.
const SHOWN: usize = 64;

/// GET `/device`, and `/device?user_code=...` (`verification_uri_complete`, section 3.3.1): then the code is filled in,
/// and the person still has to say that it is their device's (case 75).
pub(crate) async fn show(visit: Visit, Query(query): Query) -> Result<Response, Problem> {
    let given = query.get("user_code");
    let shown =
        given.map(|text| UserCode::parse(text).map_or_else(|| text.to_owned(), |code| code.to_string()));
    let code = views::Field::of(start_of(shown.as_deref().unwrap_or_default()));
    page(visit, StatusCode::OK, code, given.is_some(), None)
}

/// POST `/device`: `user_code`.
pub(crate) async fn open(visit: Visit, form: Form) -> Result<Response, Problem> {
    let typed = form.text("user_code");
    let again = |status, error: &str| (status, views::Field::refused(start_of(typed), error));
    let Some(code) = UserCode::parse(typed) else {
        let error = "This is not a code as devices show it: eight letters, without vowels and digits.";
        let (status, field) = again(StatusCode::UNPROCESSABLE_ENTITY, error);
        return page(visit, status, field, false, None);
    };
    let session = visit.visitor.as_ref().map(|visitor| visitor.session);
    let opened = visit.engine.open_user_code(code.clone(), session, visit.address);
    match Box::pin(opened).await? {
        Typed::Found(ran) => follow(&visit, &code, &ran),
        Typed::Wrong => {
            let error = "No device waits with this code. Compare it with your device, letter by letter; if it is old, \
                         start again there.";
            let (status, field) = again(StatusCode::NOT_FOUND, error);
            page(visit, status, field, false, None)
        }
        Typed::Wait(seconds) => {
            let error = "There were too many wrong codes. Wait a little, then try again.";
            let (status, field) = again(StatusCode::TOO_MANY_REQUESTS, error);
            page(visit, status, field, false, Some(seconds))
        }
    }
}

/// GET `/device/done?answer=allowed`.
pub(crate) async fn done(visit: Visit, Query(query): Query) -> Response {
    let template = views::DeviceDone {
        chrome: visit.chrome(),
        allowed: query.get("answer") == Some("allowed"),
    };
    respond::page(StatusCode::OK, &template)
}

/// Where [`done`] is.
pub(super) const fn done_path(allowed: bool) -> &'static str {
    if allowed {
        "/device/done?answer=allowed"
    } else {
        "/device/done?answer=denied"
    }
}

fn start_of(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

fn follow(visit: &Visit, code: &UserCode, ran: &Ran<Outcome>) -> Result<Response, Problem> {
    let asked = Asked {
        endpoint: "device",
        request: visit.request.as_ref(),
    };
    visit
        .engine
        .tell(asked, &ran.loaded, None, Ending::from(&ran.reply));
    let path = match &ran.reply {
        Outcome::Page(error) => return Err(refused(error, code)),
        Outcome::SignIn(parked) => sign_in_path(waits_under(parked, &ran.minted, None)?),
        Outcome::Consent(parked) => consent_path(waits_under(parked, &ran.minted, None)?),
        Outcome::Kept(_) | Outcome::Redirect(_) | Outcome::Home => {
            return Err(Fault::Bug("a typed code was answered before anybody was asked").into());
        }
    };
    Ok(respond::see_other(&path))
}

/// An app that may not act here; its team signs in and types the code again.
fn refused(error: &PageError, code: &UserCode) -> Problem {
    Problem::Page(ErrorPage {
        sign_in_to: error.offer_sign_in.then(|| format!("/device?user_code={code}")),
        ..ErrorPage::new(
            StatusCode::BAD_REQUEST.as_u16(),
            error.code.as_str(),
            error.detail.clone(),
        )
    })
}

fn page(
    visit: Visit,
    status: StatusCode,
    code: views::Field,
    filled_in: bool,
    retry_after: Option<i64>,
) -> Result<Response, Problem> {
    let (visit, cookie) = visit.with_form_cookie()?;
    let template = views::Device {
        chrome: visit.chrome(),
        code,
        filled_in,
    };
    let mut response = respond::page(status, &template);
    // The address may hold the code.
    headers::no_referrer(response.headers_mut());
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
