//! Refusals: what is told to the client, and what only to the log and the app's own team.

use crate::vocabulary::Duplicate;
use std::borrow::Cow;
use std::fmt;

/// An error code on the wire. One table maps each to its HTTP status ([`ErrorCode::status`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// RFC 6749 section 4.1.2.1 and 5.2: malformed, repeated or missing parameter.
    InvalidRequest,
    /// RFC 6749 section 5.2: unknown client or failed authentication.
    InvalidClient,
    /// RFC 6749 section 5.2: code or refresh token that is wrong, dead or another's.
    InvalidGrant,
    /// RFC 6749 sections 4.1.2.1 and 5.2: the client may not do this.
    UnauthorizedClient,
    /// RFC 6749 section 5.2.
    UnsupportedGrantType,
    /// RFC 6749 section 4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 sections 4.1.2.1 and 5.2.
    InvalidScope,
    /// RFC 6749 section 4.1.2.1, RFC 8628 section 3.5: the person said no.
    AccessDenied,
    /// RFC 7009 section 2.2.1.
    UnsupportedTokenType,
    /// RFC 6750 section 3.1: dead or unknown bearer token.
    InvalidToken,
    /// RFC 6750 section 3.1.
    InsufficientScope,
    /// OpenID Connect Core section 3.1.2.6: `prompt=none` without a session.
    LoginRequired,
    /// OpenID Connect Core section 3.1.2.6: `prompt=none` without consent.
    ConsentRequired,
    /// OpenID Connect Core section 3.1.2.6: the `registration` parameter.
    RegistrationNotSupported,
    /// OpenID Connect Core Unmet Authentication Requirements section 2: an essential `acr` that cannot be met.
    UnmetAuthenticationRequirements,
    /// OpenID Connect Core section 3.1.2.6, RFC 9101 section 6: a request object that is not what it must be.
    InvalidRequestObject,
    /// OpenID Connect Core section 3.1.2.6, RFC 9101 section 5.2.3: a `request_uri` that gave none.
    InvalidRequestUri,
    /// OpenID Connect Core section 3.1.2.6: a `request` object where none is read.
    RequestNotSupported,
    /// OpenID Connect Core section 3.1.2.6: a `request_uri` where none is read.
    RequestUriNotSupported,
    /// RFC 8693 section 2.2.2, RFC 8707 section 2: a target that tokens are not given for.
    InvalidTarget,
    /// RFC 9449 section 5: a DPoP proof that is not what it must be.
    InvalidDpopProof,
    /// RFC 9449 section 8: a DPoP proof without a nonce of ours.
    UseDpopNonce,
    /// RFC 9396 section 5: `authorization_details` that are malformed, unknown or not to be had.
    InvalidAuthorizationDetails,
    /// RFC 9470 section 3: the sign-in behind a token is too old for the resource.
    InsufficientUserAuthentication,
    /// RFC 8628 section 3.5: the person has not answered yet.
    AuthorizationPending,
    /// RFC 8628 section 3.5: likewise, and the app asks too often.
    SlowDown,
    /// RFC 8628 section 3.5: nobody answered in time.
    ExpiredToken,
    /// OpenID Connect CIBA section 13: the hint leads to nobody whom the app may ask.
    UnknownUserId,
    /// OpenID Connect CIBA section 13: a message that cannot be shown.
    InvalidBindingMessage,
}

impl ErrorCode {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::InvalidAuthorizationDetails => "invalid_authorization_details",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::UnknownUserId => "unknown_user_id",
            Self::InvalidBindingMessage => "invalid_binding_message",
        }
    }

    /// The HTTP status of a direct answer (RFC 6749 section 5.2, RFC 6750 section 3.1).
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken | Self::InsufficientUserAuthentication => 401,
            Self::InsufficientScope => 403,
            _ => 400,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// "No", with a reason for each reader.
///
/// `public` goes out as `error_description`: printable ASCII without quote or backslash (RFC 6749 appendix A.8),
/// and it tells an outsider nothing about what exists. `private` says exactly what was wrong, for the log and
/// the app's own team; it never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {public} ({private})")]
pub struct Refusal {
    /// The wire's code.
    pub code: ErrorCode,
    /// A sentence for the client.
    pub public: Cow<'static, str>,
    /// The exact reason, for the log and the team: a sentence, and on lines after it `name: value` for values that are
    /// to be set side by side. It names no person and no other app.
    pub private: Cow<'static, str>,
}

impl Refusal {
    /// A refusal whose public sentence says all there is.
    pub fn new(code: ErrorCode, public: impl Into<Cow<'static, str>>) -> Self {
        let public = public.into();
        Self {
            code,
            private: public.clone(),
            public,
        }
    }

    /// Adds the exact reason, which only the log and the team see.
    #[must_use]
    pub fn because(mut self, private: impl Into<Cow<'static, str>>) -> Self {
        self.private = private.into();
        self
    }
}

/// RFC 6749 section 3.2: a parameter must not be included more than once. The name is said back only where it looks
/// like one, since the caller chose it.
impl From<Duplicate> for Refusal {
    fn from(Duplicate(name): Duplicate) -> Self {
        let is_plain = name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let public: Cow<'static, str> = if is_plain && !name.is_empty() {
            format!("The parameter '{name}' is given more than once.").into()
        } else {
            "A parameter is given more than once.".into()
        };
        let private = format!("the parameter {} is given more than once", shown(&name));
        Self::new(ErrorCode::InvalidRequest, public).because(private)
    }
}

/// A text from outside for a private reason: quoted, escaped, at most 200 characters of it.
pub fn shown(text: &str) -> String {
    const MOST: usize = 200;
    let start: String = text.chars().take(MOST).collect();
    let rest = if start.len() < text.len() { "..." } else { "" };
    format!("{start:?}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameters_name_is_said_back_only_where_it_is_harmless() {
        let refusal = |name: &str| Refusal::from(Duplicate(name.to_owned()));
        assert_eq!(
            refusal("state").public,
            "The parameter 'state' is given more than once."
        );
        for odd in ["", "a\"b", "caf\u{e9}", "a\nb", &"x".repeat(65)] {
            assert_eq!(
                refusal(odd).public,
                "A parameter is given more than once.",
                "{odd:?}"
            );
            assert_eq!(refusal(odd).code, ErrorCode::InvalidRequest);
        }
    }

    #[test]
    fn a_text_from_outside_is_shown_escaped_and_bounded() {
        assert_eq!(shown("a\nb\"c"), r#""a\nb\"c""#);
        assert_eq!(shown(&"x".repeat(100_000)).len(), 205);
    }
}
