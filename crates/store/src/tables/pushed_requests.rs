//! Authorisation requests that clients pushed (RFC 9126).

use crate::value::to_json;
use crate::{Fault, Query, Row, Statement};
use omniport_protocol::records::PushedRequest;
use omniport_protocol::vocabulary::{Params, SecretHash};

/// The request of this handle's hash.
pub(crate) fn by_hash(hash: SecretHash) -> Query {
    Query::key(
        "SELECT client_id, params, expires_at FROM pushed_requests WHERE hash = ?1",
        vec![hash.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<PushedRequest, Fault> {
    Ok(PushedRequest {
        client: row.client()?,
        params: Params::from_pairs(row.json::<Vec<(String, String)>>()?),
        expires_at: row.at()?,
    })
}

/// Keeps one.
///
/// # Errors
/// Never in practice: pairs of texts are JSON.
pub(crate) fn insert(hash: SecretHash, request: &PushedRequest) -> Result<Statement, Fault> {
    let params: Vec<(&str, &str)> = request.params.iter().collect();
    Ok(Statement::one(
        "INSERT INTO pushed_requests (hash, client_id, params, expires_at) VALUES (?1, ?2, ?3, ?4)",
        vec![
            hash.into(),
            (&request.client).into(),
            to_json(&params)?,
            request.expires_at.into(),
        ],
    ))
}

/// Forgets one. Guarded: it was there.
pub(crate) fn finish(hash: SecretHash) -> Statement {
    Statement::one("DELETE FROM pushed_requests WHERE hash = ?1", vec![hash.into()])
}

/// Forgets one that may have gone.
pub(crate) fn forget(hash: SecretHash) -> Statement {
    Statement::any("DELETE FROM pushed_requests WHERE hash = ?1", vec![hash.into()])
}

/// Asserts that one is still there, and holds it until the end of the transaction.
pub(crate) fn expect(hash: SecretHash) -> Statement {
    Statement::one(
        "UPDATE pushed_requests SET expires_at = expires_at WHERE hash = ?1",
        vec![hash.into()],
    )
}
