//! Grants: the root of each tree of codes and tokens.

use crate::value::to_json;
use crate::{Fault, Query, Row, Statement, Value};
use omniport_protocol::openid::SignIn;
use omniport_protocol::records::{Exchange, FIRST_GENERATION, Grant, Holder, NewGrant};
use omniport_protocol::vocabulary::{ClientId, GrantId, PersonId, SecretHash, Timestamp};

/// How much longer than it must a grant is kept that is prolonged, in seconds: a day, in which further refreshes need not
/// move it in the index of what dies when.
const AHEAD: i64 = 86_400;
/// How long a revoked grant is kept, in seconds: a day, in which the use of a token that it killed can still be
/// told from the use of one that never was.
const REVOKED_KEPT: i64 = 86_400;

/// Reads `grant_columns`; none where the outer join found no grant.
pub(crate) fn read(row: &mut Row) -> Result<Option<Grant>, Fault> {
    let Some(id) = row.opt_grant()? else {
        return Ok(None);
    };
    let client = row.client()?;
    let scope = row.scope()?;
    let data_points = row.data_points()?;
    let at = row.at()?;
    let elsewhere = row.opt_json()?;
    let sign_in = elsewhere.map_or(SignIn::Here(at), SignIn::Elsewhere);
    let openid = row.opt_json()?;
    let apis = row.opt_json()?.unwrap_or_default();
    let created_at = row.at()?;
    let is_revoked = row.opt_at()?.is_some();
    let generation = row.number()?;
    let rotated_out = row.opt_hash()?.zip(row.opt_at()?);
    let holder = Holder {
        person: row.person()?,
        username: row.text()?,
        disabled: row.opt_at()?.is_some(),
        on_team: row.opt_int()?.is_some(),
        test_of: row.opt_client()?,
    };
    let exchange: Option<Exchange> = row.opt_json()?;
    let live_above = row.opt_int()?;
    // One that came of others lives while each of them is there and lives.
    let all_above = exchange.as_ref().map(|exchange| i64::from(exchange.depth));
    let revoked = is_revoked || live_above != all_above;
    Ok(Some(Grant {
        id,
        client,
        holder,
        scope,
        data_points,
        sign_in,
        openid,
        apis,
        created_at,
        revoked,
        generation,
        rotated_out,
        exchange,
    }))
}

/// The newest grant of a person to a client that nobody revoked.
pub(crate) fn newest_between(person: PersonId, client: &ClientId) -> Query {
    Query::key(
        concat!(
            "SELECT ",
            grant_columns!(),
            " FROM grants g ",
            grant_joins!(),
            " WHERE g.client_id = ?2 AND g.person_id = ?1 AND g.revoked_at IS NULL \
             ORDER BY g.created_at DESC LIMIT 1"
        ),
        vec![person.into(), client.into()],
    )
}

/// A new grant that dies with its code unless tokens come of it.
///
/// # Errors
/// Never in practice: what an OpenID request asked for is JSON.
pub(crate) fn insert(id: GrantId, grant: &NewGrant, dies_at: Timestamp) -> Result<Statement, Fault> {
    let openid = grant.openid.as_ref().map(to_json).transpose()?;
    let apis = (!grant.apis.is_empty())
        .then(|| to_json(&grant.apis))
        .transpose()?;
    let elsewhere = grant.sign_in.elsewhere().map(to_json).transpose()?;
    let exchange = grant.exchange.as_ref();
    let how = exchange.map(|(_, how)| to_json(how)).transpose()?;
    Ok(Statement::one(
        "INSERT INTO grants (id, client_id, person_id, scope, data_points, version, auth_time, created_at, \
         generation, dies_at, session, openid, parent, exchange, apis, sign_in) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        vec![
            id.into(),
            (&grant.client).into(),
            grant.person.into(),
            (&grant.scope).into(),
            (&grant.data_points).into(),
            grant.version.into(),
            // What is not known is told by no program, also of before: long ago meets no demand.
            grant.sign_in.at().unwrap_or(Timestamp::from_seconds(0)).into(),
            grant.at.into(),
            FIRST_GENERATION.into(),
            dies_at.into(),
            grant.session.into(),
            openid.unwrap_or(Value::Null),
            exchange.map(|(parent, _)| *parent).into(),
            how.unwrap_or(Value::Null),
            apis.unwrap_or(Value::Null),
            elsewhere.unwrap_or(Value::Null),
        ],
    ))
}

/// Keeps the grant, and with it its code, at least until `until`, when something that hangs from it dies.
pub(crate) fn outlive(id: GrantId, until: Timestamp) -> Statement {
    Statement::any(
        "UPDATE grants SET dies_at = ?2 WHERE id = ?1 AND dies_at < ?2 AND revoked_at IS NULL",
        vec![id.into(), until.into()],
    )
}

/// The family's next generation, and the grant kept at least until `until`, when something that hangs from it dies. Guarded.
pub(crate) fn rotate(
    id: GrantId,
    from: u32,
    rotated_out: SecretHash,
    at: Timestamp,
    until: Timestamp,
) -> Statement {
    Statement::one(
        "UPDATE grants SET generation = ?3, rotated_out = ?4, rotated_out_at = ?5, \
         dies_at = CASE WHEN dies_at < ?6 THEN ?7 ELSE dies_at END \
         WHERE id = ?1 AND generation = ?2 AND revoked_at IS NULL",
        vec![
            id.into(),
            from.into(),
            from.saturating_add(1).into(),
            rotated_out.into(),
            at.into(),
            until.into(),
            until.plus(AHEAD).into(),
        ],
    )
}

/// That the family still is where it was. Guarded. It writes the row as it is, because that holds other writers
/// off it until the commit, on every database.
pub(crate) fn expect_generation(id: GrantId, generation: u32) -> Statement {
    Statement::one(
        "UPDATE grants SET generation = ?2 WHERE id = ?1 AND generation = ?2 AND revoked_at IS NULL",
        vec![id.into(), generation.into()],
    )
}

/// Kills one.
pub(crate) fn revoke(id: GrantId, at: Timestamp) -> Statement {
    Statement::any(
        "UPDATE grants SET revoked_at = ?2, dies_at = ?3 WHERE id = ?1 AND revoked_at IS NULL",
        vec![id.into(), at.into(), at.plus(REVOKED_KEPT).into()],
    )
}

/// Kills all there are.
pub(crate) fn revoke_all(at: Timestamp) -> Statement {
    Statement::any(
        "UPDATE grants SET revoked_at = ?1, dies_at = ?2 WHERE revoked_at IS NULL",
        vec![at.into(), at.plus(REVOKED_KEPT).into()],
    )
}

/// Kills all that a person gave a client.
pub(crate) fn revoke_between(person: PersonId, client: &ClientId, at: Timestamp) -> Statement {
    Statement::any(
        "UPDATE grants SET revoked_at = ?3, dies_at = ?4 \
         WHERE client_id = ?2 AND person_id = ?1 AND revoked_at IS NULL",
        vec![
            person.into(),
            client.into(),
            at.into(),
            at.plus(REVOKED_KEPT).into(),
        ],
    )
}
