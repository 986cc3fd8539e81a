//! No request takes for ever.

use super::refusals::refuse;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use std::time::Duration;

/// Longest time from a request's head to its answer's head, the body's arrival included.
pub(crate) const MOST: Duration = Duration::from_secs(30);

/// Gives up on a request after [`MOST`]. A change that was on its way to the disk happens or not; it is never half
/// done, since it is one transaction.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if let Ok(response) = tokio::time::timeout(MOST, next.run(request)).await {
        return response;
    }
    let mut response = refuse(
        &path,
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "The answer took too long. Try again in a moment.",
    );
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt;

    #[tokio::test(start_paused = true)]
    async fn a_request_that_never_ends_is_given_up() {
        let router = Router::new()
            .route("/oauth/token", get(std::future::pending::<()>))
            .layer(axum::middleware::from_fn(super::layer));
        let request = http::Request::get("/oauth/token").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
    }
}
