//! The introspection endpoint (RFC 7662).

use crate::{answer, form};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::Engine;
use omniport_protocol::endpoints::introspection_rfc7662::Introspection;
use std::sync::Arc;

const ENDPOINT: &str = "introspect";

/// `POST /oauth/introspect`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let form = match form::read(request).await {
        Ok(form) => form,
        Err(why) => return answer::unreadable(ENDPOINT, &why),
    };
    let request = match Introspection::parse(form.authorization.as_deref(), &form.params) {
        Ok(request) => request,
        Err(refusal) => return answer::refusal(ENDPOINT, &refusal),
    };
    match engine.run(&request).await {
        Ok((Ok(body), _)) => answer::json(StatusCode::OK, &body),
        Ok((Err(refusal), _)) => answer::refusal(ENDPOINT, &refusal),
        Err(fault) => answer::fault(ENDPOINT, &fault),
    }
}
