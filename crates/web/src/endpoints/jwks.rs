//! Our public keys (RFC 7517 section 5, `jwks_uri` of `OpenID` Connect Discovery).

use crate::answer::USUAL_HEADERS;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use omniport_engine::Engine;
use omniport_engine::keys::rotation::JWKS_SECONDS;
use std::sync::Arc;

/// Caches may keep it as long as [`JWKS_SECONDS`]: a key is published for longer than that before it signs.
const CACHEABLE: &str = "public, max-age=3600";
const _: () = assert!(JWKS_SECONDS == 3_600, "CACHEABLE says the same");

/// `GET /oauth/jwks`, for everybody.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>) -> Response {
    let mut response = engine.keys().jwks().into_response();
    let headers = response.headers_mut();
    headers.reserve(USUAL_HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(CACHEABLE));
    response
}
