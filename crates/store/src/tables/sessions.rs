//! Signed-in browsers.

use crate::{Fault, Query, Row, Statement, Value};
use omniport_protocol::records::{Holder, Session};
use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash, Timestamp};

/// The session of this cookie's hash.
pub(crate) fn by_hash(hash: SecretHash) -> Query {
    Query::key(
        "SELECT s.hash, COALESCE(s.root, s.hash), p.id, p.username, p.disabled_at, p.test_of, s.auth_time, s.expires_at \
         FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.hash = ?1",
        vec![hash.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<Session, Fault> {
    Ok(Session {
        hash: row.hash()?,
        root: row.hash()?,
        holder: Holder {
            person: row.person()?,
            username: row.text()?,
            disabled: row.opt_at()?.is_some(),
            on_team: false,
            test_of: row.opt_client()?,
        },
        auth_time: row.at()?,
        expires_at: row.at()?,
    })
}

/// Sessions to be ended, and what that takes.
struct Ending {
    /// Remembers which apps are to be told: those with an OpenID grant in a session that has not run out by itself, if
    /// a version of them wants to hear of it (whoever delivers looks at the present one).
    tell: &'static str,
    /// Kills what stands on them: OpenID grants of apps that did not ask to go on without the person (OpenID Connect
    /// Back-Channel Logout section 2.7), kept a day more like every revoked one.
    revoke: &'static str,
    /// Ends them.
    delete: &'static str,
}

/// `$which` says which sessions `s`, `$at` is the parameter after its own: the moment.
macro_rules! ending {
    ($which:literal, $at:literal) => {
        Ending {
            tell: concat!(
                "INSERT INTO logout_deliveries (client_id, person_id, root, queued_at, due_at, attempts) \
                 SELECT DISTINCT g.client_id, g.person_id, g.session, CAST(",
                $at,
                " AS BIGINT), CAST(",
                $at,
                " AS BIGINT), 0 FROM sessions s JOIN grants g ON g.session = COALESCE(s.root, s.hash) \
                 WHERE g.openid IS NOT NULL AND EXISTS (SELECT 1 FROM manifests m WHERE m.client_id = g.client_id \
                 AND m.manifest LIKE '%\"backchannel_logout_uri\":\"%') AND s.expires_at > ",
                $at,
                " AND ",
                $which
            ),
            revoke: concat!(
                "UPDATE grants SET revoked_at = ",
                $at,
                ", dies_at = CAST(",
                $at,
                " AS BIGINT) + 86400 WHERE revoked_at IS NULL AND openid IS NOT NULL \
                 AND (' ' || scope || ' ') NOT LIKE '% offline_access %' \
                 AND session IN (SELECT COALESCE(s.root, s.hash) FROM sessions s WHERE ",
                $which,
                ")"
            ),
            delete: concat!("DELETE FROM sessions AS s WHERE ", $which),
        }
    };
}

impl Ending {
    fn statements(&self, which: &[Value], at: Timestamp) -> [Statement; 3] {
        let and_at = || which.iter().cloned().chain([at.into()]).collect();
        [
            Statement::any(self.tell, and_at()),
            Statement::any(self.revoke, and_at()),
            Statement::any(self.delete, which.to_vec()),
        ]
    }
}

/// Ends the session of this cookie's hash.
pub(crate) fn end(hash: SecretHash, at: Timestamp) -> [Statement; 3] {
    const ENDING: Ending = ending!("s.hash = ?1", "?2");
    ENDING.statements(&[hash.into()], at)
}

/// Ends one, if it is this person's.
pub(crate) fn end_own(hash: SecretHash, person: PersonId, at: Timestamp) -> [Statement; 3] {
    const ENDING: Ending = ending!("s.hash = ?1 AND s.person_id = ?2", "?3");
    ENDING.statements(&[hash.into(), person.into()], at)
}

/// Ends all of a person.
pub(crate) fn end_all(person: PersonId, at: Timestamp) -> [Statement; 3] {
    const ENDING: Ending = ending!("s.person_id = ?1", "?2");
    ENDING.statements(&[person.into()], at)
}

/// Ends all of an app's test people.
pub(crate) fn end_all_of_test_people(app: &ClientId, at: Timestamp) -> [Statement; 3] {
    const ENDING: Ending = ending!("s.person_id IN (SELECT id FROM people WHERE test_of = ?1)", "?2");
    ENDING.statements(&[app.into()], at)
}

/// Ends all of a person but the one of this cookie's hash.
pub(crate) fn end_others(person: PersonId, but: SecretHash, at: Timestamp) -> [Statement; 3] {
    const ENDING: Ending = ending!("s.person_id = ?1 AND s.hash <> ?2", "?3");
    ENDING.statements(&[person.into(), but.into()], at)
}
