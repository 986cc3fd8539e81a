//! Cryptography for the rules' tests: whoever knows a public key here can sign with it, so that a test can be anybody.

use crate::jose::{
    Algorithm, Crypto, Encryption, JoseError, Jwk, JwkSet, KeyMaterial, MacAlgorithm, SigningAlgorithm,
    decode, encode,
};
use crate::vocabulary::{ClientId, PersonId, Secret, sha256};
use serde_json::{Value, json};
use std::sync::Arc;

/// Signatures that are hashes. It refuses exactly what real cryptography refuses: another key, algorithm or text.
#[derive(Debug, Default)]
pub(crate) struct FakeCrypto {
    /// Our own keys.
    pub(crate) own: Arc<JwkSet>,
}

impl Crypto for FakeCrypto {
    fn verify(&self, algorithm: SigningAlgorithm, key: &Jwk, input: &[u8], signature: &[u8]) -> bool {
        key.fits(algorithm) && signature == signature_of(algorithm, key, input)
    }

    fn verify_hmac_sha256(&self, key: &[u8], input: &[u8], signature: &[u8]) -> bool {
        signature == sha256(&[key, input].concat())
    }

    /// A seal is the client's name and the secret.
    fn open_client_secret(&self, client: &ClientId, sealed: &[u8]) -> Option<Secret> {
        let text = std::str::from_utf8(sealed).ok()?;
        text.strip_prefix(&format!("{client}:")).map(Secret::new)
    }

    /// Points with a coordinate of sevens are off the curve.
    fn can_encrypt_to(&self, to: &Encryption) -> bool {
        !matches!(to.key.material(), KeyMaterial::P256 { x, .. } if *x == [7; 32])
    }

    fn own_keys(&self) -> Arc<JwkSet> {
        self.own.clone()
    }

    fn pairwise_subject(&self, sector: &str, person: PersonId) -> String {
        encode(sha256(format!("{sector} {person}").as_bytes()))
    }

    fn dpop_nonce(&self, slot: i64) -> String {
        format!("nonce-{slot}")
    }

    /// The fourth part, as it stands.
    fn decrypt(&self, jwe: &str) -> Result<Vec<u8>, JoseError> {
        let content = jwe.split('.').nth(3).ok_or(JoseError::Undecryptable)?;
        decode(content).ok_or(JoseError::Undecryptable)
    }
}

fn signature_of(algorithm: SigningAlgorithm, key: &Jwk, input: &[u8]) -> [u8; 32] {
    sha256(&[key.thumbprint().as_bytes(), algorithm.as_str().as_bytes(), input].concat())
}

/// A key that signs by this algorithm, of a name and made of a number.
pub(crate) fn key(kid: &str, algorithm: SigningAlgorithm, seed: u8) -> Jwk {
    let material = match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => KeyMaterial::Rsa {
            n: vec![seed | 0x81; 256],
            e: vec![1, 0, 1],
        },
        SigningAlgorithm::Es256 => KeyMaterial::P256 {
            x: [seed; 32],
            y: [seed; 32],
        },
        SigningAlgorithm::EdDsa => KeyMaterial::Ed25519([seed; 32]),
    };
    Jwk::new(Some(kid.to_owned()), None, None, material)
}

/// A token with these claims, signed with `key`, whose header names it and has `more`.
pub(crate) fn signed(key: &Jwk, algorithm: SigningAlgorithm, more: &Value, claims: &Value) -> String {
    let mut header = json!({"alg": algorithm.as_str(), "kid": key.kid()});
    if key.kid().is_none() {
        header.as_object_mut().unwrap().remove("kid");
    }
    let input = unsigned(&mut header, more, claims);
    let signature = encode(signature_of(algorithm, key, input.as_bytes()));
    format!("{input}.{signature}")
}

/// A token with these claims under the HMAC of a shared secret.
pub(crate) fn signed_with_secret(secret: &str, more: &Value, claims: &Value) -> String {
    let mut header = json!({"alg": MacAlgorithm::Hs256.as_str()});
    let input = unsigned(&mut header, more, claims);
    let signature = encode(sha256(&[secret.as_bytes(), input.as_bytes()].concat()));
    format!("{input}.{signature}")
}

/// A token without signature, whose header is `header`.
pub(crate) fn unsigned(header: &mut Value, more: &Value, claims: &Value) -> String {
    let more = more.as_object().cloned().unwrap_or_default();
    header.as_object_mut().unwrap().extend(more);
    format!("{}.{}", encode(header.to_string()), encode(claims.to_string()))
}

#[test]
fn the_fake_tells_keys_algorithms_and_texts_apart() {
    let crypto = FakeCrypto::default();
    let (one, two) = (
        key("a", SigningAlgorithm::Rs256, 1),
        key("a", SigningAlgorithm::Rs256, 2),
    );
    let signature = signature_of(SigningAlgorithm::Rs256, &one, b"x");
    assert!(crypto.verify(SigningAlgorithm::Rs256, &one, b"x", &signature));
    assert!(!crypto.verify(SigningAlgorithm::Ps256, &one, b"x", &signature));
    assert!(!crypto.verify(SigningAlgorithm::Rs256, &two, b"x", &signature));
    assert!(!crypto.verify(SigningAlgorithm::Rs256, &one, b"y", &signature));
    assert_eq!(
        Algorithm::parse("HS256"),
        Some(Algorithm::Mac(MacAlgorithm::Hs256))
    );
    assert_eq!(crypto.decrypt("a.b.c.eA.d").as_deref(), Ok(&b"x"[..]));
}
