//! Refresh tokens.

use super::grants;
use crate::value::to_json;
use crate::{Fault, Query, Row, Statement, Value};
use omniport_protocol::records::{NewRefreshToken, RefreshFacts};
use omniport_protocol::vocabulary::{GrantId, SecretHash};

/// The refresh token of this hash.
pub(crate) fn by_hash(hash: SecretHash) -> Query {
    Query::key(
        concat!(
            "SELECT r.hash, r.generation, r.cnf, r.expires_at, ",
            grant_columns!(),
            " FROM refresh_tokens r JOIN grants g ON g.id = r.grant_id ",
            grant_joins!(),
            " WHERE r.hash = ?1"
        ),
        vec![hash.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<RefreshFacts, Fault> {
    Ok(RefreshFacts {
        hash: row.hash()?,
        generation: row.number()?,
        confirmation: row.opt_json()?,
        expires_at: row.at()?,
        grant: grants::read(row)?.ok_or(Fault::Corrupt {
            column: 5,
            what: "a grant",
        })?,
    })
}

/// A new refresh token. Its grant must be kept for as long as it may live.
///
/// # Errors
/// Never in practice: a confirmation is JSON.
pub(crate) fn insert(hash: SecretHash, grant: GrantId, token: &NewRefreshToken) -> Result<Statement, Fault> {
    let cnf = token.confirmation.as_ref().map(to_json).transpose()?;
    Ok(Statement::one(
        "INSERT INTO refresh_tokens (hash, grant_id, generation, cnf, issued_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        vec![
            hash.into(),
            grant.into(),
            token.generation.into(),
            cnf.unwrap_or(Value::Null),
            token.at.into(),
            token.expires_at.into(),
        ],
    ))
}
