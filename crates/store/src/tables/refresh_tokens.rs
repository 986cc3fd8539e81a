//! Refresh tokens.

use super::grants;
use crate::{Fault, Query, Row, Statement};
use omniport_protocol::records::{NewRefreshToken, RefreshFacts};
use omniport_protocol::vocabulary::{GrantId, SecretHash};

/// The refresh token of this hash.
pub(crate) fn by_hash(hash: SecretHash) -> Query {
    Query::key(
        concat!(
            "SELECT r.hash, r.generation, r.expires_at, ",
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
        expires_at: row.at()?,
        grant: grants::read(row)?.ok_or(Fault::Corrupt {
            column: 4,
            what: "a grant",
        })?,
    })
}

/// A new refresh token, and its grant kept for as long as it may live.
pub(crate) fn insert(hash: SecretHash, grant: GrantId, token: &NewRefreshToken) -> Vec<Statement> {
    let insert = Statement::one(
        "INSERT INTO refresh_tokens (hash, grant_id, generation, issued_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
        vec![
            hash.into(),
            grant.into(),
            token.generation.into(),
            token.at.into(),
            token.expires_at.into(),
        ],
    );
    vec![insert, grants::outlive(grant, token.expires_at)]
}
