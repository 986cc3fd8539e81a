//! Encrypted tokens in the compact form (RFC 7516 sections 5 and 7.1).

use super::content::{self, Sealed};
use super::{CryptoError, PrivateKey, key_agreement};
use crate::keys::KeyAlgorithm;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use omniport_protocol::jose::{
    ContentEncryption, Encryption, JoseError, Jwk, KeyManagement, KeyMaterial, MAX_BYTES, decode,
    encode as base64url, parse_object,
};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

/// Encrypts a signed token to its recipient: a nested JWT (RFC 7519 section 11.2).
pub(crate) fn encrypt(token: &str, to: &Encryption) -> Result<String, CryptoError> {
    let mut header = json!({"alg": to.algorithm.as_str(), "enc": to.content.as_str(), "cty": "JWT"});
    if let Some(kid) = to.key.kid() {
        header["kid"] = kid.into();
    }
    let (key, encrypted_key) = match (to.algorithm, to.key.material()) {
        (KeyManagement::RsaOaep256, KeyMaterial::Rsa { n, e }) => wrapped(n, e, to.content)?,
        (KeyManagement::EcdhEs, recipient) => {
            let (private, public) = key_agreement::ephemeral(recipient)?;
            header["epk"] = Value::Object(Jwk::new(None, None, None, public).to_object());
            let derive = |secret: &[u8]| key_agreement::concat_kdf(secret, to.content, &[], &[]);
            (key_agreement::agree(&private, recipient, derive)?, Vec::new())
        }
        (KeyManagement::RsaOaep256, _) => return Err(CryptoError),
    };
    let header = base64url(header.to_string());
    let sealed = content::seal(to.content, &key, header.as_bytes(), token.as_bytes())?;
    let parts = [encrypted_key, sealed.iv, sealed.ciphertext, sealed.tag].map(base64url);
    Ok(format!("{header}.{}", parts.join(".")))
}

/// A fresh key, and the same encrypted to an RSA key.
fn wrapped(
    n: &[u8],
    e: &[u8],
    content: ContentEncryption,
) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), CryptoError> {
    let mut key = Zeroizing::new(vec![0; content.key_bytes()]);
    rand::fill(&mut key)?;
    let public: PublicEncryptingKey = RsaPublicKeyComponents { n, e }.try_into()?;
    let public = OaepPublicEncryptingKey::new(public)?;
    let mut room = vec![0; public.ciphertext_size()];
    let encrypted = public
        .encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut room, None)?
        .to_vec();
    Ok((key, encrypted))
}

/// The content of a token that was encrypted to one of `keys`.
///
/// # Errors
/// [`JoseError`]: of the form while it is read; whatever depends on a key is [`JoseError::Undecryptable`].
pub(crate) fn decrypt<'a>(
    token: &str,
    keys: impl Iterator<Item = &'a PrivateKey>,
) -> Result<Vec<u8>, JoseError> {
    let jwe = Jwe::parse(token)?;
    let fits = |key: &&PrivateKey| {
        key.algorithm() == KeyAlgorithm::Decrypt(jwe.algorithm)
            && jwe
                .kid
                .as_deref()
                .is_none_or(|kid| key.public().kid() == Some(kid))
    };
    let opened = keys.filter(fits).find_map(|key| {
        let key = jwe.key(key).ok()?;
        content::open(jwe.content, &key, jwe.aad.as_bytes(), &jwe.sealed).ok()
    });
    opened.map(|plain| plain.to_vec()).ok_or(JoseError::Undecryptable)
}

/// An encrypted token, read.
struct Jwe<'a> {
    algorithm: KeyManagement,
    content: ContentEncryption,
    kid: Option<String>,
    ephemeral: Option<KeyMaterial>,
    apu: Vec<u8>,
    apv: Vec<u8>,
    encrypted_key: Vec<u8>,
    sealed: Sealed,
    aad: &'a str,
}

impl<'a> Jwe<'a> {
    fn parse(token: &'a str) -> Result<Self, JoseError> {
        if token.len() > MAX_BYTES {
            return Err(JoseError::TooLarge);
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [aad, encrypted_key, iv, ciphertext, tag] = parts[..] else {
            return Err(JoseError::Malformed("not five parts"));
        };
        let header = parse_object(&part(aad)?)?;
        // Compressed content could unfold to any size and tells its length (RFC 8725 section 3.6); no extension is known.
        if header.contains_key("crit") {
            return Err(JoseError::Critical);
        }
        if header.contains_key("zip") {
            return Err(JoseError::Malformed("compressed content is not taken"));
        }
        let name = |name| text(&header, name)?.ok_or(JoseError::Malformed("the header lacks alg or enc"));
        let bytes = |name| text(&header, name)?.map_or(Ok(Vec::new()), part);
        Ok(Self {
            algorithm: KeyManagement::parse(name("alg")?).ok_or(JoseError::UnknownAlgorithm)?,
            content: ContentEncryption::parse(name("enc")?).ok_or(JoseError::UnknownAlgorithm)?,
            kid: text(&header, "kid")?.map(ToOwned::to_owned),
            ephemeral: ephemeral(&header)?,
            apu: bytes("apu")?,
            apv: bytes("apv")?,
            encrypted_key: part(encrypted_key)?,
            sealed: Sealed {
                iv: part(iv)?,
                ciphertext: part(ciphertext)?,
                tag: part(tag)?,
            },
            aad,
        })
    }

    /// The content's key, by a private key of ours.
    fn key(&self, key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        match self.algorithm {
            KeyManagement::RsaOaep256 => {
                // Where it cannot be unwrapped, go on with a key that nobody has: an answer must not tell by its time
                // whether the key or the content was wrong (RFC 7516 section 11.5).
                let mut nobodys = Zeroizing::new(vec![0; self.content.key_bytes()]);
                rand::fill(&mut nobodys)?;
                let unwrapped = key.unwrap(&self.encrypted_key);
                Ok(unwrapped
                    .ok()
                    .filter(|key| key.len() == nobodys.len())
                    .unwrap_or(nobodys))
            }
            KeyManagement::EcdhEs => {
                let ephemeral = self.ephemeral.as_ref().ok_or(CryptoError)?;
                if !self.encrypted_key.is_empty() {
                    return Err(CryptoError);
                }
                key.agree(ephemeral, |secret| {
                    key_agreement::concat_kdf(secret, self.content, &self.apu, &self.apv)
                })
            }
        }
    }
}

fn part(text: &str) -> Result<Vec<u8>, JoseError> {
    decode(text).ok_or(JoseError::Malformed("a part is not base64url"))
}

fn text<'a>(header: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, JoseError> {
    match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JoseError::Malformed("a member of the header is not a text")),
    }
}

/// The key that the sender made for this token (RFC 7518 section 4.6.1.1).
fn ephemeral(header: &Map<String, Value>) -> Result<Option<KeyMaterial>, JoseError> {
    match header.get("epk") {
        None => Ok(None),
        Some(Value::Object(epk)) => Ok(Jwk::from_object(epk)?.map(|key| key.material().clone())),
        Some(_) => Err(JoseError::Malformed("epk is not an object")),
    }
}

#[cfg(test)]
mod tests;
