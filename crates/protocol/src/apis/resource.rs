//! What an API owner registers.

use super::{ResourceUri, Schema};
use crate::jose::SigningAlgorithm;
use crate::vocabulary::{ClientId, PersonId};
use std::fmt;

/// A resource's own name here: in addresses of pages and of its metadata document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(String);

impl ResourceId {
    /// Parses one: 1 to 64 letters and digits, as we draw them.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an access token for a resource looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenFormat {
    /// 30 letters and digits: the resource asks introspection.
    #[default]
    Opaque,
    /// A signed JWT that the resource reads itself (RFC 9068).
    Jwt,
}

impl TokenFormat {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Opaque, Self::Jwt];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opaque => "opaque",
            Self::Jwt => "jwt",
        }
    }

    /// The format of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }
}

/// A scope that an API owner registered: there is no other of its name on the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiScope {
    /// Its name on the wire.
    pub name: String,
    /// What it lets an app do, in the owner's words, as people read it on the consent page.
    pub description: String,
}

/// A type of `authorization_details` that an API owner registered (RFC 9396 section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsType {
    /// Its name on the wire: `type`.
    pub name: String,
    /// What it is, in the owner's words, as people read it on the consent page.
    pub description: String,
    /// What every object of it must be.
    pub schema: Schema,
}

/// A protected resource that takes our access tokens (RFC 6749 section 1.1): an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its name here.
    pub id: ResourceId,
    /// Its identifier: what `resource` and `aud` say.
    pub uri: ResourceUri,
    /// Who owns it.
    pub owner: PersonId,
    /// The name that people read.
    pub name: String,
    /// What it is.
    pub description: String,
    /// What its access tokens look like.
    pub format: TokenFormat,
    /// What signs its JWT access tokens.
    pub signing_alg: SigningAlgorithm,
    /// How long its access tokens live, in seconds.
    pub token_seconds: i64,
    /// How long ago, in seconds, a person may have signed in at most; none: however long ago (RFC 9470).
    pub max_age: Option<i64>,
    /// The app whose credentials ask introspection for it; none: nobody does.
    pub introspected_by: Option<ClientId>,
    /// Whether any app may ask for its scopes without its owner's consent.
    pub open: bool,
    /// Its scopes.
    pub scopes: Vec<ApiScope>,
    /// Its types of `authorization_details`.
    pub details: Vec<DetailsType>,
}

impl Resource {
    /// Whether an app asks for something of it by this name: one of its scopes or types, or its identifier, which
    /// stands for using it at all.
    pub fn knows(&self, name: &str) -> bool {
        self.knows_scope(name) || self.details.iter().any(|one| one.name == name)
    }

    /// Whether `name` is one of its scopes, or its identifier.
    pub fn knows_scope(&self, name: &str) -> bool {
        self.uri.as_str() == name || self.scopes.iter().any(|scope| scope.name == name)
    }

    /// Every name that an app may ask for, its identifier first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let scopes = self.scopes.iter().map(|scope| scope.name.as_str());
        let types = self.details.iter().map(|one| one.name.as_str());
        std::iter::once(self.uri.as_str()).chain(scopes).chain(types)
    }
}
