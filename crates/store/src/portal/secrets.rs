//! An app's secrets: shown once, kept as hashes, overlapping while they are rotated.

use super::notices::{self, News};
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, PersonId, Secret, SecretHash, Timestamp};

/// How many of a secret's characters its team is shown afterwards.
const PREFIX_CHARS: usize = 4;

/// A secret to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// Its hash.
    pub hash: SecretHash,
    /// Its first characters, by which its team tells it apart: never enough to guess the rest.
    pub prefix: String,
    /// The secret itself, sealed: only of an app that proves itself by HMAC.
    pub sealed: Option<Vec<u8>>,
}

impl NewSecret {
    /// What is kept of `secret`.
    pub fn of(secret: &Secret) -> Self {
        Self {
            hash: secret.hash(),
            prefix: secret.expose().chars().take(PREFIX_CHARS).collect(),
            sealed: None,
        }
    }
}

/// A secret as its team sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRecord {
    /// Its number within the app, from 1.
    pub id: u32,
    /// Its first characters.
    pub prefix: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; none: until it is rotated.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to five minutes; none: never yet.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// An app's secrets, the newest first, with those that expired and were not swept yet.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn secrets(&self, id: &ClientId) -> Result<Vec<SecretRecord>, Fault> {
        let query = Query::key(
            "SELECT id, prefix, created_at, expires_at, last_used_at FROM client_secrets WHERE client_id = ?1 ORDER BY id DESC",
            vec![id.into()],
        );
        let read = |row: &mut Row| {
            Ok(SecretRecord {
                id: row.number()?,
                prefix: row.text()?,
                created_at: row.at()?,
                expires_at: row.opt_at()?,
                last_used_at: row.opt_at()?,
            })
        };
        self.list(query, read).await
    }

    /// Gives an app a new secret, and tells its team. The one before it works until `old_expires_at`. `false` where two
    /// work already, or there is no such app.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn rotate_secret(
        &self,
        id: &ClientId,
        secret: NewSecret,
        old_expires_at: Timestamp,
        by: PersonId,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let statements = vec![
            lock(id),
            Statement::any(
                "DELETE FROM client_secrets WHERE client_id = ?1 AND expires_at <= ?2",
                vec![id.into(), at.into()],
            ),
            // There is always exactly one without an end.
            Statement::one(
                "UPDATE client_secrets SET expires_at = ?2 WHERE client_id = ?1 AND expires_at IS NULL \
                 AND (SELECT COUNT(*) FROM client_secrets o WHERE o.client_id = ?1) < 2",
                vec![id.into(), old_expires_at.into()],
            ),
            insert(id, &secret, at),
            notices::tell_team(id, None, News::SecretMade, None, by, at),
        ];
        Ok(self.act(statements).await?.is_applied())
    }

    /// Ends one of an app's secrets at once, and tells its team. The other one then works until it is rotated. `false`
    /// where there is no such secret, or no other one that works.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn revoke_secret(
        &self,
        id: &ClientId,
        secret: u32,
        by: PersonId,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let statements = vec![
            lock(id),
            Statement::one(
                "DELETE FROM client_secrets WHERE client_id = ?1 AND id = ?2 AND EXISTS \
                 (SELECT 1 FROM client_secrets o WHERE o.client_id = ?1 AND o.id <> ?2 \
                    AND (o.expires_at IS NULL OR o.expires_at > ?3))",
                vec![id.into(), secret.into(), at.into()],
            ),
            Statement::any(
                "UPDATE client_secrets SET expires_at = NULL WHERE client_id = ?1 AND expires_at > ?2 AND NOT EXISTS \
                 (SELECT 1 FROM client_secrets n WHERE n.client_id = ?1 AND n.expires_at IS NULL)",
                vec![id.into(), at.into()],
            ),
            notices::tell_team(id, None, News::SecretRevoked, None, by, at),
        ];
        Ok(self.act(statements).await?.is_applied())
    }
}

/// One change of an app's secrets after another: two at once must not make three.
fn lock(id: &ClientId) -> Statement {
    Statement::one(
        "UPDATE apps SET last_version = last_version WHERE client_id = ?1",
        vec![id.into()],
    )
}

/// Adds a secret under the app's next number.
pub(super) fn insert(id: &ClientId, secret: &NewSecret, at: Timestamp) -> Statement {
    Statement::one(
        "INSERT INTO client_secrets (client_id, id, hash, prefix, created_at, sealed) VALUES (?1, \
         (SELECT COALESCE(MAX(id), 0) + 1 FROM client_secrets WHERE client_id = ?1), ?2, ?3, ?4, ?5)",
        vec![
            id.into(),
            secret.hash.into(),
            secret.prefix.as_str().into(),
            at.into(),
            secret.sealed.clone().into(),
        ],
    )
}
