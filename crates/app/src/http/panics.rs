//! A panic is never expected. Where one happens all the same, the request gets an answer, the log the reason, and
//! the server goes on.

use super::refusals::{Reader, refuse};
use axum::response::Response;
use http::StatusCode;
use std::any::Any;

/// The answer, with 500, where a handler panicked. What it held is dropped; nothing of it is shared but the engine, whose
/// locks take a poisoned value as it is.
pub(super) fn answer(reader: Reader, reason: &(dyn Any + Send)) -> Response {
    tracing::error!(reason = words(reason), "a request panicked: please report it");
    refuse(
        reader,
        StatusCode::INTERNAL_SERVER_ERROR,
        "server_error",
        "Something went wrong on our side. It has been noted; try again in a moment.",
    )
}

fn words(reason: &(dyn Any + Send)) -> &str {
    reason
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| reason.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}
