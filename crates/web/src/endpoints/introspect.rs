//! The introspection endpoint (RFC 7662), with signed answers (RFC 9701).

use super::form_endpoint::FormEndpoint;
use crate::answer;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use omniport_engine::Engine;
use omniport_engine::flow::Came;
use omniport_protocol::endpoints::introspection_rfc7662::{Introspected, Introspection};
use std::sync::Arc;

/// The media type of a signed answer (RFC 9701 section 4).
const MEDIA_TYPE: &str = "application/token-introspection+jwt";

/// Whether the asker accepts a signed answer: one that does not say so gets JSON.
fn wants_jwt(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|list| list.split(','));
    types.any(|one| {
        let essence = one.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case(MEDIA_TYPE)
    })
}

/// `POST /oauth/introspect`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let endpoint = FormEndpoint {
        name: "introspect",
        parse: if wants_jwt(request.headers()) {
            |authorization, form| Introspection::parse_for_jwt(authorization, &form)
        } else {
            |authorization, form| Introspection::parse(authorization, &form)
        },
        credentials: Introspection::credentials,
        credentials_mut: Introspection::credentials_mut,
        answer: |engine, reply, minted| {
            Ok(match reply {
                Introspected::Plain(body) => answer::json(StatusCode::OK, body),
                Introspected::Signed(jwt) => {
                    let mut response = engine.sign(jwt, minted)?.into_response();
                    let media_type = HeaderValue::from_static(MEDIA_TYPE);
                    response.headers_mut().insert(CONTENT_TYPE, media_type);
                    answer::no_store(&mut response);
                    response
                }
            })
        },
        came: Came::Introspected,
    };
    endpoint.handle(&engine, request).await
}
