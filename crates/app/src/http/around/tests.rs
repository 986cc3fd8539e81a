use super::*;
use crate::http::request_size::MAX_HEAD;
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::header::CONTENT_LENGTH;
use omniport_portal::MAX_UPLOAD_BYTES;
use omniport_protocol::vocabulary::MAX_FORM_BYTES;
use tower::ServiceExt;

/// A route on a whole instance, in the layer.
async fn site(path: &str, route: axum::routing::MethodRouter) -> Router {
    let folder = tempfile::tempdir().unwrap();
    let mut config = crate::config::Config::default();
    config.database.url = format!("sqlite:{}", folder.path().join("a.db").display());
    let engine = crate::wiring::engine(&config, "https://a.example".into())
        .await
        .unwrap();
    Router::new()
        .route(path, route)
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(Around::new(Arc::new(engine), Arc::default()))
}

async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_panic_becomes_an_answer() {
    async fn broken() {
        panic!("on purpose")
    }
    for (path, expected) in [
        ("/page", "error-code"),
        ("/oauth/token", "\"error\":\"server_error\""),
    ] {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let response = site(path, get(broken)).await.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert!(text(response).await.contains(expected), "{path}");
    }
}

#[tokio::test]
async fn a_request_that_never_ends_is_given_up() {
    let site = site("/oauth/token", get(std::future::pending::<()>)).await;
    tokio::time::pause();
    let request = http::Request::get("/oauth/token").body(Body::empty()).unwrap();
    let response = site.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "2");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let site = site("/login", post(|| async { "here" })).await;
    tokio::time::pause();
    let endless = Body::from_stream(futures_util::stream::pending::<Result<&str, Infallible>>());
    let request = http::Request::post("/login").header(CONTENT_LENGTH, MAX_FORM_BYTES + 1);
    let response = site.oneshot(request.body(endless).unwrap()).await.unwrap();
    assert_eq!(response.status(), 503);
}

#[tokio::test]
async fn a_head_over_100_kib_is_answered_with_431() {
    let site = site("/login", get(|| async { "here" })).await;
    for (bytes, status) in [(MAX_HEAD - 100, 200), (MAX_HEAD, 431)] {
        let request = http::Request::get("/login").header("cookie", "c".repeat(bytes));
        let request = request.body(Body::empty()).unwrap();
        let response = site.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{bytes}");
    }
}

async fn sent(site: Router, path: &str, bytes: usize, announced: bool) -> u16 {
    let request = http::Request::post(path);
    let request = if announced {
        request.header(CONTENT_LENGTH, bytes)
    } else {
        request
    };
    let request = request.body(Body::from(vec![b'x'; bytes])).unwrap();
    site.oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_whether_its_length_was_announced_or_not() {
    let read = post(|body: bytes::Bytes| async move { body.len().to_string() });
    let logo = "/developer/apps/{id}/logo";
    for (route, path, most) in [
        ("/login", "/login", MAX_FORM_BYTES),
        (logo, "/developer/apps/x/logo", MAX_UPLOAD_BYTES),
    ] {
        let site = site(route, read.clone()).await;
        for announced in [true, false] {
            assert_eq!(sent(site.clone(), path, most, announced).await, 200);
            assert_eq!(sent(site.clone(), path, most + 1, announced).await, 413);
        }
    }
}
