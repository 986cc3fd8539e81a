//! Sessions begin and end here; the rules read them by `Load::Session`.

use crate::tables::sessions;
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::{PersonId, SecretHash, Timestamp};

/// A signed-in browser, as its person knows it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The hash of its cookie, which is no secret: nothing leads back from it.
    pub hash: SecretHash,
    /// The browser and the system, in words; empty where they are not known.
    pub device: String,
    /// When it was begun.
    pub since: Timestamp,
    /// When it was last used, to five minutes.
    pub last_active: Timestamp,
}

fn read(row: &mut Row) -> Result<SessionRecord, Fault> {
    Ok(SessionRecord {
        hash: row.hash()?,
        device: row.text()?,
        since: row.at()?,
        last_active: row.at()?,
    })
}

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

    /// Begins a session of a person who is signed in already and has just proved again who they are: the browser's
    /// `earlier` one goes on under a new cookie. `false`, and nothing happens, where that is another's or has run out.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn renew_session(
        &self,
        hash: SecretHash,
        earlier: SecretHash,
        person: PersonId,
        at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, Fault> {
        let insert = Statement::one(
            "INSERT INTO sessions (hash, person_id, auth_time, created_at, expires_at, root, device) \
             SELECT ?1, person_id, CAST(?4 AS BIGINT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT), \
             COALESCE(root, hash), device FROM sessions WHERE hash = ?2 AND person_id = ?3 AND expires_at > ?4",
            vec![
                hash.into(),
                earlier.into(),
                person.into(),
                at.into(),
                expires_at.into(),
            ],
        );
        let delete = Statement::any("DELETE FROM sessions WHERE hash = ?1", vec![earlier.into()]);
        Ok(self.write(vec![insert, delete]).await?.is_applied())
    }

    /// Ends a session, with what stands on it; the apps that want to hear of it will.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn end_session(&self, hash: SecretHash, at: Timestamp) -> Result<(), Fault> {
        self.write(sessions::end(hash, at).into()).await.map(drop)
    }

    /// Notes from which device a session was begun, in words.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn name_session(&self, hash: SecretHash, device: &str) -> Result<(), Fault> {
        let name = Statement::any(
            "UPDATE sessions SET device = ?2 WHERE hash = ?1",
            vec![hash.into(), device.into()],
        );
        self.write(vec![name]).await.map(drop)
    }

    /// At most `limit` of a person's sessions that have not ended, the last active first, behind the one last active at
    /// `after` under that hash. One that is used while its person turns the page is on the first page then.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn sessions_of(
        &self,
        person: PersonId,
        now: Timestamp,
        after: Option<(Timestamp, SecretHash)>,
        limit: u32,
    ) -> Result<Vec<SessionRecord>, Fault> {
        let (active, hash) =
            after.unwrap_or((Timestamp::from_seconds(i64::MAX), SecretHash::from_bytes([0; 32])));
        let query = Query::list(
            "SELECT hash, device, created_at, active FROM \
               (SELECT hash, device, created_at, COALESCE(last_active_at, created_at) AS active FROM sessions \
                WHERE person_id = ?1 AND expires_at > ?2) AS mine \
             WHERE active < ?3 OR (active = ?3 AND hash > ?4) ORDER BY active DESC, hash LIMIT ?5",
            vec![
                person.into(),
                now.into(),
                active.into(),
                hash.into(),
                limit.into(),
            ],
        );
        self.list(query, read).await
    }

    /// A session of a person's own that has not ended, by its cookie's hash.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn own_session(
        &self,
        person: PersonId,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, Fault> {
        let query = Query::key(
            "SELECT hash, device, created_at, COALESCE(last_active_at, created_at) FROM sessions \
             WHERE hash = ?1 AND person_id = ?2 AND expires_at > ?3",
            vec![hash.into(), person.into(), now.into()],
        );
        self.maybe(query, read).await
    }

    /// Ends one session of a person's own, as [`Self::end_session`] does; nothing where it is not theirs or gone.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn end_own_session(
        &self,
        person: PersonId,
        hash: SecretHash,
        at: Timestamp,
    ) -> Result<(), Fault> {
        self.act(sessions::end_own(hash, person, at).into())
            .await
            .map(drop)
    }

    /// Ends every session of a person but one.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn end_other_sessions(
        &self,
        person: PersonId,
        but: SecretHash,
        at: Timestamp,
    ) -> Result<(), Fault> {
        self.act(sessions::end_others(person, but, at).into())
            .await
            .map(drop)
    }

    /// Ends every session of a person.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn end_sessions_of(&self, person: PersonId, at: Timestamp) -> Result<(), Fault> {
        self.write(sessions::end_all(person, at).into()).await.map(drop)
    }
}
