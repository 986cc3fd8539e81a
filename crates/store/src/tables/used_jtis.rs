//! The names of signed tokens that may be used once (RFC 7523 section 3) and have been.

use crate::{Query, Statement};
use omniport_protocol::vocabulary::{SecretHash, Timestamp};

/// A row where the token was used.
pub(crate) fn by_hash(jti: SecretHash) -> Query {
    Query::key(
        "SELECT expires_at FROM used_jtis WHERE hash = ?1",
        vec![jti.into()],
    )
}

/// Notes that it is used. Guarded: of many at once, one is first.
pub(crate) fn insert(jti: SecretHash, expires_at: Timestamp) -> Statement {
    Statement::one(
        "INSERT INTO used_jtis (hash, expires_at) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
        vec![jti.into(), expires_at.into()],
    )
}
