//! How much an app is used, day by day; and when its secrets and its people's data were last used.

use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash, Timestamp};

/// A day: counted from 1970-01-01, in UTC.
pub type Day = i64;

/// The day of a moment.
pub const fn day_of(at: Timestamp) -> Day {
    at.seconds().div_euclid(86_400)
}

/// What an app did on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Codes that it was given: completed sign-ins.
    pub sign_ins: u32,
    /// Different people who signed in, or whose data it read.
    pub active_people: u32,
    /// Reads of a person's data.
    pub reads: u32,
    /// Requests that were refused, except where the person said no.
    pub failures: u32,
}

/// Something to be counted or noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsageNote {
    /// More of something; `active_people` is left alone.
    Count(ClientId, Day, Usage),
    /// These people were active.
    People(ClientId, Day, Vec<PersonId>),
    /// An app read a person's data.
    Read(ClientId, PersonId, Timestamp),
    /// A client secret was used.
    Secret(ClientId, SecretHash, Timestamp),
    /// A signed-in browser was used: the hash of its cookie.
    Session(SecretHash, Timestamp),
}

impl Store {
    /// Writes notes down. What is about an app, a consent or a secret that is gone is passed over.
    ///
    /// # Errors
    /// A [`Fault`]; what was written before it stays.
    pub async fn note_usage(&self, notes: &[UsageNote]) -> Result<(), Fault> {
        self.write_in_bulk(notes.iter().flat_map(statements).collect())
            .await
    }

    /// An app's days from `first` on, in order; days without anything are left out.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn usage(&self, id: &ClientId, first: Day) -> Result<Vec<(Day, Usage)>, Fault> {
        let query = Query::list(
            "SELECT day, sign_ins, active_people, reads, failures FROM usage_days \
             WHERE client_id = ?1 AND day >= ?2 ORDER BY day LIMIT 400",
            vec![id.into(), first.into()],
        );
        let read = |row: &mut Row| {
            let day = row.int()?;
            let usage = Usage {
                sign_ins: row.number()?,
                active_people: row.number()?,
                reads: row.number()?,
                failures: row.number()?,
            };
            Ok((day, usage))
        };
        self.list(query, read).await
    }
}

fn statements(note: &UsageNote) -> Vec<Statement> {
    match note {
        UsageNote::Count(id, day, more) => vec![count(id, *day, more)],
        UsageNote::People(id, day, people) => {
            let each = people.iter().map(|person| active(id, *day, *person));
            let total = [count(id, *day, &Usage::default()), recount(id, *day)];
            each.chain(total).collect()
        }
        UsageNote::Read(id, person, at) => vec![Statement::any(
            "UPDATE consents SET last_read_at = ?3 \
             WHERE client_id = ?1 AND person_id = ?2 AND (last_read_at IS NULL OR last_read_at < ?3)",
            vec![id.into(), (*person).into(), (*at).into()],
        )],
        UsageNote::Secret(id, hash, at) => vec![Statement::any(
            "UPDATE client_secrets SET last_used_at = ?3 \
             WHERE client_id = ?1 AND hash = ?2 AND (last_used_at IS NULL OR last_used_at < ?3)",
            vec![id.into(), (*hash).into(), (*at).into()],
        )],
        UsageNote::Session(hash, at) => vec![Statement::any(
            "UPDATE sessions SET last_active_at = ?2 \
             WHERE hash = ?1 AND (last_active_at IS NULL OR last_active_at < ?2)",
            vec![(*hash).into(), (*at).into()],
        )],
    }
}

fn count(id: &ClientId, day: Day, more: &Usage) -> Statement {
    Statement::any(
        "INSERT INTO usage_days (client_id, day, sign_ins, active_people, reads, failures) \
         SELECT client_id, CAST(?2 AS BIGINT), CAST(?3 AS BIGINT), 0, CAST(?4 AS BIGINT), CAST(?5 AS BIGINT) \
         FROM apps WHERE client_id = ?1 \
         ON CONFLICT (client_id, day) DO UPDATE SET sign_ins = usage_days.sign_ins + excluded.sign_ins, \
           reads = usage_days.reads + excluded.reads, failures = usage_days.failures + excluded.failures",
        vec![
            id.into(),
            day.into(),
            more.sign_ins.into(),
            more.reads.into(),
            more.failures.into(),
        ],
    )
}

fn active(id: &ClientId, day: Day, person: PersonId) -> Statement {
    Statement::any(
        "INSERT INTO usage_people (client_id, day, person_id) \
         SELECT client_id, CAST(?2 AS BIGINT), CAST(?3 AS BIGINT) FROM apps WHERE client_id = ?1 \
         ON CONFLICT (client_id, day, person_id) DO NOTHING",
        vec![id.into(), day.into(), person.into()],
    )
}

fn recount(id: &ClientId, day: Day) -> Statement {
    Statement::any(
        "UPDATE usage_days SET active_people = \
           (SELECT COUNT(*) FROM usage_people WHERE client_id = ?1 AND day = ?2) WHERE client_id = ?1 AND day = ?2",
        vec![id.into(), day.into()],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        assert_eq!(day_of(Timestamp::from_seconds(0)), 0);
        assert_eq!(day_of(Timestamp::from_seconds(86_399)), 0);
        assert_eq!(day_of(Timestamp::from_seconds(86_400)), 1);
        assert_eq!(day_of(Timestamp::from_seconds(-1)), -1);
    }
}
