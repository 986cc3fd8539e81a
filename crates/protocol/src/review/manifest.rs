//! An app and the numbered versions of what it is.

use super::Standing;
use crate::data_points::DataPoints;
use crate::openid::OpenIdMetadata;
use crate::vocabulary::{
    AuthMethod, Client, ClientId, ClientKind, ClientSecret, GrantType, Legacy, PersonId, RedirectUri,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What an app *is*. A stored manifest is never changed; a change makes a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The name people see.
    pub name: String,
    /// What it does: 127 to 511 words.
    pub description: String,
    /// Where answers may go; the first one is the default.
    pub redirect_uris: Vec<RedirectUri>,
    /// Public or confidential.
    pub kind: ClientKind,
    /// How it authenticates at the token endpoint.
    pub auth_methods: BTreeSet<AuthMethod>,
    /// The grants it may use.
    pub grant_types: BTreeSet<GrantType>,
    /// The data points it asks for.
    pub data_points: DataPoints,
    /// SHA-256, in hexadecimal, of its logo's PNG.
    pub logo: Option<String>,
    /// What it says of itself for OpenID Connect.
    #[serde(default)]
    pub openid: OpenIdMetadata,
}

impl Manifest {
    /// An app that says nothing of itself: what is told of one without any version, which the store never makes.
    pub fn empty() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            redirect_uris: Vec::new(),
            kind: ClientKind::Public,
            auth_methods: BTreeSet::new(),
            grant_types: BTreeSet::new(),
            data_points: DataPoints::new(),
            logo: None,
            openid: OpenIdMetadata::default(),
        }
    }

    /// Whether its secrets are kept sealed beside their hashes, so that an HMAC can be checked.
    pub fn keeps_secret(&self) -> bool {
        self.auth_methods.contains(&AuthMethod::ClientSecretJwt)
    }

    /// Whether the app proves itself with a secret, and so has one.
    pub fn has_secret(&self) -> bool {
        self.kind == ClientKind::Confidential && self.auth_methods.iter().any(|method| method.uses_secret())
    }
}

/// A numbered manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1, rising with each change of the app.
    pub number: u32,
    /// What the app is in it.
    pub manifest: Manifest,
    /// When it was made.
    pub at: Timestamp,
}

/// An app: its standing, the version that serves and the one that waits for review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its client identifier.
    pub id: ClientId,
    /// Who registered it: always on its team.
    pub creator: PersonId,
    /// Where it stands.
    pub standing: Standing,
    /// The approved version; none before the first approval.
    pub live: Option<Version>,
    /// The version in review, or in the sandbox before the first approval; none where nothing waits.
    pub proposed: Option<Version>,
    /// The highest version number so far.
    pub last_version: u32,
    /// What a maintainer lets it do that nobody new may.
    pub legacy: Legacy,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl App {
    /// The version that serves: the live one, or before the first approval the proposed one.
    pub fn serving(&self) -> Option<&Version> {
        self.live.as_ref().or(self.proposed.as_ref())
    }

    /// The version that the team edits: the proposed one where there is one.
    pub fn edited(&self) -> Option<&Version> {
        self.proposed.as_ref().or(self.live.as_ref())
    }

    /// Whether a maintainer is asked to look: a first review, or a change of an approved app.
    pub const fn awaits_review(&self) -> bool {
        match self.standing {
            Standing::Pending => true,
            Standing::Approved => self.has_waiting_change(),
            Standing::Rejected | Standing::Suspended => false,
        }
    }

    /// Whether a change of what was approved waits for review, while that goes on working.
    pub const fn has_waiting_change(&self) -> bool {
        matches!(self.standing, Standing::Approved) && self.proposed.is_some()
    }

    /// The client that this app is at the moment, for the protocol's rules; none of an app without any version,
    /// which the store never makes.
    pub fn client(&self, secrets: Vec<ClientSecret>) -> Option<Client> {
        let version = self.serving()?;
        let manifest = version.manifest.clone();
        Some(Client {
            id: self.id.clone(),
            name: manifest.name,
            logo: manifest.logo,
            standing: self.standing,
            version: version.number,
            kind: manifest.kind,
            auth_methods: manifest.auth_methods,
            secrets,
            redirect_uris: manifest.redirect_uris,
            grant_types: manifest.grant_types,
            data_points: manifest.data_points,
            legacy: self.legacy,
            openid: manifest.openid,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::data_points::DataPointName;

    pub(crate) fn manifest() -> Manifest {
        Manifest {
            name: "App".into(),
            description: "words".into(),
            redirect_uris: vec![RedirectUri::parse("https://app.example/cb").unwrap()],
            kind: ClientKind::Confidential,
            auth_methods: [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost].into(),
            grant_types: [GrantType(GrantType::AUTHORIZATION_CODE.into())].into(),
            data_points: [DataPointName::parse("person.full_name").unwrap()].into(),
            logo: None,
            openid: OpenIdMetadata::default(),
        }
    }

    pub(crate) fn app(standing: Standing, live: Option<Manifest>, proposed: Option<Manifest>) -> App {
        let at = Timestamp::from_seconds(0);
        App {
            id: ClientId::parse("c").unwrap(),
            creator: PersonId(1),
            standing,
            live: live.map(|manifest| Version {
                number: 1,
                manifest,
                at,
            }),
            proposed: proposed.map(|manifest| Version {
                number: 2,
                manifest,
                at,
            }),
            last_version: 2,
            legacy: Legacy::default(),
            created_at: at,
        }
    }

    #[test]
    fn the_live_version_serves_and_the_proposed_one_is_edited() {
        let mut waiting = manifest();
        waiting.name = "Waiting".into();
        let both = app(Standing::Approved, Some(manifest()), Some(waiting.clone()));
        assert_eq!(both.client(vec![]).unwrap().name, "App");
        assert_eq!(both.edited().unwrap().manifest.name, "Waiting");
        assert!(both.awaits_review());
        let sandbox = app(Standing::Pending, None, Some(waiting));
        assert_eq!(sandbox.client(vec![]).unwrap().name, "Waiting");
        assert!(!app(Standing::Approved, Some(manifest()), None).awaits_review());
    }
}
