//! JOSE: reading signed tokens (RFC 7515, RFC 7519), public keys (RFC 7517), and saying what is to be signed.
//!
//! No cryptography happens here. What checks a signature comes in with [`Ctx`](crate::ctx::Ctx) as [`Crypto`]; what
//! is to be signed goes out in a reply as [`UnsignedJwt`], and the engine signs it once its tokens exist.

mod algorithms;
mod base64url;
mod claims;
mod crypto;
mod error;
mod header;
mod jwk;
mod jwk_set;
mod jws;
mod object;
mod unsigned;
mod verify;

pub use algorithms::{Algorithm, ContentEncryption, KeyManagement, MacAlgorithm, SigningAlgorithm};
pub use base64url::{decode, encode};
pub use claims::{Audience, Claims};
pub use crypto::Crypto;
pub use error::JoseError;
pub use header::JwsHeader;
pub use jwk::{Jwk, KeyMaterial, KeyUse};
pub use jwk_set::JwkSet;
pub use jws::{Jws, is_encrypted};
pub use object::parse as parse_object;
pub use unsigned::{Encryption, TokenHash, TokenHashOf, UnsignedJwt, half_hash};

/// Longest token and longest set of keys that is read, in bytes.
pub const MAX_BYTES: usize = 65_536;
