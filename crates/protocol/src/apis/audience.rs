//! For which APIs a grant and its tokens are.

use super::Details;
use serde::{Deserialize, Serialize};

/// What a grant fixes about APIs, beside the scopes that stand in its scope.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ApiGrant {
    /// The resources that its request named (RFC 8707 section 2.1), by their identifiers; none where it named none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The `authorization_details` that the person allowed (RFC 9396).
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
}

impl ApiGrant {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.details.is_empty()
    }
}

/// For whom an access token is (`aud`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenAudience {
    /// The resources, by their identifiers, ours among them as the issuer; none at all: ours alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// Its `authorization_details`.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
}

impl TokenAudience {
    /// Whether it says nothing: a token for our own endpoints.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.details.is_empty()
    }

    /// Whether the token is for the resource of this identifier.
    pub fn names(&self, uri: &str) -> bool {
        self.resources.iter().any(|named| named == uri)
    }

    /// Whether our own endpoints (userinfo, user data) take it.
    pub fn is_ours(&self, issuer: &str) -> bool {
        self.resources.is_empty() || self.names(issuer)
    }
}
