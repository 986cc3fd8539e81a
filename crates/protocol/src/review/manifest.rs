//! An app and the numbered versions of what it is.

use super::{Publisher, Stage, Standing, default_auth_methods, default_grant_types};
use crate::data_points::{DataPointName, DataPoints};
use crate::openid::OpenIdMetadata;
use crate::vocabulary::{
    AuthMethod, Client, ClientId, ClientKind, ClientSecret, ExchangePolicy, GrantType, Legacy, PersonId,
    RedirectUri, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    pub openid: Box<OpenIdMetadata>,
    /// Those of its data points that a person may leave out; the others are required.
    #[serde(default)]
    pub optional: DataPoints,
    /// What it wants each data point for, in the team's words.
    #[serde(default)]
    pub purposes: BTreeMap<DataPointName, String>,
    /// Whom to ask about it, and where to read more.
    #[serde(default)]
    pub publisher: Publisher,
    /// The scopes of APIs that it asks for, beside its data points.
    #[serde(default)]
    pub api_scopes: BTreeSet<String>,
    /// Those of them that a person may leave out.
    #[serde(default)]
    pub optional_scopes: BTreeSet<String>,
    /// The types of `authorization_details` that it asks for (RFC 9396 section 10).
    #[serde(default)]
    pub details_types: BTreeSet<String>,
    /// Which text of the developer terms its team agreed to ([`super::terms_version`]); none of what an operator added.
    #[serde(default)]
    pub terms_version: Option<String>,
    /// Whose tokens it may exchange, beside its own (RFC 8693).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_exchange: Option<ExchangePolicy>,
}

impl Manifest {
    /// Whether its secrets are kept sealed beside their hashes, so that an HMAC can be checked.
    pub fn keeps_secret(&self) -> bool {
        self.auth_methods.contains(&AuthMethod::ClientSecretJwt)
    }

    /// A manifest that says no more than it must: the walkthrough's grants, its client type's methods.
    pub fn plain(
        name: &str,
        kind: ClientKind,
        redirect_uris: Vec<RedirectUri>,
        data_points: DataPoints,
    ) -> Self {
        Self {
            name: name.to_owned(),
            description: String::new(),
            redirect_uris,
            kind,
            auth_methods: default_auth_methods(kind),
            grant_types: default_grant_types(),
            data_points,
            logo: None,
            openid: Box::default(),
            optional: DataPoints::new(),
            purposes: BTreeMap::new(),
            publisher: Publisher::default(),
            api_scopes: BTreeSet::new(),
            optional_scopes: BTreeSet::new(),
            details_types: BTreeSet::new(),
            terms_version: None,
            token_exchange: None,
        }
    }

    /// The client that an app of this manifest is, for the protocol's rules.
    pub fn client(self, id: ClientId, standing: Standing, number: u32, secrets: Vec<ClientSecret>) -> Client {
        Client {
            id,
            name: self.name,
            logo: self.logo,
            standing,
            version: number,
            kind: self.kind,
            auth_methods: self.auth_methods,
            secrets,
            redirect_uris: self.redirect_uris,
            grant_types: self.grant_types,
            data_points: self.data_points,
            optional: self.optional,
            purposes: self.purposes,
            publisher: self.publisher,
            api_scopes: self.api_scopes,
            token_exchange: self.token_exchange,
            optional_scopes: self.optional_scopes,
            details_types: self.details_types,
            approved_by_owners: BTreeSet::new(),
            legacy: Legacy::default(),
            openid: self.openid,
        }
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
    /// How far its proposed version is.
    pub stage: Stage,
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
            _ => false,
        }
    }

    /// Whether a change of what was approved waits for review, while that goes on working.
    pub const fn has_waiting_change(&self) -> bool {
        self.has_change() && matches!(self.stage, Stage::Submitted)
    }

    /// Whether a maintainer asked for changes of a change, while what was approved goes on working.
    pub const fn has_returned_change(&self) -> bool {
        self.has_change() && matches!(self.stage, Stage::Returned)
    }

    const fn has_change(&self) -> bool {
        matches!(self.standing, Standing::Approved) && self.proposed.is_some()
    }

    /// Whether its team may send it to review as it is.
    pub const fn may_be_submitted(&self) -> bool {
        match self.standing {
            Standing::Draft | Standing::ChangesRequested | Standing::Rejected => true,
            Standing::Approved => self.has_returned_change(),
            Standing::Pending | Standing::Suspended => false,
        }
    }

    /// The client that this app is at the moment, for the protocol's rules; none of an app without any version,
    /// which the store never makes.
    pub fn client(&self, secrets: Vec<ClientSecret>) -> Option<Client> {
        let version = self.serving()?;
        let manifest = version.manifest.clone();
        let client = manifest.client(self.id.clone(), self.standing, version.number, secrets);
        Some(Client {
            legacy: self.legacy,
            ..client
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::data_points::DataPointName;

    pub(crate) fn manifest() -> Manifest {
        let uris = vec![RedirectUri::parse("https://app.example/cb").unwrap()];
        let points = [DataPointName::parse("person.full_name").unwrap()].into();
        Manifest {
            description: "words".into(),
            grant_types: [GrantType(GrantType::AUTHORIZATION_CODE.into())].into(),
            ..Manifest::plain("App", ClientKind::Confidential, uris, points)
        }
    }

    pub(crate) fn app(standing: Standing, live: Option<Manifest>, proposed: Option<Manifest>) -> App {
        let at = Timestamp::from_seconds(0);
        App {
            id: ClientId::parse("c").unwrap(),
            creator: PersonId(1),
            standing,
            stage: match standing {
                Standing::Draft => Stage::Draft,
                Standing::ChangesRequested | Standing::Rejected => Stage::Returned,
                _ => Stage::Submitted,
            },
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
