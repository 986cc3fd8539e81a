//! One line in the log for each request, and its name on every line that is written on its behalf: what was asked in
//! the route's words, and what came of it. Never the query, the body or a header: they may hold secrets.

use axum::extract::{MatchedPath, Request};
use http::Method;
use omniport_engine::pages::RequestId;
use std::time::{Duration, Instant};

/// What a request is, for its line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    method: &'static str,
    /// The route, not the path: `/developer/apps/{id}` groups, and an unknown path is whatever a stranger typed.
    route: Option<MatchedPath>,
    began: Instant,
}

impl Line {
    /// Of a request for which a route was chosen.
    pub(super) fn of(request: &Request) -> Self {
        Self {
            method: method(request.method()),
            route: request.extensions().get::<MatchedPath>().cloned(),
            began: now(),
        }
    }

    /// The route's template.
    pub(super) fn route(&self) -> &str {
        self.route.as_ref().map_or("unmatched", MatchedPath::as_str)
    }

    /// The method's name.
    pub(super) const fn method(&self) -> &'static str {
        self.method
    }

    /// Writes the line, once the answer's head is ready; says how long the request took.
    pub(super) fn write(&self, status: u16) -> Duration {
        let (method, route) = (self.method, self.route());
        let took = self.began.elapsed();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if route.starts_with("/health/") || route == "/metrics" {
            tracing::debug!(method, route, status, micros, "request");
        } else {
            tracing::info!(method, route, status, micros, "request");
        }
        took
    }
}

/// The request's name, for every line that is written on its behalf.
pub(super) fn name(request: &Request) -> Option<RequestId> {
    request.extensions().get::<RequestId>().cloned()
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
