//! The OAuth endpoints over HTTP: each reads its request into a type, hands it to the engine, and writes the answer.
//!
//! | path | endpoint |
//! | --- | --- |
//! | `/oauth/authorise` | [authorisation](endpoints::authorize), the walkthrough's door |
//! | `/oauth/authorize` | [authorisation](endpoints::authorize), the standards' door |
//! | `/oauth/token`, `/open_auth/token` | [token](mod@endpoints::token) (RFC 6749 section 3.2) |
//! | `/oauth/revoke`, `/open_auth/revoke_token` | [revocation](endpoints::revoke) (RFC 7009) |
//! | `/oauth/introspect` | [introspection](endpoints::introspect) (RFC 7662) |
//! | `/oauth/jwks` | [our public keys](endpoints::jwks) (RFC 7517) |
//! | `/open_auth/get_user_data` | [user data](endpoints::user_data) |
#![forbid(unsafe_code)]

pub mod endpoints;

mod answer;
mod form;

use axum::Router;
use axum::routing::{get, post};
use endpoints::{authorize, introspect, jwks, revoke, token, user_data};
use omniport_engine::Engine;
use omniport_protocol::authorize::Door;
use std::sync::Arc;

/// Every endpoint, without trailing slashes: the wiring around the router strips them.
pub fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .route(
            Door::Walkthrough.path(),
            get(authorize::walkthrough_get).post(authorize::walkthrough_post),
        )
        .route(
            Door::Standard.path(),
            get(authorize::standard_get).post(authorize::standard_post),
        )
        .route("/oauth/token", post(token::handle))
        .route("/open_auth/token", post(token::handle))
        .route("/oauth/revoke", post(revoke::handle))
        .route("/open_auth/revoke_token", post(revoke::handle))
        .route("/oauth/introspect", post(introspect::handle))
        .route("/oauth/jwks", get(jwks::handle))
        .route("/open_auth/get_user_data", get(user_data::handle))
        .with_state(engine)
}
