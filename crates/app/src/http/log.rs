//! One line in the log for each request, and its name on every line that is written on its behalf: what was asked in the route's words, and what came of it. Never the query,
//! the body or a header: they may hold secrets.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use omniport_engine::pages::RequestId;
use std::time::Instant;
use tracing::Instrument;

/// Writes the line once the answer's head is ready.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let method = method(request.method());
    let extensions = request.extensions();
    // The route, not the path: `/developer/apps/{id}` groups, and an unknown path is whatever a stranger typed.
    let route = extensions
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let id = extensions
        .get::<RequestId>()
        .map(|RequestId(id)| id.clone())
        .unwrap_or_default();
    let began = now();
    let span = tracing::info_span!("request", id);
    let response = next.run(request).instrument(span.clone()).await;
    let _entered = span.enter();
    let status = response.status().as_u16();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    if route.starts_with("/health/") {
        tracing::debug!(method, route, status, micros, "request");
    } else {
        tracing::info!(method, route, status, micros, "request");
    }
    response
}

/// The method's name; one that is not HTTP's own may be as long as its sender likes, and is not written down.
fn method(method: &Method) -> &'static str {
    let known = [
        "GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT",
    ];
    known
        .into_iter()
        .find(|name| *name == method.as_str())
        .unwrap_or("other")
}

#[expect(
    clippy::disallowed_methods,
    reason = "measures for the log; nothing is decided by it"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_s_own_methods_are_written_down() {
        assert_eq!(method(&Method::POST), "POST");
        let odd = Method::from_bytes("X".repeat(90_000).as_bytes()).unwrap();
        assert_eq!(method(&odd), "other");
    }
}
