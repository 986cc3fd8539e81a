//! How a protected resource of ours refuses (RFC 6750 section 3, RFC 9449 section 7.1).

use crate::{answer, sender};
use axum::response::Response;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use omniport_engine::{Engine, Ran};
use omniport_protocol::endpoints::bearer_rfc6750::BearerRefusal;
use omniport_protocol::endpoints::presented_token::Scheme;
use omniport_protocol::endpoints::protected_resource_rfc9728;
use omniport_protocol::error::{ErrorCode, Refusal};
use omniport_protocol::extensions::dpop_rfc9449::{algorithms, wants_nonce};
use omniport_protocol::openid::ACR_PASSWORD;
use serde_json::{Value, json};

/// One of our own protected resources, as its challenges name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Our name.
    pub(crate) issuer: &'a str,
    /// Its path.
    pub(crate) path: &'static str,
    /// How long ago a person may have signed in at most (RFC 9470), where that is known and asked for.
    pub(crate) max_age: Option<i64>,
}

impl Place<'_> {
    /// Where its metadata are (RFC 9728 section 5.1).
    fn metadata(self) -> String {
        let url = protected_resource_rfc9728::url(self.issuer, self.path);
        format!("resource_metadata=\"{url}\"")
    }

    /// What a sign-in must be to be enough (RFC 9470 section 3).
    fn step_up(self, refusal: &Refusal) -> String {
        match self.max_age {
            Some(age) if refusal.code == ErrorCode::InsufficientUserAuthentication => {
                format!(", acr_values=\"{ACR_PASSWORD}\", max_age=\"{age}\"")
            }
            _ => String::new(),
        }
    }
}

/// A challenge: bare where no token came (section 3.1), else with the error, which the body says again.
pub(crate) fn refused(why: &BearerRefusal, scheme: Scheme, at: Place<'_>) -> Response {
    match why {
        BearerRefusal::Missing => {
            let body = json!({"error": "invalid_token", "error_description": "An access token is missing."});
            missing(&body, at)
        }
        BearerRefusal::Refused(refusal) => {
            let body = json!({"error": refusal.code.as_str(), "error_description": refusal.public});
            with_error(refusal, scheme, &body, at)
        }
    }
}

/// The status with which a resource refuses: what is wrong with a proof is 401 here (RFC 9449 section 7.1).
pub(crate) fn status(refusal: &Refusal) -> StatusCode {
    match refusal.code {
        ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce => StatusCode::UNAUTHORIZED,
        code => answer::status(code),
    }
}

/// 401 with a bare challenge for each scheme.
pub(crate) fn missing(body: &Value, at: Place<'_>) -> Response {
    let mut response = answer::json(StatusCode::UNAUTHORIZED, body);
    let metadata = at.metadata();
    challenge(&mut response, &format!("Bearer realm=\"omniport\", {metadata}"));
    challenge(
        &mut response,
        &format!("DPoP algs=\"{}\", {metadata}", algorithms()),
    );
    response
}

/// A refusal with its challenge, in the scheme that the token came by.
pub(crate) fn with_error(refusal: &Refusal, scheme: Scheme, body: &Value, at: Place<'_>) -> Response {
    let mut response = answer::json(status(refusal), body);
    // Public sentences are ASCII without quote or backslash (RFC 6749 appendix A.8), as a quoted string needs.
    let error = format!(
        "error=\"{}\", error_description=\"{}\"{}, {}",
        refusal.code.as_str(),
        refusal.public,
        at.step_up(refusal),
        at.metadata()
    );
    let text = match scheme {
        Scheme::Bearer => format!("Bearer realm=\"omniport\", {error}"),
        Scheme::Dpop => format!("DPoP {error}, algs=\"{}\"", algorithms()),
    };
    challenge(&mut response, &text);
    response
}

fn challenge(response: &mut Response, text: &str) {
    if let Ok(challenge) = HeaderValue::try_from(text) {
        response.headers_mut().append(WWW_AUTHENTICATE, challenge);
    }
}

/// Adds the nonce for the next proof, where the client whose token came must use one.
pub(crate) fn with_nonce<R>(
    engine: &Engine,
    ran: &Ran<R>,
    scheme: Scheme,
    mut response: Response,
) -> Response {
    let client = ran.loaded.client.as_deref();
    if scheme == Scheme::Dpop && client.is_some_and(|client| wants_nonce(client, &engine.ctx())) {
        sender::give_nonce(engine, &mut response);
    }
    response
}
