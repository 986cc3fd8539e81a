//! An access token as a resource of ours meets it: by which scheme it came, and from whom (RFC 6750, RFC 9449 section 7,
//! RFC 8705 section 3).

use super::bearer_rfc6750::{BearerRefusal, BearerToken};
use crate::ctx::Ctx;
use crate::effect::{Load, Loaded, Write};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::dpop_rfc9449::{Expected, invalid};
use crate::extensions::sender::Sender;
use crate::records::AccessTokenFacts;
use crate::token::Presented;
use crate::vocabulary::{Client, Confirmation, Params, Secret};

/// How a token was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer`, or in a form.
    Bearer,
    /// `Authorization: DPoP` (RFC 9449 section 7.1).
    Dpop,
}

/// The access token of a request.
#[derive(Debug, Clone)]
pub struct PresentedToken {
    token: Secret,
    scheme: Scheme,
    sender: Sender,
}

/// A bearer token of which nothing is known but itself.
impl From<Secret> for PresentedToken {
    fn from(token: Secret) -> Self {
        Self {
            token,
            scheme: Scheme::Bearer,
            sender: Sender::default(),
        }
    }
}

impl PresentedToken {
    /// The one token of a request, as [`BearerToken::from_request`] finds it, and of the scheme `DPoP` too.
    ///
    /// # Errors
    /// As [`BearerToken::from_request`].
    pub fn from_request(
        authorization: Option<&str>,
        query: &Params,
        form: Option<&Params>,
        sender: Sender,
    ) -> Result<Self, BearerRefusal> {
        let dpop = authorization.and_then(|header| {
            let (scheme, rest) = header.trim().split_once(' ')?;
            scheme.eq_ignore_ascii_case("dpop").then_some(rest)
        });
        let scheme = if dpop.is_some() {
            Scheme::Dpop
        } else {
            Scheme::Bearer
        };
        let as_bearer = dpop.map(|token| format!("Bearer {token}"));
        let token = BearerToken::from_request(as_bearer.as_deref().or(authorization), query, form)?;
        Ok(Self {
            token,
            scheme,
            sender,
        })
    }

    /// How it came.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// What must be known before it can be judged.
    pub fn load(&self) -> Vec<Load> {
        let proof = self.sender.load().filter(|_| self.scheme == Scheme::Dpop);
        [Presented::of(&self.token).load()]
            .into_iter()
            .chain(proof)
            .chain([Load::Apis])
            .collect()
    }

    /// Whether whoever presents the token holds what it is bound to; the note that its proof is used.
    ///
    /// # Errors
    /// `invalid_token` for a bound token from somebody else or by the wrong scheme; `invalid_dpop_proof` and
    /// `use_dpop_nonce` (RFC 9449 section 7.1: 401, all of them).
    pub fn check(
        &self,
        facts: &AccessTokenFacts,
        client: &Client,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Option<Write>, Refusal> {
        if !Presented::of(&self.token).is_genuine(ctx) {
            let public =
                "The access token is wrong, expired or revoked. Refresh it, or start the sign-in again.";
            let refusal = Refusal::new(ErrorCode::InvalidToken, public);
            return Err(refusal.because("a JWT that was not signed by us"));
        }
        match (self.scheme, facts.confirmation) {
            (Scheme::Bearer, None) => Ok(None),
            (Scheme::Bearer, Some(Confirmation::Key(_))) => Err(misused(
                "This access token is bound to a key: send it by the scheme DPoP, with a proof.",
                "a DPoP-bound token came by another scheme than DPoP",
            )),
            (Scheme::Bearer, Some(bound @ Confirmation::Certificate(expected))) => {
                let shown = self.sender.certificate().map(|shown| shown.thumbprint);
                if shown == Some(expected) {
                    return Ok(None);
                }
                let private = match shown {
                    None => format!("the token is bound ({bound:?}) and no certificate was shown"),
                    Some(other) => format!("the token is bound ({bound:?}) and the certificate is {other}"),
                };
                Err(Refusal::new(
                    ErrorCode::InvalidToken,
                    "This access token is bound to a certificate: connect with that.",
                )
                .because(private))
            }
            (Scheme::Dpop, Some(bound @ Confirmation::Key(_))) => {
                self.by_proof(bound, client, loaded, ctx).map(Some)
            }
            (Scheme::Dpop, _) => Err(misused(
                "This access token is not bound to a key: send it by the scheme Bearer.",
                "a token that is not DPoP-bound came by the scheme DPoP",
            )),
        }
    }

    fn by_proof(
        &self,
        bound: Confirmation,
        client: &Client,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Write, Refusal> {
        if !self.sender.has_proof() {
            return Err(invalid("there is no DPoP header"));
        }
        let expected = Expected::of(client, Some(&self.token), ctx);
        let proven = self.sender.check(expected, loaded, ctx)?;
        if !proven.holds(bound) {
            return Err(misused(
                "This access token is bound to another key than the proof's.",
                "the DPoP proof is good, but of another key than the token is bound to",
            ));
        }
        proven.note().ok_or_else(|| invalid("there is no DPoP header"))
    }
}

fn misused(public: &'static str, private: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidToken, public).because(private)
}
