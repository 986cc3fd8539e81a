//! Dynamic client registration (RFC 7591) and its management (RFC 7592).

use crate::{answer, form};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Method, StatusCode};
use omniport_engine::caller::ClientAddress;
use omniport_engine::registration::{RegisteredClient, RegistrationRefusal};
use omniport_engine::{Engine, Fault};
use omniport_protocol::endpoints::bearer_rfc6750::BearerToken;
use omniport_protocol::openid::registered_metadata;
use omniport_protocol::review::ClientMetadata;
use omniport_protocol::vocabulary::{ClientId, Params, Secret};
use serde_json::{Value, json};
use std::sync::Arc;

const ENDPOINT: &str = "register";

/// `POST /oauth/register`.
pub(crate) async fn register(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let token = token(&request);
    let address = request.extensions().get::<ClientAddress>().map(|from| from.0);
    let metadata = match metadata(request).await {
        Ok(metadata) => metadata,
        Err(response) => return response,
    };
    let registered = engine.register_client(token.as_ref(), metadata, address).await;
    told(&engine, StatusCode::CREATED, registered)
}

/// `GET`, `PUT` and `DELETE /oauth/register/{client_id}`.
pub(crate) async fn manage(
    State(engine): State<Arc<Engine>>,
    Path(client_id): Path<String>,
    request: Request,
) -> Response {
    let address = request.extensions().get::<ClientAddress>().map(|from| from.0);
    let (Some(token), Ok(id)) = (token(&request), ClientId::parse(&client_id)) else {
        return refused(&RegistrationRefusal::Unauthorised);
    };
    match *request.method() {
        Method::PUT => match metadata(request).await {
            Ok(metadata) => {
                let replaced = engine.replace_client(&id, &token, metadata, address).await;
                told(&engine, StatusCode::OK, replaced)
            }
            Err(response) => response,
        },
        Method::DELETE => match engine.delete_client(&id, &token, address).await {
            Ok(Ok(())) => {
                let mut response = StatusCode::NO_CONTENT.into_response();
                answer::no_store(&mut response);
                response
            }
            Ok(Err(refusal)) => refused(&refusal),
            Err(fault) => answer::fault(ENDPOINT, &fault),
        },
        _ => told(&engine, StatusCode::OK, engine.read_client(&id, &token).await),
    }
}

/// The bearer token in the header, the only place for it here (RFC 7592 section 2).
fn token(request: &Request) -> Option<Secret> {
    let authorization = form::authorization(request.headers()).ok()?;
    BearerToken::from_request(authorization.as_deref(), &Params::default(), None).ok()
}

/// The document: JSON of bounded size and depth (RFC 7591 section 3.1).
async fn metadata(request: Request) -> Result<ClientMetadata, Response> {
    let is_json = form::content_type(request.headers())
        .split(';')
        .next()
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        let told = "Send the client metadata as application/json.";
        return Err(invalid("invalid_client_metadata", told));
    }
    let body = form::body(request)
        .await
        .map_err(|why| answer::unreadable(&why))?;
    // Read twice: a member of the wrong type is told by its name.
    let document: Value = serde_json::from_slice(&body)
        .map_err(|_| invalid("invalid_client_metadata", "The body is not JSON."))?;
    if !document.is_object() {
        return Err(invalid(
            "invalid_client_metadata",
            "The body is not a JSON object.",
        ));
    }
    serde_json::from_value(document).map_err(|error| {
        let told = format!("A member is not of the right type: {error}.");
        invalid("invalid_client_metadata", &told)
    })
}

fn told(
    engine: &Engine,
    status: StatusCode,
    client: Result<Result<RegisteredClient, RegistrationRefusal>, Fault>,
) -> Response {
    match client {
        Ok(Ok(client)) => answer::json(status, &body(engine, &client)),
        Ok(Err(refusal)) => refused(&refusal),
        Err(fault) => answer::fault(ENDPOINT, &fault),
    }
}

/// Section 3.2.1: everything that is registered, and what is told this once.
fn body(engine: &Engine, client: &RegisteredClient) -> Value {
    let mut body = registered_metadata(&client.manifest);
    let uri = format!("{}/oauth/register/{}", engine.settings().issuer, client.id);
    for (name, value) in [
        ("client_id", json!(client.id.as_str())),
        ("client_id_issued_at", json!(client.at.seconds())),
        ("registration_client_uri", json!(uri)),
    ] {
        body.insert(name.to_owned(), value);
    }
    if let Some(secret) = &client.secret {
        body.insert("client_secret".to_owned(), secret.expose().into());
        body.insert("client_secret_expires_at".to_owned(), 0.into());
    }
    if let Some(token) = &client.access_token {
        body.insert("registration_access_token".to_owned(), token.expose().into());
    }
    body.into()
}

fn invalid(code: &str, told: &str) -> Response {
    answer::json(
        StatusCode::BAD_REQUEST,
        &json!({"error": code, "error_description": ascii(told)}),
    )
}

/// What a description may hold (RFC 6749 appendix A.8); a message may repeat what the client sent.
fn ascii(told: &str) -> String {
    told.chars()
        .map(|c| match c {
            '"' | '\\' => '\'',
            ' '..='~' => c,
            _ => '?',
        })
        .take(1_000)
        .collect()
}

fn refused(why: &RegistrationRefusal) -> Response {
    tracing::info!(endpoint = ENDPOINT, reason = ?why, "refused");
    match why {
        RegistrationRefusal::Closed => answer::json(
            StatusCode::FORBIDDEN,
            &json!({"error": "access_denied", "error_description": "Apps cannot register themselves here. Register in the developer portal."}),
        ),
        RegistrationRefusal::Unauthorised => {
            let body = json!({"error": "invalid_token", "error_description": "The token is missing, wrong or used up."});
            let mut response = answer::json(StatusCode::UNAUTHORIZED, &body);
            let challenge = HeaderValue::from_static("Bearer realm=\"omniport\", error=\"invalid_token\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            response
        }
        RegistrationRefusal::RedirectUri(told) => invalid("invalid_redirect_uri", told),
        RegistrationRefusal::Metadata(told) => invalid("invalid_client_metadata", told),
        RegistrationRefusal::SoftwareStatement => invalid(
            "unapproved_software_statement",
            "Software statements are not accepted here.",
        ),
        RegistrationRefusal::TooMany => {
            let body = json!({"error": "temporarily_unavailable", "error_description": "Too many apps wait for review already. Try again later."});
            answer::json(StatusCode::TOO_MANY_REQUESTS, &body)
        }
        RegistrationRefusal::Suspended => answer::json(
            StatusCode::FORBIDDEN,
            &json!({"error": "access_denied", "error_description": "This app may not act at present. See its page in the developer portal."}),
        ),
        RegistrationRefusal::Changed => answer::json(
            StatusCode::CONFLICT,
            &json!({"error": "invalid_client_metadata", "error_description": "The app changed meanwhile. Read it and try again."}),
        ),
    }
}
