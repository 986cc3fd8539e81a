//! Metadata (OpenID Connect Discovery section 4, RFC 8414 section 3).

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use omniport_engine::Engine;
use omniport_engine::registration::RegistrationPolicy;
use omniport_protocol::endpoints::discovery::metadata;
use serde_json::{Map, Value};

/// The document as far as it is the same for as long as the process runs: written once.
pub(crate) fn document(engine: &Engine) -> Map<String, Value> {
    let mut document = metadata(&engine.ctx());
    // Told only where somebody may use it.
    if engine.settings().registration.policy != RegistrationPolicy::Closed {
        let uri = format!("{}/oauth/register", engine.settings().issuer);
        document.insert("registration_endpoint".to_owned(), uri.into());
    }
    document
}

/// With what the registered APIs add: their scopes, their types of `authorization_details` (RFC 9396 section 10), and
/// themselves (RFC 9728 section 4).
pub(crate) async fn handle(engine: &Engine, known: &Map<String, Value>) -> Response {
    let apis = match engine.apis().await {
        Ok(apis) => apis,
        Err(fault) => return crate::answer::fault("metadata", &fault),
    };
    let mut document = known.clone();
    let all = || apis.all().iter();
    if let Some(Value::Array(scopes)) = document.get_mut("scopes_supported") {
        let more = all().flat_map(|api| api.scopes.iter().map(|scope| scope.name.as_str().into()));
        scopes.extend(more);
    }
    let types: Vec<&str> = all()
        .flat_map(|api| api.details.iter().map(|one| one.name.as_str()))
        .collect();
    // What has no elements is left out (RFC 8414 section 3.2).
    if !types.is_empty() {
        document.insert("authorization_details_types_supported".to_owned(), types.into());
    }
    let uris: Vec<&str> = std::iter::once(engine.settings().issuer.as_str())
        .chain(all().map(|api| api.uri.as_str()))
        .collect();
    document.insert("protected_resources".to_owned(), uris.into());
    answer(Value::Object(document).to_string().into())
}

/// A document that caches may keep for five minutes.
pub(crate) fn answer(document: Bytes) -> Response {
    let mut response = (StatusCode::OK, document).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}
