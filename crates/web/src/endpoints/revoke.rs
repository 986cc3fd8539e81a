//! The revocation endpoint (RFC 7009).

use crate::{answer, form};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use omniport_engine::Engine;
use omniport_protocol::endpoints::revocation_rfc7009::Revocation;
use std::sync::Arc;

const ENDPOINT: &str = "revoke";

/// `POST /oauth/revoke` and `/open_auth/revoke_token`: 200 with an empty body, whether or not there was such a token.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let form = match form::read(request).await {
        Ok(form) => form,
        Err(why) => return answer::unreadable(ENDPOINT, &why),
    };
    let request = match Revocation::parse(form.authorization.as_deref(), &form.params) {
        Ok(request) => request,
        Err(refusal) => return answer::refusal(ENDPOINT, &refusal),
    };
    match engine.run(&request).await {
        Ok((Ok(()), _)) => {
            let mut response = StatusCode::OK.into_response();
            answer::no_store(&mut response);
            response
        }
        Ok((Err(refusal), _)) => answer::refusal(ENDPOINT, &refusal),
        Err(fault) => answer::fault(ENDPOINT, &fault),
    }
}
