//! A resource's identifier (RFC 8707 section 2).

use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// Longest identifier, in bytes.
const MAX_BYTES: usize = 512;

/// Why a text does not identify a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResourceUriError {
    /// Too long, or no absolute URI of the characters that a scope may have.
    #[error(
        "an API is identified by an absolute URI of at most {MAX_BYTES} printable ASCII characters without quote or backslash"
    )]
    Malformed,
    /// It does not begin with a scheme.
    #[error(
        "an API is identified by an absolute URI: write the scheme too, such as https://library.example/api"
    )]
    Relative,
    /// A fragment.
    #[error("an API's identifier has no fragment (#...)")]
    Fragment,
    /// User information, which has no place in a name that everybody reads.
    #[error("an API's identifier has no user or password in it")]
    Userinfo,
}

/// The identifier of a resource: an absolute URI without fragment, kept letter by letter. Two that differ only in what
/// RFC 3986 section 6.2.3 calls the same (an empty path and `/`) are one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourceUri {
    text: String,
    normal: String,
}

impl ResourceUri {
    /// Parses an identifier.
    ///
    /// # Errors
    /// [`ResourceUriError`].
    pub fn parse(text: &str) -> Result<Self, ResourceUriError> {
        let allowed = |b: u8| b == 0x21 || (0x23..=0x5b).contains(&b) || (0x5d..=0x7e).contains(&b);
        if text.is_empty() || text.len() > MAX_BYTES || !text.bytes().all(allowed) {
            return Err(ResourceUriError::Malformed);
        }
        let url = Url::parse(text).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => ResourceUriError::Relative,
            _ => ResourceUriError::Malformed,
        })?;
        if url.fragment().is_some() {
            return Err(ResourceUriError::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ResourceUriError::Userinfo);
        }
        Ok(Self {
            text: text.to_owned(),
            normal: url.into(),
        })
    }

    /// The identifier as it was registered.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The identifier as the same one is always written, for comparisons.
    pub fn normal(&self) -> &str {
        &self.normal
    }
}

impl PartialEq for ResourceUri {
    fn eq(&self, other: &Self) -> bool {
        self.normal == other.normal
    }
}

impl Eq for ResourceUri {}

impl TryFrom<String> for ResourceUri {
    type Error = ResourceUriError;
    fn try_from(text: String) -> Result<Self, ResourceUriError> {
        Self::parse(&text)
    }
}

impl From<ResourceUri> for String {
    fn from(uri: ResourceUri) -> Self {
        uri.text
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_an_absolute_uri_without_fragment() {
        for good in [
            "https://api.example/v1",
            "https://api.example",
            "urn:example:library",
            "https://api.example/a?tenant=1",
        ] {
            assert_eq!(ResourceUri::parse(good).unwrap().as_str(), good);
        }
        for (bad, why) in [
            ("", ResourceUriError::Malformed),
            ("/v1", ResourceUriError::Relative),
            ("api.example/v1", ResourceUriError::Relative),
            ("https://api.example/a b", ResourceUriError::Malformed),
            ("https://api.example/caf\u{e9}", ResourceUriError::Malformed),
            ("https://api.example/v1#part", ResourceUriError::Fragment),
            ("https://asha@api.example/", ResourceUriError::Userinfo),
        ] {
            assert_eq!(ResourceUri::parse(bad), Err(why), "{bad}");
        }
        let long = format!("https://api.example/{}", "x".repeat(600));
        assert_eq!(ResourceUri::parse(&long), Err(ResourceUriError::Malformed));
    }

    #[test]
    fn an_empty_path_is_the_root() {
        let bare = ResourceUri::parse("https://api.example").unwrap();
        assert_eq!(bare, ResourceUri::parse("https://api.example/").unwrap());
        assert_ne!(bare, ResourceUri::parse("https://api.example/v1").unwrap());
    }
}
