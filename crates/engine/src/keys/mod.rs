//! Our own keys: made, sealed, opened, rotated, used.
//!
//! The database holds them sealed ([`Sealer`]) and says when each signs ([`rotation`]); [`KeyRing`] is what of them is in
//! force here. A node reads them again as soon as another has changed them, so that all of them sign with the same key and know
//! each other's.

mod algorithm;
mod error;
mod keeper;
mod maker;
mod ring;
pub mod rotation;
mod sealer;

pub use crate::jose::{CryptoError, PrivateKey};
pub use algorithm::KeyAlgorithm;
pub use error::KeysError;
pub use keeper::{KeySettings, RotateHow, Rotated};
pub use maker::{FreshKeys, KeyMaker};
pub use ring::KeyRing;
pub use rotation::Standing;
pub use sealer::{NotAKey, Sealer};
