//! A private key of ours, and what it does.

use super::der::rsa_public_key;
use super::{CryptoError, key_agreement};
use crate::keys::KeyAlgorithm;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{
    KeyPair as RsaKeyPair, KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding,
};
use aws_lc_rs::{agreement, rand::SystemRandom};
use omniport_protocol::jose::{Jwk, KeyManagement, KeyMaterial, SigningAlgorithm};
use zeroize::Zeroizing;

/// A private key, ready for use. Never printed.
pub struct PrivateKey {
    algorithm: KeyAlgorithm,
    public: Jwk,
    kind: Kind,
}

enum Kind {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    P256(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    RsaDecrypt(OaepPrivateDecryptingKey),
    Agree(agreement::PrivateKey),
}

impl PrivateKey {
    /// Makes a new key: RSA of 2048 bits, P-256 or Ed25519. The document is PKCS#8 (RFC 5958).
    ///
    /// # Errors
    /// [`CryptoError`].
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let random = SystemRandom::new();
        let document = match algorithm {
            KeyAlgorithm::Sign(SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256)
            | KeyAlgorithm::Decrypt(KeyManagement::RsaOaep256) => {
                let key = RsaKeyPair::generate(KeySize::Rsa2048)?;
                let document: Pkcs8V1Der<'_> = key.as_der()?;
                document.as_ref().to_vec()
            }
            KeyAlgorithm::Sign(SigningAlgorithm::Es256) | KeyAlgorithm::Decrypt(KeyManagement::EcdhEs) => {
                let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?;
                document.as_ref().to_vec()
            }
            KeyAlgorithm::Sign(SigningAlgorithm::EdDsa) => {
                Ed25519KeyPair::generate_pkcs8(&random)?.as_ref().to_vec()
            }
        };
        Ok(Zeroizing::new(document))
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`CryptoError`] where it is none, or none for this algorithm.
    pub fn from_pkcs8(algorithm: KeyAlgorithm, document: &[u8]) -> Result<Self, CryptoError> {
        let (kind, material) = match algorithm {
            KeyAlgorithm::Sign(SigningAlgorithm::Rs256) => rsa(document, &RSA_PKCS1_SHA256)?,
            KeyAlgorithm::Sign(SigningAlgorithm::Ps256) => rsa(document, &RSA_PSS_SHA256)?,
            KeyAlgorithm::Sign(SigningAlgorithm::Es256) => {
                let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document)?;
                let material = key_agreement::point(key.public_key().as_ref()).ok_or(CryptoError)?;
                (Kind::P256(Box::new(key)), material)
            }
            KeyAlgorithm::Sign(SigningAlgorithm::EdDsa) => {
                let key = Ed25519KeyPair::from_pkcs8(document)?;
                let x = key.public_key().as_ref().try_into().map_err(|_| CryptoError)?;
                (Kind::Ed25519(Box::new(key)), KeyMaterial::Ed25519(x))
            }
            KeyAlgorithm::Decrypt(KeyManagement::RsaOaep256) => {
                let (_, material) = rsa(document, &RSA_PKCS1_SHA256)?;
                let key = OaepPrivateDecryptingKey::new(PrivateDecryptingKey::from_pkcs8(document)?)?;
                (Kind::RsaDecrypt(key), material)
            }
            KeyAlgorithm::Decrypt(KeyManagement::EcdhEs) => {
                let key = agreement::PrivateKey::from_private_key_der(&agreement::ECDH_P256, document)?;
                let material = key_agreement::point(key.compute_public_key()?.as_ref()).ok_or(CryptoError)?;
                (Kind::Agree(key), material)
            }
        };
        let named = |kid| {
            let alg = algorithm.as_str().to_owned();
            Jwk::new(kid, Some(algorithm.usage()), Some(alg), material.clone())
        };
        let thumbprint = named(None).thumbprint();
        Ok(Self {
            algorithm,
            public: named(Some(thumbprint)),
            kind,
        })
    }

    /// What it is for.
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Its public half, with its `kid`, `use` and `alg`.
    pub const fn public(&self) -> &Jwk {
        &self.public
    }

    /// Its signature of `input`.
    ///
    /// # Errors
    /// [`CryptoError`]: it is not for signing.
    pub(crate) fn sign(&self, input: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let random = SystemRandom::new();
        match &self.kind {
            Kind::Rsa(key, encoding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*encoding, &random, input, &mut signature)?;
                Ok(signature)
            }
            Kind::P256(key) => Ok(key.sign(&random, input)?.as_ref().to_vec()),
            Kind::Ed25519(key) => Ok(key.try_sign(input)?.as_ref().to_vec()),
            Kind::RsaDecrypt(_) | Kind::Agree(_) => Err(CryptoError),
        }
    }

    /// What was encrypted to it by RSA-OAEP-256.
    ///
    /// # Errors
    /// [`CryptoError`].
    pub(super) fn unwrap(&self, encrypted_key: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let Kind::RsaDecrypt(key) = &self.kind else {
            return Err(CryptoError);
        };
        let mut room = Zeroizing::new(vec![0; key.min_output_size()]);
        let plain = key.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted_key, &mut room, None)?;
        Ok(Zeroizing::new(plain.to_vec()))
    }

    /// The key that it agrees on with whoever holds the private half of `ephemeral`.
    ///
    /// # Errors
    /// [`CryptoError`].
    pub(super) fn agree(
        &self,
        ephemeral: &KeyMaterial,
        derive: impl FnOnce(&[u8]) -> Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let Kind::Agree(key) = &self.kind else {
            return Err(CryptoError);
        };
        key_agreement::agree(key, ephemeral, derive)
    }
}

