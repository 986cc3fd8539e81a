//! A panic is never expected. Where one happens all the same, the request gets an answer, the log the reason, and
//! the server goes on.

use super::refusals::refuse;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use http::StatusCode;
use std::any::Any;
use std::panic::AssertUnwindSafe;

/// Answers with 500 where a handler panicked. What it held is dropped; nothing of it is shared but the engine, whose
/// locks take a poisoned value as it is.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(reason) => {
            tracing::error!(reason = words(&*reason), "a request panicked: please report it");
            refuse(
                &path,
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "Something went wrong on our side. It has been noted; try again in a moment.",
            )
        }
    }
}

fn words(reason: &(dyn Any + Send)) -> &str {
    reason
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| reason.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use omniport_engine::pages::ErrorPage;
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_becomes_an_answer() {
        async fn broken() {
            panic!("on purpose")
        }
        let router = Router::new()
            .route("/page", get(broken))
            .layer(axum::middleware::from_fn(super::layer));
        let request = http::Request::get("/page").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(
            response.extensions().get::<ErrorPage>().unwrap().code,
            "server_error"
        );
    }
}
