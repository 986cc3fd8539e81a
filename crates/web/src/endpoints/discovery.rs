//! Metadata (OpenID Connect Discovery section 4, RFC 8414 section 3).

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use omniport_engine::Engine;
use omniport_engine::registration::RegistrationPolicy;
use omniport_protocol::endpoints::discovery::metadata;
use serde_json::Value;

/// The document: the same for everyone as long as the process runs, so it is written once.
pub(crate) fn document(engine: &Engine) -> Bytes {
    let mut document = metadata(&engine.ctx());
    // Told only where somebody may use it.
    if engine.settings().registration.policy != RegistrationPolicy::Closed {
        let uri = format!("{}/oauth/register", engine.settings().issuer);
        document.insert("registration_endpoint".to_owned(), uri.into());
    }
    Value::Object(document).to_string().into()
}

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
pub(crate) fn answer(document: Bytes) -> Response {
    let mut response = (StatusCode::OK, document).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}
