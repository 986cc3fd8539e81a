//! The OAuth endpoints over HTTP: each reads its request into a type, hands it to the engine, and writes the answer.
//!
//! | path | endpoint |
//! | --- | --- |
//! | `/oauth/authorise` | [authorisation](endpoints::authorize), the walkthrough's door |
//! | `/oauth/authorize` | [authorisation](endpoints::authorize), the standards' door |
//! | `/oauth/token`, `/open_auth/token` | [token](mod@endpoints::token) (RFC 6749 section 3.2) |
//! | `/oauth/revoke`, `/open_auth/revoke_token` | [revocation](endpoints::revoke) (RFC 7009) |
//! | `/oauth/register` | [registration](mod@endpoints::registration) (RFC 7591, RFC 7592) |
//! | `/oauth/par` | [pushed requests](endpoints::par) (RFC 9126) |
//! | `/oauth/device_authorization` | [devices](mod@endpoints::device) (RFC 8628) |
//! | `/oauth/backchannel_authentication` | [requests to people elsewhere](mod@endpoints::backchannel) (OpenID Connect CIBA) |
//! | `/oauth/introspect` | [introspection](endpoints::introspect) (RFC 7662) |
//! | `/oauth/jwks` | [our public keys](endpoints::jwks) (RFC 7517) |
//! | `/open_auth/get_user_data` | [user data](endpoints::user_data) |
//! | `/oauth/userinfo` | [userinfo](mod@endpoints::userinfo) (OpenID Connect Core section 5.3) |
//! | `/.well-known/openid-configuration`, `/.well-known/oauth-authorization-server` | [metadata](endpoints::discovery) |
//! | `/.well-known/oauth-protected-resource...` | [metadata of resources](endpoints::protected_resource) (RFC 9728) |
#![forbid(unsafe_code)]

pub mod endpoints;

mod answer;
mod cors;
mod form;
mod sender;

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use endpoints::{
    authorize, backchannel, device, discovery, introspect, jwks, par, protected_resource, registration,
    revoke, token, user_data, userinfo,
};
use omniport_engine::Engine;
use omniport_protocol::authorize::Door;
use omniport_protocol::endpoints::protected_resource_rfc9728::{APIS, WELL_KNOWN};
use omniport_protocol::endpoints::user_data::USER_DATA;
use omniport_protocol::endpoints::userinfo::USERINFO;
use std::sync::Arc;
use tower::util::MapResponseLayer;

/// Every endpoint, without trailing slashes: the wiring around the router strips them.
pub fn router(engine: Arc<Engine>) -> Router {
    let metadata = Arc::new(discovery::Document::of(&engine));
    let told =
        get(async move |State(engine): State<Arc<Engine>>| discovery::handle(&engine, &metadata).await);
    let resource = |path: &'static str| {
        get(async move |State(engine): State<Arc<Engine>>| protected_resource::ours(&engine.ctx(), path))
            .options(cors::preflight)
    };
    // Scripts of any origin may read these, and no others.
    let open = Router::new()
        .route(
            "/.well-known/openid-configuration",
            told.clone().options(cors::preflight),
        )
        .route(
            "/.well-known/oauth-authorization-server",
            told.options(cors::preflight),
        )
        .route(WELL_KNOWN, resource(""))
        .route(&format!("{WELL_KNOWN}{USERINFO}"), resource(USERINFO))
        .route(&format!("{WELL_KNOWN}{USER_DATA}"), resource(USER_DATA))
        .route(
            &format!("{WELL_KNOWN}{APIS}{{id}}"),
            get(protected_resource::hosted).options(cors::preflight),
        )
        .route("/oauth/jwks", get(jwks::handle).options(cors::preflight))
        .route("/oauth/token", post(token::handle).options(cors::preflight))
        .route(
            "/oauth/userinfo",
            get(userinfo::handle)
                .post(userinfo::handle)
                .options(cors::preflight),
        )
        .layer(MapResponseLayer::new(cors::allow));
    Router::new()
        .merge(open)
        .route(
            Door::Walkthrough.path(),
            get(authorize::walkthrough_get).post(authorize::walkthrough_post),
        )
        .route(
            Door::Standard.path(),
            get(authorize::standard_get).post(authorize::standard_post),
        )
        .route("/open_auth/token", post(token::handle))
        .route("/oauth/revoke", post(revoke::handle))
        .route("/open_auth/revoke_token", post(revoke::handle))
        .route("/oauth/introspect", post(introspect::handle))
        .route("/oauth/par", post(par::handle))
        .route(Door::Device.path(), post(device::handle))
        .route(Door::Backchannel.path(), post(backchannel::handle))
        .route("/oauth/register", post(registration::register))
        .route(
            "/oauth/register/{client_id}",
            get(registration::manage)
                .put(registration::manage)
                .delete(registration::manage),
        )
        .route("/open_auth/get_user_data", get(user_data::handle))
        .with_state(engine)
}
