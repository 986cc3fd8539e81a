//! Writing answers: JSON that no cache keeps, refusals in the standard's form, faults without a word of why.

use crate::form::Unreadable;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use omniport_engine::Fault;
use omniport_protocol::error::{ErrorCode, Refusal};
use serde_json::{Value, json};

/// Room for the headers of an answer, those that are added around it included: a map that grows on the way is made three times.
pub(crate) const USUAL_HEADERS: usize = 8;

/// A JSON body that is nobody's to keep (RFC 6749 section 5.1).
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    // Not by way of `Display`, which costs three times as much. A value of JSON can be written as JSON.
    let text = serde_json::to_vec(body).unwrap_or_default();
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.reserve(USUAL_HEADERS);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    no_store(&mut response);
    response
}

/// Forbids caches.
pub(crate) fn no_store(response: &mut Response) {
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .insert(PRAGMA, HeaderValue::from_static("no-cache"));
}

/// A refusal as RFC 6749 section 5.2 writes it.
pub(crate) fn refusal(refusal: &Refusal) -> Response {
    let body = json!({"error": refusal.code.as_str(), "error_description": refusal.public});
    let mut response = json(status(refusal.code), &body);
    if refusal.code == ErrorCode::InvalidClient {
        let challenge = HeaderValue::from_static("Basic realm=\"omniport\", charset=\"UTF-8\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// A body that could not be read.
pub(crate) fn unreadable(why: &Unreadable) -> Response {
    match why {
        Unreadable::Refused(why) => refusal(why),
        Unreadable::TooLarge => broken(StatusCode::PAYLOAD_TOO_LARGE, "The body is larger than 64 KiB."),
        Unreadable::Incomplete => broken(StatusCode::BAD_REQUEST, "The body ended before it was complete."),
    }
}

fn broken(status: StatusCode, told: &'static str) -> Response {
    json(
        status,
        &json!({"error": "invalid_request", "error_description": told}),
    )
}

/// A failure of ours: the log has the reason, the client is told to come again.
pub(crate) fn fault(endpoint: &'static str, fault: &Fault) -> Response {
    if let Fault::Limited(seconds) = fault {
        let told = "There were too many requests; come again later.";
        let body = json!({"error": "temporarily_unavailable", "error_description": told});
        return come_again(json(StatusCode::TOO_MANY_REQUESTS, &body), *seconds);
    }
    tracing::error!(endpoint, error = %fault, "a request could not be answered");
    let told = "The server cannot answer at the moment; try again shortly.";
    let body = json!({"error": "temporarily_unavailable", "error_description": told});
    come_again(json(StatusCode::SERVICE_UNAVAILABLE, &body), 2)
}

/// Says in how many seconds (RFC 9110 section 10.2.3).
pub(crate) fn come_again(mut response: Response, seconds: i64) -> Response {
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// The status of a direct answer with an error code.
pub(crate) fn status(code: ErrorCode) -> StatusCode {
    // The table holds only valid statuses; 400 is what every unknown error is.
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::BAD_REQUEST)
}
