//! Agreeing on a key: ECDH on P-256 and X25519, and the Concat KDF (RFC 7518 section 4.6, RFC 8037 section 3.2).

use super::CryptoError;
use super::verify::{UNCOMPRESSED, uncompressed};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey, X25519};
use aws_lc_rs::digest::{Context, SHA256};
use omniport_protocol::jose::{ContentEncryption, KeyMaterial};
use zeroize::Zeroizing;

/// A P-256 point from its uncompressed form.
pub(super) fn point(bytes: &[u8]) -> Option<KeyMaterial> {
    let (&UNCOMPRESSED, coordinates) = bytes.split_first()? else {
        return None;
    };
    let (x, y) = coordinates.split_at_checked(32)?;
    Some(KeyMaterial::P256 {
        x: x.try_into().ok()?,
        y: y.try_into().ok()?,
    })
}

/// A fresh key of the recipient's kind, and its public half for the header.
pub(super) fn ephemeral(recipient: &KeyMaterial) -> Result<(PrivateKey, KeyMaterial), CryptoError> {
    let (algorithm, on_p256) = match recipient {
        KeyMaterial::P256 { .. } => (&ECDH_P256, true),
        KeyMaterial::X25519(_) => (&X25519, false),
        KeyMaterial::Rsa { .. } | KeyMaterial::Ed25519(_) => return Err(CryptoError),
    };
    let private = PrivateKey::generate(algorithm)?;
    let public = private.compute_public_key()?;
    let material = if on_p256 {
        point(public.as_ref())
    } else {
        public.as_ref().try_into().ok().map(KeyMaterial::X25519)
    };
    Ok((private, material.ok_or(CryptoError)?))
}

/// What both sides derive from what only they can compute. A point off the curve and an all-zero secret are refused by
/// aws-lc.
pub(super) fn agree(
    private: &PrivateKey,
    public: &KeyMaterial,
    derive: impl FnOnce(&[u8]) -> Zeroizing<Vec<u8>>,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (algorithm, bytes) = match public {
        KeyMaterial::P256 { x, y } => (&ECDH_P256, uncompressed(x, y)),
        KeyMaterial::X25519(x) => (&X25519, x.to_vec()),
        KeyMaterial::Rsa { .. } | KeyMaterial::Ed25519(_) => return Err(CryptoError),
    };
    let public = UnparsedPublicKey::new(algorithm, bytes);
    agreement::agree(private, public, CryptoError, |secret| Ok(derive(secret)))
}

/// The Concat KDF with SHA-256 (RFC 7518 section 4.6.2) for a directly agreed key. Every key here has at most 256 bits,
/// so one round is all there is.
pub(super) fn concat_kdf(
    secret: &[u8],
    content: ContentEncryption,
    apu: &[u8],
    apv: &[u8],
) -> Zeroizing<Vec<u8>> {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    let mut hash = Context::new(&SHA256);
    hash.update(&number(1));
    hash.update(secret);
    for text in [content.as_str().as_bytes(), apu, apv] {
        hash.update(&number(text.len()));
        hash.update(text);
    }
    hash.update(&number(content.key_bytes() * 8));
    let mut key = Zeroizing::new(hash.finish().as_ref().to_vec());
    key.truncate(content.key_bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::jose::{decode, encode};

    /// RFC 7518 appendix C: Alice's ephemeral key and Bob's, either way.
    #[test]
    fn the_standards_example_is_agreed_upon() {
        let coordinate = |text: &str| <[u8; 32]>::try_from(decode(text).unwrap()).unwrap();
        let alice = KeyMaterial::P256 {
            x: coordinate("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0"),
            y: coordinate("SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"),
        };
        let bob = KeyMaterial::P256 {
            x: coordinate("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"),
            y: coordinate("e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"),
        };
        let private = |d: &str| PrivateKey::from_private_key(&ECDH_P256, &decode(d).unwrap()).unwrap();
        let derive = |secret: &[u8]| concat_kdf(secret, ContentEncryption::A128Gcm, b"Alice", b"Bob");
        let hers = agree(
            &private("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"),
            &bob,
            derive,
        )
        .unwrap();
        let his = agree(
            &private("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"),
            &alice,
            derive,
        )
        .unwrap();
        assert_eq!(encode(&hers), "VqqN6vgjbSBcIijNcacQGg");
        assert_eq!(hers, his);
    }

    #[test]
    fn a_point_off_the_curve_and_a_point_of_small_order_are_refused() {
        let (p256, _) = ephemeral(&KeyMaterial::P256 {
            x: [0; 32],
            y: [0; 32],
        })
        .unwrap();
        let off = KeyMaterial::P256 {
            x: [7; 32],
            y: [7; 32],
        };
        let derive = |_: &[u8]| Zeroizing::new(Vec::new());
        assert_eq!(agree(&p256, &off, derive), Err(CryptoError));
        let (x25519, _) = ephemeral(&KeyMaterial::X25519([9; 32])).unwrap();
        assert_eq!(
            agree(&x25519, &KeyMaterial::X25519([0; 32]), derive),
            Err(CryptoError)
        );
        assert_eq!(agree(&x25519, &off, derive), Err(CryptoError));
    }
}
