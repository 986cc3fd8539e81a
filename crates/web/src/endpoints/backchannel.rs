//! Requests of apps to people elsewhere (OpenID Connect CIBA).

use super::form_endpoint::FormEndpoint;
use crate::answer;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::flow::Came;
use omniport_engine::{Engine, Fault};
use omniport_protocol::effect::Fresh;
use omniport_protocol::extensions::ciba::BackchannelRequest;
use serde_json::json;
use std::sync::Arc;

/// `POST /oauth/backchannel_authentication`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let endpoint = FormEndpoint {
        name: "backchannel_authentication",
        parse: BackchannelRequest::parse,
        credentials: BackchannelRequest::credentials,
        credentials_mut: BackchannelRequest::credentials_mut,
        answer: |_, reply, minted| {
            let auth_req_id = minted
                .secret(Fresh::DecoupledCode)
                .ok_or(Fault::Bug("a request to a person lacks its name"))?;
            // CIBA Core section 7.3.
            let body = json!({
                "auth_req_id": auth_req_id.expose(),
                "expires_in": reply.expires_in,
                "interval": reply.interval,
            });
            Ok(answer::json(StatusCode::OK, &body))
        },
        came: Came::AskedElsewhere,
    };
    endpoint.handle(&engine, request).await
}
