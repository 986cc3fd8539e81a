//! Pushed authorisation requests (RFC 9126).

use super::form_endpoint::FormEndpoint;
use crate::answer;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::flow::Came;
use omniport_engine::{Engine, Fault};
use omniport_protocol::effect::Fresh;
use omniport_protocol::extensions::par_rfc9126::{PushRequest, request_uri};
use serde_json::json;
use std::sync::Arc;

/// `POST /oauth/par`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let endpoint = FormEndpoint {
        name: "par",
        parse: PushRequest::parse,
        credentials: PushRequest::credentials,
        credentials_mut: PushRequest::credentials_mut,
        answer: |_, pushed, minted| {
            let handle = minted
                .secret(Fresh::PushedRequest)
                .ok_or(Fault::Bug("a pushed request lacks its handle"))?;
            let body = json!({"request_uri": request_uri(handle), "expires_in": pushed.expires_in});
            Ok(answer::json(StatusCode::CREATED, &body))
        },
        came: Came::Pushed,
    };
    endpoint.handle(&engine, request).await
}