fn rsa(document: &[u8], encoding: &'static dyn RsaEncoding) -> Result<(Kind, KeyMaterial), CryptoError> {
    let key = RsaKeyPair::from_pkcs8(document)?;
    let (n, e) = rsa_public_key(key.public_key().as_ref()).ok_or(CryptoError)?;
    Ok((Kind::Rsa(Box::new(key), encoding), KeyMaterial::Rsa { n, e }))
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrivateKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.public.kid())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::verify;

    #[test]
    fn what_a_key_signs_its_public_half_verifies_and_no_other() {
        for algorithm in SigningAlgorithm::ALL {
            let make = || {
                let document = PrivateKey::generate(KeyAlgorithm::Sign(algorithm)).unwrap();
                PrivateKey::from_pkcs8(KeyAlgorithm::Sign(algorithm), &document).unwrap()
            };
            let (key, other) = (make(), make());
            let signature = key.sign(b"text").unwrap();
            assert!(
                verify(algorithm, key.public(), b"text", &signature),
                "{algorithm:?}"
            );
            assert!(
                !verify(algorithm, key.public(), b"Text", &signature),
                "{algorithm:?}"
            );
            assert!(
                !verify(algorithm, other.public(), b"text", &signature),
                "{algorithm:?}"
            );
            assert_eq!(key.public().kid(), Some(key.public().thumbprint().as_str()));
            assert!(!format!("{key:?}").contains("kind"));
        }
    }

    #[test]
    fn a_document_is_read_for_its_own_algorithm_only() {
        let p256 = PrivateKey::generate(KeyAlgorithm::Sign(SigningAlgorithm::Es256)).unwrap();
        for other in [SigningAlgorithm::Rs256, SigningAlgorithm::EdDsa] {
            assert!(PrivateKey::from_pkcs8(KeyAlgorithm::Sign(other), &p256).is_err());
        }
        let for_agreement = KeyAlgorithm::Decrypt(KeyManagement::EcdhEs);
        let key = PrivateKey::from_pkcs8(for_agreement, &p256).unwrap();
        assert_eq!(key.sign(b"x"), Err(CryptoError));
    }
}
