//! Checking signatures (RFC 7518 section 3, RFC 8037 section 3.1).

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use omniport_protocol::jose::{Jwk, KeyMaterial, SigningAlgorithm};

/// What an uncompressed point begins with (SEC 1 section 2.3.3).
pub(crate) const UNCOMPRESSED: u8 = 4;

/// Whether `signature` is `key`'s, of `input`. The algorithm chooses the key's type, never the other way round.
pub(crate) fn verify(algorithm: SigningAlgorithm, key: &Jwk, input: &[u8], signature: &[u8]) -> bool {
    if !key.fits(algorithm) {
        return false;
    }
    let rsa = |parameters: &RsaParameters, n: &[u8], e: &[u8]| {
        let key = RsaPublicKeyComponents { n, e };
        key.verify(parameters, input, signature).is_ok()
    };
    let raw = |parameters: &'static dyn VerificationAlgorithm, key: &[u8]| {
        UnparsedPublicKey::new(parameters, key)
            .verify(input, signature)
            .is_ok()
    };
    match (algorithm, key.material()) {
        (SigningAlgorithm::Rs256, KeyMaterial::Rsa { n, e }) => rsa(&RSA_PKCS1_2048_8192_SHA256, n, e),
        (SigningAlgorithm::Ps256, KeyMaterial::Rsa { n, e }) => rsa(&RSA_PSS_2048_8192_SHA256, n, e),
        (SigningAlgorithm::Es256, KeyMaterial::P256 { x, y }) => {
            raw(&ECDSA_P256_SHA256_FIXED, &uncompressed(x, y))
        }
        (SigningAlgorithm::EdDsa, KeyMaterial::Ed25519(x)) => raw(&ED25519, x),
        _ => false,
    }
}

/// Whether `signature` is the HMAC-SHA-256 of `input`; compared in constant time by aws-lc.
pub(crate) fn verify_hmac_sha256(key: &[u8], input: &[u8], signature: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, key), input, signature).is_ok()
}

/// The HMAC-SHA-256 of `input` under `key`.
pub(crate) fn hmac_sha256(key: &[u8], input: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), input)
}

/// A point in the form that aws-lc reads.
pub(crate) fn uncompressed(x: &[u8; 32], y: &[u8; 32]) -> Vec<u8> {
    [&[UNCOMPRESSED][..], x, y].concat()
}

#[cfg(test)]
mod tests;
