//! Opening a file: what it must be, and how its connections are set.

use super::error::fault;
use super::schema;
use crate::Fault;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `OMNP`, in the header's application ID (<https://www.sqlite.org/fileformat.html> section 1.3.16): so that
/// another program's file is never taken for ours.
pub(super) const APPLICATION_ID: i32 = 0x4f4d_4e50;
/// The oldest `SQLite` we trust, 3.51.3: older ones may lose writes while the log is reset.
const OLDEST_SQLITE: i32 = 3_051_003;
/// How long the connection that writes waits for another program's lock: the commands work beside a running server. Less
/// than the patience of a request ([`crate::PATIENCE`]), so that it is told why.
const BUSY: Duration = Duration::from_secs(4);
/// The same for one that reads, on a thread that others wait for meanwhile. In the log's mode readers seldom wait at all.
const READER_BUSY: Duration = Duration::from_secs(1);
/// Statements a connection keeps prepared: more than there are.
const PREPARED: usize = 256;
/// Files up to this size are looked through in full when they are opened: some milliseconds.
const CHECKED_AT_OPEN: u64 = 8 << 20;

/// Refuses an `SQLite` that is too old.
pub(super) fn check_library() -> Result<(), Fault> {
    if rusqlite::version_number() >= OLDEST_SQLITE {
        Ok(())
    } else {
        Err(Fault::Bug(format!(
            "built with SQLite {}, which is older than 3.51.3",
            rusqlite::version()
        )))
    }
}

/// Makes the file where there is none, for its owner alone; else looks whether it can be a database, before
/// `SQLite` touches it.
pub(super) fn prepare_file(path: &Path) -> Result<(), Fault> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(cannot_make(path, &error)),
    }
    if path.is_dir() {
        return Err(Fault::Address(format!(
            "{} is a directory; name a file in it",
            path.display()
        )));
    }
    let file = OpenOptions::new().read(true).write(true).open(path);
    let file = file.map_err(|error| {
        Fault::Unavailable(format!(
            "{} may not be read and written by this user; change its owner or permissions ({error})",
            path.display()
        ))
    })?;
    check_header(path, &file)
}

fn cannot_make(path: &Path, error: &std::io::Error) -> Fault {
    let directory = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    if directory.is_dir() {
        Fault::Unavailable(format!(
            "{} cannot be created; change the owner or permissions of its directory ({error})",
            path.display()
        ))
    } else {
        Fault::Unavailable(format!(
            "the directory {} does not exist; create it, or name another file",
            directory.display()
        ))
    }
}

/// The header's first bytes, and that the file is as long as it says (fileformat.html section 1.3).
pub(super) fn check_header(path: &Path, file: &File) -> Result<(), Fault> {
    let unreadable = |error| Fault::Unavailable(format!("{} cannot be read ({error})", path.display()));
    let length = file.metadata().map_err(unreadable)?.len();
    if length == 0 {
        return Ok(());
    }
    let mut header = Vec::with_capacity(100);
    file.take(100).read_to_end(&mut header).map_err(unreadable)?;
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(Fault::Damaged(format!(
            "{} is not an SQLite database; give the path of Omniport's own file, or of a new one",
            path.display()
        )));
    }
    let number = |at: usize, len: usize| {
        let bytes = header.get(at..at + len).unwrap_or_default();
        bytes
            .iter()
            .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte))
    };
    let page = match number(16, 2) {
        1 => 65_536,
        size => size,
    };
    // While a log waits to be folded in, the file may rightly be shorter than it is going to be.
    let log = beside(path, "-wal");
    let log_waits = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    if length < page.saturating_mul(number(28, 4)) && !log_waits {
        return Err(Fault::Damaged(format!(
            "{} has been cut short; restore the last backup",
            path.display()
        )));
    }
    Ok(())
}

/// The path of a file that `SQLite` keeps beside the database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(super) fn connect(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    connection.busy_timeout(BUSY).map_err(fault)?;
    // A prepared statement stays as it is whatever is bound to it. Otherwise, once somebody has analysed the tables,
    // SQLite plans anew for every value of an indexed column: three times the look-up's cost.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(fault)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(connection)
}

