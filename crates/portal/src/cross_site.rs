//! Requests that another site made a browser send are refused before anything else is looked at (case 103).

use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::ORIGIN;
use http::{HeaderMap, Method, StatusCode};
use omniport_engine::Engine;
use omniport_protocol::vocabulary::RedirectUri;
use std::sync::Arc;

/// Lets through what changes nothing, and what our own pages sent.
pub(crate) async fn refuse(State(engine): State<Arc<Engine>>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let refusal = if reads {
        None
    } else {
        check(request.headers(), &engine).err()
    };
    match refusal {
        None => next.run(request).await,
        Some(problem) => problem.into_response(),
    }
}

/// Refuses what another site made a browser send.
pub(crate) fn check(headers: &HeaderMap, engine: &Engine) -> Result<(), Problem> {
    let issuer = &engine.settings().issuer;
    if is_ours(headers, &RedirectUri::origin_of(issuer)) {
        return Ok(());
    }
    tracing::info!("a form from another site was refused");
    let detail =
        format!("This form was sent from another site. Open the page at {issuer} and send it from there.");
    Err(Problem::page(StatusCode::FORBIDDEN, "cross_site", detail))
}

/// What a browser says of where a form comes from: `Sec-Fetch-Site` (W3C Fetch Metadata) and `Origin` (RFC 6454).
/// A script that says neither passes; it still needs the form's token. `Origin: null` is any page without an origin,
/// unless the browser vouches for it.
fn is_ours(headers: &HeaderMap, own_origin: &str) -> bool {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = said("sec-fetch-site");
    let site_fits = matches!(site, None | Some("same-origin" | "none"));
    let origin_fits = match said(ORIGIN.as_str()) {
        None => true,
        Some("null") => site == Some("same-origin"),
        Some(origin) => origin.eq_ignore_ascii_case(own_origin),
    };
    site_fits && origin_fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn passes(headers: &[(&'static str, &'static str)]) -> bool {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        is_ours(&headers.iter().map(pair).collect(), "https://id.example")
    }

    #[test]
    fn case_103_only_our_own_pages_send_forms() {
        assert!(passes(&[]));
        assert!(passes(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://id.example")
        ]));
        assert!(passes(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(passes(&[("sec-fetch-site", "none")]));
        for refused in [
            [("sec-fetch-site", "cross-site"), ("origin", "https://id.example")],
            [("sec-fetch-site", "same-site"), ("origin", "https://id.example")],
            [
                ("sec-fetch-site", "same-origin"),
                ("origin", "https://evil.example"),
            ],
            [("sec-fetch-site", "none"), ("origin", "null")],
            [("x", "y"), ("origin", "null")],
            [("x", "y"), ("origin", "http://id.example")],
            [("x", "y"), ("origin", "https://id.example:8443")],
            [("x", "y"), ("origin", "https://id.example.evil")],
        ] {
            assert!(!passes(&refused), "{refused:?}");
        }
    }
}
