//! The body of a request is bounded: 64 KiB, and for a logo as much as the portal reads to say that it is too large.

use super::refusals::refuse;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, EXPECT};
use http_body_util::{BodyExt, Limited};
use omniport_portal::MAX_UPLOAD_BYTES;
use omniport_protocol::vocabulary::MAX_FORM_BYTES;

/// How much of a refused body is still read, so that its sender comes to read the answer.
const DRAINED: usize = 2 * 1_024 * 1_024;

/// Answers with 413 where the announced length is over the bound; cuts an unannounced body where it goes over, which
/// its reader sees as [`http_body_util::LengthLimitError`] and answers in its own words.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let most = limit(request.uri().path());
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length <= most)) {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    if announced.is_some() {
        // Who asks first (RFC 9110 section 10.1.1) has sent nothing yet, and reads the answer.
        if !head.headers.contains_key(EXPECT) {
            drain(body).await;
        }
        return too_large(head.uri.path());
    }
    next.run(Request::from_parts(head, Body::new(Limited::new(body, most))))
        .await
}

fn limit(path: &str) -> usize {
    let is_logo = path
        .strip_prefix("/developer/apps/")
        .and_then(|rest| rest.strip_suffix("/logo"))
        .is_some_and(|id| !id.is_empty() && !id.contains('/'));
    if is_logo { MAX_UPLOAD_BYTES } else { MAX_FORM_BYTES }
}

fn too_large(path: &str) -> Response {
    let detail = if limit(path) == MAX_UPLOAD_BYTES {
        "The upload is larger than 16 MiB. Choose a picture of at most 1 MiB."
    } else {
        "What was sent is larger than 64 KiB. Send less at once."
    };
    refuse(path, StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

async fn drain(mut body: Body) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, bytes::Bytes::len);
        if read > DRAINED {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_logo_may_be_large() {
        assert_eq!(limit("/developer/apps/x/logo"), MAX_UPLOAD_BYTES);
        for path in [
            "/developer/apps/x",
            "/developer/apps//logo",
            "/developer/apps/x/y/logo",
            "/logo",
            "/",
        ] {
            assert_eq!(limit(path), MAX_FORM_BYTES, "{path}");
        }
    }

    async fn sent(path: &str, bytes: usize, announced: bool) -> u16 {
        let read = axum::routing::post(|body: bytes::Bytes| async move { body.len().to_string() });
        let router = axum::Router::new()
            .route("/login", read.clone())
            .route("/developer/apps/{id}/logo", read)
            .layer(axum::extract::DefaultBodyLimit::disable())
            .layer(axum::middleware::from_fn(super::layer));
        let request = http::Request::post(path);
        let request = if announced {
            request.header(CONTENT_LENGTH, bytes)
        } else {
            request
        };
        let request = request.body(Body::from(vec![b'x'; bytes])).unwrap();
        tower::ServiceExt::oneshot(router, request)
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_413_whether_its_length_was_announced_or_not() {
        for announced in [true, false] {
            assert_eq!(sent("/login", MAX_FORM_BYTES, announced).await, 200);
            assert_eq!(sent("/login", MAX_FORM_BYTES + 1, announced).await, 413);
            assert_eq!(
                sent("/developer/apps/x/logo", MAX_UPLOAD_BYTES, announced).await,
                200
            );
            assert_eq!(
                sent("/developer/apps/x/logo", MAX_UPLOAD_BYTES + 1, announced).await,
                413
            );
        }
    }
}
