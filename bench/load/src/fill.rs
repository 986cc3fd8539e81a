//! Fills a database with live tokens, in the order of its trees, so that ten million take minutes.
//!
//! Half of them are access tokens (`a` and a number), half refresh tokens (`r` and the same number), a pair to a grant;
//! with `openid`, more access tokens (`o` and a number); with `codes`, codes (`c` and a number) with a grant each.

use crate::{Outcome, tokens};
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::{Duration, Instant};

const HOUR: i64 = 3_600;

#[derive(Deserialize)]
pub(crate) struct Fill {
    database: PathBuf,
    client_id: String,
    redirect_uri: String,
    /// The persons with these numbers, both included, hold the grants in turn.
    people: (i64, i64),
    data_points: String,
    now: i64,
    /// Tokens to add: access and refresh tokens together.
    #[serde(default)]
    tokens: u64,
    /// Access tokens with the scope `openid` to add, on the first grants.
    #[serde(default)]
    openid: u64,
    /// Codes to add, from this number on.
    #[serde(default)]
    codes: u64,
    #[serde(default)]
    first_code: u64,
}

#[derive(Serialize)]
pub(crate) struct Report {
    seconds: f64,
}

pub(crate) fn run(fill: &Fill) -> Outcome<Report> {
    let began = Instant::now();
    let mut connection = Connection::open(&fill.database)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch("PRAGMA cache_size = -262144;")?;
    let transaction = connection.transaction()?;
    if fill.tokens > 0 {
        let indexes = take_indexes(&transaction)?;
        let pairs = fill.tokens.div_ceil(2);
        grants(&transaction, fill, 0, pairs)?;
        access_tokens(&transaction, fill, "a", "read write", pairs)?;
        refresh_tokens(&transaction, fill, pairs)?;
        for index in indexes {
            transaction.execute_batch(&index)?;
        }
    }
    if fill.openid > 0 {
        access_tokens(&transaction, fill, "o", "openid profile", fill.openid)?;
    }
    if fill.codes > 0 {
        let end = fill.first_code + fill.codes;
        grants(&transaction, fill, (1 << 40) + fill.first_code, (1 << 40) + end)?;
        codes(&transaction, fill, end)?;
    }
    transaction.commit()?;
    Ok(Report {
        seconds: began.elapsed().as_secs_f64(),
    })
}

/// Drops the indexes of the token tables and says how to make them again: sorted once, not row by row.
fn take_indexes(transaction: &Transaction<'_>) -> Outcome<Vec<String>> {
    let found = transaction
        .prepare(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL \
             AND tbl_name IN ('grants', 'access_tokens', 'refresh_tokens')",
        )?
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    for (name, _) in &found {
        transaction.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    Ok(found.into_iter().map(|(_, sql)| sql).collect())
}

/// A UUID that sorts by `number`.
fn grant_id(number: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id[0..8].copy_from_slice(&number.to_be_bytes());
    id[6] = 0x70 | (id[6] & 0x0f);
    id[8..16].copy_from_slice(&number.to_be_bytes());
    id[8] = 0x80;
    id
}

fn grants(transaction: &Transaction<'_>, fill: &Fill, from: u64, to: u64) -> Outcome<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO grants (id, client_id, person_id, scope, data_points, version, auth_time, created_at, generation, \
         dies_at) VALUES (?1, ?2, ?3, 'read write', ?4, 1, ?5, ?5, 1, ?6)",
    )?;
    let (first, last) = fill.people;
    // Sorted by identifier: the version's digit hides four bits of the number.
    let mut ids: Vec<([u8; 16], u64)> = (from..to).map(|number| (grant_id(number), number)).collect();
    ids.sort_unstable();
    for (id, number) in ids {
        let person = first + i64::try_from(number)? % (last - first + 1);
        insert.execute(params![
            id,
            fill.client_id,
            person,
            fill.data_points,
            fill.now,
            fill.now + 2_160 * HOUR
        ])?;
    }
    Ok(())
}

fn access_tokens(
    transaction: &Transaction<'_>,
    fill: &Fill,
    prefix: &str,
    scope: &str,
    count: u64,
) -> Outcome<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO access_tokens (hash, client_id, grant_id, scope, issued_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (hash, number) in sorted(prefix, 0, count) {
        let grant = grant_id(number);
        insert.execute(params![
            hash,
            fill.client_id,
            grant,
            scope,
            fill.now,
            fill.now + 10 * HOUR
        ])?;
    }
    Ok(())
}

fn refresh_tokens(transaction: &Transaction<'_>, fill: &Fill, pairs: u64) -> Outcome<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO refresh_tokens (hash, grant_id, generation, issued_at, expires_at) VALUES (?1, ?2, 1, ?3, ?4)",
    )?;
    for (hash, number) in sorted("r", 0, pairs) {
        insert.execute(params![hash, grant_id(number), fill.now, fill.now + 2_160 * HOUR])?;
    }
    Ok(())
}

fn codes(transaction: &Transaction<'_>, fill: &Fill, end: u64) -> Outcome<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO codes (hash, grant_id, redirect_uri, redirect_uri_given, expires_at) VALUES (?1, ?2, ?3, 1, ?4)",
    )?;
    for (hash, number) in sorted("c", fill.first_code, end) {
        insert.execute(params![
            hash,
            grant_id((1 << 40) + number),
            fill.redirect_uri,
            fill.now + HOUR
        ])?;
    }
    Ok(())
}

fn sorted(prefix: &str, from: u64, to: u64) -> Vec<([u8; 32], u64)> {
    let mut hashes: Vec<_> = (from..to)
        .map(|number| (tokens::hash(&tokens::secret(prefix, number)), number))
        .collect();
    hashes.sort_unstable();
    hashes
}
