//! Encrypting content (RFC 7518 section 5).

use super::CryptoError;
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_128, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{constant_time, hmac, rand};
use omniport_protocol::jose::ContentEncryption;
use zeroize::Zeroizing;

/// Length of every tag here, in bytes.
const TAG: usize = 16;

/// What encrypting gives.
pub(super) struct Sealed {
    /// The initialisation vector.
    pub(super) iv: Vec<u8>,
    /// The content, encrypted.
    pub(super) ciphertext: Vec<u8>,
    /// What proves that nobody changed it.
    pub(super) tag: Vec<u8>,
}

/// Encrypts `plain` under `key`, which must be used for nothing else, and ties `aad` to it.
pub(super) fn seal(
    content: ContentEncryption,
    key: &[u8],
    aad: &[u8],
    plain: &[u8],
) -> Result<Sealed, CryptoError> {
    let mut iv = vec![0; iv_bytes(content)];
    rand::fill(&mut iv)?;
    seal_with(content, key, iv, aad, plain)
}

fn seal_with(
    content: ContentEncryption,
    key: &[u8],
    iv: Vec<u8>,
    aad: &[u8],
    plain: &[u8],
) -> Result<Sealed, CryptoError> {
    let mut text = plain.to_vec();
    let Some(gcm) = gcm(content) else {
        let (mac_key, enc_key) = halves(key)?;
        let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, enc_key)?)?;
        let _ = cipher.less_safe_encrypt(&mut text, EncryptionContext::Iv128(fixed(&iv)?))?;
        let tag = cbc_tag(mac_key, aad, &iv, &text).to_vec();
        return Ok(Sealed {
            iv,
            ciphertext: text,
            tag,
        });
    };
    let key = LessSafeKey::new(UnboundKey::new(gcm, key)?);
    let nonce = Nonce::try_assume_unique_for_key(&iv)?;
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad), &mut text)?;
    Ok(Sealed {
        tag: tag.as_ref().to_vec(),
        iv,
        ciphertext: text,
    })
}

/// The content again, if `key` and `aad` are those it was encrypted with and nobody changed it. The tag is checked, in
/// constant time, before anything is decrypted.
pub(super) fn open(
    content: ContentEncryption,
    key: &[u8],
    aad: &[u8],
    sealed: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    if sealed.iv.len() != iv_bytes(content) || sealed.tag.len() != TAG || key.len() != content.key_bytes() {
        return Err(CryptoError);
    }
    let mut text = Zeroizing::new(sealed.ciphertext.clone());
    let Some(gcm) = gcm(content) else {
        let (mac_key, enc_key) = halves(key)?;
        let expected = cbc_tag(mac_key, aad, &sealed.iv, &text);
        constant_time::verify_slices_are_equal(&expected, &sealed.tag)?;
        let cipher = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, enc_key)?)?;
        let plain = cipher.decrypt(&mut text, DecryptionContext::Iv128(fixed(&sealed.iv)?))?;
        return Ok(Zeroizing::new(plain.to_vec()));
    };
    let key = LessSafeKey::new(UnboundKey::new(gcm, key)?);
    text.extend_from_slice(&sealed.tag);
    let nonce = Nonce::try_assume_unique_for_key(&sealed.iv)?;
    let plain = key.open_in_place(nonce, Aad::from(aad), &mut text)?;
    Ok(Zeroizing::new(plain.to_vec()))
}

fn gcm(content: ContentEncryption) -> Option<&'static Algorithm> {
    match content {
        ContentEncryption::A128Gcm => Some(&AES_128_GCM),
        ContentEncryption::A256Gcm => Some(&AES_256_GCM),
        ContentEncryption::A128CbcHs256 => None,
    }
}

const fn iv_bytes(content: ContentEncryption) -> usize {
    match content {
        ContentEncryption::A128Gcm | ContentEncryption::A256Gcm => NONCE_LEN,
        ContentEncryption::A128CbcHs256 => 16,
    }
}

/// The key for the HMAC and the key for AES (section 5.2.2.1).
fn halves(key: &[u8]) -> Result<(&[u8], &[u8]), CryptoError> {
    match key.len() {
        32 => Ok(key.split_at(16)),
        _ => Err(CryptoError),
    }
}

