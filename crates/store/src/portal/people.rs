//! People: who may sign in, and with what rights here.

use crate::patience::bounded;
use crate::tables::sessions;
use crate::value::to_json;
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::records::PersonData;
use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash, Timestamp};
use std::fmt;

/// A person to be added.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// Their sign-in name: no other's, also not by case alone.
    pub username: String,
    /// Their password as it is kept: a PHC string.
    pub password_hash: String,
    /// May review apps.
    pub is_maintainer: bool,
    /// May register apps.
    pub is_developer: bool,
    /// Their values.
    pub data: PersonData,
    /// The app that they are a test person of; none of everybody else.
    pub test_of: Option<ClientId>,
    /// Now.
    pub at: Timestamp,
}

/// A person as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// Their number: `userId` on the wire.
    pub id: PersonId,
    /// Their sign-in name as it was first written.
    pub username: String,
    /// Their password as it is kept: a PHC string.
    pub password_hash: String,
    /// May review apps.
    pub is_maintainer: bool,
    /// May register apps.
    pub is_developer: bool,
    /// Their values.
    pub data: PersonData,
    /// Whether a maintainer has disabled them.
    pub disabled: bool,
    /// The app that they are a test person of; none of everybody else.
    pub test_of: Option<ClientId>,
    /// When they were added.
    pub created_at: Timestamp,
}

/// Without the password's hash and the values.
impl fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPerson")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// Without the password's hash and the values.
impl fmt::Debug for PersonRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonRecord")
            .field("id", &self.id)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

macro_rules! person_columns {
    () => {
        "SELECT id, username, password_hash, is_maintainer, is_developer, data, disabled_at, test_of, created_at FROM people"
    };
}

fn read(row: &mut Row) -> Result<PersonRecord, Fault> {
    Ok(PersonRecord {
        id: row.person()?,
        username: row.text()?,
        password_hash: row.text()?,
        is_maintainer: row.flag()?,
        is_developer: row.flag()?,
        data: row.json()?,
        disabled: row.opt_at()?.is_some(),
        test_of: row.opt_client()?,
        created_at: row.at()?,
    })
}

/// How often the next number is tried while others are added at the same time.
const TRIES: usize = 64;

