//! `PostgreSQL`'s errors, in our words.

use super::DEADLINE;
use crate::Fault;
use std::error::Error as _;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

/// Whether a statement met a row that is there already, missed one that it hangs from, or crossed another
/// transaction's way: the world changed since it was decided.
pub(super) fn is_conflict(error: &Error) -> bool {
    error.code().is_some_and(is_conflict_code)
}

fn is_conflict_code(code: &SqlState) -> bool {
    [
        SqlState::UNIQUE_VIOLATION,
        SqlState::FOREIGN_KEY_VIOLATION,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ]
    .contains(code)
}

/// Whether the connection must not be used again: it is closed, it leads to a server that is read-only now, or it
/// remembers statements of a schema that has changed.
pub(super) fn is_spent(error: &Error) -> bool {
    let Some(told) = error.as_db_error() else {
        // Nothing that the server said: the connection broke, or is out of step.
        return !is_ours(error);
    };
    ends_the_session(told)
        || [
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::FEATURE_NOT_SUPPORTED,
            SqlState::INVALID_SQL_STATEMENT_NAME,
        ]
        .contains(told.code())
}

/// Whether the server closed the connection with this.
pub(super) fn ends_the_session(told: &DbError) -> bool {
    matches!(told.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
}

/// A value of the wrong type or number: found on our side, before anything was sent or after all has come.
fn is_ours(error: &Error) -> bool {
    let text = error.to_string();
    ["error serializing", "error deserializing", "expected "]
        .iter()
        .any(|start| text.starts_with(start))
}

/// What the operator reads. Of the server's own words only the message is told: the details may hold values.
pub(super) fn fault(error: &Error) -> Fault {
    if let Some(told) = error.as_db_error() {
        return by_code(told.code(), told.message());
    }
    if is_ours(error) {
        return Fault::Bug(format!("PostgreSQL: {}", chain(error)));
    }
    Fault::Unavailable(format!(
        "the PostgreSQL server cannot be reached or has gone away; check that it runs, its host and port, and the \
         network ({})",
        chain(error)
    ))
}

/// What the operator reads where nothing came within [`DEADLINE`] while `doing` something.
pub(super) fn silent(doing: &str) -> Fault {
    Fault::Unavailable(format!(
        "the PostgreSQL server has not answered for {} seconds ({doing}); check it and the network to it",
        DEADLINE.as_secs()
    ))
}

fn chain(error: &Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

fn by_code(code: &SqlState, message: &str) -> Fault {
    let says = |advice: &str| Fault::Unavailable(format!("{advice} (PostgreSQL: {message})"));
    let code_text = code.code();
    match *code {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => says(
            "the PostgreSQL server refuses this user or password; correct them in the database address, or let the \
             user in (pg_hba.conf)",
        ),
        SqlState::INVALID_CATALOG_NAME => says(
            "there is no such database on the PostgreSQL server; create it: `createdb --owner USER DATABASE`",
        ),
        SqlState::INSUFFICIENT_PRIVILEGE => says(
            "the database user may not do that; make it the owner: `ALTER DATABASE ... OWNER TO ...`, or give it a \
             schema of its own",
        ),
        SqlState::READ_ONLY_SQL_TRANSACTION => says(
            "the PostgreSQL server is read-only (a standby?); name the primary, or all hosts of the cluster",
        ),
        SqlState::DISK_FULL => says("the PostgreSQL server's disk is full; make room"),
        SqlState::TOO_MANY_CONNECTIONS => says(
            "the PostgreSQL server has no connection left; raise its max_connections, or lower `connections` in the \
             database address",
        ),
        SqlState::QUERY_CANCELED => says("the PostgreSQL server took too long, or somebody cancelled it"),
        SqlState::LOCK_NOT_AVAILABLE => says(
            "another program holds a lock on these rows; look into pg_stat_activity for an open transaction",
        ),
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => Fault::Damaged(format!(
            "stop omniport and restore the last backup (PostgreSQL: {message})"
        )),
        SqlState::FEATURE_NOT_SUPPORTED => says("the schema has just changed; try again"),
        SqlState::INVALID_SQL_STATEMENT_NAME
        | SqlState::DUPLICATE_PSTATEMENT
        | SqlState::PROTOCOL_VIOLATION => says(
            "the server does not keep sessions, as PgBouncer in transaction mode; add `prepare=off` to the database \
             address",
        ),
        // 08: connection; 53: resources; 57: the operator intervened; 58: its system failed.
        _ if ["08", "53", "57", "58"]
            .iter()
            .any(|class| code_text.starts_with(class)) =>
        {
            says("the PostgreSQL server cannot answer at the moment")
        }
        _ if is_conflict_code(code) => says("another transaction was in the way; try again"),
        _ => Fault::Bug(format!("PostgreSQL {code_text}: {message}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_words() {
        for (code, words) in [
            ("28P01", "password"),
            ("28000", "pg_hba.conf"),
            ("3D000", "createdb"),
            ("42501", "OWNER"),
            ("25006", "standby"),
            ("53100", "disk is full"),
            ("53300", "max_connections"),
            ("57014", "too long"),
            ("57P01", "at the moment"),
            ("57P03", "at the moment"),
            ("55P03", "pg_stat_activity"),
            ("26000", "prepare=off"),
            ("08P01", "prepare=off"),
        ] {
            let fault = by_code(&SqlState::from_code(code), "m");
            assert!(matches!(fault, Fault::Unavailable(_)), "{code} {fault}");
            assert!(fault.to_string().contains(words), "{code} {fault}");
        }
        assert!(matches!(
            by_code(&SqlState::from_code("XX001"), "m"),
            Fault::Damaged(_)
        ));
        for code in ["42601", "23502", "22021"] {
            assert!(matches!(by_code(&SqlState::from_code(code), "m"), Fault::Bug(_)));
        }
    }

    #[test]
    fn only_a_changed_world_is_a_conflict() {
        for code in ["23505", "23503", "40001", "40P01"] {
            assert!(is_conflict_code(&SqlState::from_code(code)));
        }
        for code in ["23502", "23514", "55P03", "57014"] {
            assert!(!is_conflict_code(&SqlState::from_code(code)));
        }
    }
}
