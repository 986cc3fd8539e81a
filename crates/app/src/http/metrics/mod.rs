//! `GET /metrics`: numbers in Prometheus's text format (version 0.0.4).
//!
//! A registry of our own: what is counted is known, so a request costs two look-ups and four additions
//! (docs/decisions/0021-metrics-of-our-own.md). Every label is a word of the program: a route's template, a method of
//! HTTP, a status, a grant, an error code. Nothing that a caller sent, and nothing secret, can be one.

mod process;
mod requests;
mod text;

pub(super) use requests::Requests;

use super::refusals;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, FORWARDED, VIA};
use http::{HeaderMap, HeaderName, StatusCode};
use omniport_engine::Engine;
use omniport_engine::caller::ClientAddress;
use std::sync::Arc;
use text::Text;

const FORWARDING: [HeaderName; 4] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
];

/// Everything that is counted.
#[derive(Clone)]
pub(crate) struct Metrics {
    engine: Arc<Engine>,
    requests: Arc<Requests>,
}

impl Metrics {
    pub(super) const fn new(engine: Arc<Engine>, requests: Arc<Requests>) -> Self {
        Self { engine, requests }
    }

    /// `/metrics` on a listener of its own, for whoever can reach it.
    pub(crate) fn alone(self) -> Router {
        Router::new()
            .route(
                "/metrics",
                get(async |State(metrics): State<Self>| metrics.answer()),
            )
            .with_state(self)
    }

    /// `/metrics` among the site's routes, for programs on this machine; there is nothing for others. A request that a
    /// proxy passed on is another's, whatever address it comes from.
    pub(super) fn beside_the_site(self) -> Router {
        let answer = async |State(metrics): State<Self>, request: Request| {
            let from = request.extensions().get::<ClientAddress>();
            let is_own = from.is_some_and(|ClientAddress(address)| address.is_loopback());
            if is_own && !is_forwarded(request.headers()) {
                metrics.answer()
            } else {
                refusals::not_found(request).await
            }
        };
        Router::new().route("/metrics", get(answer)).with_state(self)
    }

    fn answer(&self) -> Response {
        let headers = [
            (CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
        ];
        (StatusCode::OK, headers, self.text()).into_response()
    }

    fn text(&self) -> String {
        let mut text = Text::default();
        text.gauge("omniport_info", "The program's version.")
            .line(&[("version", env!("CARGO_PKG_VERSION"))], 1);
        self.requests.write(&mut text);
        let counters = self.engine.counters();
        for (name, help, label, tally) in [
            (
                "omniport_sign_ins_total",
                "Sign-ins with a password, by their end.",
                "end",
                &counters.sign_ins,
            ),
            (
                "omniport_tokens_issued_total",
                "Answers of the token endpoint with a token, by grant type.",
                "grant_type",
                &counters.tokens_issued,
            ),
            (
                "omniport_refusals_total",
                "Refused requests of apps, by error code.",
                "error",
                &counters.refusals,
            ),
        ] {
            let mut family = text.counter(name, help);
            for (value, count) in tally.counts() {
                family.line(&[(label, value)], count);
            }
        }
        text.counter(
            "omniport_flow_left_out_total",
            "Lines of the flow debugger that were left out because too many came at once.",
        )
        .line(&[], self.engine.flow_gathered().left_out);
        let activity = self.engine.store().activity();
        text.counter("omniport_store_commits_total", "Commits to the database.")
            .line(&[], activity.commits);
        text.counter("omniport_store_failed_commits_total", "Commits that failed.")
            .line(&[], activity.failed_commits);
        text.counter("omniport_store_changes_total", "Changes in those commits.")
            .line(&[], activity.changes);
        text.gauge(
            "omniport_store_waiting_changes",
            "Changes that wait for their commit.",
        )
        .line(&[], activity.waiting);
        process::write(&mut text);
        text.finish()
    }
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(name))
}

#[cfg(test)]
mod tests;
