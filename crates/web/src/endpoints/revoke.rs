//! The revocation endpoint (RFC 7009).

use super::form_endpoint::FormEndpoint;
use crate::answer;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use omniport_engine::Engine;
use omniport_engine::flow::Came;
use omniport_protocol::endpoints::revocation_rfc7009::Revocation;
use std::sync::Arc;

/// `POST /oauth/revoke` and `/open_auth/revoke_token`: 200 with an empty body, whether or not there was such a token.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let endpoint = FormEndpoint {
        name: "revoke",
        parse: |authorization, form| Revocation::parse(authorization, &form),
        credentials: Revocation::credentials,
        credentials_mut: Revocation::credentials_mut,
        answer: |_, (), _| {
            let mut response = StatusCode::OK.into_response();
            answer::no_store(&mut response);
            Ok(response)
        },
        came: Came::Revoked,
    };
    endpoint.handle(&engine, request).await
}