impl Store {
    /// Adds a person under the next number, and answers it; none where the name is taken.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn insert_person(&self, person: NewPerson) -> Result<Option<PersonId>, Fault> {
        // Whoever chose a number and then waited for another's act would find it taken, choose the next, and wait again,
        // for ever where the other goes on.
        let _turn = bounded(async { Ok(self.adding.lock().await) }).await?;
        // Nodes beside this one may choose the same next number: the later one chooses again.
        for _ in 0..TRIES {
            let next = Query::key(
                "SELECT COALESCE(MAX(n), 0) + 1 FROM (SELECT MAX(id) AS n FROM people UNION ALL \
                 SELECT floor FROM id_floors WHERE name = 'people') AS known",
                Vec::new(),
            );
            let id = self.maybe(next, Row::person).await?.unwrap_or(PersonId(1));
            let mut deed = self.deed()?.clone();
            deed.subject.id = id.to_string();
            let insert = insert(id, &person)?;
            if self.act_as(&deed, vec![insert]).await?.is_applied() {
                return Ok(Some(id));
            }
            if self.person_by_username(&person.username).await?.is_some() {
                return Ok(None);
            }
        }
        Err(Fault::Unavailable(
            "too many people are being added at once; try again".into(),
        ))
    }

    /// Adds a person under the number that they have elsewhere; `false` where the number or the name is taken.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn import_person(&self, id: PersonId, person: NewPerson) -> Result<bool, Fault> {
        Ok(self.act(vec![insert(id, &person)?]).await?.is_applied())
    }

    /// The person of this sign-in name, whatever its case.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn person_by_username(&self, username: &str) -> Result<Option<PersonRecord>, Fault> {
        let sql = concat!(person_columns!(), " WHERE username_folded = ?1");
        self.maybe(Query::key(sql, vec![fold(username).into()]), read)
            .await
    }

    /// The person of this number.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn person(&self, id: PersonId) -> Result<Option<PersonRecord>, Fault> {
        let sql = concat!(person_columns!(), " WHERE id = ?1");
        self.maybe(Query::key(sql, vec![id.into()]), read).await
    }

    /// At most `limit` people by number, after `after`; no test people, who are their app's.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn people(&self, after: Option<PersonId>, limit: u32) -> Result<Vec<PersonRecord>, Fault> {
        let sql = concat!(
            person_columns!(),
            " WHERE id > ?1 AND test_of IS NULL ORDER BY id LIMIT ?2"
        );
        let after = after.unwrap_or(PersonId(i64::MIN));
        self.list(Query::list(sql, vec![after.into(), limit.into()]), read)
            .await
    }

    /// Gives a person another password. Their sessions end, as [`Self::end_session`] does it.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn change_password(
        &self,
        person: PersonId,
        password_hash: &str,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let set = set_password_hash(person, password_hash);
        let ends = sessions::end_all(person, at);
        self.act(std::iter::once(set).chain(ends).collect())
            .await
            .map(drop)
    }

    /// Gives a person the password that they chose themselves; `false`, and nothing changed, where theirs is not `was` any
    /// more, or they are disabled: an operator was faster. Their sessions end, as [`Self::end_session`] does it, all but
    /// `here`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn change_own_password(
        &self,
        was: &PersonRecord,
        password_hash: &str,
        here: SecretHash,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let set = Statement::one(
            "UPDATE people SET password_hash = ?2 WHERE id = ?1 AND password_hash = ?3 AND disabled_at IS NULL",
            vec![
                was.id.into(),
                password_hash.into(),
                was.password_hash.as_str().into(),
            ],
        );
        let ends = sessions::end_others(was.id, here, at);
        let written = self.act(std::iter::once(set).chain(ends).collect()).await?;
        Ok(written.is_applied())
    }

    /// Stores a better hash of the same password.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn set_password_hash(&self, person: PersonId, password_hash: &str) -> Result<(), Fault> {
        self.write(vec![set_password_hash(person, password_hash)])
            .await
            .map(drop)
    }

    /// Changes a person's roles and values; `false` where they are not any more what `was` says, and nothing changed.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn edit_person(&self, was: &PersonRecord, becomes: &PersonRecord) -> Result<bool, Fault> {
        let edit = Statement::one(
            "UPDATE people SET is_maintainer = ?2, is_developer = ?3, data = ?4 WHERE id = ?1 AND is_maintainer = ?5 \
             AND is_developer = ?6 AND data = ?7",
            vec![
                was.id.into(),
                becomes.is_maintainer.into(),
                becomes.is_developer.into(),
                to_json(&becomes.data)?,
                was.is_maintainer.into(),
                was.is_developer.into(),
                to_json(&was.data)?,
            ],
        );
        Ok(self.act(vec![edit]).await?.is_applied())
    }

    /// Disables a person, or lets them in again; `false` where there is no such person. Their sessions end, as
    /// [`Self::end_session`] does it; what they granted is dead for as long as they are disabled.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn set_disabled(&self, person: PersonId, since: Option<Timestamp>) -> Result<bool, Fault> {
        let mark = Statement::one(
            "UPDATE people SET disabled_at = ?2 WHERE id = ?1",
            vec![person.into(), since.into()],
        );
        let ends = since
            .map(|at| sessions::end_all(person, at))
            .into_iter()
            .flatten();
        let written = self.act(std::iter::once(mark).chain(ends).collect()).await?;
        Ok(written.is_applied())
    }
}

fn set_password_hash(person: PersonId, password_hash: &str) -> Statement {
    Statement::any(
        "UPDATE people SET password_hash = ?2 WHERE id = ?1",
        vec![person.into(), password_hash.into()],
    )
}

/// The form by which names are compared: two names that differ by case alone are one.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase()
}

fn insert(id: PersonId, person: &NewPerson) -> Result<Statement, Fault> {
    Ok(Statement::one(
        "INSERT INTO people (id, username, username_folded, password_hash, is_maintainer, is_developer, data, \
         created_at, test_of) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        vec![
            id.into(),
            person.username.as_str().into(),
            fold(&person.username).into(),
            person.password_hash.as_str().into(),
            person.is_maintainer.into(),
            person.is_developer.into(),
            to_json(&person.data)?,
            person.at.into(),
            person.test_of.as_ref().into(),
        ],
    ))
}
