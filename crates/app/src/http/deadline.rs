//! No request takes for ever.

use super::refusals::{Reader, refuse};
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use std::time::Duration;

/// Longest time from a request's head to its answer's head, the body's arrival included. A change that was on its way
/// to the disk by then happens or not; it is never half done, since it is one transaction.
pub(super) const MOST: Duration = Duration::from_secs(30);

/// The answer to a request that took longer than [`MOST`].
pub(super) fn answer(reader: Reader) -> Response {
    let mut response = refuse(
        reader,
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        "The answer took too long. Try again in a moment.",
    );
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("2"));
    response
}
