//! Keys for instances that live for a test: each process looks for its prime numbers once.

use omniport_engine::keys::{CryptoError, KeyAlgorithm, KeyMaker, KeySettings, PrivateKey, Sealer};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The document of a private key, for anybody to use again.
type Document = Vec<u8>;

/// Gives the n-th instance that asks for an algorithm's m-th key the same one as every other.
#[derive(Debug, Default)]
pub struct CachedKeys(Mutex<BTreeMap<KeyAlgorithm, usize>>);

impl KeyMaker for CachedKeys {
    fn make(&self, algorithm: KeyAlgorithm) -> Result<zeroize::Zeroizing<Vec<u8>>, CryptoError> {
        static MADE: OnceLock<Mutex<BTreeMap<KeyAlgorithm, Vec<Document>>>> = OnceLock::new();
        let count = {
            let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(algorithm).or_default();
            *count += 1;
            *count
        };
        let made = MADE.get_or_init(Mutex::default);
        let known = |at: usize| {
            let made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.get(&algorithm)
                .and_then(|documents| documents.get(at))
                .cloned()
        };
        while known(count - 1).is_none() {
            // Outside of the lock, so that different algorithms are made side by side.
            let document = PrivateKey::generate(algorithm)?;
            let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
            made.entry(algorithm).or_default().push(document.to_vec());
        }
        Ok(zeroize::Zeroizing::new(known(count - 1).unwrap_or_default()))
    }
}

/// Keys that are rotated every 90 days, sealed with a key of 32 times 7.
pub fn key_settings() -> KeySettings {
    KeySettings {
        sealer: Arc::new(Sealer::new(&[7; 32]).expect("32 bytes are a key")),
        rotate_seconds: 90 * 86_400,
        maker: Arc::new(CachedKeys::default()),
    }
}
