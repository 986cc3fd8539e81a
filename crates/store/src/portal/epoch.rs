//! A new epoch: whatever was issued before it is dead.
//!
//! A copy of a database does not know what was revoked after it was made. Whoever puts one back into service therefore
//! ends all of it: the apps of people who signed in since, and those who did not, ask again.

use crate::tables::grants;
use crate::{Fault, Query, Statement, Store};
use omniport_protocol::audit::{Act, Actor, Deed, Subject};
use omniport_protocol::vocabulary::Timestamp;
use serde_json::json;

/// What was alive, and is not any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Grants, each with its codes, refresh tokens and access tokens.
    pub grants: u64,
    /// Access tokens that apps had for themselves (`client_credentials`).
    pub client_tokens: u64,
    /// Signed-in browsers.
    pub sessions: u64,
    /// Authorisation requests that waited for their person.
    pub parked_requests: u64,
}

/// What hangs from a grant dies with it; these do not hang from one.
const ROOTLESS: [&str; 6] = [
    "DELETE FROM access_tokens WHERE grant_id IS NULL",
    "DELETE FROM sessions",
    "DELETE FROM parked_requests",
    "DELETE FROM pushed_requests",
    "DELETE FROM decoupled_requests",
    // What was signed and is checked elsewhere ends with the key: new ones are made at the next start.
    "DELETE FROM signing_keys",
];

/// People who were added since the copy was made have numbers that it does not know, and to an app a number is a person:
/// the next are given above them. By 100,000, and by the seconds since 2026 (`?1` is now), so that a copy which is put
/// back a second time does not give the numbers of the first time again.
const RAISE_FLOOR: &str = "INSERT INTO id_floors (name, floor) SELECT 'people', MAX(n) + 100000 + CAST(?1 AS BIGINT) - 1767225600 \
     FROM (SELECT MAX(id) AS n FROM people UNION ALL SELECT floor FROM id_floors WHERE name = 'people' UNION ALL SELECT 0) AS known \
     WHERE true ON CONFLICT (name) DO UPDATE SET floor = excluded.floor";

/// The same rows, counted, but for the keys.
const COUNTS: [&str; 4] = [
    "SELECT COUNT(*) FROM grants WHERE revoked_at IS NULL",
    "SELECT COUNT(*) FROM access_tokens WHERE grant_id IS NULL",
    "SELECT COUNT(*) FROM sessions",
    "SELECT COUNT(*) FROM parked_requests",
];

impl Store {
    /// Ends every grant, code, token, session and waiting request, in one transaction. People, apps, their secrets and
    /// what people consented to stay: to sign in again is enough. Says what there was when it began.
    ///
    /// # Errors
    /// A [`Fault`]; then nothing has ended.
    pub async fn end_everything_issued(&self, now: Timestamp) -> Result<Ended, Fault> {
        let counts = COUNTS.into_iter().map(|sql| Query::list(sql, Vec::new()));
        let mut numbers = Vec::new();
        for mut rows in self.read(counts.collect()).await? {
            let number = rows.first_mut().map_or(Ok(0), crate::Row::int)?;
            numbers.push(u64::try_from(number).unwrap_or_default());
        }
        let ends = ROOTLESS.into_iter().map(|sql| Statement::any(sql, Vec::new()));
        let floor = Statement::one(RAISE_FLOOR, vec![now.into()]);
        let ends = std::iter::once(grants::revoke_all(now))
            .chain(ends)
            .chain([floor]);
        let [grants, client_tokens, sessions, parked_requests] = numbers[..] else {
            return Err(Fault::Bug("four questions have other than four answers".into()));
        };
        let deed = Deed {
            doer: Actor::Operator.into(),
            act: Act::InstanceRestore,
            subject: Subject::instance(),
            before: json!({"grants": grants, "client_tokens": client_tokens, "sessions": sessions}),
            after: json!({"grants": 0, "client_tokens": 0, "sessions": 0}),
            at: now,
        };
        let written = self.act_as(&deed, ends.collect()).await?;
        if !written.is_applied() {
            return Err(Fault::Unavailable(
                "the database is being changed; try again".into(),
            ));
        }
        Ok(Ended {
            grants,
            client_tokens,
            sessions,
            parked_requests,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever restores `PostgreSQL` with its own tools runs these by hand.
    #[test]
    fn the_manual_has_the_same_statements() {
        let manual = include_str!("../../../../docs/operations.md");
        let (_, text) = manual.split_once("BEGIN;\n").unwrap();
        let (text, _) = text.split_once("COMMIT;").unwrap();
        let now = "EXTRACT(EPOCH FROM now())::bigint";
        let revoke = grants::revoke_all(Timestamp::from_seconds(0));
        let crate::Value::Int(kept) = revoke.params[1] else {
            unreachable!("a moment is a number")
        };
        let revoke = revoke
            .sql
            .replace("?1", now)
            .replace("?2", &format!("{now} + {kept}"));
        let floor = RAISE_FLOOR.replace("CAST(?1 AS BIGINT)", now);
        let ours = std::iter::once(revoke.as_str())
            .chain(ROOTLESS)
            .chain([floor.as_str()]);
        assert!(
            ours.eq(text.lines().map(|line| line.trim_end_matches(';'))),
            "{text}"
        );
    }
}
