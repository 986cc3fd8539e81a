//! The cryptography that comes in with [`Ctx`](crate::ctx::Ctx).

use super::{Encryption, JoseError, Jwk, JwkSet, SigningAlgorithm};
use crate::vocabulary::{ClientId, PersonId, Secret};
use std::fmt::Debug;
use std::sync::Arc;

/// What a rule may ask of cryptography: only questions about what others made, and what our own public keys are.
///
/// To sign is not among them: that happens after the decision (see [`UnsignedJwt`](super::UnsignedJwt)).
pub trait Crypto: Debug + Send + Sync {
    /// Whether `signature` is `key`'s, of `input`, by `algorithm`. A key of another type than the algorithm's: no.
    fn verify(&self, algorithm: SigningAlgorithm, key: &Jwk, input: &[u8], signature: &[u8]) -> bool;

    /// Whether `signature` is the HMAC-SHA-256 of `input` under `key`, in time that does not tell where it differs.
    fn verify_hmac_sha256(&self, key: &[u8], input: &[u8], signature: &[u8]) -> bool;

    /// A client's secret that is kept sealed (for `client_secret_jwt`); none where it cannot be opened.
    fn open_client_secret(&self, client: &ClientId, sealed: &[u8]) -> Option<Secret>;

    /// Whether something can be encrypted so: a key may have the form of one and be none (a point off its curve).
    fn can_encrypt_to(&self, to: &Encryption) -> bool;

    /// Our own public keys: what we signed is checked with them (`id_token_hint`, JWT access tokens).
    fn own_keys(&self) -> Arc<JwkSet>;

    /// A nonce for DPoP proofs that is given out in this slot of time (RFC 9449 section 8): nobody can make it without
    /// our secret, and every node makes the same.
    fn dpop_nonce(&self, slot: i64) -> String;

    /// A person's name for a sector (OpenID Connect Core section 8.1): always the same, of no use to find the person or
    /// their name for another sector without our secret.
    fn pairwise_subject(&self, sector: &str, person: PersonId) -> String;

    /// The content of a JWE in the compact form (RFC 7516 section 7.1) that was encrypted to one of our keys.
    ///
    /// # Errors
    /// [`JoseError`]: [`JoseError::Undecryptable`] for everything that depends on the key.
    fn decrypt(&self, jwe: &str) -> Result<Vec<u8>, JoseError>;
}
