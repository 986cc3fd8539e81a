//! The token endpoint (RFC 6749 section 3.2).

use crate::{answer, form};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::{Engine, Fault};
use omniport_protocol::effect::{Fresh, Minted};
use omniport_protocol::token::{TokenReply, TokenRequest};
use omniport_protocol::vocabulary::Secret;
use serde_json::{Value, json};
use std::sync::Arc;

const ENDPOINT: &str = "token";

/// `POST /oauth/token` and `/open_auth/token`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let form = match form::read(request).await {
        Ok(form) => form,
        Err(why) => return answer::unreadable(ENDPOINT, &why),
    };
    let request = match TokenRequest::parse(form.authorization.as_deref(), form.params) {
        Ok(request) => request,
        Err(refusal) => return answer::refusal(ENDPOINT, &refusal),
    };
    match engine.run(&request).await {
        Ok((Ok(reply), minted)) => match body(&reply, &minted) {
            Some(body) => answer::json(StatusCode::OK, &body),
            // A reply without its access token would be a mistake of the grant's: nothing is handed out.
            None => answer::fault(ENDPOINT, &Fault::Task),
        },
        Ok((Err(refusal), _)) => answer::refusal(ENDPOINT, &refusal),
        Err(fault) => answer::fault(ENDPOINT, &fault),
    }
}

/// The successful answer (RFC 6749 section 5.1).
fn body(reply: &TokenReply, minted: &Minted) -> Option<Value> {
    let access_token = minted.secret(Fresh::AccessToken)?;
    let mut body = json!({
        "access_token": access_token.expose(),
        "expires_in": reply.expires_in,
        "token_type": "Bearer",
        "scope": reply.scope.to_string(),
    });
    if reply.refresh_token {
        let refresh_token = minted.secret(Fresh::RefreshToken).map(Secret::expose)?;
        body.as_object_mut()?
            .insert("refresh_token".to_owned(), refresh_token.into());
    }
    Some(body)
}
