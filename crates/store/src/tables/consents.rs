//! What people have allowed clients.

use super::grants;
use crate::{Fault, Query, Row, Statement};
use omniport_protocol::records::{Allowed, Consent};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// What this person has allowed this client.
pub(crate) fn of(person: PersonId, client: &ClientId) -> Query {
    Query::key(
        "SELECT data_points, declined, scopes, version, given_at FROM consents WHERE person_id = ?1 AND client_id = ?2",
        vec![person.into(), client.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<Consent, Fault> {
    Ok(Consent {
        allowed: Allowed {
            data_points: row.data_points()?,
            declined: row.data_points()?,
            scopes: row.text()?.split_whitespace().map(ToOwned::to_owned).collect(),
        },
        version: row.number()?,
        at: row.at()?,
    })
}

/// Remembers it in place of what was remembered; only since when stays.
pub(crate) fn put(
    person: PersonId,
    client: &ClientId,
    version: u32,
    allowed: &Allowed,
    at: Timestamp,
) -> Statement {
    let scopes: Vec<&str> = allowed.scopes.iter().map(String::as_str).collect();
    Statement::one(
        "INSERT INTO consents (person_id, client_id, version, data_points, since, given_at, declined, scopes) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7) \
         ON CONFLICT (person_id, client_id) DO UPDATE SET version = excluded.version, \
         data_points = excluded.data_points, declined = excluded.declined, scopes = excluded.scopes, \
         given_at = excluded.given_at",
        vec![
            person.into(),
            client.into(),
            version.into(),
            (&allowed.data_points).into(),
            at.into(),
            (&allowed.declined).into(),
            scopes.join(" ").into(),
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
