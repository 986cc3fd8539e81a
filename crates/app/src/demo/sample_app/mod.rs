//! The demo's sample app: a small, real relying party. It knows of Omniport only what any app knows: its own
//! credentials, the walkthrough's four URLs, and the two that its display at the bus stop uses. It shows each request it makes and each answer it gets.

mod flow;
mod more;
mod page;
mod sessions;

use crate::demo::client::Client;
use axum::Router;
use axum::extract::{RawQuery, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use omniport_engine::sessions::cookie;
use omniport_engine::{SystemDice, mint};
use omniport_protocol::vocabulary::{GrantType, Params, Secret};
use sessions::{Session, Sessions};
use std::sync::Arc;

/// Its name.
pub(super) const NAME: &str = "Campus Shuttle";

/// What it asks for: no more than it shows on a boarding pass.
pub(super) const DATA_POINTS: [&str; 6] = [
    "person.full_name",
    "person.display_picture",
    "person.roles",
    "student.branch.name",
    "contact_information.institute_webmail_address",
    "residential_information.residence.name",
];

/// What it told its reviewer.
pub(super) const DESCRIPTION: &str = "Campus Shuttle lets people of the institute book a seat on the small electric \
    buses that run between the residences, the lecture halls and the railway station. You sign in, choose a bus and a \
    stop, and get a boarding pass that the driver can check at the door. The app needs your full name and picture for \
    the boarding pass, so that a seat cannot be passed on to somebody else. It needs your roles because staff and \
    students board at different hours in the first week of a term. It needs your residence so that it can suggest the \
    nearest stop, and your branch so that it can tell you which lecture hall the morning bus should take you to. It \
    needs your institute webmail address to send you a note when your bus is late or cancelled. It keeps the bookings \
    of the current week and nothing else, and it never shows them to other passengers. It was written by the web team \
    and runs on a server of the department.";

/// The grant of devices (RFC 8628 section 3.4).
const DEVICE_CODE: &str = GrantType::DEVICE_CODE;

/// What it uses.
pub(super) const GRANTS: [&str; 4] = [
    GrantType::AUTHORIZATION_CODE,
    GrantType::REFRESH_TOKEN,
    GrantType::CLIENT_CREDENTIALS,
    DEVICE_CODE,
];

/// Its cookie. Cookies are shared by all ports of a host (RFC 6265 section 8.5), so the name says whose it is.
const SESSION: &str = "campus-shuttle-session";

/// What it was told when it was registered.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Its name.
    pub(super) name: &'static str,
    /// Its own URL.
    pub(super) own_url: String,
    /// Omniport's URL.
    pub(super) issuer: String,
    /// Its client ID.
    pub(super) client_id: String,
    /// Its client secret.
    pub(super) client_secret: Secret,
}

/// The redirect URL of an app at `own_url`.
pub(super) fn callback(own_url: &str) -> String {
    format!("{own_url}/callback")
}

struct App {
    settings: Settings,
    client: Client,
    sessions: Sessions,
}

/// The app.
pub(super) fn router(settings: Settings) -> Router {
    let app = Arc::new(App {
        settings,
        client: Client::default(),
        sessions: Sessions::default(),
    });
    Router::new()
        .route("/", get(home))
        .route("/style.css", get(style))
        .route("/mark.svg", get(mark))
        .route("/sign-in", get(sign_in))
        .route("/callback", get(came_back))
        .route("/user-data", post(user_data))
        .route("/refresh", post(refresh))
        .route("/revoke", post(revoke))
        .route("/start-again", post(start_again))
        .route("/for-itself", post(for_itself))
        .route("/device", post(device_begins))
        .route("/device/ask", post(device_asks))
        .layer(from_fn_with_state(app.clone(), headers))
        .with_state(app)
}

async fn headers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // The picture of a device's code is Omniport's.
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' {}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        app.settings.issuer
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let session = app.sessions.get(session_of(&headers)).unwrap_or_default();
    match page::render(&app.settings, &session) {
        Ok(html) => {
            let headers = [
                (CONTENT_TYPE, "text/html; charset=utf-8"),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, html).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the sample app's page cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn style() -> Response {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("style.css"),
    )
        .into_response()
}

async fn mark() -> Response {
    ([(CONTENT_TYPE, "image/svg+xml")], include_str!("mark.svg")).into_response()
}

