//! Proof Key for Code Exchange (RFC 7636): the code belongs to whoever knows the verifier.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How a challenge was made from its verifier (section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `BASE64URL(SHA256(verifier))`.
    S256,
    /// The verifier itself: only for a client that a maintainer marked legacy.
    Plain,
}

impl Method {
    /// The wire's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S256 => "S256",
            Self::Plain => "plain",
        }
    }

    /// Parses the wire's word; none where it is unknown. A missing one means `plain` (section 4.3): the caller says so.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::S256, Self::Plain]
            .into_iter()
            .find(|method| method.as_str() == text)
    }
}

/// A well-formed challenge, kept with the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    method: Method,
    value: String,
}

impl Challenge {
    /// Parses a challenge: 43 to 128 unreserved characters (section 4.2), for `S256` exactly 43 of base64url.
    pub fn parse(method: Method, value: &str) -> Option<Self> {
        let fits = match method {
            Method::S256 => {
                value.len() == 43
                    && URL_SAFE_NO_PAD
                        .decode(value)
                        .is_ok_and(|digest| digest.len() == 32)
            }
            Method::Plain => is_verifier(value),
        };
        fits.then(|| Self {
            method,
            value: value.to_owned(),
        })
    }

    /// Its method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Its text.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether `verifier` is the one it was made from (section 4.6), in constant time.
    pub fn is_met_by(&self, verifier: &str) -> bool {
        if !is_verifier(verifier) {
            return false;
        }
        let made = match self.method {
            Method::S256 => URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())),
            Method::Plain => verifier.to_owned(),
        };
        made.as_bytes().ct_eq(self.value.as_bytes()).into()
    }
}

/// 43 to 128 unreserved characters (section 4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn meets_the_rfcs_vector() {
        let challenge = Challenge::parse(Method::S256, CHALLENGE).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(&VERIFIER.replace('d', "e")));
        assert!(!challenge.is_met_by(CHALLENGE));
    }

    #[test]
    fn case_015_malformed_challenges_are_refused() {
        for bad in ["", "short", &"x".repeat(44), &"=".repeat(43), &"+".repeat(43)] {
            assert_eq!(Challenge::parse(Method::S256, bad), None, "{bad}");
        }
        assert_eq!(Challenge::parse(Method::Plain, &"x".repeat(129)), None);
        assert_eq!(Challenge::parse(Method::Plain, &"x".repeat(42)), None);
    }

    #[test]
    fn plain_compares_the_text() {
        let challenge = Challenge::parse(Method::Plain, VERIFIER).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(CHALLENGE));
    }
}
