//! What we have keys for: one key for each of these.

use omniport_protocol::jose::{KeyManagement, KeyUse, SigningAlgorithm};

/// What a key of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAlgorithm {
    /// To sign.
    Sign(SigningAlgorithm),
    /// To decrypt what others encrypted to us.
    Decrypt(KeyManagement),
}

impl KeyAlgorithm {
    /// All of them, the default for signing first.
    pub const ALL: [Self; 6] = [
        Self::Sign(SigningAlgorithm::Rs256),
        Self::Sign(SigningAlgorithm::Ps256),
        Self::Sign(SigningAlgorithm::Es256),
        Self::Sign(SigningAlgorithm::EdDsa),
        Self::Decrypt(KeyManagement::RsaOaep256),
        Self::Decrypt(KeyManagement::EcdhEs),
    ];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sign(algorithm) => algorithm.as_str(),
            Self::Decrypt(algorithm) => algorithm.as_str(),
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// What its public half is published for.
    pub const fn usage(self) -> KeyUse {
        match self {
            Self::Sign(_) => KeyUse::Sig,
            Self::Decrypt(_) => KeyUse::Enc,
        }
    }
}
