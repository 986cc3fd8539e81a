//! What people have allowed clients.

use super::grants;
use crate::{Fault, Query, Row, Statement};
use omniport_protocol::records::{Allowed, Consent};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};
use std::collections::BTreeSet;

/// What this person has allowed this client.
pub(crate) fn of(person: PersonId, client: &ClientId) -> Query {
    Query::key(
        "SELECT data_points, declined, scopes, declined_scopes, version, given_at FROM consents WHERE person_id = ?1 AND client_id = ?2",
        vec![person.into(), client.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<Consent, Fault> {
    Ok(Consent {
        allowed: Allowed {
            data_points: row.data_points()?,
            declined: row.data_points()?,
            scopes: words(row)?,
            declined_scopes: words(row)?,
        },
        version: row.number()?,
        at: row.at()?,
    })
}

fn words(row: &mut Row) -> Result<BTreeSet<String>, Fault> {
    let text = row.text()?;
    Ok(text.split_whitespace().map(ToOwned::to_owned).collect())
}

fn joined(words: &BTreeSet<String>) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.join(" ")
}

/// Remembers it in place of what was remembered; only since when stays.
pub(crate) fn put(
    person: PersonId,
    client: &ClientId,
    version: u32,
    allowed: &Allowed,
    at: Timestamp,
) -> Statement {
    Statement::one(
        "INSERT INTO consents (person_id, client_id, version, data_points, since, given_at, declined, scopes, \
         declined_scopes) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8) \
         ON CONFLICT (person_id, client_id) DO UPDATE SET version = excluded.version, \
         data_points = excluded.data_points, declined = excluded.declined, scopes = excluded.scopes, \
         declined_scopes = excluded.declined_scopes, given_at = excluded.given_at",
        vec![
            person.into(),
            client.into(),
            version.into(),
            (&allowed.data_points).into(),
            at.into(),
            (&allowed.declined).into(),
            joined(&allowed.scopes).into(),
            joined(&allowed.declined_scopes).into(),
        ],
    )
}

/// Forgets it, and kills what came of it.
pub(crate) fn withdraw(person: PersonId, client: &ClientId, at: Timestamp) -> [Statement; 2] {
    [
        Statement::any(
            "DELETE FROM consents WHERE person_id = ?1 AND client_id = ?2",
            vec![person.into(), client.into()],
        ),
        grants::revoke_between(person, client, at),
    ]
}
