//! The checks of what an answer holds and how it travels.

use super::checks::{Inquiry, Wish, invalid_request};
use super::response_type::{ResponseMode, ResponseType};
use crate::error::{ErrorCode, Refusal, shown};
use crate::extensions::fapi2;
use crate::vocabulary::{Client, GrantType};

/// RFC 6749 section 3.1.1, and the client's right to what it asks for: tokens in the front channel are for apps that a
/// maintainer marks as legacy (RFC 9700 section 2.1.2).
pub(super) fn response_type(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    if let Some(grant) = inquiry.door.polled_by() {
        return may_poll(grant, inquiry.client);
    }
    let given = inquiry
        .get("response_type")
        .or(inquiry.door.default_response_type());
    let asked = given.ok_or_else(|| invalid_request("response_type is missing."))?;
    let Some(known) = ResponseType::parse(asked) else {
        let public = "This response_type is not supported; use code.";
        let private = format!("response_type {} is not supported", shown(asked));
        return Err(Refusal::new(ErrorCode::UnsupportedResponseType, public).because(private));
    };
    let client = inquiry.client;
    let registered = &client.openid.response_types;
    // A marked client that registered which tokens it wants there has no others.
    let may_have = registered.contains(&known) || !registered.iter().any(|one| one.is_legacy());
    let marked = client.legacy.implicit && !fapi2::holds(client, inquiry.ctx);
    if known.is_legacy() && !(marked && may_have) {
        let public =
            "This client may not have these tokens from the authorisation endpoint; use response_type=code.";
        let private = if may_have {
            format!("response_type {known} needs a maintainer's legacy mark")
        } else {
            format!("response_type {known} is not among the client's response_types")
        };
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, public).because(private));
    }
    if known.has_code() && !client.may_use(GrantType::AUTHORIZATION_CODE) {
        let public = "This client may not use the authorization code grant.";
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, public));
    }
    let bound = &client.openid.sender;
    if known.has_token()
        && (bound.dpop_bound_access_tokens || bound.tls_client_certificate_bound_access_tokens)
    {
        let public =
            "This client's access tokens are bound, and one from the authorisation endpoint cannot be.";
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, public));
    }
    wish.response_type = known;
    Ok(())
}

/// What is answered elsewhere has no response type, but a grant.
fn may_poll(grant: &str, client: &Client) -> Result<(), Refusal> {
    if client.may_use(grant) {
        return Ok(());
    }
    let public = "This app is not registered for this grant.";
    let private = format!("the client is not registered for the grant_type {grant}");
    Err(Refusal::new(ErrorCode::UnauthorizedClient, public).because(private))
}

/// OAuth 2.0 Multiple Response Types section 2.1; tokens never travel in a query (section 3).
pub(super) fn response_mode(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    let Some(asked) = inquiry.get("response_mode") else {
        return check_is_signed(ResponseMode::Query, inquiry);
    };
    match ResponseMode::parse(asked) {
        None => {
            let known = ResponseMode::ALL.map(ResponseMode::as_str).join(", ");
            let public = format!("This response_mode is not supported; use one of {known}.");
            Err(Refusal::new(ErrorCode::InvalidRequest, public)
                .because(format!("response_mode {} is not supported", shown(asked))))
        }
        Some(ResponseMode::Query | ResponseMode::QueryJwt) if wish.response_type.is_legacy() => Err(
            invalid_request("A query cannot carry tokens; use the response_mode fragment or form_post."),
        ),
        Some(mode) => check_is_signed(mode, inquiry),
    }
}

/// FAPI 2.0 Message Signing section 5.4.1: the answer comes signed.
fn check_is_signed(mode: ResponseMode, inquiry: &Inquiry<'_>) -> Result<(), Refusal> {
    // What is polled for is no answer of this endpoint.
    let is_polled = inquiry.door.polled_by().is_some();
    if is_polled || mode.is_signed() || !fapi2::signs_messages(inquiry.client, inquiry.ctx) {
        return Ok(());
    }
    Err(invalid_request(
        "The profile fapi2-message-signing asks for a signed answer: response_mode=jwt.",
    ))
}
