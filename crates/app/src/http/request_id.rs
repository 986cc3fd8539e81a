//! Every request gets a name: in the log, in the answer's `x-request-id`, on its error page.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use omniport_engine::Engine;
use omniport_engine::pages::RequestId;
use std::sync::Arc;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Draws the name. One that the caller sent is not kept: it could be anybody's, or a line break in the log.
pub(super) async fn layer(State(engine): State<Arc<Engine>>, mut request: Request, next: Next) -> Response {
    let Ok(name) = engine.new_nonce() else {
        // Without randomness a request still gets its answer; only its name is missing.
        return next.run(request).await;
    };
    request
        .extensions_mut()
        .insert(RequestId(name.expose().to_owned()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(name.expose()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
