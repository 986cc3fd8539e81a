//! Rotating an app's secret.

use crate::{Engine, Fault};
use omniport_protocol::vocabulary::{ClientId, PersonId, Secret, Timestamp};
use omniport_store::portal::NewSecret;

/// A new secret, to be shown once.
#[derive(Debug, Clone)]
pub struct Rotated {
    /// The secret in the clear.
    pub secret: Secret,
    /// When the earlier ones stop working.
    pub old_until: Timestamp,
}

/// Why a secret was not rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No such app, or the person is not on its team: the same answer.
    #[error("there is no such app")]
    NotFound,
    /// A public client.
    #[error("a public client has no secret to rotate")]
    Public,
}

impl Engine {
    /// Draws a new secret for an app. The earlier one goes on working for `grace_seconds`, and any still older one
    /// ends at once: at most two live.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn rotate_secret(
        &self,
        id: &ClientId,
        by: PersonId,
        grace_seconds: i64,
    ) -> Result<Result<Rotated, SecretError>, Fault> {
        let Some(app) = self.store().app_of_member(id, by).await? else {
            return Ok(Err(SecretError::NotFound));
        };
        if !app.serving().is_some_and(|version| version.manifest.has_secret()) {
            return Ok(Err(SecretError::Public));
        }
        let secret = self.new_client_secret()?;
        let now = self.now();
        let old_until = now.plus(grace_seconds.max(0));
        let rotated = self
            .store()
            .rotate_secret(id, NewSecret::of(&secret), old_until, now)
            .await?;
        if !rotated {
            // Somebody deleted the app meanwhile.
            return Ok(Err(SecretError::NotFound));
        }
        tracing::info!(client_id = %id, by = by.0, "a client secret was rotated");
        Ok(Ok(Rotated { secret, old_until }))
    }
}
