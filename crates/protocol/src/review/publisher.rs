//! Whom to ask about an app, and where to read more about it.

use super::FieldError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

/// Longest link or contact, in characters.
const MAX_CHARS: usize = 500;

/// The publisher's side of an app: what a person who is asked for data may want to look up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Publisher {
    /// An e-mail address (RFC 7591's `contacts`).
    pub contact: Option<String>,
    /// The app's own page (`client_uri`).
    pub home: Option<String>,
    /// What becomes of the data (`policy_uri`).
    pub privacy: Option<String>,
    /// On what terms people use the app (`tos_uri`).
    pub terms: Option<String>,
}

impl Publisher {
    /// Checks the fields `contact`, `home_url`, `privacy_url` and `terms_url`; an empty one is none.
    ///
    /// # Errors
    /// Every mistake.
    pub fn check(contact: &str, home: &str, privacy: &str, terms: &str) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut keep = |checked: Result<Option<String>, FieldError>| {
            checked.unwrap_or_else(|error| {
                errors.push(error);
                None
            })
        };
        let publisher = Self {
            contact: keep(check_contact(contact)),
            home: keep(check_link("home_url", home)),
            privacy: keep(check_link("privacy_url", privacy)),
            terms: keep(check_link("terms_url", terms)),
        };
        if errors.is_empty() {
            Ok(publisher)
        } else {
            Err(errors)
        }
    }
}

/// One address: something on both sides of one `@`, no spaces. Whether it exists, only a letter to it would tell.
fn check_contact(typed: &str) -> Result<Option<String>, FieldError> {
    let address = typed.trim();
    if address.is_empty() {
        return Ok(None);
    }
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>\"(),:;\\[]".contains(c);
    let fits = address.chars().count() <= MAX_CHARS
        && address.chars().all(plain)
        && address.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && !host.contains('@') && host.split('.').all(|label| !label.is_empty())
        });
    if fits {
        Ok(Some(address.to_owned()))
    } else {
        Err(FieldError {
            field: "contact",
            message: "Give one e-mail address, such as team@example.org.".to_owned(),
        })
    }
}

fn check_link(field: &'static str, typed: &str) -> Result<Option<String>, FieldError> {
    let text = typed.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = Url::parse(text).ok().filter(|url| {
        url.scheme() == "https"
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
    });
    // As the parser writes it: a host in another script reads as the punycode that it is.
    match parsed.map(String::from) {
        Some(url) if url.len() <= MAX_CHARS => Ok(Some(url)),
        _ => Err(FieldError {
            field,
            message: "Give an https address, such as https://app.example.org/privacy.".to_owned(),
        }),
    }
}

/// Which text of the developer terms somebody agreed to: the first 16 hexadecimal digits of its SHA-256.
pub fn terms_version(text: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(text.as_bytes());
    let mut version = String::with_capacity(16);
    for byte in digest.iter().take(8) {
        // Writing to a text cannot fail.
        let _ = write!(version, "{byte:02x}");
    }
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_https_and_a_contact_is_one_address() {
        let good = Publisher::check(
            " team@example.org ",
            "https://app.example.org",
            "",
            "https://app.example.org/terms",
        )
        .unwrap();
        assert_eq!(good.contact.as_deref(), Some("team@example.org"));
        assert_eq!(good.home.as_deref(), Some("https://app.example.org/"));
        assert_eq!(good.privacy, None);
        let bad = Publisher::check(
            "a b@c",
            "http://a.example",
            "javascript:alert(1)",
            "https://u:p@a.example",
        )
        .unwrap_err();
        let fields: Vec<_> = bad.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["contact", "home_url", "privacy_url", "terms_url"]);
        for address in ["a", "@b", "a@", "a@b@c", "a@b..c", "<a@b.c>", "a@b.c,d@e.f"] {
            assert!(check_contact(address).is_err(), "{address}");
        }
        let long = format!("https://a.example/{}", "x".repeat(MAX_CHARS));
        assert!(check_link("home_url", &long).is_err());
    }

    #[test]
    fn another_text_is_another_version() {
        assert_eq!(terms_version("a").len(), 16);
        assert_ne!(terms_version("a"), terms_version("b"));
    }
}
