//! Device authorisation requests (RFC 8628).

use super::form_endpoint::FormEndpoint;
use crate::answer;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::flow::Came;
use omniport_engine::{Engine, Fault};
use omniport_protocol::decoupled::UserCode;
use omniport_protocol::effect::{Fresh, Minted};
use omniport_protocol::extensions::device_rfc8628::{
    DeviceReply, DeviceRequest, VERIFICATION_PATH, verification_uri_complete,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /oauth/device_authorization`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let endpoint = FormEndpoint {
        name: "device_authorization",
        parse: DeviceRequest::parse,
        credentials: DeviceRequest::credentials,
        credentials_mut: DeviceRequest::credentials_mut,
        answer: |engine, reply, minted| {
            let body = body(&engine.settings().issuer, reply, minted);
            let body = body.ok_or(Fault::Bug("a device's request lacks its codes"))?;
            Ok(answer::json(StatusCode::OK, &body))
        },
        came: Came::AskedElsewhere,
    };
    endpoint.handle(&engine, request).await
}

/// The answer (section 3.2).
fn body(issuer: &str, reply: &DeviceReply, minted: &Minted) -> Option<Value> {
    let user_code = UserCode::parse(minted.secret(Fresh::UserCode)?.expose())?;
    Some(json!({
        "device_code": minted.secret(Fresh::DecoupledCode)?.expose(),
        "user_code": user_code.to_string(),
        "verification_uri": format!("{issuer}{VERIFICATION_PATH}"),
        "verification_uri_complete": verification_uri_complete(issuer, &user_code),
        "expires_in": reply.expires_in,
        "interval": reply.interval,
    }))
}
