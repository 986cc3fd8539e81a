//! What goes wrong with a database, in words for the operator.

/// A failure of the store. Never shown to a client; each text says what to do, and none holds a stored value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The address of the database is not one.
    #[error("the database address is not usable: {0}")]
    Address(String),
    /// The database cannot be reached, read or written at the moment: busy, no room, no permission. Trying again
    /// may help once the cause is gone.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The file is not a database of ours, or is broken.
    #[error("the database is damaged or is not Omniport's: {0}")]
    Damaged(String),
    /// A newer program wrote it.
    #[error(
        "the database has schema {found}, this omniport knows {known} at most: start the newer omniport that \
         wrote it, or restore a backup made before the upgrade"
    )]
    Newer {
        /// The schema found.
        found: u32,
        /// The newest schema that this program knows.
        known: u32,
    },
    /// An older program wrote it.
    #[error(
        "the database has schema {found}, this omniport needs {known}: make a backup, then run `omniport db migrate`"
    )]
    Outdated {
        /// The schema found.
        found: u32,
        /// The schema that this program needs.
        known: u32,
    },
    /// A stored row does not read back as what was written.
    #[error(
        "a stored row cannot be read (column {column}: {what}): it was not written by omniport, or is damaged; \
         restore the last backup"
    )]
    Corrupt {
        /// The column's place in the query, from 1.
        column: usize,
        /// What was expected.
        what: &'static str,
    },
    /// What was asked would overwrite something, or needs something that is not there; nothing was done.
    #[error("{0}")]
    Refused(String),
    /// A mistake in this program: a statement the database refuses, or a change without what it needs.
    #[error("a mistake in omniport, please report it: {0}")]
    Bug(String),
}
