//! Registering an app: by a developer's form, or by the operator with metadata.

use crate::acts::{made, manifest};
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, Actor, By, Doer, Subject};
use omniport_protocol::review::{Draft, FieldError, FieldErrors, Manifest, Standing, terms_version};
use omniport_protocol::vocabulary::{ClientId, Legacy, PersonId, Secret, SecretHash, Timestamp};
use omniport_store::portal::NewApp;
use serde_json::json;

/// Shortest client secret that may be brought along. It is stored as its SHA-256, so it must be machine-made.
const MIN_GIVEN_SECRET: usize = 16;
/// Longest one.
const MAX_GIVEN_SECRET: usize = 512;

/// Most apps that one person registers by the form; the operator may add more.
pub const MOST_APPS: u32 = 100;

/// A new app's credentials, to be shown once.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Its client identifier.
    pub client_id: ClientId,
    /// Its secret; none for a public client.
    pub client_secret: Option<Secret>,
    /// When it was added.
    pub at: Timestamp,
}

/// An app that the operator adds.
#[derive(Debug, Clone)]
pub struct AddApp {
    /// Who owns it.
    pub owner: PersonId,
    /// What it is.
    pub manifest: Manifest,
    /// Its identifier, where it had one before; else a new one is drawn.
    pub client_id: Option<ClientId>,
    /// Its secret, where it had one before; else a new one is drawn for a confidential client.
    pub client_secret: Option<Secret>,
    /// Whether it is approved from the start.
    pub approved: bool,
    /// What it may do that nobody new may.
    pub legacy: Legacy,
    /// The hash of the token by which it manages itself, where it registered itself (RFC 7592).
    pub registration: Option<SecretHash>,
}

/// Why an app cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddAppError {
    /// Another app has this identifier.
    #[error("the client_id '{0}' is taken")]
    Taken(ClientId),
    /// A secret that is too short to be machine-made, or has characters that a form cannot carry everywhere.
    #[error(
        "a client_secret has {MIN_GIVEN_SECRET} to {MAX_GIVEN_SECRET} printable ASCII characters, at least 8 of them different; leave it out to have one made"
    )]
    Secret,
    /// One that is too short for HMAC (RFC 7518 section 3.2).
    #[error(
        "for client_secret_jwt a client_secret has at least 32 characters; leave it out to have one made"
    )]
    ShortSecret,
    /// A secret for a client that proves itself without one.
    #[error(
        "a client that proves itself without a secret (token_endpoint_auth_method none or private_key_jwt) has no client_secret"
    )]
    SecretOfPublicClient,
}

impl AddApp {
    /// Whether it can be added, as far as that can be said without looking who is there.
    ///
    /// # Errors
    /// What to change.
    pub fn check(&self) -> Result<(), AddAppError> {
        match &self.client_secret {
            Some(_) if !self.manifest.has_secret() => Err(AddAppError::SecretOfPublicClient),
            Some(given) if !is_machine_made(given.expose()) => Err(AddAppError::Secret),
            // RFC 7518 section 3.2: as long as the hash.
            Some(given) if self.manifest.keeps_secret() && given.expose().len() < 32 => {
                Err(AddAppError::ShortSecret)
            }
            _ => Ok(()),
        }
    }
}

