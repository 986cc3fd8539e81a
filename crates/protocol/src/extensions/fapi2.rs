//! FAPI 2.0: what is left to a client that is held to the Security Profile, or to Message Signing too.
//!
//! A rule asks here where it leaves a choice; each function names the section that takes it away. What holds for everybody
//! anyway (`iss` in the answer, 303, exact redirect URLs, one use of a code) is not here.

use crate::client_auth::failed;
use crate::ctx::Ctx;
use crate::error::{ErrorCode, Refusal};
use crate::jose::{Audience, Claims, SigningAlgorithm};
use crate::vocabulary::{AuthMethod, Client, ClientKind, GrantType, Params, Profile};

/// Longest life of a code, in seconds (section 5.3.2.1).
const CODE_SECONDS: i64 = 60;
/// Longest life of a pushed request, in seconds: less than 600 (section 5.3.2.2).
const PUSHED_SECONDS: i64 = 599;
/// How long a signed request may be good, and how old it may be, in seconds (Message Signing section 5.3.1).
const REQUEST_SECONDS: i64 = 3_600;
/// The algorithms that are left (section 5.4.1).
const ALGORITHMS: [SigningAlgorithm; 3] = [
    SigningAlgorithm::Ps256,
    SigningAlgorithm::Es256,
    SigningAlgorithm::EdDsa,
];
/// The profile that a client is held to: its own or the instance's, whichever is stricter.
pub fn profile(client: &Client, ctx: &Ctx<'_>) -> Option<Profile> {
    client.openid.profile.max(ctx.sender.profile)
}

/// Whether a client is held to the Security Profile.
pub fn holds(client: &Client, ctx: &Ctx<'_>) -> bool {
    profile(client, ctx).is_some()
}

/// Whether its requests and answers must be signed too.
pub(crate) fn signs_messages(client: &Client, ctx: &Ctx<'_>) -> bool {
    profile(client, ctx) == Some(Profile::Fapi2MessageSigning)
}

/// Whether nothing is read from around a client's signed request but who asks (RFC 9101 section 6.3): where it must be
/// signed, what anybody may add to it must not count.
pub(crate) fn reads_object_alone(client: &Client, ctx: &Ctx<'_>) -> bool {
    holds(client, ctx) || client.openid.require_signed_request_object
}

/// The algorithms with which a client may sign anything (section 5.4.1).
pub(crate) fn algorithms(client: &Client, ctx: &Ctx<'_>) -> &'static [SigningAlgorithm] {
    if holds(client, ctx) {
        &ALGORITHMS
    } else {
        &SigningAlgorithm::ALL
    }
}

/// Whether metadata of a client of this profile may name an algorithm.
pub(crate) fn allows(algorithm: SigningAlgorithm) -> bool {
    ALGORITHMS.contains(&algorithm)
}

/// With what something for a client is signed that registered `algorithm`: PS256 in place of RS256, with the same keys.
pub(crate) fn signing(client: &Client, algorithm: SigningAlgorithm, ctx: &Ctx<'_>) -> SigningAlgorithm {
    if holds(client, ctx) && !allows(algorithm) {
        SigningAlgorithm::Ps256
    } else {
        algorithm
    }
}

/// Whether a client of this kind may use a method of authentication (section 5.3.2.1).
pub(crate) const fn allows_method(kind: ClientKind, method: AuthMethod) -> bool {
    matches!(
        (kind, method),
        (
            ClientKind::Confidential,
            AuthMethod::PrivateKeyJwt | AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth
        )
    )
}

/// Refuses a public client, and one that proves itself by a secret.
///
/// # Errors
/// `invalid_client`.
pub(crate) fn check_method(client: &Client, method: AuthMethod, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if !holds(client, ctx) || allows_method(client.kind, method) {
        return Ok(());
    }
    Err(failed(format!(
        "the profile fapi2 takes private_key_jwt and certificates of confidential clients only; this is {}",
        method.as_str()
    )))
}

/// Whether an assertion is for us as the profile has it: our issuer, as a single string (section 5.3.2.1).
pub(crate) fn is_only_for(audience: &Audience<'_>, client: &Client, ctx: &Ctx<'_>) -> bool {
    !holds(client, ctx) || (audience.is_single_string() && audience.contains(ctx.issuer))
}

/// Whether a client of this profile may use a grant: none of those from before (RFC 9700 sections 2.1.2 and 2.4).
pub(crate) fn allows_grant(grant_type: &str) -> bool {
    ![GrantType::IMPLICIT, GrantType::PASSWORD].contains(&grant_type)
}

/// Refuses a grant that the profile does not know: of those that the token endpoint has, the password's.
///
/// # Errors
/// `unauthorized_client`.
pub(crate) fn check_grant(client: &Client, grant_type: &str, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if holds(client, ctx) && !allows_grant(grant_type) {
        let public = "The profile fapi2 does not let this client use passwords.";
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, public));
    }
    Ok(())
}