fn fixed(iv: &[u8]) -> Result<FixedLength<16>, CryptoError> {
    Ok(FixedLength::from(
        <[u8; 16]>::try_from(iv).map_err(|_| CryptoError)?,
    ))
}

/// The tag of CBC with HMAC: over the additional data, the vector, the text, and the additional data's length in bits.
fn cbc_tag(mac_key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> [u8; TAG] {
    let bits = u64::try_from(aad.len()).unwrap_or(u64::MAX).saturating_mul(8);
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, mac_key));
    for part in [aad, iv, ciphertext, &bits.to_be_bytes()] {
        mac.update(part);
    }
    let whole = mac.sign();
    let mut tag = [0; TAG];
    tag.copy_from_slice(&whole.as_ref()[..TAG]);
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// RFC 7518 appendix B.1.
    #[test]
    fn cbc_with_hmac_is_the_standards() {
        let key = bytes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        let plain = b"A cipher system must not be required to be secret, and it must be able to fall into the hands of \
            the enemy without inconvenience";
        let aad = b"The second principle of Auguste Kerckhoffs";
        let iv = bytes("1af38c2dc2b96ffdd86694092341bc04");
        let sealed = seal_with(ContentEncryption::A128CbcHs256, &key, iv, aad, plain).unwrap();
        let expected = bytes(
            "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9\
             a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c7032336\
             09d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b\
             384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade5\
             4b8851ffb598f7f80074b9473c82e2db",
        );
        assert_eq!(sealed.ciphertext, expected);
        assert_eq!(sealed.tag, bytes("652c3fa36b0a7c5b3219fab3a30bc1c4"));
        let opened = open(ContentEncryption::A128CbcHs256, &key, aad, &sealed).unwrap();
        assert_eq!(&opened[..], plain);
    }

    /// The Galois/Counter Mode of Operation by `McGrew` and Viega, test cases 4 and 16, on which RFC 7518 section 5.3 rests.
    #[test]
    fn gcm_is_the_standards() {
        let plain = bytes(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525\
             b16aedf5aa0de657ba637b39",
        );
        let aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let iv = || bytes("cafebabefacedbaddecaf888");
        let key = bytes("feffe9928665731c6d6a8f9467308308");
        let short = seal_with(ContentEncryption::A128Gcm, &key, iv(), &aad, &plain).unwrap();
        assert_eq!(short.tag, bytes("5bc94fbc3221a5db94fae95ae7121a47"));
        let long = seal_with(
            ContentEncryption::A256Gcm,
            &[&key[..], &key].concat(),
            iv(),
            &aad,
            &plain,
        )
        .unwrap();
        assert_eq!(long.tag, bytes("76fc6ece0f4e1768cddf8853bb2d551b"));
    }

    #[test]
    fn what_was_changed_does_not_open() {
        for content in ContentEncryption::ALL {
            let key = vec![7; content.key_bytes()];
            let good = || seal(content, &key, b"aad", b"text").unwrap();
            assert_eq!(&open(content, &key, b"aad", &good()).unwrap()[..], b"text");
            let refused = |key: &[u8], aad: &[u8], sealed: &Sealed| {
                assert_eq!(open(content, key, aad, sealed), Err(CryptoError), "{content:?}");
            };
            refused(&key, b"axd", &good());
            refused(&vec![8; content.key_bytes()], b"aad", &good());
            refused(&key[1..], b"aad", &good());
            let change = |change: &dyn Fn(&mut Sealed)| {
                let mut sealed = good();
                change(&mut sealed);
                refused(&key, b"aad", &sealed);
            };
            change(&|sealed| sealed.ciphertext[0] ^= 1);
            change(&|sealed| sealed.ciphertext.clear());
            change(&|sealed| sealed.iv[0] ^= 1);
            change(&|sealed| sealed.iv.push(0));
            change(&|sealed| sealed.tag[0] ^= 1);
            change(&|sealed| sealed.tag.truncate(8));
            change(&|sealed| sealed.tag.clear());
        }
    }
}
