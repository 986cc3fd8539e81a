//! The schema's version in a `PostgreSQL` database: a table of what was applied.

use super::DEADLINE;
use super::address::Settings;
use super::error::{fault, silent};
use super::session::Session;
use crate::migrations::FIRST_WITH_FLOOR;
use crate::{AppliedMigration, Fault, Migration, Row};
use omniport_protocol::vocabulary::Timestamp;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// The lock that one who migrates holds until its transaction ends: `OMNP`, as in the `SQLite` file's header.
/// Migrations may take their time, but nobody waits for another's for ever.
const ALONE: &str = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s';
    SELECT pg_advisory_xact_lock(1330466384)";
const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum BYTEA NOT NULL, applied_at BIGINT NOT NULL)";
const APPLIED: &str = "SELECT m.number, m.checksum, COALESCE(f.oldest_node, m.number) FROM migrations m
    LEFT JOIN migration_floors f ON f.number = m.number ORDER BY m.number";
/// The same of a database that is older than the table of floors.
const APPLIED_BEFORE_FLOORS: &str = "SELECT number, checksum, number FROM migrations ORDER BY number";
/// Tables where ours would be, without those that belong to an extension.
const TABLES: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT 1 FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1";
const DURABILITY: &str = "SELECT current_setting('fsync'), current_setting('synchronous_commit'),
    current_setting('full_page_writes')";

/// What was applied, in order. Refuses a database that another program lives in.
pub(super) async fn applied(settings: &Settings) -> Result<Vec<AppliedMigration>, Fault> {
    let answered = tokio::time::timeout(2 * DEADLINE, look(settings)).await;
    answered.unwrap_or_else(|_| Err(silent("reading the schema's version")))
}

async fn look(settings: &Settings) -> Result<Vec<AppliedMigration>, Fault> {
    let session = Session::open(settings).await?;
    warn_of_loss(&session).await?;
    let rows = match session.query(APPLIED, &[]).await {
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => {
            let tables = tables(&session).await?;
            if !tables.iter().any(|table| table == "migrations") {
                return tables.first().map_or(Ok(Vec::new()), |table| Err(others(table)));
            }
            // The first schema, or another node has made them in between.
            let floors = tables.iter().any(|table| table == "migration_floors");
            session
                .query(if floors { APPLIED } else { APPLIED_BEFORE_FLOORS }, &[])
                .await
        }
        answered => answered,
    };
    let rows = rows.map_err(|error| match error.code() {
        Some(&SqlState::UNDEFINED_COLUMN) => others("migrations"),
        _ => fault(&error),
    })?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<AppliedMigration, Fault> {
    Ok(AppliedMigration {
        number: row.number()?,
        checksum: row.blob()?,
        oldest_node: row.number()?,
    })
}

fn others(table: &str) -> Fault {
    Fault::Damaged(format!(
        "another program's tables are in this database (`{table}`); give omniport one of its own: `createdb --owner \
         USER DATABASE`, or a schema of its own by `options=-csearch_path%3DSCHEMA` in the database address"
    ))
}

async fn tables(session: &Session) -> Result<Vec<String>, Fault> {
    let rows = session.query(TABLES, &[]).await.map_err(|error| fault(&error))?;
    rows.into_iter().map(|mut row| row.text()).collect()
}

/// Tells the operator where the server is set to lose what it has confirmed.
async fn warn_of_loss(session: &Session) -> Result<(), Fault> {
    let rows = session
        .query(DURABILITY, &[])
        .await
        .map_err(|error| fault(&error))?;
    for mut row in rows {
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            if row.text()? == "off" {
                tracing::warn!(
                    setting,
                    "the PostgreSQL server is set to lose confirmed changes in a crash; set it to `on`"
                );
            }
        }
    }
    Ok(())
}

/// Applies `migrations` in one transaction: the lock is taken before what was applied is looked at.
pub(super) async fn migrate(
    settings: &Settings,
    migrations: &[&'static Migration],
    at: Timestamp,
) -> Result<(), Fault> {
    // Closed at the end, whatever happens: that rolls back what was not committed.
    let session = Session::open(settings).await?;
    let steps = async {
        session.run::<()>(ALONE).await?;
        session.run::<()>(TABLE).await?;
        for migration in migrations {
            apply(&session, migration, at).await?;
        }
        session.run::<()>("COMMIT").await
    };
    let done: Result<(), Error> = steps.await;
    done.map_err(|error| match error.code() {
        Some(code) if *code == SqlState::DUPLICATE_TABLE => others("..."),
        Some(code) if *code == SqlState::LOCK_NOT_AVAILABLE => Fault::Unavailable(
            "another omniport has been migrating this database for a minute; wait for it and try again"
                .into(),
        ),
        _ => fault(&error),
    })
}

/// Applies one, unless it was meanwhile.
async fn apply(session: &Session, migration: &Migration, at: Timestamp) -> Result<(), Error> {
    let number = [migration.number.into()];
    let known = "SELECT number FROM migrations WHERE number = ?1";
    if !session.query(known, &number).await?.is_empty() {
        return Ok(());
    }
    session.run::<()>(migration.sql).await?;
    let note = [
        migration.number.into(),
        migration.name.into(),
        migration.checksum().into(),
        at.into(),
    ];
    let insert = "INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)";
    session.execute(insert, &note).await?;
    if migration.number >= FIRST_WITH_FLOOR {
        let floor = [migration.number.into(), migration.oldest_node.into()];
        let insert = "INSERT INTO migration_floors (number, oldest_node) VALUES (?1, ?2)";
        session.execute(insert, &floor).await?;
    }
    Ok(())
}

/// Reads every row of every table in full, so that the server checks its pages (where it keeps checksums) and finds
/// every value again.
pub(super) async fn check(settings: &Settings) -> Result<(), Fault> {
    let session = Session::open(settings).await?;
    warn_of_loss(&session).await?;
    let told = |error: Error| fault(&error);
    session
        .run::<()>("BEGIN READ ONLY; SET LOCAL statement_timeout = 0")
        .await
        .map_err(told)?;
    for table in tables(&session).await? {
        let table = table.replace('"', "\"\"");
        let read = format!("SELECT SUM(LENGTH(every::text)) FROM \"{table}\" AS every");
        session.run::<()>(&read).await.map_err(told)?;
    }
    session.run::<()>("COMMIT").await.map_err(told)
}
