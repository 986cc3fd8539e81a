//! Signed-in browsers.

use crate::{Fault, Query, Row};
use omniport_protocol::records::{Holder, Session};
use omniport_protocol::vocabulary::SecretHash;

/// The session of this cookie's hash.
pub(crate) fn by_hash(hash: SecretHash) -> Query {
    Query::key(
        "SELECT s.hash, p.id, p.username, p.disabled_at, s.auth_time, s.expires_at \
         FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.hash = ?1",
        vec![hash.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<Session, Fault> {
    Ok(Session {
        hash: row.hash()?,
        holder: Holder {
            person: row.person()?,
            username: row.text()?,
            disabled: row.opt_at()?.is_some(),
            on_team: false,
        },
        auth_time: row.at()?,
        expires_at: row.at()?,
    })
}
