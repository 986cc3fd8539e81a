//! The user-data endpoint: the walkthrough's step 8, under bearer-token rules (RFC 6750).

use super::bearer::{self, Place};
use crate::{answer, form, sender};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::Engine;
use omniport_engine::flow::{Asked, Came, Ending};
use omniport_engine::pages::RequestId;
use omniport_protocol::endpoints::bearer_rfc6750::BearerRefusal;
use omniport_protocol::endpoints::presented_token::{PresentedToken, Scheme};
use omniport_protocol::endpoints::user_data::{USER_DATA, UserDataRequest};
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
    let at = Place {
        issuer: &engine.settings().issuer,
        path: USER_DATA,
        max_age: None,
    };
    let token = match token(&request) {
        Ok(token) => token,
        Err(refusal) => {
            if let BearerRefusal::Refused(refusal) = &refusal {
                engine.tell_unread(asked, None, refusal);
            }
            return refused(&refusal, Scheme::Bearer, at);
        }
    };
    let scheme = token.scheme();
    match engine.run_with_facts(&UserDataRequest { token }).await {
        Ok(ran) => {
            let ending = ran
                .reply
                .as_ref()
                .map_or_else(Ending::from, |_| Ending::Well(Came::Data));
            engine.tell(asked, &ran.loaded, None, ending);
            let response = match &ran.reply {
                Ok(body) => answer::json(StatusCode::OK, body),
                Err(refusal) => {
                    let max_age = ran.loaded.apis.own_max_age(at.issuer, at.path);
                    let at = Place { max_age, ..at };
                    refused(&BearerRefusal::Refused(refusal.clone()), scheme, at)
                }
            };
            bearer::with_nonce(&engine, &ran, scheme, response)
        }
        Err(fault) => answer::fault(ENDPOINT, &fault),
    }
}

fn token(request: &Request) -> Result<PresentedToken, BearerRefusal> {
    let authorization = form::authorization(request.headers()).map_err(BearerRefusal::Refused)?;
    let query = form::query(request.uri().query()).map_err(BearerRefusal::Refused)?;
    PresentedToken::from_request(authorization.as_deref(), &query, None, sender::of(request))
}

/// A refusal in the walkthrough's words.
fn refused(why: &BearerRefusal, scheme: Scheme, at: Place<'_>) -> Response {
    let BearerRefusal::Refused(refusal) = why else {
        return bearer::missing(&json!({"detail": NOT_PROVIDED}), at);
    };
    let body = if bearer::status(refusal) == StatusCode::UNAUTHORIZED {
        json!({"detail": NOT_PROVIDED})
    } else {
        json!({"detail": refusal.public, "error": refusal.code.as_str(), "error_description": refusal.public})
    };
    bearer::with_error(refusal, scheme, &body, at)
}