impl Engine {
    /// Registers a developer's app, which works for its own team from now on. `submit`: it goes to review at once; else it
    /// is a draft until its team sends it there.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells every mistake, field by field.
    pub async fn register_app(
        &self,
        creator: impl Into<By>,
        draft: &Draft,
        submit: bool,
    ) -> Result<Result<Registered, FieldErrors>, Fault> {
        let creator = creator.into();
        let manifest = match draft.check(&self.settings().catalogue) {
            Ok(manifest) => Manifest {
                terms_version: Some(terms_version(&self.settings().developer_terms)),
                ..manifest
            },
            Err(errors) => return Ok(Err(errors)),
        };
        let standing = if submit {
            Standing::Pending
        } else {
            Standing::Draft
        };
        let app = AddApp {
            owner: creator.person,
            manifest,
            client_id: None,
            client_secret: None,
            approved: false,
            legacy: Legacy::default(),
            registration: None,
        };
        let person = creator.person;
        match self
            .insert_app(app, standing, Some(MOST_APPS), |_| creator.into())
            .await?
        {
            Ok(registered) => Ok(Ok(registered)),
            Err(_) if self.store().apps_made_by(person).await? >= u64::from(MOST_APPS) => {
                Ok(Err(vec![FieldError {
                    field: "name",
                    message: format!(
                        "You have registered {MOST_APPS} apps, which is the most. Delete one that nobody needs first."
                    ),
                }]))
            }
            // The identifier was drawn from 238 bits, and nothing was brought along.
            Err(_) => Err(Fault::Bug("an app with a fresh identifier could not be added")),
        }
    }

    /// Adds an app as the operator says.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells what to change.
    pub async fn add_app(&self, app: AddApp) -> Result<Result<Registered, AddAppError>, Fault> {
        self.add_app_as(app, |_| Actor::Operator.into()).await
    }

    /// The same, by somebody who may be the app itself.
    pub(crate) async fn add_app_as(
        &self,
        app: AddApp,
        doer: impl FnOnce(&ClientId) -> Doer,
    ) -> Result<Result<Registered, AddAppError>, Fault> {
        let standing = if app.approved {
            Standing::Approved
        } else {
            Standing::Pending
        };
        self.insert_app(app, standing, None, doer).await
    }

    async fn insert_app(
        &self,
        app: AddApp,
        standing: Standing,
        most: Option<u32>,
        doer: impl FnOnce(&ClientId) -> Doer,
    ) -> Result<Result<Registered, AddAppError>, Fault> {
        let has_secret = app.manifest.has_secret();
        if let Err(error) = app.check() {
            return Ok(Err(error));
        }
        let client_secret = match app.client_secret {
            Some(given) => Some(given),
            None if has_secret => Some(self.new_client_secret()?),
            None => None,
        };
        let client_id = match app.client_id {
            Some(given) => given,
            None => self.new_client_id()?,
        };
        let keeps = app.manifest.keeps_secret();
        let secret = client_secret
            .as_ref()
            .map(|secret| self.kept_secret(&client_id, secret, keeps));
        let at = self.now();
        let told = made(json!({
            "standing": standing.as_str(),
            "manifest": manifest(&app.manifest),
            "owner": app.owner.0,
            "has_secret": secret.is_some(),
            "legacy": {
                "implicit": app.legacy.implicit,
                "password": app.legacy.password,
                "plain_pkce": app.legacy.plain_pkce,
            },
        }));
        let subject = Subject::app(&client_id, &app.manifest.name);
        let store = self.telling(doer(&client_id), Act::AppRegister, subject, told);
        let row = NewApp {
            id: client_id.clone(),
            creator: app.owner,
            manifest: app.manifest,
            standing,
            legacy: app.legacy,
            secret: secret.transpose()?,
            registration: app.registration,
            most,
            at,
        };
        if store.insert_app(row).await? {
            Ok(Ok(Registered {
                client_id,
                client_secret,
                at,
            }))
        } else {
            Ok(Err(AddAppError::Taken(client_id)))
        }
    }
}

fn is_machine_made(secret: &str) -> bool {
    let different: std::collections::BTreeSet<u8> = secret.bytes().collect();
    (MIN_GIVEN_SECRET..=MAX_GIVEN_SECRET).contains(&secret.len())
        && secret.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
        && different.len() >= 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brought_secret_must_look_machine_made() {
        assert!(is_machine_made("k3J9xQ2vT8pLm4Za"));
        for bad in [
            "short",
            "aaaaaaaaaaaaaaaaaaaa",
            "caf\u{e9}caf\u{e9}caf\u{e9}12345678",
            &"aB3$eF7h".repeat(65),
        ] {
            assert!(!is_machine_made(bad), "{bad}");
        }
    }
}
