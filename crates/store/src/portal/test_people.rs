//! An app's test people: made up by its team, each with a value for every data point, able to use that app only.

use crate::tables::{grants, sessions};
use crate::value::to_json;
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::records::PersonData;
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// A test person as their app's team sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestPerson {
    /// Their number.
    pub person: PersonId,
    /// Their sign-in name.
    pub username: String,
    /// Their values.
    pub data: PersonData,
    /// When they were made.
    pub created_at: Timestamp,
    /// Whether the team put them away: they cannot sign in, and their place may be taken by a new one.
    pub put_away: bool,
}

impl Store {
    /// An app's test people, those put away too, the oldest first.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn test_people(&self, app: &ClientId) -> Result<Vec<TestPerson>, Fault> {
        let query = Query::list(
            "SELECT id, username, data, created_at, disabled_at FROM people WHERE test_of = ?1 ORDER BY id LIMIT 500",
            vec![app.into()],
        );
        let read = |row: &mut Row| {
            Ok(TestPerson {
                person: row.person()?,
                username: row.text()?,
                data: row.json()?,
                created_at: row.at()?,
                put_away: row.opt_at()?.is_some(),
            })
        };
        self.list(query, read).await
    }

    /// Puts a test person of `app` away: their sessions end, and what they allowed is dead. `false` where they are none
    /// of its, or put away already.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn put_test_person_away(
        &self,
        app: &ClientId,
        person: PersonId,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let disable = Statement::one(
            "UPDATE people SET disabled_at = ?3 WHERE id = ?2 AND test_of = ?1 AND disabled_at IS NULL",
            vec![app.into(), person.into(), at.into()],
        );
        let forget = Statement::any("DELETE FROM consents WHERE person_id = ?1", vec![person.into()]);
        let revoke = grants::revoke_between(person, app, at);
        let mut statements = vec![disable, forget, revoke];
        statements.extend(sessions::end_all(person, at));
        Ok(self.act(statements).await?.is_applied())
    }

    /// Gives a test person of `app` a new password and new values, and brings them back where they were put away.
    /// `false` where they are none of its.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn renew_test_person(
        &self,
        app: &ClientId,
        person: PersonId,
        password_hash: &str,
        data: &PersonData,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let renew = Statement::one(
            "UPDATE people SET password_hash = ?3, data = ?4, disabled_at = NULL WHERE id = ?2 AND test_of = ?1",
            vec![app.into(), person.into(), password_hash.into(), to_json(data)?],
        );
        let mut statements = vec![renew];
        statements.extend(sessions::end_all(person, at));
        Ok(self.act(statements).await?.is_applied())
    }
}

/// Ends the sessions of all of a deleted app's, and disables them.
pub(super) fn disable_all(app: &ClientId, at: Timestamp) -> Vec<Statement> {
    let disable = Statement::any(
        "UPDATE people SET disabled_at = ?2 WHERE test_of = ?1 AND disabled_at IS NULL",
        vec![app.into(), at.into()],
    );
    let mut statements = Vec::from(sessions::end_all_of_test_people(app, at));
    statements.push(disable);
    statements
}
