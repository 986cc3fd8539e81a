//! Authorisation codes.

use super::grants;
use crate::value::to_json;
use crate::{Fault, Query, Row, Statement, Value};
use omniport_protocol::extensions::pkce_rfc7636::{Challenge, Method};
use omniport_protocol::records::{CodeFacts, NewCode};
use omniport_protocol::vocabulary::{GrantId, SecretHash, Timestamp};

/// The code of this hash.
pub(crate) fn by_hash(hash: SecretHash) -> Query {
    Query::key(
        concat!(
            "SELECT c.redirect_uri, c.redirect_uri_given, c.challenge_method, c.challenge, c.cnf, \
             c.expires_at, c.redeemed_at, ",
            grant_columns!(),
            " FROM codes c JOIN grants g ON g.id = c.grant_id ",
            grant_joins!(),
            " WHERE c.hash = ?1"
        ),
        vec![hash.into()],
    )
}

/// Reads it.
pub(crate) fn read(row: &mut Row) -> Result<CodeFacts, Fault> {
    let redirect_uri = row.text()?;
    let redirect_uri_given = row.flag()?;
    let challenge = challenge(row)?;
    let confirmation = row.opt_json()?;
    let expires_at = row.at()?;
    let redeemed_at = row.opt_at()?;
    let grant = grants::read(row)?.ok_or(Fault::Corrupt {
        column: 8,
        what: "a grant",
    })?;
    Ok(CodeFacts {
        code: NewCode {
            redirect_uri,
            redirect_uri_given,
            challenge,
            confirmation,
            expires_at,
        },
        redeemed_at,
        grant,
    })
}

fn challenge(row: &mut Row) -> Result<Option<Challenge>, Fault> {
    let corrupt = Fault::Corrupt {
        column: 4,
        what: "a PKCE challenge",
    };
    match (row.opt_text()?, row.opt_text()?) {
        (None, None) => Ok(None),
        (Some(method), Some(value)) => {
            let challenge = Method::parse(&method).and_then(|method| Challenge::parse(method, &value));
            challenge.map(Some).ok_or(corrupt)
        }
        // A code that lost half of its challenge must not pass for one without.
        _ => Err(corrupt),
    }
}

/// A new code.
///
/// # Errors
/// Never in practice: a confirmation is JSON.
pub(crate) fn insert(hash: SecretHash, grant: GrantId, code: &NewCode) -> Result<Statement, Fault> {
    let cnf = code.confirmation.as_ref().map(to_json).transpose()?;
    let challenge = code.challenge.as_ref();
    Ok(Statement::one(
        "INSERT INTO codes (hash, grant_id, redirect_uri, redirect_uri_given, challenge_method, challenge, \
         cnf, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        vec![
            hash.into(),
            grant.into(),
            code.redirect_uri.as_str().into(),
            code.redirect_uri_given.into(),
            challenge.map(|challenge| challenge.method().as_str()).into(),
            challenge.map(Challenge::value).into(),
            cnf.unwrap_or(Value::Null),
            code.expires_at.into(),
        ],
    ))
}

/// Marks it as used. Guarded: exactly one of a thousand racers finds it unused.
pub(crate) fn redeem(hash: SecretHash, at: Timestamp) -> Statement {
    Statement::one(
        "UPDATE codes SET redeemed_at = ?2 WHERE hash = ?1 AND redeemed_at IS NULL",
        vec![hash.into(), at.into()],
    )
}
