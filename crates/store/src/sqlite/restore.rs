//! A backup back into service.

use super::partial::{Partial, refuse_taken};
use super::whole::Counts;
use super::{Sqlite, backup, open, whole};
use crate::portal::Ended;
use crate::{Fault, Migration, Store};
use omniport_protocol::vocabulary::Timestamp;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// A backup that was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The number of the schema that the backup had.
    pub schema: u32,
    /// What was applied to bring it up to date, in order.
    pub migrated: Vec<&'static Migration>,
    /// What was alive in the backup and is not any more.
    pub ended: Ended,
    /// How many rows each table of the backup had.
    pub tables: Counts,
}

/// Makes the database `to` from the backup `file`, which stays as it is: looks through all of it, brings its schema up
/// to date, and begins a new epoch at `now`, so that nothing that was revoked since the backup lives again.
///
/// `sha256` (in hexadecimal), where given, must be that of the file: whoever noted it when the backup was made knows
/// then that nobody changed it since.
///
/// # Errors
/// [`Fault::Refused`] where `to` is taken or `file` is not there, is in use, or is not the one of that SHA-256;
/// [`Fault::Newer`], [`Fault::Damaged`] where it is not a whole database of ours. Then there is no file `to`.
pub async fn restore(
    file: &Path,
    to: &Path,
    sha256: Option<&str>,
    now: Timestamp,
) -> Result<Restored, Fault> {
    open::check_library()?;
    refuse_taken(to)?;
    refuse_unfit(file)?;
    let partial = Partial::begin(to)?;
    let found = partial.fill(file)?;
    if sha256.is_some_and(|expected| !expected.trim().eq_ignore_ascii_case(&found)) {
        return Err(Fault::Refused(format!(
            "{} is not the file of that SHA-256 (its own is {found}): it was changed or cut short since",
            file.display()
        )));
    }
    let copy = File::open(partial.path())
        .map_err(|error| Fault::Unavailable(format!("the copy cannot be read ({error})")))?;
    open::check_header(file, &copy).map_err(|_| {
        of(
            file,
            Fault::Damaged("it is no SQLite database, or has been cut short".into()),
        )
    })?;
    drop(copy);
    let connection = open::connect(partial.path())?;
    let (schema, tables) = whole::inspect(&connection).map_err(|fault| of(file, fault))?;
    drop(connection);

    // Dropping the store waits for what it wrote and folds its log into the file.
    let store = Store::new(Arc::new(Sqlite::open(partial.path())?));
    let migrated = store.migrate(now).await?;
    let ended = store.end_everything_issued(now).await?;
    drop(store);
    backup::settle(partial.path())?;
    partial.finish()?;
    Ok(Restored {
        schema,
        migrated,
        ended,
        tables,
    })
}

/// What is wrong is the backup, not the database in service.
fn of(file: &Path, fault: Fault) -> Fault {
    match fault {
        Fault::Damaged(what) => Fault::Refused(format!(
            "{} cannot be restored: {what}; take another backup",
            file.display()
        )),
        other => other,
    }
}

fn refuse_unfit(file: &Path) -> Result<(), Fault> {
    let refused = |words: &str| Err(Fault::Refused(format!("{} {words}", file.display())));
    match std::fs::metadata(file) {
        Ok(metadata) if !metadata.is_file() => return refused("is not a file"),
        Ok(metadata) if metadata.len() == 0 => return refused("is empty: it is no backup"),
        Ok(_) => {}
        Err(error) => return refused(&format!("cannot be read ({error})")),
    }
    let log = open::beside(file, "-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return refused("is a database in use, not a backup: make one with `omniport backup`");
    }
    Ok(())
}
