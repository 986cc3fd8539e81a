//! The other limit: the row of an access token, inserted by the same driver, as many to a commit as there are callers,
//! each commit on disk (`synchronous = FULL`), and nothing else.

use crate::{Outcome, tokens, usage};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Deserialize)]
pub(crate) struct Raw {
    database: PathBuf,
    client_id: String,
    /// Rows to a commit.
    together: u64,
    seconds: f64,
    most: u64,
    prefix: String,
    now: i64,
}

#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) count: u64,
    pub(crate) seconds: f64,
    pub(crate) per_second: f64,
    pub(crate) cpu_micros: f64,
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn run(raw: &Raw) -> Outcome<Report> {
    let connection = Connection::open(&raw.database)?;
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    let pids = [std::process::id()];
    let (began, cpu) = (Instant::now(), usage::cpu_seconds(&pids)?);
    let most = Duration::from_secs_f64(raw.seconds);
    let mut count = 0;
    while began.elapsed() < most && count < raw.most {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for _ in 0..raw.together {
            let hash = tokens::hash(&tokens::secret(&raw.prefix, count));
            let mut insert = connection.prepare_cached(
                "INSERT INTO access_tokens (hash, client_id, grant_id, scope, issued_at, expires_at) \
                 VALUES (?1, ?2, NULL, 'read write', ?3, ?4)",
            )?;
            insert.execute(params![hash, raw.client_id, raw.now, raw.now + 36_000])?;
            count += 1;
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
    }
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), usage::cpu_seconds(&pids)? - cpu);
    let stored: i64 = connection.query_row(
        "SELECT COUNT(*) FROM access_tokens WHERE issued_at = ?1 AND grant_id IS NULL AND client_id = ?2",
        params![raw.now, raw.client_id],
        |row| row.get(0),
    )?;
    if u64::try_from(stored)? < count {
        return Err("rows are missing".into());
    }
    let rows = count as f64;
    Ok(Report {
        count,
        seconds,
        per_second: rows / seconds,
        cpu_micros: cpu / rows * 1e6,
    })
}
