//! Where new keys come from.

use super::KeyAlgorithm;
use crate::jose::{CryptoError, PrivateKey};
use zeroize::Zeroizing;

/// Makes private keys. Handed in, so that tests need not wait for the prime numbers of each instance.
pub trait KeyMaker: Send + Sync {
    /// A private key in PKCS#8.
    ///
    /// # Errors
    /// [`CryptoError`].
    fn make(&self, algorithm: KeyAlgorithm) -> Result<Zeroizing<Vec<u8>>, CryptoError>;
}

/// Makes a new key each time.
#[derive(Debug, Clone, Copy, Default)]
pub struct FreshKeys;

impl KeyMaker for FreshKeys {
    fn make(&self, algorithm: KeyAlgorithm) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        PrivateKey::generate(algorithm)
    }
}
