//! The authorisation endpoint: two doors, one hallway (RFC 6749 section 3.1).

use crate::form::Unreadable;
use crate::{answer, form};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{COOKIE, LOCATION, REFERRER_POLICY};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use omniport_engine::caller::ClientAddress;
use omniport_engine::flow::{Asked, Ending};
use omniport_engine::pages::{ErrorPage, FormPost, RequestId, consent_path, sign_in_path};
use omniport_engine::sessions::{SESSION_COOKIE, own_cookie};
use omniport_engine::{Engine, Fault};
use omniport_protocol::authorize::{Answer, AuthorizeRequest, Delivery, Door, Outcome, PageError};
use omniport_protocol::effect::{Fresh, Minted};
use omniport_protocol::error::{ErrorCode, Refusal};
use omniport_protocol::vocabulary::{Params, Secret, SecretHash};
use std::net::IpAddr;
use std::sync::Arc;

const ENDPOINT: &str = "authorize";

/// `GET /oauth/authorise`.
pub(crate) async fn walkthrough_get(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    by_query(&engine, Door::Walkthrough, request).await
}

/// `POST /oauth/authorise`.
pub(crate) async fn walkthrough_post(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    by_form(&engine, Door::Walkthrough, request).await
}

/// `GET /oauth/authorize`.
pub(crate) async fn standard_get(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    by_query(&engine, Door::Standard, request).await
}

/// `POST /oauth/authorize` (OpenID Connect Core section 3.1.2.1).
pub(crate) async fn standard_post(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    by_form(&engine, Door::Standard, request).await
}

async fn by_query(engine: &Engine, door: Door, request: Request) -> Response {
    let (head, _) = request.into_parts();
    let asked = asked(&head.extensions);
    match form::query(head.uri.query()) {
        Ok(params) => {
            let address = address(&head.extensions);
            decide(engine, door, params, &head.headers, asked, address).await
        }
        Err(refusal) => unreadable(engine, asked, refusal),
    }
}

async fn by_form(engine: &Engine, door: Door, request: Request) -> Response {
    let headers = request.headers().clone();
    let extensions = request.extensions().clone();
    let (asked, address) = (asked(&extensions), address(&extensions));
    match form::read(request).await {
        Ok(form) => decide(engine, door, form.params, &headers, asked, address).await,
        Err(Unreadable::Refused(refusal)) => unreadable(engine, asked, refusal),
        Err(Unreadable::TooLarge) => page(invalid(413, "The app's request is larger than 64 KiB.")),
        Err(Unreadable::Incomplete) => page(invalid(
            400,
            "The app's request ended before it was complete. Go back to the app and start again.",
        )),
    }
}

fn asked(extensions: &Extensions) -> Asked<'_> {
    Asked {
        endpoint: ENDPOINT,
        request: extensions.get::<RequestId>(),
    }
}

/// Who asks, as far as it is known.
fn address(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ClientAddress>().map(|address| address.0)
}

async fn decide(
    engine: &Engine,
    door: Door,
    params: Params,
    headers: &HeaderMap,
    asked: Asked<'_>,
    address: Option<IpAddr>,
) -> Response {
    let again = again(door, &params);
    let session = session(headers);
    let request = AuthorizeRequest::new(door, params, session);
    match engine.run_for(address, &request).await {
        Ok(ran) => {
            engine.tell(asked, &ran.loaded, None, Ending::from(&ran.reply));
            if let Some(session) = session.filter(|_| ran.loaded.session.is_some()) {
                engine.tell_session_used(session);
            }
            respond(engine, ran.reply, &ran.minted, again)
        }
        Err(fault) => unavailable(&fault),
    }
}

/// The session cookie's hash; none where there is none.
fn session(headers: &HeaderMap) -> Option<SecretHash> {
    let values = headers.get_all(COOKIE).iter();
    let own = own_cookie(values.filter_map(|value| value.to_str().ok()), SESSION_COOKIE);
    own.as_ref().map(Secret::hash)
}

/// The path that repeats this request after a sign-in.
fn again(door: Door, params: &Params) -> String {
    format!("{}?{}", door.path(), params.to_query())
}

fn respond(engine: &Engine, outcome: Outcome, minted: &Minted, again: String) -> Response {
    match outcome {
        Outcome::Page(error) => error_page(error, again),
        Outcome::Redirect(answer) => to_the_app(engine, &answer, minted),
        Outcome::SignIn(_) => to_page(sign_in_path, minted),
        Outcome::Consent(_) => to_page(consent_path, minted),
        Outcome::Home => see_other("/"),
        // Nobody comes to an endpoint of browsers with what is answered elsewhere.
        Outcome::Kept(_) => unavailable(&Fault::Bug("a browser's request was kept")),
    }
}

fn to_the_app(engine: &Engine, answer: &Answer, minted: &Minted) -> Response {
    match engine.deliver(answer, minted) {
        Ok(Delivery::Redirect(location)) => see_other(&location),
        Ok(Delivery::FormPost { action, fields }) => form_post(FormPost { action, fields }),
        Err(fault) => unavailable(&fault),
    }
}

/// A response that the portal's outermost layer turns into the page that posts an answer to its app.
fn form_post(form: FormPost) -> Response {
    let mut response = StatusCode::OK.into_response();
    response.extensions_mut().insert(form);
    secure(response)
}

/// To a page of ours that goes on with a request just parked.
fn to_page(path: fn(&Secret) -> String, minted: &Minted) -> Response {
    match minted.secret(Fresh::ParkedRequest) {
        Some(handle) => see_other(&path(handle)),
        None => unavailable(&Fault::Bug("a request was parked without a handle")),
    }
}

/// 303, so that the browser asks by GET and never sends a form on (case 22; RFC 9700 section 4.12).
fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return unavailable(&Fault::Bug(
            "a location that is built from percent-encoded parts is no header",
        ));
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    secure(response)
}

fn error_page(error: PageError, again: String) -> Response {
    page(ErrorPage {
        sign_in_to: error.offer_sign_in.then_some(again),
        ..ErrorPage::new(400, error.code.as_str(), error.detail)
    })
}

fn unreadable(engine: &Engine, asked: Asked<'_>, refusal: Refusal) -> Response {
    engine.tell_unread(asked, None, &refusal);
    page(ErrorPage::new(400, refusal.code.as_str(), refusal.public))
}

fn invalid(status: u16, detail: &'static str) -> ErrorPage {
    ErrorPage::new(status, ErrorCode::InvalidRequest.as_str(), detail)
}

fn unavailable(fault: &Fault) -> Response {
    if let Fault::Limited(seconds) = fault {
        return answer::come_again(page(ErrorPage::too_many()), *seconds);
    }
    tracing::error!(endpoint = ENDPOINT, error = %fault, "a request could not be answered");
    page(ErrorPage::unavailable())
}

/// A response that the portal's outermost layer turns into the page.
fn page(error: ErrorPage) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = status.into_response();
    response.extensions_mut().insert(error);
    secure(response)
}

/// No cache keeps it, no other site learns where it came from (case 26).
fn secure(mut response: Response) -> Response {
    answer::no_store(&mut response);
    response
        .headers_mut()
        .insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
