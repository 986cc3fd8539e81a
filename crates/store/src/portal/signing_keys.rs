//! Our own keys, as they lie: the private parts sealed, so that whoever has the database alone can sign nothing.

use crate::changes::{Topic, announcement};
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::Timestamp;
use std::fmt;

/// A key as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its identifier: the RFC 7638 thumbprint of the public key.
    pub kid: String,
    /// What it is for, by the algorithm's name on the wire.
    pub algorithm: String,
    /// Its number among those of its algorithm, from 1.
    pub generation: u32,
    /// The private key, sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it signs.
    pub active_at: Timestamp,
    /// From when it is of no use to anybody; none while no other follows it.
    pub ends_at: Option<Timestamp>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .field("generation", &self.generation)
            .field("active_at", &self.active_at)
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Every key, by algorithm and generation.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, Fault> {
        let query = Query::key(
            "SELECT kid, algorithm, generation, sealed, created_at, active_at, ends_at FROM signing_keys \
             ORDER BY algorithm, generation",
            Vec::new(),
        );
        let read = |row: &mut Row| {
            Ok(SigningKey {
                kid: row.text()?,
                algorithm: row.text()?,
                generation: row.number()?,
                sealed: row.blob()?,
                created_at: row.at()?,
                active_at: row.at()?,
                ends_at: row.opt_at()?,
            })
        };
        self.list(query, read).await
    }

    /// Adds keys, and tells every node. Each one's predecessors end `keep_seconds` after it begins to sign. `false`, and nothing happens, where
    /// somebody else has added that generation meanwhile: look again.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn add_signing_keys(&self, keys: &[SigningKey], keep_seconds: i64) -> Result<bool, Fault> {
        let mut statements = announcement(self.dialect(), Topic::Keys);
        for key in keys {
            statements.push(Statement::any(
                "UPDATE signing_keys SET ends_at = ?2 WHERE algorithm = ?1 AND ends_at IS NULL",
                vec![
                    key.algorithm.as_str().into(),
                    key.active_at.plus(keep_seconds).into(),
                ],
            ));
            statements.push(insert(key));
        }
        Ok(self.act(statements).await?.is_applied())
    }

    /// Puts `keys` in the place of all that there are, whatever those were sealed with. `false` as above.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn replace_signing_keys(&self, keys: &[SigningKey]) -> Result<bool, Fault> {
        let mut statements = announcement(self.dialect(), Topic::Keys);
        statements.push(Statement::any("DELETE FROM signing_keys", Vec::new()));
        statements.extend(keys.iter().map(insert));
        Ok(self.act(statements).await?.is_applied())
    }
}

fn insert(key: &SigningKey) -> Statement {
    Statement::one(
        "INSERT INTO signing_keys (kid, algorithm, generation, sealed, created_at, active_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        vec![
            key.kid.as_str().into(),
            key.algorithm.as_str().into(),
            key.generation.into(),
            key.sealed.clone().into(),
            key.created_at.into(),
            key.active_at.into(),
        ],
    )
}
