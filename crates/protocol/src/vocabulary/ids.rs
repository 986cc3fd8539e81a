//! Names of things: clients, people, grants.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty, longer than 255 bytes, or with a character outside printable ASCII.
    #[error("a client_id is 1 to 255 printable ASCII characters")]
    ClientId,
}

/// A client identifier (RFC 6749 section 2.2): 1 to 255 printable ASCII characters (`VSCHAR`, appendix A.1),
/// compared byte for byte. Imported ones are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

impl ClientId {
    /// Parses a `client_id`.
    ///
    /// # Errors
    /// [`IdError::ClientId`] where it is empty, too long or not printable ASCII.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| (0x20..=0x7e).contains(&b));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError::ClientId)
        }
    }

    /// The identifier's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person's number: what `userId` says on the wire. Imported numbers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub i64);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The root of one grant tree: one act of consent (or remembered consent) that led to a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GrantId(pub Uuid);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_is_bounded_printable_ascii() {
        assert!(ClientId::parse("a b~").is_ok());
        assert!(ClientId::parse(&"x".repeat(255)).is_ok());
        for bad in ["", "caf\u{e9}", "a\nb", "a\u{0}b", &"x".repeat(256)] {
            assert_eq!(ClientId::parse(bad), Err(IdError::ClientId), "{bad:?}");
        }
    }
}
