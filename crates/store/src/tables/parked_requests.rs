//! Authorisation requests that wait for their person.

use crate::value::to_json;
use crate::{Fault, Query, Row, Statement};
use omniport_protocol::authorize::Door;
use omniport_protocol::records::ParkedRequest;
use omniport_protocol::vocabulary::{Params, SecretHash};

/// The request of this handle's hash.
pub(crate) fn by_hash(hash: SecretHash) -> Query {
    Query::key(
        "SELECT door, client_id, params, version, parked_at, expires_at, pushed, decoupled FROM parked_requests WHERE hash = ?1",
        vec![hash.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<ParkedRequest, Fault> {
    Ok(ParkedRequest {
        door: row.parsed("a door", Door::parse)?,
        client: row.client()?,
        params: Params::from_pairs(row.json::<Vec<(String, String)>>()?),
        version: row.number()?,
        at: row.at()?,
        expires_at: row.at()?,
        pushed: row.opt_hash()?,
        decoupled: row.opt_hash()?,
    })
}

/// Parks one.
///
/// # Errors
/// Never in practice: pairs of texts are JSON.
pub(crate) fn insert(hash: SecretHash, request: &ParkedRequest) -> Result<Statement, Fault> {
    let params: Vec<(&str, &str)> = request.params.iter().collect();
    Ok(Statement::one(
        "INSERT INTO parked_requests (hash, door, client_id, params, version, parked_at, expires_at, pushed, \
         decoupled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        vec![
            hash.into(),
            request.door.as_str().into(),
            (&request.client).into(),
            to_json(&params)?,
            request.version.into(),
            request.at.into(),
            request.expires_at.into(),
            request.pushed.into(),
            request.decoupled.into(),
        ],
    ))
}

/// Forgets one. Guarded: it was there.
pub(crate) fn finish(hash: SecretHash) -> Statement {
    Statement::one("DELETE FROM parked_requests WHERE hash = ?1", vec![hash.into()])
}

/// Forgets all that came of one pushed request.
pub(crate) fn finish_all_of(pushed: SecretHash) -> Statement {
    Statement::any(
        "DELETE FROM parked_requests WHERE pushed = ?1",
        vec![pushed.into()],
    )
}
