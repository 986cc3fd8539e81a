//! The introspection endpoint (RFC 7662).

use super::form_endpoint::FormEndpoint;
use crate::answer;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::Engine;
use omniport_engine::flow::Came;
use omniport_protocol::endpoints::introspection_rfc7662::Introspection;
use std::sync::Arc;

/// `POST /oauth/introspect`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let endpoint = FormEndpoint {
        name: "introspect",
        parse: |authorization, form| Introspection::parse(authorization, &form),
        credentials: Introspection::credentials,
        credentials_mut: Introspection::credentials_mut,
        answer: |_, body, _| Ok(answer::json(StatusCode::OK, body)),
        came: Came::Introspected,
    };
    endpoint.handle(&engine, request).await
}
