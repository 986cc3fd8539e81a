//! The whole site as one router: the endpoints, the pages, the health checks, and the layers around them.

mod body_limit;
mod deadline;
mod health;
mod log;
mod panics;
mod peer;
mod refusals;
mod request_id;
mod request_size;
mod security_headers;
mod slashes;

pub(crate) use peer::Peer;
pub(crate) use peer::Peers;
pub use request_size::MAX_HEAD;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use omniport_engine::Engine;
use std::sync::Arc;
use tower::Layer;

/// Everything that an instance answers.
///
/// Outermost, before a route is chosen: the request gets its name and loses its trailing slash. Then, from outside
/// in: the log's line, the headers that every answer has, the error pages, and the bounds (panics, time, head,
/// body), whose refusals become error pages too.
pub fn compose(engine: Arc<Engine>) -> Router {
    compose_behind(engine, Peers::default())
}

/// As [`compose`], behind proxies whose word about the caller counts.
pub(crate) fn compose_behind(engine: Arc<Engine>, peers: Peers) -> Router {
    let routes = omniport_web::router(engine.clone())
        .merge(omniport_portal::router(engine.clone()))
        .merge(health::router(engine.clone()))
        .fallback(refusals::not_found)
        .method_not_allowed_fallback(refusals::method_not_allowed)
        .layer(from_fn(body_limit::layer))
        .layer(from_fn(request_size::layer))
        .layer(from_fn(deadline::layer))
        .layer(from_fn(panics::layer))
        .layer(from_fn_with_state(
            engine.clone(),
            omniport_portal::render_error_pages,
        ))
        .layer(from_fn_with_state(
            security_headers::Transport::of(&engine.settings().issuer),
            security_headers::layer,
        ))
        .layer(from_fn(log::layer));
    let named = from_fn_with_state(engine, request_id::layer)
        .layer(from_fn_with_state(Arc::new(peers), peer::layer).layer(from_fn(slashes::layer).layer(routes)));
    Router::new().fallback_service(named)
}
