//! Userinfo (OpenID Connect Core section 5.3).

use super::bearer::{self, Place};
use crate::form::{self, Unreadable};
use crate::{answer, sender};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use omniport_engine::flow::{Asked, Came, Ending};
use omniport_engine::pages::RequestId;
use omniport_engine::{Engine, Fault};
use omniport_protocol::effect::Minted;
use omniport_protocol::endpoints::bearer_rfc6750::BearerRefusal;
use omniport_protocol::endpoints::presented_token::{PresentedToken, Scheme};
use omniport_protocol::endpoints::userinfo::{USERINFO, UserinfoReply, UserinfoRequest};
use omniport_protocol::vocabulary::is_form;
use serde_json::Value;
use std::sync::Arc;

const ENDPOINT: &str = "userinfo";

/// `GET` and `POST /oauth/userinfo`.
pub(crate) async fn handle(State(engine): State<Arc<Engine>>, request: Request) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let asked = Asked {
        endpoint: ENDPOINT,
        request: id.as_ref(),
    };
    let at = Place {
        issuer: &engine.settings().issuer,
        path: USERINFO,
        max_age: None,
    };
    let token = match token(request).await {
        Ok(token) => token,
        Err(Unauthorised::Bearer(why)) => {
            if let BearerRefusal::Refused(refusal) = &why {
                engine.tell_unread(asked, None, refusal);
            }
            return bearer::refused(&why, Scheme::Bearer, at);
        }
        Err(Unauthorised::Unreadable(why)) => return answer::unreadable(&why),
    };
    let scheme = token.scheme();
    let ran = match engine.run_with_facts(&UserinfoRequest { token }).await {
        Ok(ran) => ran,
        Err(fault) => return answer::fault(ENDPOINT, &fault),
    };
    let ending = ran
        .reply
        .as_ref()
        .map_or_else(Ending::from, |_| Ending::Well(Came::Data));
    engine.tell(asked, &ran.loaded, None, ending);
    let response = match &ran.reply {
        Ok(reply) => told(&engine, reply).unwrap_or_else(|fault| answer::fault(ENDPOINT, &fault)),
        Err(refusal) => {
            let max_age = ran.loaded.apis.own_max_age(at.issuer, at.path);
            let at = Place { max_age, ..at };
            bearer::refused(&BearerRefusal::Refused(refusal.clone()), scheme, at)
        }
    };
    bearer::with_nonce(&engine, &ran, scheme, response)
}

enum Unauthorised {
    Bearer(BearerRefusal),
    Unreadable(Unreadable),
}

/// The token: in the header, or in the form of a POST (RFC 6750 section 2.2).
async fn token(request: Request) -> Result<PresentedToken, Unauthorised> {
    let sender = sender::of(&request);
    let refused = |refusal| Unauthorised::Bearer(BearerRefusal::Refused(refusal));
    let query = form::query(request.uri().query()).map_err(refused)?;
    let authorization = form::authorization(request.headers()).map_err(refused)?;
    let has_form = request.method() == Method::POST && is_form(form::content_type(request.headers()));
    let body = if has_form {
        let form = form::read(request).await.map_err(Unauthorised::Unreadable)?;
        Some(form.params)
    } else {
        None
    };
    PresentedToken::from_request(authorization.as_deref(), &query, body.as_ref(), sender)
        .map_err(Unauthorised::Bearer)
}

fn told(engine: &Engine, reply: &UserinfoReply) -> Result<Response, Fault> {
    Ok(match reply {
        UserinfoReply::Plain(claims) => answer::json(StatusCode::OK, &Value::Object(claims.clone())),
        UserinfoReply::Signed(jwt) => {
            let mut response = engine.sign(jwt, &Minted::default())?.into_response();
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/jwt"));
            answer::no_store(&mut response);
            response
        }
    })
}
