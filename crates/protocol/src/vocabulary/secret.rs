//! Secrets and what is kept of them.

use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Length of the tokens and codes we mint: 30 letters and digits carry 178 bits (existing apps keep tokens of
/// this form; at least 160 bits, RFC 6749 section 10.10).
pub const TOKEN_LENGTH: usize = 30;

/// A secret in the clear: a token, a code, a client's or a person's secret. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// By hash: how long it takes tells nothing.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.hash() == other.hash()
    }
}

impl Eq for Secret {}

impl Secret {
    /// Takes a text as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself: for the answer that hands it out, or a check of it; never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it, and what it is found by.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The SHA-256 of a secret that we made (or that is as strong): all that a database holds of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of `text`.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The hash of a JWT access token's `jti`: never the hash of a text that anybody can send, since no parameter and no
    /// header holds a NUL.
    pub fn of_jwt_id(jti: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(b"at+jwt\0")
            .chain_update(jti.as_bytes());
        Self(digest.finalize().into())
    }

    /// A hash read back from the store.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes that the store keeps.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `secret` hashes to this, in time that does not depend on where they differ.
    pub fn matches(&self, secret: &Secret) -> bool {
        self.0.ct_eq(&secret.hash().0).into()
    }
}

/// The SHA-256 of any bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("hunter2hunter2");
        assert_eq!(
            format!("{secret:?} {:?}", secret.hash()),
            "Secret(..) SecretHash(..)"
        );
    }

    #[test]
    fn a_hash_matches_only_its_secret() {
        let hash = SecretHash::of("one");
        assert!(hash.matches(&Secret::new("one")));
        assert!(!hash.matches(&Secret::new("One")));
    }
}
