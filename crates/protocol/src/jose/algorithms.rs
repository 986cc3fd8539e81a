//! The algorithms that exist here (RFC 7518, RFC 8037). What is not in these lists cannot be asked for.

use serde::{Deserialize, Serialize};

/// An algorithm of public-key signatures (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// There is no `none`, and no HMAC: a signature of one of these can never be checked with a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519 (RFC 8037).
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// All of them, the default first.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this name; names are case-sensitive.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// An algorithm of signatures with a shared secret (RFC 7518 section 3.2): for `client_secret_jwt` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MacAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
}

impl MacAlgorithm {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::Hs256];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
        }
    }

    /// The algorithm of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// What a token's `alg` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// A public-key signature.
    Signature(SigningAlgorithm),
    /// A shared secret.
    Mac(MacAlgorithm),
}

impl Algorithm {
    /// The algorithm of this name; `none` is none of them. Ed25519 has two names: `EdDSA`, and its own since RFC 9864.
    pub fn parse(name: &str) -> Option<Self> {
        let ed25519 = (name == "Ed25519").then_some(SigningAlgorithm::EdDsa);
        let signature = SigningAlgorithm::parse(name).or(ed25519).map(Self::Signature);
        signature.or_else(|| MacAlgorithm::parse(name).map(Self::Mac))
    }
}

/// How the key of an encrypted token is handed over (RFC 7518 section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyManagement {
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (section 4.3).
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
    /// ECDH-ES, agreed directly on P-256 or X25519 (section 4.6, RFC 8037 section 3.2).
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
}

impl KeyManagement {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::RsaOaep256, Self::EcdhEs];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
        }
    }

    /// The algorithm of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// How an encrypted token's content is encrypted (RFC 7518 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ContentEncryption {
    /// AES-128 in GCM (section 5.3).
    #[serde(rename = "A128GCM")]
    A128Gcm,
    /// AES-256 in GCM (section 5.3).
    #[serde(rename = "A256GCM")]
    A256Gcm,
    /// AES-128 in CBC with HMAC-SHA-256 (section 5.2.3): what `OpenID` Connect takes where nothing is said.
    #[serde(rename = "A128CBC-HS256")]
    A128CbcHs256,
}

impl ContentEncryption {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::A128Gcm, Self::A256Gcm, Self::A128CbcHs256];

    /// Its name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
            Self::A128CbcHs256 => "A128CBC-HS256",
        }
    }

    /// The algorithm of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// The length of its key, in bytes.
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_exactly_and_none_is_no_algorithm() {
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(SigningAlgorithm::parse(algorithm.as_str()), Some(algorithm));
        }
        for name in ["none", "None", "rs256", "HS256", "RS256 ", "RS1", ""] {
            assert_eq!(SigningAlgorithm::parse(name), None, "{name}");
        }
        assert_eq!(
            Algorithm::parse("HS256"),
            Some(Algorithm::Mac(MacAlgorithm::Hs256))
        );
        assert_eq!(Algorithm::parse("none"), None);
        for algorithm in KeyManagement::ALL {
            assert_eq!(KeyManagement::parse(algorithm.as_str()), Some(algorithm));
        }
        assert_eq!(KeyManagement::parse("RSA1_5"), None);
        for algorithm in ContentEncryption::ALL {
            assert_eq!(ContentEncryption::parse(algorithm.as_str()), Some(algorithm));
        }
    }
}
