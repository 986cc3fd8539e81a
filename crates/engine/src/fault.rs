//! What went wrong on our side: never shown to a client, always logged.

use crate::DiceError;

/// A failure of the machine, not of the request.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] omniport_store::Fault),
    /// No randomness.
    #[error(transparent)]
    Dice(#[from] DiceError),
    /// A decision met changed rows again and again.
    #[error("the decision met changed rows {0} times in a row")]
    Contended(usize),
    /// Our own keys.
    #[error(transparent)]
    Keys(#[from] crate::keys::KeysError),
    /// The caller has made us work too often; after this many seconds it may come again.
    #[error("too many requests from this caller")]
    Limited(i64),
    /// A password could not be hashed or checked.
    #[error("the password hash cannot be computed: {0}")]
    Password(String),
    /// A mistake in this program: something that was decided is not there.
    #[error("a mistake in omniport, please report it: {0}")]
    Bug(&'static str),
    /// More passwords wait to be checked than could be in a few seconds.
    #[error("too many passwords wait to be checked already")]
    Busy,
    /// A background task died.
    #[error("a background task ended before it answered")]
    Task,
}
