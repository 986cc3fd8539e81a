//! Keeping secrets in the database that the database alone does not give away.

use crate::jose::CryptoError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Seals and opens with AES-256-GCM under the key from the configuration.
///
/// A seal is the nonce (drawn for each) and the text with its tag. The context says what is sealed and for whom, so that
/// one sealed secret cannot be put in the place of another.
pub struct Sealer(RandomizedNonceKey);

/// Not 32 bytes in base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an encryption key is 32 bytes in base64: make one with `openssl rand -base64 32`")]
pub struct NotAKey;

impl Sealer {
    /// A sealer with this key.
    ///
    /// # Errors
    /// [`CryptoError`].
    pub fn new(key: &[u8; 32]) -> Result<Self, CryptoError> {
        Ok(Self(RandomizedNonceKey::new(&AES_256_GCM, key)?))
    }

    /// A sealer with a key in base64, as it stands in the configuration or a file; white space around it is nothing.
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn from_base64(text: &str) -> Result<Self, NotAKey> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| NotAKey)?);
        let key: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| NotAKey)?;
        Self::new(key).map_err(|_| NotAKey)
    }

    /// A new key in base64, drawn from `bytes`.
    pub fn key_to_base64(bytes: &[u8; 32]) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(bytes))
    }

    /// Seals `plain` for `context`.
    ///
    /// # Errors
    /// [`CryptoError`].
    pub fn seal(&self, plain: &[u8], context: &str) -> Result<Vec<u8>, CryptoError> {
        let mut text = plain.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(context), &mut text)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// Opens what was sealed for `context`.
    ///
    /// # Errors
    /// [`CryptoError`]: sealed with another key or for another context, or changed.
    pub fn open(&self, sealed: &[u8], context: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(CryptoError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let mut text = Zeroizing::new(text.to_vec());
        let plain = self.0.open_in_place(nonce, Aad::from(context), &mut text)?;
        Ok(Zeroizing::new(plain.to_vec()))
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_context_only() {
        let ours = Sealer::new(&[1; 32]).unwrap();
        let sealed = ours.seal(b"secret", "a").unwrap();
        assert_eq!(&ours.open(&sealed, "a").unwrap()[..], b"secret");
        assert_ne!(sealed, ours.seal(b"secret", "a").unwrap());
        assert_eq!(ours.open(&sealed, "b"), Err(CryptoError));
        assert_eq!(
            Sealer::new(&[2; 32]).unwrap().open(&sealed, "a"),
            Err(CryptoError)
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(ours.open(&changed, "a"), Err(CryptoError), "{at}");
            assert_eq!(ours.open(&sealed[..at], "a"), Err(CryptoError), "{at}");
        }
        assert_eq!(format!("{ours:?}"), "Sealer(..)");
    }

    #[test]
    fn a_key_is_32_bytes_in_base64() {
        let text = Sealer::key_to_base64(&[1; 32]);
        assert!(Sealer::from_base64(&format!(" {}\n", text.as_str())).is_ok());
        for wrong in [
            "",
            "AAAA",
            "not base64!",
            &text[1..],
            &format!("{}AAAA", text.as_str()),
        ] {
            assert_eq!(Sealer::from_base64(wrong).err(), Some(NotAKey), "{wrong}");
        }
    }
}
