//! The whole site as one service: the endpoints, the pages, the health checks, and what is around them.

mod around;
mod body_limit;
mod deadline;
mod front;
mod health;
mod log;
mod panics;
mod peer;
mod refusals;
mod request_id;
mod request_size;
mod security_headers;
mod slashes;

pub(crate) use front::Front;
pub(crate) use peer::{Peer, Peers};
pub use request_size::MAX_HEAD;

use around::Around;
use axum::Router;
use omniport_engine::Engine;
use std::sync::Arc;

/// Everything that an instance answers.
pub fn compose(engine: Arc<Engine>) -> Router {
    Router::new().fallback_service(compose_behind(engine, Peers::default()))
}

/// As [`compose`], behind proxies whose word about the caller counts.
pub(crate) fn compose_behind(engine: Arc<Engine>, peers: Peers) -> Front {
    let routes = omniport_web::router(engine.clone())
        .merge(omniport_portal::router(engine.clone()))
        .merge(health::router(engine.clone()))
        .fallback(refusals::not_found)
        .method_not_allowed_fallback(refusals::method_not_allowed)
        .layer(Around::new(engine.clone()));
    Front::new(engine, peers, routes)
}
