//! The schema's version in an `SQLite` file: `PRAGMA user_version`, and a table of what was applied.

use super::error::fault;
use crate::migrations::{FIRST_WITH_FLOOR, SQLITE};
use crate::{AppliedMigration, Fault, Migration};
use omniport_protocol::vocabulary::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

fn version(connection: &Connection) -> Result<u32, Fault> {
    connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(fault)
}

fn newest() -> u32 {
    SQLITE.last().map_or(0, |migration| migration.number)
}

/// Refuses a schema that is newer than this program, unless all that is new of it tolerates programs of this age.
pub(super) fn refuse_newer(connection: &Connection) -> Result<(), Fault> {
    let (found, known) = (version(connection)?, newest());
    if found <= known {
        return Ok(());
    }
    let sql = "SELECT MAX(oldest_node) FROM migration_floors WHERE number > ?1";
    let floor: Option<u32> = if connection.table_exists(None, "migration_floors").map_err(fault)? {
        connection
            .query_row(sql, [known], |row| row.get(0))
            .map_err(fault)?
    } else {
        None
    };
    match floor {
        Some(floor) if floor <= known => Ok(()),
        _ => Err(Fault::Newer { found, known }),
    }
}

/// Refuses any schema that is newer than this program.
pub(super) fn refuse_any_newer(connection: &Connection) -> Result<(), Fault> {
    let (found, known) = (version(connection)?, newest());
    if found > known {
        Err(Fault::Newer { found, known })
    } else {
        Ok(())
    }
}

/// What was applied, in order.
pub(super) fn applied(connection: &Connection) -> Result<Vec<AppliedMigration>, Fault> {
    refuse_newer(connection)?;
    let sql = match version(connection)? {
        0 => return Ok(Vec::new()),
        found if found < FIRST_WITH_FLOOR => {
            "SELECT number, checksum, number FROM migrations ORDER BY number"
        }
        _ => {
            "SELECT m.number, m.checksum, COALESCE(f.oldest_node, m.number) FROM migrations m
             LEFT JOIN migration_floors f ON f.number = m.number ORDER BY m.number"
        }
    };
    let mut statement = connection.prepare(sql).map_err(fault)?;
    let rows = statement.query_map([], |row| {
        Ok(AppliedMigration {
            number: row.get(0)?,
            checksum: row.get(1)?,
            oldest_node: row.get(2)?,
        })
    });
    rows.and_then(Iterator::collect).map_err(fault)
}

/// Applies `migrations` in one transaction: the lock is taken before the version is looked at.
pub(super) fn migrate(
    connection: &mut Connection,
    migrations: &[&'static Migration],
    at: Timestamp,
) -> Result<(), Fault> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault)?;
    let found = version(&transaction)?;
    for migration in migrations.iter().filter(|one| one.number > found) {
        apply(&transaction, migration, at).map_err(fault)?;
    }
    transaction.commit().map_err(fault)
}

fn apply(transaction: &Connection, migration: &Migration, at: Timestamp) -> rusqlite::Result<()> {
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
    if migration.number >= FIRST_WITH_FLOOR {
        transaction.execute(
            "INSERT INTO migration_floors (number, oldest_node) VALUES (?1, ?2)",
            params![migration.number, migration.oldest_node],
        )?;
    }
    transaction.pragma_update(None, "user_version", migration.number)
}
