//! `SQLite`'s errors, in our words.

use crate::Fault;
use rusqlite::ffi::{SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
use rusqlite::{Error, ErrorCode};

/// Whether a statement met a row that is there already, or missed one that it hangs from: the world changed since
/// it was decided.
pub(super) fn is_conflict(error: &Error) -> bool {
    matches!(
        error.sqlite_extended_error(),
        Some(code) if [SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_FOREIGNKEY]
            .contains(&code)
    )
}

trait ExtendedCode {
    fn sqlite_extended_error(&self) -> Option<i32>;
}

impl ExtendedCode for Error {
    fn sqlite_extended_error(&self) -> Option<i32> {
        self.sqlite_error().map(|error| error.extended_code)
    }
}

/// What the operator reads. `SQLite`'s own messages name tables and columns, never values.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn fault(error: Error) -> Fault {
    use ErrorCode as Code;
    let says = |advice: &str| Fault::Unavailable(format!("{advice} (SQLite: {error})"));
    match error.sqlite_error_code() {
        Some(Code::NotADatabase) => Fault::Damaged(
            "the file is not an SQLite database; give the path of Omniport's own file, or of a new one"
                .into(),
        ),
        Some(Code::DatabaseCorrupt) => Fault::Damaged(format!(
            "stop omniport, keep a copy of the file, and restore the last backup (SQLite: {error})"
        )),
        Some(Code::DatabaseBusy | Code::DatabaseLocked | Code::FileLockingProtocolFailed) => {
            says("another program has held its lock for over 4 seconds; close it or try again")
        }
        Some(Code::DiskFull) => says("the disk is full; make room"),
        Some(Code::ReadOnly | Code::PermissionDenied | Code::AuthorizationForStatementDenied) => says(
            "the file, or the directory it is in, may not be written by this user; change its owner or permissions",
        ),
        Some(Code::CannotOpen) => {
            says("the file cannot be opened; check that its directory exists and belongs to this user")
        }
        Some(Code::SystemIoFailure) => says("the disk failed to read or write; check it"),
        Some(Code::OutOfMemory) => says("there is no memory left"),
        _ => Fault::Bug(format!("SQLite: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn of(code: i32) -> Fault {
        fault(Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn each_cause_has_its_words() {
        for (code, words) in [
            (ffi::SQLITE_BUSY, "another program"),
            (ffi::SQLITE_FULL, "disk is full"),
            (ffi::SQLITE_READONLY, "permissions"),
            (ffi::SQLITE_CANTOPEN, "directory exists"),
            (ffi::SQLITE_IOERR, "check it"),
        ] {
            let fault = of(code);
            assert!(matches!(fault, Fault::Unavailable(_)), "{fault}");
            assert!(fault.to_string().contains(words), "{fault}");
        }
        assert!(matches!(of(ffi::SQLITE_NOTADB), Fault::Damaged(_)));
        assert!(matches!(of(ffi::SQLITE_CORRUPT), Fault::Damaged(_)));
        assert!(matches!(of(ffi::SQLITE_ERROR), Fault::Bug(_)));
    }

    #[test]
    fn only_a_changed_world_is_a_conflict() {
        let error = |code| Error::SqliteFailure(ffi::Error::new(code), None);
        assert!(is_conflict(&error(SQLITE_CONSTRAINT_UNIQUE)));
        assert!(is_conflict(&error(SQLITE_CONSTRAINT_FOREIGNKEY)));
        assert!(!is_conflict(&error(ffi::SQLITE_CONSTRAINT_NOTNULL)));
        assert!(!is_conflict(&error(ffi::SQLITE_BUSY)));
    }
}
