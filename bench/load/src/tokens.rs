//! The secrets that the filled database knows: numbered, so that no list of them need be kept.

use sha2::{Digest, Sha256};

/// The secret of this number: 30 letters and digits, as long as a real one.
pub(crate) fn secret(prefix: &str, number: u64) -> String {
    format!("{prefix}{number:0>29}")
}

/// What Omniport stores of a secret.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
