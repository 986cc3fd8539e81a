//! What is to be signed, as data: part of a reply, signed once the reply's tokens exist.

use super::{
    ContentEncryption, JoseError, Jwk, KeyManagement, KeyMaterial, KeyUse, SigningAlgorithm, base64url,
};
use crate::effect::Fresh;
use crate::vocabulary::sha256;
use serde_json::{Map, Value};
use sha2::{Digest, Sha512};
use std::fmt;

/// A token to be signed with our own key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedJwt {
    /// By which algorithm.
    pub algorithm: SigningAlgorithm,
    /// Its media type for the header: `at+jwt`, `logout+jwt`; none: no `typ`.
    pub typ: Option<&'static str>,
    /// Its claims.
    pub claims: Map<String, Value>,
    /// Claims that are hashes of tokens of the same answer.
    pub hashes: Vec<TokenHash>,
    /// To whom it is encrypted afterwards, if it is.
    pub encryption: Option<Encryption>,
}

/// A claim that ties a token to another (`OpenID` Connect Core sections 3.1.3.6 and 3.3.2.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHash {
    /// Its name: `at_hash`, `c_hash`, `s_hash`.
    pub claim: &'static str,
    /// Of what.
    pub of: TokenHashOf,
}

/// Of what a hash is made.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenHashOf {
    /// Of a token that is drawn with this decision.
    Minted(Fresh),
    /// Of a text that is known already.
    Known(String),
    /// No hash, but what is drawn itself: a name for the token (`jti`).
    Itself(Fresh),
}

impl fmt::Debug for TokenHashOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minted(fresh) => f.debug_tuple("Minted").field(fresh).finish(),
            Self::Itself(fresh) => f.debug_tuple("Itself").field(fresh).finish(),
            // It may be a token.
            Self::Known(_) => f.write_str("Known(..)"),
        }
    }
}

/// To whom and how a token is encrypted: a nested JWT (RFC 7519 section 11.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// The recipient's key; its `kid` goes into the header.
    pub key: Jwk,
    /// How the content's key is handed over.
    pub algorithm: KeyManagement,
    /// How the content is encrypted.
    pub content: ContentEncryption,
}

impl Encryption {
    /// Encryption to the first key of a recipient's set that fits.
    ///
    /// # Errors
    /// [`JoseError::UnknownKey`] where there is none.
    pub fn to<'a>(
        keys: impl IntoIterator<Item = &'a Jwk>,
        algorithm: KeyManagement,
        content: ContentEncryption,
    ) -> Result<Self, JoseError> {
        let of_type = |key: &Jwk| match algorithm {
            KeyManagement::RsaOaep256 => matches!(key.material(), KeyMaterial::Rsa { .. }),
            KeyManagement::EcdhEs => {
                matches!(key.material(), KeyMaterial::P256 { .. } | KeyMaterial::X25519(_))
            }
        };
        let fits = |key: &&Jwk| {
            of_type(key)
                && key.usage() != Some(KeyUse::Sig)
                && key.alg().is_none_or(|alg| alg == algorithm.as_str())
        };
        let mut fitting: Vec<&Jwk> = keys.into_iter().filter(fits).collect();
        // One that says it is for encryption goes before one that does not say.
        fitting.sort_by_key(|key| key.usage().is_none());
        let key = fitting.first().ok_or(JoseError::UnknownKey)?;
        Ok(Self {
            key: (*key).clone(),
            algorithm,
            content,
        })
    }
}

/// The left half of the hash that goes with an algorithm, in base64url (`OpenID` Connect Core section 3.1.3.6): SHA-256,
/// and SHA-512 for Ed25519, which hashes with that.
pub fn half_hash(algorithm: SigningAlgorithm, token: &str) -> String {
    match algorithm {
        SigningAlgorithm::EdDsa => base64url::encode(&Sha512::digest(token.as_bytes())[..32]),
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 | SigningAlgorithm::Es256 => {
            base64url::encode(&sha256(token.as_bytes())[..16])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_standard() {
        // OpenID Connect Core appendix A.3 and A.4.
        let half = |token| half_hash(SigningAlgorithm::Rs256, token);
        assert_eq!(
            half("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(
            half("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
            "LDktKdoQak3Pk0cnXxCltA"
        );
        assert_eq!(half_hash(SigningAlgorithm::EdDsa, "x").len(), 43);
    }

    #[test]
    fn a_known_token_is_never_printed() {
        assert_eq!(format!("{:?}", TokenHashOf::Known("secret".into())), "Known(..)");
    }

    #[test]
    fn encryption_takes_a_key_that_is_for_it() {
        let key = |usage, alg: Option<&str>, material| Jwk::new(None, usage, alg.map(Into::into), material);
        let point = || KeyMaterial::P256 {
            x: [1; 32],
            y: [2; 32],
        };
        let unsaid = key(None, None, point());
        let enc = key(Some(KeyUse::Enc), Some("ECDH-ES"), point());
        let to = |keys: &[&Jwk], algorithm| {
            Encryption::to(keys.iter().copied(), algorithm, ContentEncryption::A128Gcm).map(|to| to.key)
        };
        assert_eq!(to(&[&unsaid, &enc], KeyManagement::EcdhEs), Ok(enc.clone()));
        assert_eq!(to(&[&unsaid], KeyManagement::EcdhEs), Ok(unsaid.clone()));
        assert_eq!(
            to(&[&unsaid, &enc], KeyManagement::RsaOaep256),
            Err(JoseError::UnknownKey)
        );
        let sig = key(Some(KeyUse::Sig), None, point());
        let other = key(None, Some("ECDH-ES+A128KW"), point());
        let signing = key(None, None, KeyMaterial::Ed25519([1; 32]));
        assert_eq!(
            to(&[&sig, &other, &signing], KeyManagement::EcdhEs),
            Err(JoseError::UnknownKey)
        );
    }
}
