//! The parameters of a request that are its own (section 7.1), each read and bounded.

use super::BINDING_MESSAGE;
use crate::ctx::Ctx;
use crate::decoupled::NotificationToken;
use crate::error::{ErrorCode, Refusal};
use crate::review::is_unseen;
use crate::vocabulary::{Client, Params};

/// Longest `binding_message`, in characters: it is read beside a button, on a phone.
const MAX_BINDING_MESSAGE_CHARS: usize = 100;

/// Longest `client_notification_token`, in bytes (section 7.1).
const MAX_NOTIFICATION_TOKEN_BYTES: usize = 1_024;
/// Shortest, in bytes: fewer characters of a bearer token cannot hold the 128 bits that section 7.1 asks for.
const MIN_NOTIFICATION_TOKEN_BYTES: usize = 22;

/// Nobody has a user code here, and metadata say so.
///
/// # Errors
/// `invalid_request` where there is one: an app that counts on it would be less safe than it believes.
pub(super) fn check_user_code(params: &Params) -> Result<(), Refusal> {
    match params.get("user_code") {
        None => Ok(()),
        Some(_) => Err(Refusal::new(
            ErrorCode::InvalidRequest,
            "user_code is not supported here.",
        )),
    }
}

/// What is shown to the person, exactly as it is.
///
/// # Errors
/// `invalid_binding_message` for one that is too long, or that looks like another than it is.
pub(super) fn binding_message(params: &Params) -> Result<Option<&str>, Refusal> {
    let Some(text) = params.get(BINDING_MESSAGE) else {
        return Ok(None);
    };
    let refuse = |public: &'static str| Refusal::new(ErrorCode::InvalidBindingMessage, public);
    if text.chars().count() > MAX_BINDING_MESSAGE_CHARS {
        return Err(refuse("binding_message is longer than 100 characters."));
    }
    if text.trim().is_empty() || text.chars().any(|c| c.is_control() || is_unseen(c)) {
        return Err(refuse(
            "binding_message has characters that cannot be seen, or is nothing but space.",
        ));
    }
    Ok(Some(text))
}

/// What the app is told of the answer with, where it wants to be told: a bearer token as RFC 6750 section 2.1 writes it.
///
/// # Errors
/// `invalid_request` where an app that is pinged sends none, or what is none.
pub(super) fn notification_token(
    params: &Params,
    client: &Client,
) -> Result<Option<NotificationToken>, Refusal> {
    if !client.openid.ciba.is_pinged() {
        // Section 7.1: of use for those alone who are told.
        return Ok(None);
    }
    let invalid = |public: &'static str| Refusal::new(ErrorCode::InvalidRequest, public);
    let Some(text) = params.get("client_notification_token") else {
        return Err(invalid(
            "client_notification_token is missing: this client wants to be pinged.",
        ));
    };
    if !(MIN_NOTIFICATION_TOKEN_BYTES..=MAX_NOTIFICATION_TOKEN_BYTES).contains(&text.len()) {
        return Err(invalid(
            "client_notification_token must have 22 to 1,024 characters.",
        ));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    let body = text.trim_end_matches('=');
    if body.is_empty() || !body.bytes().all(is_plain) {
        return Err(invalid(
            "client_notification_token has characters that a bearer token cannot have.",
        ));
    }
    Ok(Some(NotificationToken::new(text)))
}

/// How long the person may take: as long as the app wishes, and no longer than is usual here.
///
/// # Errors
/// `invalid_request` for a `requested_expiry` that is no positive number.
pub(super) fn expires_in(params: &Params, ctx: &Ctx<'_>) -> Result<i64, Refusal> {
    let longest = ctx.policy.device_code_seconds;
    let Some(text) = params.get("requested_expiry") else {
        return Ok(longest);
    };
    let is_number = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text
        .parse::<i64>()
        .ok()
        .filter(|seconds| is_number && *seconds > 0);
    seconds.map(|seconds| seconds.min(longest)).ok_or_else(|| {
        Refusal::new(
            ErrorCode::InvalidRequest,
            "requested_expiry must be a positive number of seconds, of at most nine digits.",
        )
    })
}
