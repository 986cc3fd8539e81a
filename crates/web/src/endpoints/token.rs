//! The token endpoint (RFC 6749 section 3.2).

use super::form_endpoint::FormEndpoint;
use crate::answer;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::flow::Came;
use omniport_engine::{Engine, Fault};
use omniport_protocol::effect::{Fresh, Minted};
use omniport_protocol::token::{TokenReply, TokenRequest, registry};
use omniport_protocol::vocabulary::{Confirmation, Secret};
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /oauth/token` and `/open_auth/token`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let endpoint = FormEndpoint {
        name: "token",
        parse: TokenRequest::parse,
        credentials: TokenRequest::credentials,
        credentials_mut: TokenRequest::credentials_mut,
        answer: |engine, reply, minted| {
            // A JWT takes the place of what was drawn, which is its name; the ID token's hash is of the text handed out.
            let with_jwt = reply.access_jwt.as_ref().map(|jwt| {
                let text = Secret::new(engine.sign(jwt, minted)?);
                Ok::<_, Fault>(minted.with_secret(Fresh::AccessToken, text))
            });
            let with_jwt = with_jwt.transpose()?;
            let minted = with_jwt.as_ref().unwrap_or(minted);
            let mut body = body(reply, minted).ok_or(Fault::Bug("a token answer lacks its token"))?;
            if let (Some(jwt), Some(fields)) = (&reply.id_token, body.as_object_mut()) {
                fields.insert("id_token".to_owned(), engine.sign(jwt, minted)?.into());
            }
            Ok(answer::json(StatusCode::OK, &body))
        },
        came: Came::Tokens,
    };
    let issued = |operation: &TokenRequest| {
        let mut grants = registry().iter().map(|grant| grant.grant_type());
        if let Some(grant) = grants.find(|grant| *grant == operation.grant_type()) {
            engine.counters().tokens_issued.add(grant);
        }
    };
    endpoint.handle_noting(&engine, request, issued).await
}

/// The successful answer (RFC 6749 section 5.1).
fn body(reply: &TokenReply, minted: &Minted) -> Option<Value> {
    let access_token = minted.secret(Fresh::AccessToken)?;
    let mut body = json!({
        "access_token": access_token.expose(),
        "expires_in": reply.expires_in,
        "token_type": Confirmation::token_type(reply.confirmation.as_ref()),
    });
    let fields = body.as_object_mut()?;
    if !reply.scope.is_empty() {
        fields.insert("scope".to_owned(), reply.scope.to_string().into());
    }
    if !reply.details.is_empty() {
        fields.insert("authorization_details".to_owned(), reply.details.to_json());
    }
    if let Some(kind) = reply.issued_token_type {
        fields.insert("issued_token_type".to_owned(), kind.into());
    }
    if reply.refresh_token {
        let refresh_token = minted.secret(Fresh::RefreshToken).map(Secret::expose)?;
        body.as_object_mut()?
            .insert("refresh_token".to_owned(), refresh_token.into());
    }
    Some(body)
}
