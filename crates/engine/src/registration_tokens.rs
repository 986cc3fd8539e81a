//! Initial access tokens (RFC 7591 section 3): by which others register apps where not everybody may.

use crate::acts::{gone, made};
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, Actor, Subject, SubjectKind};
use omniport_protocol::vocabulary::Secret;
use omniport_store::portal::InitialAccessToken;
use serde_json::{Value, json};

impl Engine {
    /// Makes a token by which `uses` apps may be registered within `days`. None where another has this name.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn add_initial_access_token(
        &self,
        name: &str,
        uses: u32,
        days: u32,
    ) -> Result<Option<Secret>, Fault> {
        let secret = self.new_session_secret()?;
        let now = self.now();
        let token = InitialAccessToken {
            name: name.to_owned(),
            uses_left: uses,
            created_at: now,
            expires_at: now.plus(i64::from(days) * 86_400),
        };
        let told = made(json!({"uses": uses, "expires_at": token.expires_at.seconds()}));
        let subject = Subject::of(SubjectKind::RegistrationToken, name, name);
        let added = self
            .telling(Actor::Operator, Act::RegistrationTokenAdd, subject, told)
            .add_initial_access_token(secret.hash(), &token)
            .await?;
        Ok(added.then_some(secret))
    }

    /// Takes a token away. `false`: there is none of this name.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn revoke_initial_access_token(&self, name: &str) -> Result<bool, Fault> {
        let subject = Subject::of(SubjectKind::RegistrationToken, name, name);
        let told = gone(Value::Null);
        let store = self.telling(Actor::Operator, Act::RegistrationTokenRevoke, subject, told);
        Ok(store.revoke_initial_access_token(name).await?)
    }
}
