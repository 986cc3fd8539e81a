//! A signed token in the compact form (RFC 7515 section 7.1, RFC 7519).

use super::{Claims, JoseError, JwsHeader, MAX_BYTES, base64url, object};

/// A signed token, read. Nothing in it is true before [`Self::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jws {
    /// Its header.
    pub header: JwsHeader,
    pub(super) claims: Claims,
    pub(super) signing_input: String,
    pub(super) signature: Vec<u8>,
}

impl Jws {
    /// Reads a token: three parts of strict base64url, at most 64 KiB, header and payload JSON objects in which every
    /// name stands once.
    ///
    /// # Errors
    /// [`JoseError`].
    pub fn parse(token: &str) -> Result<Self, JoseError> {
        if token.len() > MAX_BYTES {
            return Err(JoseError::TooLarge);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JoseError::Malformed("not three parts"));
        };
        let part =
            |text: &str| base64url::decode(text).ok_or(JoseError::Malformed("a part is not base64url"));
        let signed = part(signature)?;
        let header_object = object::parse(&part(header)?)?;
        Ok(Self {
            header: JwsHeader::read(&header_object)?,
            claims: Claims::new(object::parse(&part(payload)?)?)?,
            signing_input: format!("{header}.{payload}"),
            signature: signed,
        })
    }

    /// What it claims, before anybody has looked at the signature: for finding out whose keys to look with.
    pub const fn claims_unverified(&self) -> &Claims {
        &self.claims
    }
}

/// Whether a token has the five parts of an encrypted one (RFC 7516 section 9).
pub fn is_encrypted(token: &str) -> bool {
    token.bytes().filter(|byte| *byte == b'.').count() == 4
}