/// Sends the browser to Omniport with a fresh `state`, which is kept for the way back.
async fn sign_in(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let drawn = || mint::secret(&SystemDice, 30);
    let (Ok(state), Ok(fresh)) = (drawn(), drawn()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let known = session_of(&headers).filter(|name| app.sessions.get(Some(name)).is_some());
    let name = known.unwrap_or_else(|| fresh.expose()).to_owned();
    let mut session = Session::default();
    let target = flow::begin(&app.settings, &mut session, state.expose());
    app.sessions.put(&name, session);
    let mut response = Redirect::to(&target).into_response();
    set_session(&mut response, &name);
    response
}

/// The redirect URL: looks at the answer and, where it is ours and good, redeems the code.
async fn came_back(State(app): State<Arc<App>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Ok(params) = Params::parse(query.unwrap_or_default().as_bytes()) else {
        return (StatusCode::BAD_REQUEST, "The answer cannot be read.").into_response();
    };
    let Some((name, mut session)) = app.sessions.take(session_of(&headers)) else {
        return Redirect::to("/").into_response();
    };
    flow::came_back(&app.settings, &app.client, &mut session, &params).await;
    app.sessions.put(&name, session);
    Redirect::to("/#latest").into_response()
}

async fn user_data(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    act(&app, &headers, async |app, session| {
        flow::user_data(&app.settings, &app.client, session).await;
    })
    .await
}

async fn refresh(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    act(&app, &headers, async |app, session| {
        flow::refresh(&app.settings, &app.client, session).await;
    })
    .await
}

async fn revoke(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    act(&app, &headers, async |app, session| {
        flow::revoke(&app.settings, &app.client, session).await;
    })
    .await
}

async fn for_itself(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    begin(&app, &headers, async |app, session| {
        more::for_itself(&app.settings, &app.client, session).await;
    })
    .await
}

async fn device_begins(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    begin(&app, &headers, async |app, session| {
        more::device_begins(&app.settings, &app.client, session).await;
    })
    .await
}

async fn device_asks(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    act(&app, &headers, async |app, session| {
        more::device_asks(&app.settings, &app.client, session).await;
    })
    .await
}

async fn start_again(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    app.sessions.take(session_of(&headers));
    Redirect::to("/").into_response()
}

/// Whether a form came from another site's page.
fn is_from_elsewhere(app: &App, headers: &HeaderMap) -> bool {
    let origin = headers.get(ORIGIN);
    origin.is_some_and(|origin| origin.as_bytes() != app.settings.own_url.as_bytes())
}

fn elsewhere() -> Response {
    (StatusCode::FORBIDDEN, "This form came from another site.").into_response()
}

/// One press on a button that begins something: in the session that is there, or a new one.
async fn begin(app: &App, headers: &HeaderMap, work: impl AsyncFnOnce(&App, &mut Session)) -> Response {
    if is_from_elsewhere(app, headers) {
        return elsewhere();
    }
    let Ok(fresh) = mint::secret(&SystemDice, 30) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let taken = app.sessions.take(session_of(headers));
    let (name, mut session) = taken.unwrap_or_else(|| (fresh.expose().to_owned(), Session::default()));
    work(app, &mut session).await;
    app.sessions.put(&name, session);
    let mut response = Redirect::to("/#latest").into_response();
    set_session(&mut response, &name);
    response
}

fn set_session(response: &mut Response, name: &str) {
    let cookie = format!("{SESSION}={name}; Path=/; HttpOnly; SameSite=Lax");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, value);
    }
}

/// One press on a button: taken from our own page only, in a session that is there.
async fn act(app: &App, headers: &HeaderMap, work: impl AsyncFnOnce(&App, &mut Session)) -> Response {
    if is_from_elsewhere(app, headers) {
        return elsewhere();
    }
    if let Some((name, mut session)) = app.sessions.take(session_of(headers)) {
        work(app, &mut session).await;
        app.sessions.put(&name, session);
    }
    Redirect::to("/#latest").into_response()
}

fn session_of(headers: &HeaderMap) -> Option<&str> {
    cookie(headers.get(COOKIE)?.to_str().ok()?, SESSION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::data_points::Catalogue;
    use omniport_protocol::review::{DESCRIPTION_WORDS, count_words};

    #[test]
    fn it_is_registered_as_any_app_must_be() {
        assert!(
            DESCRIPTION_WORDS.contains(&count_words(DESCRIPTION)),
            "{}",
            count_words(DESCRIPTION)
        );
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        assert!(DATA_POINTS.iter().all(|name| catalogue.get(name).is_some()));
    }
}
