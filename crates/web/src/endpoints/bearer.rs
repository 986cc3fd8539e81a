//! How a protected resource of ours refuses (RFC 6750 section 3).

use crate::answer;
use axum::response::Response;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use omniport_protocol::endpoints::bearer_rfc6750::BearerRefusal;
use omniport_protocol::error::Refusal;
use serde_json::{Value, json};

/// A challenge: bare where no token came (section 3.1), else with the error, which the body says again.
pub(crate) fn refused(why: &BearerRefusal) -> Response {
    match why {
        BearerRefusal::Missing => {
            missing(&json!({"error": "invalid_token", "error_description": "An access token is missing."}))
        }
        BearerRefusal::Refused(refusal) => {
            let body = json!({"error": refusal.code.as_str(), "error_description": refusal.public});
            with_error(refusal, answer::status(refusal.code), &body)
        }
    }
}

/// 401 with a bare challenge.
pub(crate) fn missing(body: &Value) -> Response {
    let mut response = answer::json(StatusCode::UNAUTHORIZED, body);
    let challenge = HeaderValue::from_static("Bearer realm=\"omniport\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// A refusal with its challenge.
pub(crate) fn with_error(refusal: &Refusal, status: StatusCode, body: &Value) -> Response {
    let mut response = answer::json(status, body);
    // Public sentences are ASCII without quote or backslash (RFC 6749 appendix A.8), as a quoted string needs.
    let (code, told) = (refusal.code.as_str(), &refusal.public);
    let challenge = format!("Bearer realm=\"omniport\", error=\"{code}\", error_description=\"{told}\"");
    if let Ok(challenge) = HeaderValue::try_from(challenge) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}
