//! Access tokens.

use super::grants;
use crate::value::to_json;
use crate::{Fault, Query, Row, Statement, Value};
use omniport_protocol::records::{AccessTokenFacts, NewAccessToken};
use omniport_protocol::vocabulary::{GrantId, SecretHash};

/// The access token of this hash.
pub(crate) fn by_hash(hash: SecretHash) -> Query {
    Query::key(
        concat!(
            "SELECT a.hash, a.client_id, a.scope, a.cnf, a.issued_at, a.expires_at, a.audience, ",
            grant_columns!(),
            " FROM access_tokens a LEFT JOIN grants g ON g.id = a.grant_id ",
            grant_joins!(),
            " WHERE a.hash = ?1"
        ),
        vec![hash.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<AccessTokenFacts, Fault> {
    Ok(AccessTokenFacts {
        hash: row.hash()?,
        client: row.client()?,
        scope: row.scope()?,
        confirmation: row.opt_json()?,
        issued_at: row.at()?,
        expires_at: row.at()?,
        audience: row.opt_json()?.unwrap_or_default(),
        grant: grants::read(row)?,
    })
}

/// A new access token. Its grant, where it has one, must be kept for as long as it may live.
///
/// # Errors
/// Never in practice: a confirmation and an audience are JSON.
pub(crate) fn insert(
    hash: SecretHash,
    grant: Option<GrantId>,
    token: &NewAccessToken,
) -> Result<Statement, Fault> {
    let cnf = token.confirmation.as_ref().map(to_json).transpose()?;
    let audience = (!token.audience.is_empty()).then(|| to_json(&token.audience));
    Ok(Statement::one(
        "INSERT INTO access_tokens (hash, client_id, grant_id, scope, cnf, issued_at, expires_at, audience) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        vec![
            hash.into(),
            (&token.client).into(),
            grant.into(),
            (&token.scope).into(),
            cnf.unwrap_or(Value::Null),
            token.at.into(),
            token.expires_at.into(),
            audience.transpose()?.unwrap_or(Value::Null),
        ],
    ))
}

/// Kills one: it is not found any more.
pub(crate) fn delete(hash: SecretHash) -> Statement {
    Statement::any("DELETE FROM access_tokens WHERE hash = ?1", vec![hash.into()])
}
