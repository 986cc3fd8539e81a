//! What OpenID Connect adds to an authorisation request (Core section 3.1.2.1): lines of the table of checks.

use super::checks::{Inquiry, Wish, asked_points, invalid_request};
use crate::error::{ErrorCode, Refusal};
use crate::logout::Hint;
use crate::openid::{ACR_PASSWORD, ClaimsRequest, OPENID, claim_of};
use crate::vocabulary::Scope;
use serde_json::Value;

/// Longest `nonce`, in bytes: it comes back whole in the ID token.
const MAX_NONCE_BYTES: usize = 1_024;
/// Longest `claims`, in bytes, also where nobody reads it.
const MAX_CLAIMS_BYTES: usize = 8_192;
/// Longest `id_token_hint`, in bytes.
const MAX_ID_TOKEN_HINT_BYTES: usize = 16_384;
/// Longest `acr_values` and `login_hint`, in bytes.
const MAX_HINT_BYTES: usize = 1_024;

/// What an OpenID request asks for beside its scope.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OpenIdWish {
    /// `nonce`.
    pub(super) nonce: Option<String>,
    /// `claims`.
    pub(super) claims: ClaimsRequest,
    /// The subject that the answer must be about: of `id_token_hint`, or asked for by `claims`.
    pub(super) subject: Option<String>,
}

impl OpenIdWish {
    /// An OpenID request is one whose scope holds `openid`.
    pub(super) fn of(scope: &Scope) -> Option<Self> {
        scope.contains(OPENID).then(Self::default)
    }
}

/// An ID token in the front channel needs the scope, and the nonce that ties it to its request (Core section 3.2.2.1).
pub(super) fn nonce(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    let wants_id_token = wish.response_type.has_id_token();
    let nonce = inquiry.get("nonce");
    if nonce.is_some_and(|nonce| nonce.len() > MAX_NONCE_BYTES) {
        return Err(invalid_request("nonce is longer than 1,024 bytes."));
    }
    let Some(openid) = &mut wish.openid else {
        return if wants_id_token {
            Err(invalid_request("An ID token needs the scope openid."))
        } else {
            Ok(())
        };
    };
    if nonce.is_none() && wants_id_token {
        return Err(invalid_request("nonce is missing."));
    }
    openid.nonce = nonce.map(ToOwned::to_owned);
    Ok(())
}

/// Core section 5.5: claims asked for by name stand for the data points that feed them.
pub(super) fn claims(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    let text = inquiry.get("claims");
    if text.is_some_and(|text| text.len() > MAX_CLAIMS_BYTES) {
        return Err(invalid_request("claims is too long."));
    }
    let (Some(text), Some(openid)) = (text, &mut wish.openid) else {
        return Ok(());
    };
    let claims = ClaimsRequest::parse(text).map_err(invalid_request)?;
    let more = asked_points(inquiry, |point| {
        claim_of(point).is_some_and(|claim| claims.names(claim))
    });
    wish.data_points.extend(more);
    // Section 5.5.1: the answer must be about this subject or not be.
    let subject = claims.id_token.get("sub").or(claims.userinfo.get("sub"));
    openid.subject = subject
        .and_then(|wanted| wanted.values.first())
        .and_then(Value::as_str)
        .map(ToOwned::to_owned);
    openid.claims = claims;
    Ok(())
}

/// Core sections 3.1.2.1 and 5.5.1.1: `acr_values` is a wish, an essential `acr` of `claims` a condition.
pub(super) fn acr(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    if inquiry
        .get("acr_values")
        .is_some_and(|values| values.len() > MAX_HINT_BYTES)
    {
        return Err(invalid_request("acr_values is longer than 1,024 bytes."));
    }
    let essential = wish
        .openid
        .as_ref()
        .and_then(|openid| openid.claims.id_token.get("acr"))
        .filter(|wanted| wanted.essential);
    match essential {
        Some(wanted) if !wanted.accepts(&Value::from(ACR_PASSWORD)) => Err(Refusal::new(
            ErrorCode::UnmetAuthenticationRequirements,
            "None of the authentication context classes that are asked for can be met here.",
        )),
        _ => Ok(()),
    }
}

/// `id_token_hint`: an ID token of ours, also one long expired; the answer is about its subject or is not given.
/// `login_hint` is for the sign-in page.
pub(super) fn hints(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    if inquiry
        .get("login_hint")
        .is_some_and(|hint| hint.len() > MAX_HINT_BYTES)
    {
        return Err(invalid_request("login_hint is longer than 1,024 bytes."));
    }
    let hint = inquiry.get("id_token_hint");
    if hint.is_some_and(|hint| hint.len() > MAX_ID_TOKEN_HINT_BYTES) {
        return Err(invalid_request("id_token_hint is longer than 16 KiB."));
    }
    let (Some(hint), Some(openid)) = (hint, &mut wish.openid) else {
        return Ok(());
    };
    let not_ours = |why: String| {
        invalid_request("id_token_hint is not an ID token of ours for this client.").because(why)
    };
    let hint = Hint::read(hint, inquiry.ctx).map_err(not_ours)?;
    if hint.client != inquiry.client.id {
        return Err(not_ours("its aud is another client".to_owned()));
    }
    openid.subject = Some(hint.sub);
    Ok(())
}
