//! Who sends a request, by what it holds: the key of a DPoP proof (RFC 9449), the certificate of its connection (RFC 8705).

use super::dpop_rfc9449::{Dpop, Expected, Proof, invalid};
use super::fapi2;
use crate::ctx::Ctx;
use crate::effect::{Load, Loaded, Write};
use crate::error::{ErrorCode, Refusal};
use crate::vocabulary::{Certificate, Client, Confirmation, Profile, Thumbprint};

/// What an instance demands of senders, and what it can see of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SenderPolicy {
    /// Of DPoP proofs.
    pub dpop: Dpop,
    /// Whether a caller's certificate can be seen at all: by our own TLS, or by a trusted proxy's word.
    pub certificates: bool,
    /// Where callers with a certificate find the endpoints, if that is not the issuer's own address (RFC 8705 section 5).
    pub mtls_base: Option<String>,
    /// The profile that every client is held to.
    pub profile: Option<Profile>,
}

/// Whether every token of `client` is bound to whom it is issued to.
pub(crate) fn always_binds(client: &Client, ctx: &Ctx<'_>) -> bool {
    let wants = &client.openid.sender;
    wants.dpop_bound_access_tokens
        || wants.tls_client_certificate_bound_access_tokens
        || fapi2::holds(client, ctx)
}

/// What a request shows of its sender. Nothing is checked yet.
#[derive(Debug, Clone, Default)]
pub struct Sender {
    proof: Option<Result<Box<Proof>, Refusal>>,
    certificate: Option<Certificate>,
}

/// What a sender has proved to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proven {
    key: Option<Thumbprint>,
    certificate: Option<Thumbprint>,
    note: Option<Write>,
}

impl Sender {
    /// Reads what a request came with: its method, its path, its `DPoP` headers, its connection's certificate.
    pub fn of(method: &str, path: &str, proofs: &[&[u8]], certificate: Option<Certificate>) -> Self {
        let proof = (!proofs.is_empty()).then(|| Proof::read(proofs, method, path).map(Box::new));
        Self { proof, certificate }
    }

    /// Whether it came with a `DPoP` header.
    pub const fn has_proof(&self) -> bool {
        self.proof.is_some()
    }

    /// The certificate of its connection.
    pub const fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// What must be known before it can be judged: whether its proof was used before.
    pub fn load(&self) -> Option<Load> {
        self.proof.as_ref()?.as_ref().ok()?.jti().map(Load::UsedJti)
    }

    /// What it proves to an endpoint that clients call.
    ///
    /// # Errors
    /// `invalid_dpop_proof`, `use_dpop_nonce`.
    pub(crate) fn prove(&self, client: &Client, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<Proven, Refusal> {
        self.check(Expected::of(client, None, ctx), loaded, ctx)
    }

    /// What it proves, its proof being made for what is `expected`.
    pub(crate) fn check(
        &self,
        expected: Expected<'_>,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Proven, Refusal> {
        let mut proven = Proven {
            certificate: self.certificate.as_ref().map(|shown| shown.thumbprint),
            ..Proven::default()
        };
        if let Some(proof) = &self.proof {
            let (key, note) = proof
                .as_ref()
                .map_err(Clone::clone)?
                .check(expected, loaded, ctx)?;
            (proven.key, proven.note) = (Some(key), Some(note));
        }
        Ok(proven)
    }
}

impl Proven {
    /// The key of its DPoP proof.
    pub const fn key(&self) -> Option<Thumbprint> {
        self.key
    }

    /// Whether the sender holds what something is bound to.
    pub fn holds(&self, bound: Confirmation) -> bool {
        match bound {
            Confirmation::Key(key) => self.key == Some(key),
            Confirmation::Certificate(certificate) => self.certificate == Some(certificate),
        }
    }

    /// To whom a token for this sender is bound: to the key of a proof, whoever sends one; to a certificate where the
    /// client registered that (RFC 8705 section 3.4), or its profile wants one or the other (FAPI 2.0 section 5.3.2.1).
    ///
    /// # Errors
    /// `invalid_request` where the client registered that its tokens are bound, and showed nothing to bind them to.
    pub fn binding(&self, client: &Client, ctx: &Ctx<'_>) -> Result<Option<Confirmation>, Refusal> {
        let wants = &client.openid.sender;
        if let Some(key) = self.key {
            return Ok(Some(Confirmation::Key(key)));
        }
        if wants.dpop_bound_access_tokens {
            return Err(missing(
                "This client's tokens are bound to a key: send a DPoP proof.",
                "the client registered dpop_bound_access_tokens, and there is no DPoP header",
            ));
        }
        if wants.tls_client_certificate_bound_access_tokens {
            let shown = self.certificate.ok_or_else(|| {
                missing(
                    "This client's tokens are bound to its certificate: connect with it.",
                    "the client registered tls_client_certificate_bound_access_tokens, and showed no certificate",
                )
            })?;
            return Ok(Some(Confirmation::Certificate(shown)));
        }
        match self.certificate {
            _ if !fapi2::holds(client, ctx) => Ok(None),
            Some(shown) => Ok(Some(Confirmation::Certificate(shown))),
            None => Err(missing(
                "This client's tokens are bound: send a DPoP proof, or connect with a certificate.",
                "the profile fapi2 binds tokens, and there is neither a DPoP header nor a certificate",
            )),
        }
    }

    /// That its proof is used, to be written with whatever came of it.
    pub fn note(self) -> Option<Write> {
        self.note
    }
}

fn missing(public: &'static str, private: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, public).because(private)
}

/// The key that a pushed request binds its code to: the one it names, or that of the proof that came with it (RFC 9449
/// section 10.1), which must be the same where there are both.
///
/// # Errors
/// `invalid_dpop_proof` where they differ.
pub(crate) fn bound_to(named: Option<&str>, proven: &Proven) -> Result<Option<Thumbprint>, Refusal> {
    match (named, proven.key) {
        (Some(named), Some(key)) if named != key.to_string() => {
            Err(invalid("dpop_jkt names another key than the proof's"))
        }
        (_, key) => Ok(key),
    }
}
