//! What can be wrong with our own keys.

use crate::jose::CryptoError;

/// A failure of our own keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Sealed with another key.
    #[error(
        "the signing keys in the database were encrypted with another key than the one that is configured: set \
         keys.encryption_key_file (or keys.encryption_key) to the right one. If it is lost, make new signing keys with \
         `omniport keys rotate --discard-old`; what the old ones signed is then void"
    )]
    OtherEncryptionKey,
    /// Nobody opened them.
    #[error("the signing keys are not open")]
    NotOpen,
    /// A hash of a token that the decision did not make.
    #[error(
        "a mistake in omniport, please report it: a token's hash is to be signed, and there is no such token"
    )]
    NotMinted,
    /// Another node was always faster.
    #[error("the signing keys are being changed by somebody else again and again; try again")]
    Contended,
    /// Cryptography failed.
    #[error("the signing keys: {0}")]
    Crypto(#[from] CryptoError),
}
