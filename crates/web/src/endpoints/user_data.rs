//! The user-data endpoint: the walkthrough's step 8, under bearer-token rules (RFC 6750).

use super::bearer;
use crate::{answer, form};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::Engine;
use omniport_engine::flow::{Asked, Came, Ending};
use omniport_engine::pages::RequestId;
use omniport_protocol::endpoints::bearer_rfc6750::{BearerRefusal, BearerToken};
use omniport_protocol::endpoints::user_data::UserDataRequest;
use omniport_protocol::vocabulary::Secret;
use serde_json::json;
use std::sync::Arc;

const ENDPOINT: &str = "user_data";

/// The sentence that existing apps look for when a token is missing or bad.
const NOT_PROVIDED: &str = "Authentication credentials were not provided.";

/// `GET /open_auth/get_user_data`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let asked = Asked {
        endpoint: ENDPOINT,
        request: request.extensions().get::<RequestId>(),
    };
    let token = match token(&request) {
        Ok(token) => token,
        Err(refusal) => {
            if let BearerRefusal::Refused(refusal) = &refusal {
                engine.tell_unread(asked, None, refusal);
            }
            return refused(&refusal);
        }
    };
    match engine.run_with_facts(&UserDataRequest { token }).await {
        Ok(ran) => {
            let ending = ran
                .reply
                .as_ref()
                .map_or_else(Ending::from, |_| Ending::Well(Came::Data));
            engine.tell(asked, &ran.loaded, None, ending);
            match ran.reply {
                Ok(body) => answer::json(StatusCode::OK, &body),
                Err(refusal) => refused(&BearerRefusal::Refused(refusal)),
            }
        }
        Err(fault) => answer::fault(ENDPOINT, &fault),
    }
}

fn token(request: &Request) -> Result<Secret, BearerRefusal> {
    let authorization = form::authorization(request.headers()).map_err(BearerRefusal::Refused)?;
    let query = form::query(request.uri().query()).map_err(BearerRefusal::Refused)?;
    BearerToken::from_request(authorization.as_deref(), &query, None)
}

/// A refusal in the walkthrough's words.
fn refused(why: &BearerRefusal) -> Response {
    let BearerRefusal::Refused(refusal) = why else {
        return bearer::missing(&json!({"detail": NOT_PROVIDED}));
    };
    let status = answer::status(refusal.code);
    let body = if status == StatusCode::UNAUTHORIZED {
        json!({"detail": NOT_PROVIDED})
    } else {
        json!({"detail": refusal.public, "error": refusal.code.as_str(), "error_description": refusal.public})
    };
    bearer::with_error(refusal, status, &body)
}
