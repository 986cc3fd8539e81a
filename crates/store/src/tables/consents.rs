//! What people have allowed clients.

use super::grants;
use crate::{Fault, Query, Row, Statement};
use omniport_protocol::data_points::DataPoints;
use omniport_protocol::records::Consent;
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// What this person has allowed this client.
pub(crate) fn of(person: PersonId, client: &ClientId) -> Query {
    Query::key(
        "SELECT data_points, version, given_at FROM consents WHERE person_id = ?1 AND client_id = ?2",
        vec![person.into(), client.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<Consent, Fault> {
    Ok(Consent {
        data_points: row.data_points()?,
        version: row.number()?,
        at: row.at()?,
    })
}

/// Remembers it in place of what was remembered; only since when stays.
pub(crate) fn put(
    person: PersonId,
    client: &ClientId,
    version: u32,
    data_points: &DataPoints,
    at: Timestamp,
) -> Statement {
    Statement::one(
        "INSERT INTO consents (person_id, client_id, version, data_points, since, given_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?5) \
         ON CONFLICT (person_id, client_id) DO UPDATE SET version = excluded.version, \
         data_points = excluded.data_points, given_at = excluded.given_at",
        vec![
            person.into(),
            client.into(),
            version.into(),
            data_points.into(),
            at.into(),
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
