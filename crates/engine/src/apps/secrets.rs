//! Making an app a new secret, and revoking one.

use crate::acts::{app_of, gone, made};
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, By};
use omniport_protocol::vocabulary::{ClientId, Secret, Timestamp};
use omniport_store::portal::NewSecret;
use serde_json::json;

/// A new secret, to be shown once.
#[derive(Debug, Clone)]
pub struct Rotated {
    /// The secret in the clear.
    pub secret: Secret,
    /// When the earlier one stops working.
    pub old_until: Timestamp,
}

/// Why a secret was not made or revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No such app, or the person is not on its team: the same answer.
    #[error("there is no such app")]
    NotFound,
    /// It proves itself without one: a public client, or one with a key.
    #[error("this app proves itself without a secret, so there is none to rotate")]
    Public,
    /// Two work already.
    #[error(
        "two secrets work already, which is the most; revoke one, or wait until the older one stops working"
    )]
    Two,
    /// The last one, or one that is gone.
    #[error("this secret is gone already, or is the last one that works; make a new one first")]
    Last,
}

impl Engine {
    /// What is kept of a secret: its hash, and where an HMAC is to be checked with it (`keeps`) the secret, sealed.
    pub(super) fn kept_secret(
        &self,
        id: &ClientId,
        secret: &Secret,
        keeps: bool,
    ) -> Result<NewSecret, Fault> {
        let seal = || self.keys().seal_client_secret(id, secret);
        let sealed = keeps.then(seal).transpose()?;
        Ok(NewSecret {
            sealed,
            ..NewSecret::of(secret)
        })
    }

    /// Draws a new secret for an app, and tells its team. The earlier one goes on working for `grace_seconds`; tokens
    /// that were issued stay as they are.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn rotate_secret(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        grace_seconds: i64,
    ) -> Result<Result<Rotated, SecretError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(SecretError::NotFound));
        };
        if !app.serving().is_some_and(|version| version.manifest.has_secret()) {
            return Ok(Err(SecretError::Public));
        }
        let secret = self.new_client_secret()?;
        let now = self.now();
        let old_until = now.plus(grace_seconds.max(0));
        let keeps = app
            .serving()
            .is_some_and(|version| version.manifest.keeps_secret());
        let new = self.kept_secret(id, &secret, keeps)?;
        let person = by.person;
        let told = made(json!({"earlier_until": old_until.seconds()}));
        let store = self.telling(by, Act::AppSecretRotate, app_of(&app), told);
        if !store.rotate_secret(id, new, old_until, person, now).await? {
            return Ok(Err(SecretError::Two));
        }
        tracing::info!(client_id = %id, by = person.0, "a client secret was rotated");
        Ok(Ok(Rotated { secret, old_until }))
    }

    /// Ends one of an app's secrets at once, and tells its team. The last one that works stays.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn revoke_secret(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        secret: u32,
    ) -> Result<Result<(), SecretError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(SecretError::NotFound));
        };
        let person = by.person;
        let told = gone(json!({"secret": secret}));
        let store = self.telling(by, Act::AppSecretRevoke, app_of(&app), told);
        if !store.revoke_secret(id, secret, person, self.now()).await? {
            return Ok(Err(SecretError::Last));
        }
        tracing::info!(client_id = %id, by = person.0, secret, "a client secret was revoked");
        Ok(Ok(()))
    }
}
