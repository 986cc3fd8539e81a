//! Every request gets a name: in the log, in the answer's `x-request-id`, on its error page.

use axum::extract::Request;
use http::{HeaderName, HeaderValue};
use omniport_engine::Engine;
use omniport_engine::pages::RequestId;

/// Where the answer says it.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Draws the name and puts it on the request. One that the caller sent is not kept: it could be anybody's, or a line break
/// in the log. Without randomness a request still gets its answer; only its name is missing.
pub(super) fn give(engine: &Engine, request: &mut Request) -> Option<HeaderValue> {
    let name = engine.new_nonce().ok()?;
    let value = HeaderValue::from_str(name.expose()).ok()?;
    request
        .extensions_mut()
        .insert(RequestId(name.expose().to_owned()));
    Some(value)
}