/// A code's life.
pub(crate) fn code_seconds(client: &Client, ctx: &Ctx<'_>) -> i64 {
    let most = if holds(client, ctx) {
        CODE_SECONDS
    } else {
        i64::MAX
    };
    ctx.policy.code_seconds.min(most)
}

/// A pushed request's life.
pub(crate) fn pushed_seconds(client: &Client, ctx: &Ctx<'_>) -> i64 {
    let most = if holds(client, ctx) {
        PUSHED_SECONDS
    } else {
        i64::MAX
    };
    ctx.policy.pushed_request_seconds.min(most)
}

/// Refuses a pushed request that does not say where its answer goes (section 5.3.2.2): elsewhere it may leave that out where
/// one URL is registered.
///
/// # Errors
/// `invalid_request`.
pub(crate) fn check_redirect_uri(params: &Params, client: &Client, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if !holds(client, ctx) || params.get("redirect_uri").is_some() {
        return Ok(());
    }
    let public = "The profile fapi2 asks for redirect_uri.";
    Err(Refusal::new(ErrorCode::InvalidRequest, public))
}

/// Refuses a request that does not come signed where it must (Message Signing section 5.3.1, RFC 9101 section 10.5).
///
/// # Errors
/// `invalid_request`.
pub(crate) fn check_is_signed(is_signed: bool, client: &Client, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let must = client.openid.require_signed_request_object || signs_messages(client, ctx);
    if is_signed || !must {
        return Ok(());
    }
    let public = "This client must send its request signed, as a request object (RFC 9101).";
    Err(Refusal::new(ErrorCode::InvalidRequest, public))
}

/// Refuses a request to a person elsewhere in which nothing tells it from any other: neither a `binding_message` nor
/// `authorization_details` (FAPI CIBA section 5.2.2).
///
/// # Errors
/// `invalid_request`.
pub(crate) fn check_context(has_context: bool, client: &Client, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    if has_context || !holds(client, ctx) {
        return Ok(());
    }
    let public = "The profile fapi2 asks for binding_message, or for authorization_details.";
    Err(Refusal::new(ErrorCode::InvalidRequest, public))
}

/// What a signed request of the profile must say: for whom, from when, and until when, an hour at most (Message Signing
/// section 5.3.1). That these have not passed is asked of every one.
///
/// # Errors
/// A sentence, for the log and the app's team.
pub(crate) fn check_request_object(
    claims: &Claims,
    client: &Client,
    ctx: &Ctx<'_>,
) -> Result<(), &'static str> {
    if !holds(client, ctx) {
        return Ok(());
    }
    let (Some(begins), Some(ends)) = (claims.nbf(), claims.exp()) else {
        return Err("it has no nbf and exp, which the profile fapi2 asks for");
    };
    if ends > begins.plus(REQUEST_SECONDS) || ctx.now > begins.plus(REQUEST_SECONDS) {
        return Err("it is good for longer than an hour, or older");
    }
    if claims.aud().is_none() {
        return Err("it has no aud, which the profile fapi2 asks for");
    }
    Ok(())
}

#[cfg(test)]
#[path = "fapi2_tests.rs"]
mod tests;