/// The one connection that writes. Refuses a file that is another program's, broken or newer than we are.
pub(super) fn writer(path: &Path) -> Result<Connection, Fault> {
    let connection = connect(path)?;
    claim(&connection)?;
    schema::refuse_newer(&connection)?;
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(fault)?;
    if mode != "wal" {
        return Err(Fault::Unavailable(
            "the file is on a disk without shared memory (a network share?); move it to a local disk".into(),
        ));
    }
    // FULL: what was answered is on disk. The log is folded in at 16 MiB (4,096 pages: a page that changes often is then
    // copied less often) and cut back to that after a burst. Up to 8 MiB of pages stay in memory, so that a change seldom
    // reads the disk first.
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 16777216;
             PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -8192; PRAGMA trusted_schema = OFF;",
        )
        .map_err(fault)?;
    let small = std::fs::metadata(path).is_ok_and(|file| file.len() <= CHECKED_AT_OPEN);
    if small {
        quick_check(&connection)?;
    }
    forget_statistics(&connection)?;
    Ok(connection)
}

/// Drops what `ANALYZE` or `PRAGMA optimize` left (<https://www.sqlite.org/fileformat.html> section 2.6.3).
///
/// Our queries go by keys, which SQLite finds without statistics. With those of a table that was small when it was
/// looked at, it rather reads all of it, for every token, however large the table has become since.
fn forget_statistics(connection: &Connection) -> Result<(), Fault> {
    connection
        .execute_batch("DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4;")
        .map_err(fault)
}

/// A connection that only reads.
pub(super) fn reader(path: &Path) -> Result<Connection, Fault> {
    let connection = connect(path)?;
    connection.busy_timeout(READER_BUSY).map_err(fault)?;
    connection
        .execute_batch("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF;")
        .map_err(fault)?;
    Ok(connection)
}

/// Writes our name into a new file; refuses a file with another program's name or tables.
fn claim(connection: &Connection) -> Result<(), Fault> {
    let ask = |sql| {
        connection
            .query_row(sql, [], |row| row.get::<_, i32>(0))
            .map_err(fault)
    };
    let (id, tables) = (
        ask("PRAGMA application_id")?,
        ask("SELECT COUNT(*) FROM sqlite_schema")?,
    );
    match (id, tables) {
        (APPLICATION_ID, _) => Ok(()),
        (0, 0) => connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(fault),
        _ => Err(Fault::Damaged(
            "the file is another program's SQLite database; give the path of Omniport's own, or of a new one"
                .into(),
        )),
    }
}

/// Looks through the tables for damage.
pub(super) fn quick_check(connection: &Connection) -> Result<(), Fault> {
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(fault)?;
    if found == "ok" {
        Ok(())
    } else {
        Err(Fault::Damaged(format!(
            "stop omniport, keep a copy of the file, and restore the last backup (SQLite: {})",
            one_line(&found)
        )))
    }
}

/// What SQLite found, which it tells over several lines, as a part of a sentence.
pub(super) fn one_line(found: &str) -> String {
    found.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::StatementStatus;

    #[test]
    fn what_sqlite_found_fits_a_sentence() {
        let found = "*** in database main ***\nTree 3 page 3: broken";
        assert_eq!(one_line(found), "*** in database main *** Tree 3 page 3: broken");
    }

    #[test]
    fn a_statement_is_planned_once_even_where_there_are_statistics() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("omniport.db");
        prepare_file(&path).unwrap();
        let connection = writer(&path).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE t (k INTEGER, v INTEGER); CREATE INDEX t_k ON t (k);
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                 INSERT INTO t SELECT i % 7, i FROM n;
                 ANALYZE;",
            )
            .unwrap();
        let mut statement = connection.prepare("SELECT v FROM t WHERE k = ?1").unwrap();
        for key in 0..7 {
            assert!(statement.exists([key]).unwrap());
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
