//! The schema's version in an `SQLite` file: `PRAGMA user_version`, and a table of what was applied.

use super::error::fault;
use crate::migrations::SQLITE;
use crate::{AppliedMigration, Fault, Migration};
use omniport_protocol::vocabulary::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

fn version(connection: &Connection) -> Result<u32, Fault> {
    connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(fault)
}

/// Refuses a schema that is newer than this program.
pub(super) fn refuse_newer(connection: &Connection) -> Result<(), Fault> {
    let found = version(connection)?;
    let known = SQLITE.last().map_or(0, |migration| migration.number);
    if found > known {
        Err(Fault::Newer { found, known })
    } else {
        Ok(())
    }
}

/// What was applied, in order.
pub(super) fn applied(connection: &Connection) -> Result<Vec<AppliedMigration>, Fault> {
    refuse_newer(connection)?;
    if version(connection)? == 0 {
        return Ok(Vec::new());
    }
    let mut statement = connection
        .prepare("SELECT number, checksum FROM migrations ORDER BY number")
        .map_err(fault)?;
    let rows = statement.query_map([], |row| {
        Ok(AppliedMigration {
            number: row.get(0)?,
            checksum: row.get(1)?,
        })
    });
    rows.and_then(Iterator::collect).map_err(fault)
}

/// Applies one migration, once: the lock is taken before the version is looked at.
pub(super) fn migrate(
    connection: &mut Connection,
    migration: &'static Migration,
    at: Timestamp,
) -> Result<(), Fault> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault)?;
    if version(&transaction)? >= migration.number {
        return Ok(());
    }
    let note = || {
        transaction.execute_batch(
            "CREATE TABLE IF NOT EXISTS migrations (
               number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL
             ) STRICT;",
        )?;
        transaction.execute_batch(migration.sql)?;
        transaction.execute(
            "INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
            params![
                migration.number,
                migration.name,
                migration.checksum(),
                at.seconds()
            ],
        )?;
        transaction.pragma_update(None, "user_version", migration.number)
    };
    note().map_err(fault)?;
    transaction.commit().map_err(fault)
}
