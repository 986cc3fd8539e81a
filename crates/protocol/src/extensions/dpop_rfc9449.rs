//! DPoP (RFC 9449): a proof, made anew for each request, that whoever sends it holds the key that its tokens are bound to.

use super::fapi2;
use crate::ctx::Ctx;
use crate::effect::{Loaded, Write};
use crate::error::{ErrorCode, Refusal};
use crate::jose::{Claims, Jws, SigningAlgorithm, encode};
use crate::vocabulary::{Client, Secret, SecretHash, Thumbprint, Timestamp, sha256};
use serde::{Deserialize, Serialize};
use url::Url;

/// What a proof says that it is (section 4.2).
const TYP: &str = "dpop+jwt";
/// Longest proof that is read, in bytes: an RSA key of 8192 bits and its signature take 3,000.
const MAX_BYTES: usize = 8_192;
/// Longest `jti` and `nonce`, in bytes.
const MAX_NAME: usize = 512;
/// Longest `htu`, in bytes.
const MAX_URL: usize = 2_048;
/// How much longer a proof's name is remembered than it is good, in seconds: another node's clock may be behind.
const REMEMBERED: i64 = 60;
/// For how long a nonce is given out, in seconds; it is taken as long again.
const NONCE_SLOT: i64 = 120;

/// The section `[dpop]` of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dpop {
    /// How much older or newer than now a proof may say it is, in seconds (section 11.1).
    pub leeway: i64,
    /// Whether every proof must hold a nonce of ours (section 8).
    pub require_nonce: bool,
}

impl Default for Dpop {
    fn default() -> Self {
        Self {
            leeway: 10,
            require_nonce: false,
        }
    }
}

/// The algorithms that a proof may be signed with: all but those of shared secrets (section 4.3).
pub fn algorithms() -> String {
    SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(" ")
}

/// The nonce that is given out now: of use for nothing else, the same on every node, and nobody else can make it.
pub fn nonce(ctx: &Ctx<'_>) -> String {
    ctx.crypto.dpop_nonce(slot(ctx.now))
}

const fn slot(now: Timestamp) -> i64 {
    now.seconds().div_euclid(NONCE_SLOT)
}

/// Whether proofs of this client must hold a nonce.
pub const fn wants_nonce(client: &Client, ctx: &Ctx<'_>) -> bool {
    ctx.sender.dpop.require_nonce || client.openid.sender.dpop_require_nonce
}

/// A proof, read but not believed, and the request that it came with.
#[derive(Debug, Clone)]
pub struct Proof {
    jws: Jws,
    key: Thumbprint,
    method: String,
    path: String,
}

/// What a proof is expected to be made for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// The access token that it goes with, at a resource (`ath`, section 4.3 point 11).
    token: Option<&'a Secret>,
    /// Whether it must hold a nonce of ours.
    nonce: bool,
    /// The algorithms that it may be signed with.
    algorithms: &'static [SigningAlgorithm],
}

impl<'a> Expected<'a> {
    /// What is expected of a client's proof, at a resource for this token.
    pub(crate) fn of(client: &Client, token: Option<&'a Secret>, ctx: &Ctx<'_>) -> Self {
        Self {
            token,
            nonce: wants_nonce(client, ctx),
            algorithms: fapi2::algorithms(client, ctx),
        }
    }
}

impl Proof {
    /// Reads the `DPoP` headers of a request by its method and its path (which begins where the issuer ends).
    ///
    /// # Errors
    /// `invalid_dpop_proof`: more than one, too long, no signed token, or one without a public key (section 4.3).
    pub(crate) fn read(headers: &[&[u8]], method: &str, path: &str) -> Result<Self, Refusal> {
        let [header] = headers else {
            return Err(invalid("there are several DPoP headers"));
        };
        if header.len() > MAX_BYTES {
            return Err(invalid("it is too large"));
        }
        let text = std::str::from_utf8(header).map_err(|_| invalid("it is not ASCII"))?;
        let jws = Jws::parse(text).map_err(|why| invalid(&why.to_string()))?;
        let key = jws.header.jwk.as_ref();
        let key = key
            .ok_or_else(|| invalid("there is no usable public key (jwk) in its header"))?
            .sha256();
        Ok(Self {
            key,
            jws,
            method: method.to_owned(),
            path: path.trim_end_matches('/').to_owned(),
        })
    }

    /// The name under which its use is noted; none where it has none of a sensible length.
    pub(crate) fn jti(&self) -> Option<SecretHash> {
        let jti = self.jws.claims_unverified().jti();
        jti.filter(|jti| !jti.is_empty() && jti.len() <= MAX_NAME)
            .map(|jti| SecretHash::of(&format!("dpop\n{}\n{jti}", self.key)))
    }

