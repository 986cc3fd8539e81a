//! The limit: what a request costs where nothing is done but reading a form and writing a JSON answer.

use crate::Outcome;
use axum::routing::post;
use axum::{Form, Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;

#[derive(Deserialize)]
pub(crate) struct Bare {
    listen: SocketAddr,
}

#[derive(Deserialize)]
struct Request {
    client_id: String,
    client_secret: String,
    token: String,
}

/// An answer of the size that introspection gives.
async fn answer(Form(request): Form<Request>) -> Json<Value> {
    Json(json!({
        "active": !request.client_secret.is_empty() && !request.token.is_empty(),
        "client_id": request.client_id,
        "exp": 1_900_000_000,
        "iat": 1_900_000_000,
        "iss": "http://127.0.0.1:8000",
        "scope": "read write",
        "sub": "1",
        "token_type": "Bearer",
        "username": "asha",
    }))
}

/// Serves until it is ended.
pub(crate) fn serve(bare: &Bare) -> Outcome<()> {
    if !bare.listen.ip().is_loopback() {
        return Err("loopback only".into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(bare.listen).await?;
        axum::serve(listener, Router::new().route("/bare", post(answer))).await?;
        Ok(())
    })
}
