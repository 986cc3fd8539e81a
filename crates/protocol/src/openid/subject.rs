//! Subject identifiers (OpenID Connect Core section 8): who a person is to an app.

use crate::ctx::Ctx;
use crate::vocabulary::{Client, PersonId};
use serde::{Deserialize, Serialize};

/// How an app is told who someone is (Core section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectType {
    /// By the person's number, the same for every app: `userId` of the user-data answer.
    #[default]
    Public,
    /// By a name that only this app's sector knows (section 8.1), so that two sectors cannot compare notes.
    Pairwise,
}

impl SubjectType {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Public, Self::Pairwise];

    /// The wire's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Pairwise => "pairwise",
        }
    }
}

/// What `client` knows a person by: `sub`.
pub fn subject(client: &Client, person: PersonId, ctx: &Ctx<'_>) -> String {
    match client.openid.subject_type {
        SubjectType::Public => person.0.to_string(),
        SubjectType::Pairwise => ctx.crypto.pairwise_subject(&sector(client), person),
    }
}

/// Who else may be told the name by which an app knows a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnownIn {
    /// Nobody: the app alone.
    #[default]
    App,
    /// The apps of this sector, who know the person by the same name.
    Sector(String),
    /// Everybody who knows people by public names.
    Everywhere,
}

impl KnownIn {
    /// Where the names are known by which `client` knows people.
    pub fn of(client: &Client) -> Self {
        match client.openid.subject_type {
            SubjectType::Public => Self::Everywhere,
            SubjectType::Pairwise => Self::Sector(sector(client)),
        }
    }
}

/// The sector of a client (section 8.1): the host of its `sector_identifier_uri`, or of its redirect URLs, which are
/// then all on one site; or else its own name, in a spelling that no host has. The scheme of an app on a device is no
/// host: any app may call itself by any.
fn sector(client: &Client) -> String {
    client
        .openid
        .sector
        .clone()
        .or_else(|| client.redirect_uris.first()?.site())
        .unwrap_or_else(|| format!("client:{}", client.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, client, other_client};
    use crate::vocabulary::RedirectUri;

    #[test]
    fn a_scheme_is_no_host() {
        let world = World::new();
        let named = |client: Client, uri: &str| {
            let mut client = client;
            client.openid.subject_type = SubjectType::Pairwise;
            client.redirect_uris = vec![RedirectUri::parse(uri).unwrap()];
            subject(&client, PersonId(7), &world.ctx())
        };
        let site = "https://app.victim.example/cb";
        assert_eq!(named(client(), site), named(other_client(), site), "one sector");
        for uri in [
            "app.victim.example:/cb",
            "http://127.0.0.1/cb",
            "http://localhost/cb",
        ] {
            assert_ne!(named(client(), uri), named(client(), site), "{uri}");
            assert_ne!(named(client(), uri), named(other_client(), uri), "{uri}");
        }
    }
}
