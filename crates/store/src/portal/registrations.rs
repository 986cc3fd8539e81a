//! Apps that registered themselves (RFC 7591), and the tokens by which they may.

use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, SecretHash, Timestamp};

/// A token by which apps may be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitialAccessToken {
    /// What its maker calls it.
    pub name: String,
    /// How many apps may still be registered by it.
    pub uses_left: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Notes that an app registered itself, and by what it manages itself.
pub(super) fn insert(id: &ClientId, token: SecretHash, at: Timestamp) -> Statement {
    Statement::one(
        "INSERT INTO registrations (client_id, token, registered_at) VALUES (?1, ?2, ?3)",
        vec![id.into(), token.into(), at.into()],
    )
}

impl Store {
    /// The hash of the token by which an app manages itself, and when it registered; none of any other app.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn registration(&self, id: &ClientId) -> Result<Option<(SecretHash, Timestamp)>, Fault> {
        let query = Query::key(
            "SELECT token, registered_at FROM registrations WHERE client_id = ?1",
            vec![id.into()],
        );
        self.maybe(query, |row| Ok((row.hash()?, row.at()?))).await
    }

    /// How many apps have registered themselves and wait for a first decision; none that was rejected.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn registrations_waiting(&self) -> Result<u64, Fault> {
        let sql = "SELECT COUNT(*) FROM registrations r JOIN apps a ON a.client_id = r.client_id \
                   WHERE a.live_version IS NULL AND a.standing NOT IN ('rejected', 'suspended')";
        self.count(Query::list(sql, Vec::new())).await
    }

    /// Adds a token. `false`: another one has this name.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn add_initial_access_token(
        &self,
        hash: SecretHash,
        token: &InitialAccessToken,
    ) -> Result<bool, Fault> {
        let insert = Statement::one(
            "INSERT INTO initial_access_tokens (hash, name, uses_left, created_at, expires_at) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
            vec![
                hash.into(),
                token.name.as_str().into(),
                token.uses_left.into(),
                token.created_at.into(),
                token.expires_at.into(),
            ],
        );
        Ok(self.act(vec![insert]).await?.is_applied())
    }

    /// Every token, by name.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn initial_access_tokens(&self) -> Result<Vec<InitialAccessToken>, Fault> {
        let query = Query::list(
            "SELECT name, uses_left, created_at, expires_at FROM initial_access_tokens ORDER BY name",
            Vec::new(),
        );
        let read = |row: &mut Row| {
            Ok(InitialAccessToken {
                name: row.text()?,
                uses_left: row.number()?,
                created_at: row.at()?,
                expires_at: row.at()?,
            })
        };
        self.list(query, read).await
    }

    /// Whether a token of this hash lives and has a use left.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn is_initial_access_token(&self, hash: SecretHash, now: Timestamp) -> Result<bool, Fault> {
        let query = Query::key(
            "SELECT uses_left FROM initial_access_tokens WHERE hash = ?1 AND uses_left > 0 AND expires_at > ?2",
            vec![hash.into(), now.into()],
        );
        let found: Option<u32> = self.maybe(query, Row::number).await?;
        Ok(found.is_some())
    }

    /// Uses a token once. `false`: there is none of this hash that lives and has a use left.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn use_initial_access_token(&self, hash: SecretHash, now: Timestamp) -> Result<bool, Fault> {
        let update = Statement::one(
            "UPDATE initial_access_tokens SET uses_left = uses_left - 1 \
             WHERE hash = ?1 AND uses_left > 0 AND expires_at > ?2",
            vec![hash.into(), now.into()],
        );
        Ok(self.write(vec![update]).await?.is_applied())
    }

    /// Takes a token away. `false`: there is none of this name.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn revoke_initial_access_token(&self, name: &str) -> Result<bool, Fault> {
        let delete = Statement::one(
            "DELETE FROM initial_access_tokens WHERE name = ?1",
            vec![name.into()],
        );
        Ok(self.act(vec![delete]).await?.is_applied())
    }
}
