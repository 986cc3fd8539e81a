//! To whom a token is bound: `cnf` (RFC 7800 section 3.1), by the thumbprint of a key (RFC 9449 section 6) or of a
//! certificate (RFC 8705 section 3.1).

use crate::jose::{decode, encode};
use crate::vocabulary::sha256;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The SHA-256 of a public key (RFC 7638) or of a certificate in DER, in base64url: 43 letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint([u8; 32]);

/// A text that is no [`Thumbprint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the base64url of a SHA-256")]
pub struct NotAThumbprint;

impl Thumbprint {
    /// The thumbprint of a certificate in DER (RFC 8705 section 3.1).
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256(bytes))
    }

    /// Reads one: exactly 43 letters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        decode(text)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(self.0))
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbprint({self})")
    }
}

impl TryFrom<String> for Thumbprint {
    type Error = NotAThumbprint;

    fn try_from(text: String) -> Result<Self, NotAThumbprint> {
        Self::parse(&text).ok_or(NotAThumbprint)
    }
}

impl From<Thumbprint> for String {
    fn from(thumbprint: Thumbprint) -> Self {
        thumbprint.to_string()
    }
}

/// What whoever presents a token must hold beside it. It is written as the claim `cnf` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmation {
    /// The private key to a public one of this thumbprint, proven by a DPoP proof (RFC 9449).
    #[serde(rename = "jkt")]
    Key(Thumbprint),
    /// The private key to this certificate, proven by the TLS connection (RFC 8705).
    #[serde(rename = "x5t#S256")]
    Certificate(Thumbprint),
}

impl Confirmation {
    /// The scheme by which a token that is so bound is presented: its `token_type` (RFC 9449 section 5). One that is
    /// bound to a certificate is still presented as a bearer token (RFC 8705 section 3).
    pub const fn token_type(this: Option<&Self>) -> &'static str {
        match this {
            Some(Self::Key(_)) => "DPoP",
            Some(Self::Certificate(_)) | None => "Bearer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9449 section 6.1 and RFC 8705 section 3.1.
    const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    #[test]
    fn it_is_written_as_the_claim_is() {
        let print = Thumbprint::parse(THUMBPRINT).unwrap();
        assert_eq!(print.to_string(), THUMBPRINT);
        let of = |confirmation| serde_json::to_string(&confirmation).unwrap();
        assert_eq!(
            of(Confirmation::Key(print)),
            format!("{{\"jkt\":\"{THUMBPRINT}\"}}")
        );
        let certificate = of(Confirmation::Certificate(print));
        assert_eq!(certificate, format!("{{\"x5t#S256\":\"{THUMBPRINT}\"}}"));
        let read: Confirmation = serde_json::from_str(&certificate).unwrap();
        assert_eq!(read, Confirmation::Certificate(print));
        assert!(serde_json::from_str::<Confirmation>("{\"jkt\":\"short\"}").is_err());
    }

    #[test]
    fn a_thumbprint_is_43_letters_of_base64url() {
        for bad in [
            "",
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4",
            "0ZcOCORZNYy+DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4IA",
        ] {
            assert_eq!(Thumbprint::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_a_key_has_a_token_type_of_its_own() {
        let print = Thumbprint::of(b"x");
        for (confirmation, expected) in [
            (None, "Bearer"),
            (Some(Confirmation::Key(print)), "DPoP"),
            (Some(Confirmation::Certificate(print)), "Bearer"),
        ] {
            assert_eq!(Confirmation::token_type(confirmation.as_ref()), expected);
        }
    }
}
