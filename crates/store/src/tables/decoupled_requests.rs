//! Requests that are answered elsewhere than where they were asked.

use super::grants;
use crate::value::to_json;
use crate::{Fault, Query, Row, Statement};
use omniport_protocol::authorize::Door;
use omniport_protocol::decoupled::{DecoupledFacts, DecoupledRequest, DecoupledState};
use omniport_protocol::vocabulary::{GrantId, Params, PersonId, SecretHash, Timestamp};

/// One, with the grant that came of it.
macro_rules! facts {
    ($which:literal) => {
        concat!(
            "SELECT d.code, d.door, d.client_id, d.params, d.person_id, d.poll_seconds, d.asked_at, d.expires_at, \
             d.state, d.polled_at, ",
            grant_columns!(),
            " FROM decoupled_requests d LEFT JOIN grants g ON g.id = d.grant_id ",
            grant_joins!(),
            " WHERE ",
            $which,
            " = ?1"
        )
    };
}

/// The request of this code's hash.
pub(crate) fn by_code(hash: SecretHash) -> Query {
    Query::key(facts!("d.code"), vec![hash.into()])
}

/// The request of this user code's hash.
pub(crate) fn by_user_code(hash: SecretHash) -> Query {
    Query::key(facts!("d.user_code"), vec![hash.into()])
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<DecoupledFacts, Fault> {
    let code = row.hash()?;
    let request = DecoupledRequest {
        door: row.parsed("a door", Door::parse)?,
        client: row.client()?,
        params: Params::from_pairs(row.json::<Vec<(String, String)>>()?),
        person: row.opt_int()?.map(PersonId),
        poll_seconds: row.int()?,
        at: row.at()?,
        expires_at: row.at()?,
    };
    Ok(DecoupledFacts {
        code,
        request,
        state: row.parsed("a state", DecoupledState::parse)?,
        polled_at: row.opt_at()?,
        grant: grants::read(row)?,
    })
}

/// Keeps one. Guarded: no other has its user code. Whoever wants to be told of the answer is told at the latest when there
/// can be none any more.
///
/// # Errors
/// Never in practice: pairs of texts are JSON.
pub(crate) fn insert(
    code: SecretHash,
    user_code: Option<SecretHash>,
    request: &DecoupledRequest,
    notify: Option<&[u8]>,
) -> Result<Statement, Fault> {
    let params: Vec<(&str, &str)> = request.params.iter().collect();
    Ok(Statement::one(
        "INSERT INTO decoupled_requests (code, user_code, door, client_id, params, person_id, poll_seconds, asked_at, \
         expires_at, state, notify, notify_at, notify_attempts) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, CAST(?12 AS BIGINT), 0) \
         ON CONFLICT DO NOTHING",
        vec![
            code.into(),
            user_code.into(),
            request.door.as_str().into(),
            (&request.client).into(),
            to_json(&params)?,
            request.person.into(),
            request.poll_seconds.into(),
            request.at.into(),
            request.expires_at.into(),
            DecoupledState::Pending.as_str().into(),
            notify.map(<[u8]>::to_vec).into(),
            notify.map(|_| request.expires_at).into(),
        ],
    ))
}

/// Yes, with what was granted. Guarded: there was no answer. Whoever wants to be told of it is, from now on.
pub(crate) fn allow(code: SecretHash, grant: GrantId, at: Timestamp) -> Statement {
    Statement::one(
        "UPDATE decoupled_requests SET state = 'allowed', grant_id = ?2, \
         notify_at = CASE WHEN notify IS NULL THEN NULL ELSE CAST(?3 AS BIGINT) END \
         WHERE code = ?1 AND state = 'pending'",
        vec![code.into(), grant.into(), at.into()],
    )
}

/// No. Guarded: there was no answer.
pub(crate) fn deny(code: SecretHash, at: Timestamp) -> Statement {
    Statement::one(
        "UPDATE decoupled_requests SET state = 'denied', \
         notify_at = CASE WHEN notify IS NULL THEN NULL ELSE CAST(?2 AS BIGINT) END \
         WHERE code = ?1 AND state = 'pending'",
        vec![code.into(), at.into()],
    )
}

/// Hands the answer out. Guarded: exactly one of a thousand racers finds a yes. Who has it need not be told of it.
pub(crate) fn redeem(code: SecretHash) -> Statement {
    Statement::one(
        "UPDATE decoupled_requests SET state = 'redeemed', notify = NULL, notify_at = NULL \
         WHERE code = ?1 AND state = 'allowed'",
        vec![code.into()],
    )
}

/// Notes a question, and how much longer one must wait until the next.
pub(crate) fn note_poll(code: SecretHash, at: Timestamp, slower_by: i64) -> Statement {
    Statement::any(
        "UPDATE decoupled_requests SET polled_at = ?2, poll_seconds = poll_seconds + ?3 WHERE code = ?1",
        vec![code.into(), at.into(), slower_by.into()],
    )
}
