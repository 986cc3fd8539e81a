//! Apps that register and manage themselves (RFC 7591, RFC 7592): by policy, into the same review as every other app.

use crate::acts;
use crate::apps::{AddApp, AddAppError, MAX_VERSIONS, whole};
use crate::fetch::ImageError;
use crate::promises::Listener;
use crate::{Engine, Fault};
use omniport_protocol::audit::{self, Actor, Doer};
use omniport_protocol::openid::stands_for;
use omniport_protocol::review::{
    Act, App, Change, ClientMetadata, FieldError, Manifest, Revision, Version, Who, is_reserved_scope,
};
use omniport_protocol::token::registry;
use omniport_protocol::vocabulary::{ClientId, Legacy, PersonId, Scope, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Apps that may have registered themselves and wait for a first decision, at most.
const MOST_WAITING: u64 = 1_000;

/// Who may register an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationPolicy {
    /// Nobody (the default).
    #[default]
    Closed,
    /// Who has an initial access token (`omniport registration-token add`).
    InitialAccessToken,
    /// Everybody.
    Open,
}

/// What becomes of an app that registered itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationApproval {
    /// A maintainer decides (the default).
    #[default]
    Review,
    /// It is approved at once.
    Automatic,
}

/// Whether apps may be known by the address of a document about them
/// (draft-ietf-oauth-client-id-metadata-document), and what becomes of one that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientIdDocuments {
    /// No (the default).
    #[default]
    Closed,
    /// A maintainer decides.
    Review,
    /// It is approved at once.
    Automatic,
}

/// The section `[registration]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistrationSettings {
    /// Who may.
    pub policy: RegistrationPolicy,
    /// What becomes of it.
    pub approval: RegistrationApproval,
    /// Whether apps may be known by the address of a document.
    pub client_id_documents: ClientIdDocuments,
    /// The username of whoever answers for such apps: they are on each one's team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The scopes that an app may register for: bundles, data points, and scopes and types of `authorization_details` of
    /// APIs by name. One that names none gets these.
    pub scope: String,
    /// The grants that an app may register for, by their `grant_type`, separated by spaces.
    pub grant_types: String,
}

impl Default for RegistrationSettings {
    fn default() -> Self {
        Self {
            policy: RegistrationPolicy::Closed,
            approval: RegistrationApproval::Review,
            client_id_documents: ClientIdDocuments::Closed,
            owner: None,
            scope: "openid profile email".to_owned(),
            grant_types: "authorization_code refresh_token".to_owned(),
        }
    }
}

/// Why an app is not registered, or not managed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationRefusal {
    /// Nobody may register apps here.
    Closed,
    /// The token is missing, wrong, dead or another app's.
    Unauthorised,
    /// `invalid_redirect_uri` (RFC 7591 section 3.2.2).
    RedirectUri(String),
    /// `invalid_client_metadata` (RFC 7591 section 3.2.2).
    Metadata(String),
    /// `unapproved_software_statement`: none is (RFC 7591 section 3.2.2).
    SoftwareStatement,
    /// The app stands so that it may not manage itself (RFC 7592 section 2: 403).
    Suspended,
    /// Too many wait already.
    TooMany,
    /// Somebody changed the app meanwhile.
    Changed,
}

/// An app as it is told of itself.
#[derive(Debug)]
pub struct RegisteredClient {
    /// Its identifier.
    pub id: ClientId,
    /// Its secret, where one was made just now.
    pub secret: Option<Secret>,
    /// By what it manages itself, where that was made just now.
    pub access_token: Option<Secret>,
    /// When it registered.
    pub at: Timestamp,
    /// What it is.
    pub manifest: Manifest,
}

type Answer<T> = Result<Result<T, RegistrationRefusal>, Fault>;

