//! A copy of a database that others are working on.

use super::error::fault;
use super::open;
use super::partial::Partial;
use super::whole::{self, Counts};
use crate::Fault;
use rusqlite::backup::StepResult;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The file's length in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// The number of its schema.
    pub schema: u32,
    /// How many rows each table has.
    pub tables: Counts,
}

/// Copies the database `from` into a new file `to`, as of one moment, whoever reads and writes it meanwhile: nobody
/// waits for it. The copy is one file, readable by its owner only, on the disk, and looked through before it gets its
/// name: pages, references, and as many rows as there were at that moment.
///
/// Works on a schema that is behind this program: a backup is what one makes before migrating.
///
/// # Errors
/// [`Fault::Refused`] where there is no database or `to` is taken; [`Fault`] where either cannot be read or written or
/// the database is damaged. Then there is no file `to`.
pub fn backup(from: &Path, to: &Path) -> Result<Backup, Fault> {
    open::check_library()?;
    exists(from)?;
    let source = open::reader(from)?;
    let schema = whole::recognise(&source)?;
    let partial = Partial::begin(to)?;
    let counted = copy(&source, partial.path())?;
    drop(source);
    settle(partial.path())?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let copy = Connection::open_with_flags(partial.path(), flags).map_err(fault)?;
    let (_, tables) = whole::inspect(&copy)?;
    if tables != counted {
        return Err(Fault::Damaged(
            "the copy has other rows than the database had: check the disk, and run the backup again".into(),
        ));
    }
    drop(copy);
    let (bytes, sha256) = partial.measure()?;
    partial.finish()?;
    Ok(Backup {
        bytes,
        sha256,
        schema,
        tables,
    })
}

fn exists(path: &Path) -> Result<(), Fault> {
    if path.is_file() {
        Ok(())
    } else {
        Err(Fault::Refused(format!(
            "there is no database {}: say which one with --database",
            path.display()
        )))
    }
}

/// Copies all pages of one snapshot; answers how many rows there are in it.
fn copy(source: &Connection, to: &Path) -> Result<Counts, Fault> {
    let snapshot = source.unchecked_transaction().map_err(fault)?;
    let counted = whole::count(&snapshot)?;
    let mut target = open::connect(to)?;
    // It needs no journal and no flushing half-way: a file that was not finished is thrown away.
    target
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        .map_err(fault)?;
    let pages = rusqlite::backup::Backup::new(&snapshot, &mut target).map_err(fault)?;
    match pages.step(-1).map_err(fault)? {
        StepResult::Done => Ok(counted),
        _ => Err(Fault::Unavailable(
            "another program keeps the database to itself; try again".into(),
        )),
    }
}

/// Makes it a database of one file: no log beside it is ever needed to read it.
pub(super) fn settle(path: &Path) -> Result<(), Fault> {
    leave_wal(&open::connect(path)?)
}

/// Folds the log into the file for good, which only one who is alone can.
fn leave_wal(connection: &Connection) -> Result<(), Fault> {
    let mode: String = connection
        .query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))
        .map_err(fault)?;
    if mode == "delete" {
        Ok(())
    } else {
        Err(Fault::Bug(format!("a copy stays in the mode {mode}")))
    }
}

/// Refuses a file that any program has open: a server must not write to a database that is being moved away.
///
/// # Errors
/// [`Fault::Refused`] where there is none or it is in use; [`Fault`] where it is not a database of ours.
pub fn refuse_served(path: &Path) -> Result<(), Fault> {
    exists(path)?;
    let connection = open::connect(path)?;
    whole::recognise(&connection)?;
    connection.busy_timeout(Duration::ZERO).map_err(fault)?;
    leave_wal(&connection).map_err(|refused| match refused {
        Fault::Unavailable(_) => Fault::Refused(format!(
            "{} is in use: stop the server first (`systemctl stop omniport`), then move",
            path.display()
        )),
        other => other,
    })
}