    /// The key that it proves, and the note that it is used; what costs least is looked at first.
    ///
    /// # Errors
    /// `invalid_dpop_proof`; `use_dpop_nonce` where nothing but a nonce of ours is wanting (section 4.3, 8).
    pub(crate) fn check(
        &self,
        expected: Expected<'_>,
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<(Thumbprint, Write), Refusal> {
        if !self.jws.header.is_typ(TYP) {
            return Err(invalid("its typ is not dpop+jwt"));
        }
        let claims = self.jws.claims_unverified();
        self.check_target(claims, ctx)?;
        let made_at = check_age(claims, ctx)?;
        let jti = self
            .jti()
            .ok_or_else(|| invalid("its jti is missing or too long"))?;
        if let Some(token) = expected.token {
            check_token(claims, token)?;
        }
        self.jws
            .verify_embedded(expected.algorithms, ctx.crypto)
            .map_err(|why| invalid(&why.to_string()))?;
        if expected.nonce {
            check_nonce(claims, ctx)?;
        }
        if loaded.used_jtis.contains(&jti) {
            return Err(invalid("it was used before: make a new one for each request"));
        }
        let leeway = ctx.sender.dpop.leeway;
        let note = Write::UseJti {
            jti,
            expires_at: made_at.plus(leeway).plus(REMEMBERED),
        };
        Ok((self.key, note))
    }

    /// `htm` and `htu` (section 4.3 points 8 and 9): the query is no part of it, and a last slash makes no difference
    /// here, as it makes none to the path.
    fn check_target(&self, claims: &Claims, ctx: &Ctx<'_>) -> Result<(), Refusal> {
        if claims.text("htm") != Some(&self.method) {
            return Err(invalid("its htm is not this request's method"));
        }
        let htu = claims.text("htu").filter(|htu| htu.len() <= MAX_URL);
        let named = htu.and_then(target).ok_or_else(|| invalid("its htu is no URL"))?;
        let bases = [Some(ctx.issuer), ctx.sender.mtls_base.as_deref()];
        let mut own = bases.into_iter().flatten();
        if own.any(|base| target(&format!("{base}{}", self.path)).as_ref() == Some(&named)) {
            Ok(())
        } else {
            Err(invalid("its htu is not the URL of this request"))
        }
    }
}

/// A URL as it is compared: normalised, without query, fragment and last slash.
fn target(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    if !matches!(url.scheme(), "https" | "http") || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    Some(url.as_str().trim_end_matches('/').to_owned())
}

fn check_age(claims: &Claims, ctx: &Ctx<'_>) -> Result<Timestamp, Refusal> {
    let made_at = claims.iat().ok_or_else(|| invalid("it has no iat"))?;
    let leeway = ctx.sender.dpop.leeway;
    if made_at > ctx.now.plus(leeway) || ctx.now > made_at.plus(leeway) {
        let told = "The DPoP proof is too old or too new: make one for each request, and set the clock.";
        let private = format!(
            "iat is {}, now is {}, and {leeway} s of difference are allowed",
            made_at.seconds(),
            ctx.now.seconds()
        );
        return Err(Refusal::new(ErrorCode::InvalidDpopProof, told).because(private));
    }
    Ok(made_at)
}

/// Section 4.3 point 11: it was made for this access token.
fn check_token(claims: &Claims, token: &Secret) -> Result<(), Refusal> {
    let hash = encode(sha256(token.expose().as_bytes()));
    match claims.text("ath") {
        Some(ath) if ath == hash => Ok(()),
        Some(_) => Err(invalid("its ath is not the hash of this access token")),
        None => Err(invalid("it has no ath, the hash of the access token")),
    }
}

/// Section 8: one that is given out now, was just before, or is by a node whose clock is ahead.
fn check_nonce(claims: &Claims, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let given = claims.text("nonce").filter(|nonce| nonce.len() <= MAX_NAME);
    let slot = slot(ctx.now);
    let known = |given: &str| (-1..=1).any(|ahead| ctx.crypto.dpop_nonce(slot + ahead) == given);
    if given.is_some_and(known) {
        return Ok(());
    }
    let private = match given {
        None => "the proof has no nonce",
        Some(_) => "the proof's nonce is not one that is given out now",
    };
    Err(Refusal::new(
        ErrorCode::UseDpopNonce,
        "Make the DPoP proof with the nonce of the DPoP-Nonce header.",
    )
    .because(private))
}

pub(crate) fn invalid(why: &str) -> Refusal {
    Refusal::new(
        ErrorCode::InvalidDpopProof,
        "The DPoP proof is not valid for this request.",
    )
    .because(format!("the DPoP proof is refused: {why}"))
}

#[cfg(test)]
#[path = "dpop_rfc9449_tests.rs"]
mod tests;
