//! Sessions begin and end here; the rules read them by `Load::Session`.

use crate::{Fault, Statement, Store};
use omniport_protocol::vocabulary::{PersonId, SecretHash, Timestamp};

impl Store {
    /// Begins a session of a person who has just proved who they are, under the hash of its cookie.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn insert_session(
        &self,
        hash: SecretHash,
        person: PersonId,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Fault> {
        let insert = Statement::one(
            "INSERT INTO sessions (hash, person_id, auth_time, created_at, expires_at) VALUES (?1, ?2, ?3, ?3, ?4)",
            vec![hash.into(), person.into(), at.into(), expires_at.into()],
        );
        if self.write(vec![insert]).await?.is_applied() {
            Ok(())
        } else {
            Err(Fault::Bug(
                "a session of nobody, or under a name that is in use".into(),
            ))
        }
    }

    /// Ends a session.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn delete_session(&self, hash: SecretHash) -> Result<(), Fault> {
        self.write(vec![Statement::any(
            "DELETE FROM sessions WHERE hash = ?1",
            vec![hash.into()],
        )])
        .await
        .map(drop)
    }

    /// Ends every session of a person.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn delete_sessions_of(&self, person: PersonId) -> Result<(), Fault> {
        self.write(vec![delete_of(person)]).await.map(drop)
    }
}

/// Ends every session of a person.
pub(super) fn delete_of(person: PersonId) -> Statement {
    Statement::any("DELETE FROM sessions WHERE person_id = ?1", vec![person.into()])
}
