//! `GET /health/live` and `GET /health/ready`, for whoever watches over the process.

use super::refusals::json_body;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use omniport_engine::Engine;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How long the store may take to show a sign of life.
const PATIENCE: Duration = Duration::from_secs(2);

/// The two checks.
pub(super) fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(engine)
}

/// The process answers.
async fn live() -> Response {
    answer(StatusCode::OK, "live")
}

/// The process answers, and the store behind it too.
async fn ready(State(engine): State<Arc<Engine>>) -> Response {
    match tokio::time::timeout(PATIENCE, engine.store().ping()).await {
        Ok(Ok(())) => answer(StatusCode::OK, "ready"),
        Ok(Err(error)) => {
            tracing::error!(%error, "the store does not answer");
            answer(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
        Err(_) => {
            tracing::error!("the store did not answer within {} s", PATIENCE.as_secs());
            answer(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
    }
}

fn answer(status: StatusCode, word: &'static str) -> Response {
    let mut response = json_body(status, &json!({"status": word}));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
