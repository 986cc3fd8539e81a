//! The primitives behind JOSE, all of them aws-lc's: this room only says which key goes where.
//!
//! Keys, nonces and salts are drawn by aws-lc's own generator, because its functions take no other dice.

mod content;
mod der;
mod jwe;
mod key_agreement;
mod private_key;
mod verify;

pub(crate) use jwe::{decrypt, encrypt};
pub use private_key::PrivateKey;
pub(crate) use verify::{hmac_sha256, verify, verify_hmac_sha256};

/// A failure of cryptography. It has no reason, because a reason could be of use to whoever provoked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cryptographic operation failed")]
pub struct CryptoError;

impl From<aws_lc_rs::error::Unspecified> for CryptoError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl From<aws_lc_rs::error::KeyRejected> for CryptoError {
    fn from(_: aws_lc_rs::error::KeyRejected) -> Self {
        Self
    }
}
