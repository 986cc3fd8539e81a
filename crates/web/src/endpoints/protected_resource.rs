//! Protected resource metadata (RFC 9728): for our own resources, and hosted for API owners, who link the document by
//! `resource_metadata` in the challenges of their own resources (section 5.1).

use super::discovery;
use crate::answer;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use omniport_engine::Engine;
use omniport_protocol::apis::ResourceId;
use omniport_protocol::ctx::Ctx;
use omniport_protocol::endpoints::protected_resource_rfc9728::{of_api, own};
use std::sync::Arc;

/// `GET /.well-known/oauth-protected-resource`, and with the path of one of our resources after it.
pub(crate) fn ours(ctx: &Ctx<'_>, path: &str) -> Response {
    discovery::answer(own(ctx, path).to_string().into())
}

/// `GET /.well-known/oauth-protected-resource/apis/{id}`.
pub(crate) async fn hosted(State(engine): State<Arc<Engine>>, Path(id): Path<String>) -> Response {
    let apis = match engine.apis().await {
        Ok(apis) => apis,
        Err(fault) => return answer::fault("protected_resource", &fault),
    };
    let id = ResourceId::parse(&id);
    let found = apis.all().iter().find(|one| Some(&one.id) == id.as_ref());
    match found {
        Some(resource) => discovery::answer(of_api(&engine.ctx(), resource).to_string().into()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