impl Engine {
    /// Registers an app (RFC 7591 section 3). `token` is the initial access token, where one came; `address` is the caller's.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one is told to the caller.
    pub async fn register_client(
        &self,
        token: Option<&Secret>,
        metadata: ClientMetadata,
        address: Option<IpAddr>,
    ) -> Answer<RegisteredClient> {
        let settings = &self.settings().registration;
        if settings.policy == RegistrationPolicy::Closed {
            return Ok(Err(RegistrationRefusal::Closed));
        }
        let Some(owner) = self.registration_owner().await? else {
            return Ok(Err(RegistrationRefusal::Closed));
        };
        // Before anything is fetched or stored for a stranger.
        self.begin_registration(address).await?;
        if self.store().registrations_waiting().await? >= MOST_WAITING {
            return Ok(Err(RegistrationRefusal::TooMany));
        }
        let needs_token = settings.policy == RegistrationPolicy::InitialAccessToken;
        if needs_token && !self.may_spend(token).await? {
            return Ok(Err(RegistrationRefusal::Unauthorised));
        }
        let manifest = match self
            .self_registered(metadata, self.approves_registrations())
            .await?
        {
            Ok(manifest) => manifest,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Last of all, so that a mistake in the metadata does not use it up.
        if needs_token && !self.spend(token).await? {
            return Ok(Err(RegistrationRefusal::Unauthorised));
        }
        let access_token = self.new_session_secret()?;
        let app = AddApp {
            owner,
            manifest: manifest.clone(),
            client_id: None,
            client_secret: None,
            approved: self.approves_registrations(),
            legacy: Legacy::default(),
            registration: Some(access_token.hash()),
        };
        // The app speaks for itself: it has no other name yet than the one that it gets.
        let doer = |id: &ClientId| itself(id, address);
        let added = match self.add_app_as(app, doer).await? {
            Ok(added) => added,
            Err(AddAppError::Taken(_)) => return Err(Fault::Bug("a fresh identifier is taken")),
            Err(error) => return Ok(Err(RegistrationRefusal::Metadata(error.to_string()))),
        };
        tracing::info!(client_id = %added.client_id, "an app registered itself");
        Ok(Ok(RegisteredClient {
            id: added.client_id,
            secret: added.client_secret,
            access_token: Some(access_token),
            at: added.at,
            manifest,
        }))
    }

    /// What a registered app is (RFC 7592 section 2.1).
    ///
    /// # Errors
    /// As [`Self::register_client`].
    pub async fn read_client(&self, id: &ClientId, token: &Secret) -> Answer<RegisteredClient> {
        let own = self.own_registration(id, token).await?;
        Ok(own.and_then(|(app, at)| told(&app, at).ok_or(RegistrationRefusal::Unauthorised)))
    }

    /// Puts other metadata in the place of an app's (RFC 7592 section 2.2). Of an approved app, what needs review waits
    /// for it, and what was approved goes on serving.
    ///
    /// # Errors
    /// As [`Self::register_client`].
    pub async fn replace_client(
        &self,
        id: &ClientId,
        token: &Secret,
        metadata: ClientMetadata,
        address: Option<IpAddr>,
    ) -> Answer<RegisteredClient> {
        let (app, at) = match self.own_registration(id, token).await? {
            Ok(own) => own,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Before anything is fetched or stored for it.
        self.begin_replacement(id, address).await?;
        if metadata
            .client_id
            .as_deref()
            .is_some_and(|given| given != id.as_str())
        {
            let why = "client_id: it is not the client that is managed here.".to_owned();
            return Ok(Err(RegistrationRefusal::Metadata(why)));
        }
        let mut manifest = match self
            .self_registered(metadata, self.approves_registrations())
            .await?
        {
            Ok(manifest) => manifest,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(why) = changes_its_kind(&app, &manifest) {
            return Ok(Err(RegistrationRefusal::Metadata(why)));
        }
        // What its team uploaded stays, where it names none of its own.
        if manifest.logo.is_none() {
            manifest.logo = app.edited().and_then(|version| version.manifest.logo.clone());
        }
        let revision = self.replacing(&app, manifest.clone());
        if !revision.is_empty() {
            if app.last_version >= MAX_VERSIONS {
                let why = format!("The app has {MAX_VERSIONS} versions, which is the most.");
                return Ok(Err(RegistrationRefusal::Metadata(why)));
            }
            let to_review = revision.asks_for_review(&app);
            let now = self.now();
            let change = acts::revised(&app, &revision);
            let saved = self
                .telling(
                    itself(id, address),
                    audit::Act::AppManifestEdit,
                    acts::app_of(&app),
                    change,
                )
                .save_revision(&app, &revision, to_review, None, now)
                .await?;
            if !saved {
                return Ok(Err(RegistrationRefusal::Changed));
            }
        }
        Ok(Ok(RegisteredClient {
            id: app.id,
            secret: None,
            access_token: None,
            at,
            manifest,
        }))
    }

    /// Deletes an app (RFC 7592 section 2.3), with all that was issued to it.
    ///
    /// # Errors
    /// As [`Self::register_client`].
    pub async fn delete_client(&self, id: &ClientId, token: &Secret, address: Option<IpAddr>) -> Answer<()> {
        let app = match self.own_registration(id, token).await? {
            Ok((app, _)) => app,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let was = acts::gone(whole(&app));
        self.telling(
            itself(id, address),
            audit::Act::AppDelete,
            acts::app_of(&app),
            was,
        )
        .delete_app(id, self.now())
        .await?;
        tracing::info!(client_id = %id, "an app deleted itself");
        Ok(Ok(()))
    }

    /// Whether `[registration]` can be meant as it is, where apps may come by themselves: whoever answers for them is
    /// there. To be asked before anything is served: a server that says it takes registrations and takes none would be
    /// found out by strangers only. What is given is the names of its `scope` that mean nothing here now: an API may be
    /// registered later, or be gone, so that they are no reason not to serve.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the operator what to set.
    pub async fn check_registration(&self) -> Result<Result<Vec<String>, String>, Fault> {
        let settings = &self.settings().registration;
        let closed = settings.policy == RegistrationPolicy::Closed
            && settings.client_id_documents == ClientIdDocuments::Closed;
        if closed {
            return Ok(Ok(Vec::new()));
        }
        if let (None, Some(username)) = (self.registration_owner().await?, &settings.owner) {
            return Ok(Err(format!(
                "registration.owner is '{username}', which is nobody's username: set it to that of whoever answers for \
                 apps that register themselves, or add them with `omniport person add`"
            )));
        }
        let scope = Scope::parse(&settings.scope).unwrap_or_default();
        let apis = self.apis().await?;
        let is_known =
            |name: &str| is_reserved_scope(name, &self.settings().catalogue) || apis.of_name(name).is_some();
        let strangers = scope.names().filter(|name| !is_known(name));
        Ok(Ok(strangers.map(str::to_owned).collect()))
    }

    pub(crate) async fn registration_owner(&self) -> Result<Option<PersonId>, Fault> {
        let Some(username) = &self.settings().registration.owner else {
            return Ok(None);
        };
        let owner = self.store().person_by_username(username).await?;
        if owner.is_none() {
            tracing::warn!(
                username,
                "registration.owner is nobody: no app can register itself"
            );
        }
        Ok(owner.map(|person| person.id))
    }

    /// Whether a token lives and has a use left, before anything is fetched for who brings it.
    async fn may_spend(&self, token: Option<&Secret>) -> Result<bool, Fault> {
        match token {
            Some(token) => Ok(self
                .store()
                .is_initial_access_token(token.hash(), self.now())
                .await?),
            None => Ok(false),
        }
    }

    async fn spend(&self, token: Option<&Secret>) -> Result<bool, Fault> {
        match token {
            Some(token) => Ok(self
                .store()
                .use_initial_access_token(token.hash(), self.now())
                .await?),
            None => Ok(false),
        }
    }

    /// The app, if `token` is its own. Whether there is such an app is told to nobody else.
    async fn own_registration(&self, id: &ClientId, token: &Secret) -> Answer<(App, Timestamp)> {
        let registration = self.store().registration(id).await?;
        let own = registration.filter(|(hash, _)| hash.matches(token));
        let app = self.store().app(id).await?;
        Ok(match (own, app) {
            (Some(_), Some(app)) if !Act::Manage.serves(app.standing, Who::App) => {
                Err(RegistrationRefusal::Suspended)
            }
            (Some((_, at)), Some(app)) => Ok((app, at)),
            _ => Err(RegistrationRefusal::Unauthorised),
        })
    }

    /// A manifest of metadata that nobody has looked at yet, nor will where it is `approved` at once.
    pub(crate) async fn self_registered(
        &self,
        mut metadata: ClientMetadata,
        approved: bool,
    ) -> Result<Result<Manifest, RegistrationRefusal>, Fault> {
        if metadata.software_statement.is_some() {
            return Ok(Err(RegistrationRefusal::SoftwareStatement));
        }
        // Marks are given by maintainers, and identifiers and secrets are drawn here.
        metadata.legacy_implicit = false;
        metadata.legacy_plain_pkce = false;
        metadata.legacy_password = false;
        if approved {
            // Whose tokens an app exchanges is for a maintainer to see first.
            metadata.token_exchange = None;
        }
        metadata.client_secret = None;
        if metadata.client_name.is_none() {
            metadata.client_name = Some("An app without a name".to_owned());
        }
        if metadata.scope.is_none() && metadata.data_points.is_empty() {
            metadata.scope = Some(self.settings().registration.scope.clone());
        }
        let allowed = &self.settings().registration.grant_types;
        let grants: Vec<&str> = registry()
            .iter()
            .map(|grant| grant.grant_type())
            .filter(|grant| allowed.split(' ').any(|word| word == *grant))
            .collect();
        let manifest = match metadata.check(&self.settings().catalogue, &grants) {
            Ok(manifest) => manifest,
            Err(mistakes) => return Ok(Err(refusal(&mistakes))),
        };
        if let Some(beyond) = self.beyond_policy(&manifest) {
            return Ok(Err(RegistrationRefusal::Metadata(beyond)));
        }
        if let Err(mistake) = self.fetched_as_promised(&manifest, Listener::Stranger).await {
            return Ok(Err(refusal(&[mistake])));
        }
        self.with_its_logo(manifest).await
    }

    /// The app with the picture at its `logo_uri`, as a PNG of our own making. One that cannot be had now leaves it without a
    /// logo, and its answer without `logo_uri`: it is no reason to turn an app away.
    async fn with_its_logo(
        &self,
        mut manifest: Manifest,
    ) -> Result<Result<Manifest, RegistrationRefusal>, Fault> {
        let Some(uri) = &manifest.openid.logo_uri else {
            return Ok(Ok(manifest));
        };
        match self.fetch_image(uri).await? {
            Ok(logo) => {
                self.store().put_logo(&logo.digest, &logo.png, self.now()).await?;
                manifest.logo = Some(logo.digest);
            }
            Err(ImageError::Fetch(_)) => manifest.openid.logo_uri = None,
            // What came is no picture: that is a mistake, and its author hears of it.
            Err(ImageError::Logo(why)) => {
                return Ok(Err(RegistrationRefusal::Metadata(format!("logo_uri: {why}"))));
            }
        }
        Ok(Ok(manifest))
    }

    /// Case 96: the scopes that may be self-registered, and no others.
    fn beyond_policy(&self, manifest: &Manifest) -> Option<String> {
        let allowed = Scope::parse(&self.settings().registration.scope).unwrap_or_default();
        let points = self.settings().catalogue.data_points();
        let mut points =
            points.filter(|point| manifest.data_points.contains(&point.name) && !stands_for(&allowed, point));
        // A type of `authorization_details` lets an app use its API as a scope does.
        let of_apis = manifest.api_scopes.iter().chain(&manifest.details_types);
        let mut scopes = of_apis.filter(|name| !allowed.contains(name));
        let beyond = points
            .next()
            .map(|point| point.name.as_str())
            .or_else(|| scopes.next().map(String::as_str))?;
        Some(format!(
            "scope: an app that registers itself may ask for '{allowed}', which does not cover '{beyond}'.",
        ))
    }

    fn approves_registrations(&self) -> bool {
        self.settings().registration.approval == RegistrationApproval::Automatic
    }

    /// What becomes of an app's versions.
    fn replacing(&self, app: &App, manifest: Manifest) -> Revision {
        let is_same = |version: &Option<Version>| {
            let version = version.as_ref();
            version.is_some_and(|version| version.manifest == manifest)
        };
        let keep = Change::Keep;
        let nothing_waits = if app.proposed.is_some() {
            Change::Clear
        } else {
            Change::Keep
        };
        let automatic = self.approves_registrations();
        let (live, proposed) = if is_same(&app.live) {
            (keep, nothing_waits)
        } else if app.live.is_some() && automatic {
            (Change::Set(Box::new(manifest)), nothing_waits)
        } else if is_same(&app.proposed) {
            (keep, Change::Keep)
        } else {
            (keep, Change::Set(Box::new(manifest)))
        };
        Revision { live, proposed }
    }
}

/// An app that manages itself, from an address.
pub(crate) fn itself(id: &ClientId, address: Option<IpAddr>) -> Doer {
    Doer {
        address,
        ..Actor::App(id.clone()).into()
    }
}

/// Why an app cannot become this: what proves it, a secret or none, is as it registered; a secret is told once only.
fn changes_its_kind(app: &App, manifest: &Manifest) -> Option<String> {
    let serving = &app.serving()?.manifest;
    let gains_secret = manifest.has_secret() && !serving.has_secret();
    let needs_sealing = manifest.keeps_secret() && !serving.keeps_secret();
    (serving.kind != manifest.kind || gains_secret || needs_sealing).then(|| {
        "token_endpoint_auth_method: an app cannot change to a method that needs another secret than it was given, \
         nor between none and one that proves it; register another app."
            .to_owned()
    })
}

/// An app as it is told of itself; none of one without any version, which the store never makes.
fn told(app: &App, at: Timestamp) -> Option<RegisteredClient> {
    let manifest = app.edited()?.manifest.clone();
    Some(RegisteredClient {
        id: app.id.clone(),
        secret: None,
        access_token: None,
        at,
        manifest,
    })
}

/// All the mistakes in one sentence each; the redirect URLs' have a code of their own.
fn refusal(mistakes: &[FieldError]) -> RegistrationRefusal {
    let sentences: Vec<String> = mistakes
        .iter()
        .map(|mistake| format!("{}: {}", mistake.field, mistake.message))
        .collect();
    let all = sentences.join(" ");
    if mistakes.iter().all(|mistake| mistake.field == "redirect_uris") {
        RegistrationRefusal::RedirectUri(all)
    } else {
        RegistrationRefusal::Metadata(all)
    }
}
