//! PostgreSQL's limit: the row of an access token, inserted through the driver that Omniport uses, so many to a commit,
//! pipelined as there, each commit on disk, and nothing else.

use crate::raw::Report;
use crate::{Outcome, tokens, usage};
use futures_util::future::try_join_all;
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};

#[derive(Deserialize)]
pub(crate) struct Raw {
    /// As libpq writes it: `host=127.0.0.1 port=... user=... dbname=...`.
    database: String,
    client_id: String,
    /// Connections that insert.
    connections: u64,
    /// Rows to a commit.
    together: u64,
    seconds: f64,
    most: u64,
    /// Begins the secrets of this run; another run has another.
    prefix: String,
    now: i64,
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(crate) fn run(raw: Raw) -> Outcome<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let raw = Arc::new(raw);
        let mut clients = Vec::new();
        for _ in 0..raw.connections {
            clients.push(connect(&raw.database).await?);
        }
        let count = Arc::new(AtomicU64::new(0));
        let pids = [std::process::id()];
        let (began, cpu) = (Instant::now(), usage::cpu_seconds(&pids)?);
        let inserting = clients
            .into_iter()
            .map(|client| insert(client, Arc::clone(&raw), Arc::clone(&count), began));
        try_join_all(inserting).await?;
        let (seconds, cpu) = (began.elapsed().as_secs_f64(), usage::cpu_seconds(&pids)? - cpu);
        let count = count.load(Ordering::Relaxed);
        let stored: i64 = connect(&raw.database)
            .await?
            .query_one(
                "SELECT COUNT(*) FROM access_tokens WHERE scope = $1",
                &[&raw.prefix],
            )
            .await?
            .get(0);
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
    })
}

async fn connect(database: &str) -> Outcome<Client> {
    let config: tokio_postgres::Config = database.parse()?;
    if config.get_hosts() != [tokio_postgres::config::Host::Tcp("127.0.0.1".into())] {
        return Err("loopback only".into());
    }
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn insert(client: Client, raw: Arc<Raw>, count: Arc<AtomicU64>, began: Instant) -> Outcome<()> {
    let statement = client
        .prepare(
            "INSERT INTO access_tokens (hash, client_id, grant_id, scope, issued_at, expires_at) \
             VALUES ($1, $2, NULL, $3, $4, $5)",
        )
        .await?;
    let expires = raw.now + 36_000;
    let most = Duration::from_secs_f64(raw.seconds);
    while began.elapsed() < most {
        let first = count.fetch_add(raw.together, Ordering::Relaxed);
        if first >= raw.most {
            count.fetch_sub(raw.together, Ordering::Relaxed);
            break;
        }
        let hashes: Vec<Vec<u8>> = (first..first + raw.together)
            .map(|number| tokens::hash(&tokens::secret(&raw.prefix, number)).to_vec())
            .collect();
        client.batch_execute("BEGIN").await?;
        let rows = hashes.iter().map(|hash| {
            let (client, statement, raw) = (&client, &statement, &raw);
            async move {
                client
                    .execute(
                        statement,
                        &[hash, &raw.client_id, &raw.prefix, &raw.now, &expires],
                    )
                    .await
            }
        });
        try_join_all(rows).await?;
        client.batch_execute("COMMIT").await?;
    }
    Ok(())
}
