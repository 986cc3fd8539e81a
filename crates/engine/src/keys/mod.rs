//! Our own keys.

use crate::jose;
use omniport_protocol::jose::{Crypto, JoseError, Jwk, JwkSet, SigningAlgorithm};
use std::sync::Arc;

/// Our own keys, and the cryptography that rules may ask for.
#[derive(Debug, Default)]
pub struct KeyRing {
    published: Arc<JwkSet>,
}

impl Crypto for KeyRing {
    fn verify(&self, algorithm: SigningAlgorithm, key: &Jwk, input: &[u8], signature: &[u8]) -> bool {
        jose::verify(algorithm, key, input, signature)
    }

    fn verify_hmac_sha256(&self, key: &[u8], input: &[u8], signature: &[u8]) -> bool {
        jose::verify_hmac_sha256(key, input, signature)
    }

    fn own_keys(&self) -> Arc<JwkSet> {
        self.published.clone()
    }

    fn own_key_missed(&self) {}

    /// There is no key of ours to encrypt to yet, so nothing can be decrypted.
    fn decrypt(&self, _jwe: &str) -> Result<Vec<u8>, JoseError> {
        Err(JoseError::Undecryptable)
    }
}
