//! What is wrong with a token or a set of keys.

/// Why a token or a set of keys is refused. The sentences name no content of it: they may be told and logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// Longer than [`MAX_BYTES`](super::MAX_BYTES), or with too many keys.
    #[error("it is too large")]
    TooLarge,
    /// Not of the form that the standard gives.
    #[error("it is malformed: {0}")]
    Malformed(&'static str),
    /// `alg` is `none` (RFC 7515 appendix A.5).
    #[error("it is not signed (alg is none)")]
    Unsigned,
    /// An `alg` or `enc` that does not exist here.
    #[error("its algorithm is not supported")]
    UnknownAlgorithm,
    /// An algorithm that exists, but not for this use.
    #[error("its algorithm is not the one that is registered")]
    AlgorithmNotAllowed,
    /// `crit` names an extension: none is understood (RFC 7515 section 4.1.11).
    #[error("it has a critical extension that is not understood (crit)")]
    Critical,
    /// A private or secret key where a public one belongs.
    #[error("it holds a private key")]
    PrivateKey,
    /// No key of the set fits: perhaps the set is old, and is to be fetched again.
    #[error("no key fits it")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("its signature does not fit")]
    BadSignature,
    /// It cannot be decrypted. Deliberately without a reason.
    #[error("it cannot be decrypted")]
    Undecryptable,
    /// A registered claim of the wrong type (RFC 7519 section 4.1).
    #[error("its claim {0} is not of the right type")]
    Claim(&'static str),
    /// A claim that must be there is not.
    #[error("its claim {0} is missing")]
    Missing(&'static str),
    /// `exp` has passed.
    #[error("it has expired (exp)")]
    Expired,
    /// `nbf` or `iat` is in the future.
    #[error("it is not valid yet (nbf or iat)")]
    NotYetValid,
}
