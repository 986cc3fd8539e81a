//! The whole site as one service: the endpoints, the pages, the health checks, and what is around them.

mod around;
mod body_limit;
mod deadline;
mod front;
mod health;
mod log;
mod metrics;
mod panics;
mod peer;
mod refusals;
mod request_id;
mod request_size;
mod security_headers;
mod slashes;

pub(crate) use front::Front;
pub(crate) use metrics::Metrics;
pub(crate) use peer::{Peer, Peers};
pub use request_size::MAX_HEAD;

use around::Around;
use axum::Router;
use metrics::Requests;
use omniport_engine::Engine;
use std::sync::Arc;

/// Everything that an instance answers.
pub fn compose(engine: Arc<Engine>) -> Router {
    let (site, _) = compose_behind(engine, Peers::default(), true);
    Router::new().fallback_service(site)
}

/// As [`compose`], behind proxies whose word about the caller counts; and what is counted, which is among the site's
/// routes or wants a listener of its own.
pub(crate) fn compose_behind(
    engine: Arc<Engine>,
    peers: Peers,
    metrics_among_routes: bool,
) -> (Front, Metrics) {
    let requests = Arc::<Requests>::default();
    let metrics = Metrics::new(engine.clone(), requests.clone());
    let mut routes = omniport_web::router(engine.clone())
        .merge(omniport_portal::router(engine.clone()))
        .merge(health::router(engine.clone()));
    if metrics_among_routes {
        routes = routes.merge(metrics.clone().beside_the_site());
    }
    let routes = routes
        .fallback(refusals::not_found)
        .method_not_allowed_fallback(refusals::method_not_allowed)
        .layer(Around::new(engine.clone(), requests));
    (Front::new(engine, peers, routes), metrics)
}
