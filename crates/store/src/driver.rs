//! What a database must be able to do for us.

use crate::{AppliedMigration, Fault, Migration, Query, Row, Statement};
use omniport_protocol::vocabulary::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};

/// What became of a list of statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// All of them happened and are on disk.
    Applied,
    /// None of them happened: one touched another number of rows than it had to, or met a constraint.
    Conflict {
        /// Its place in the list, from 0.
        statement: usize,
    },
}

impl Written {
    /// Whether all of it happened.
    pub const fn is_applied(self) -> bool {
        matches!(self, Self::Applied)
    }
}

/// What a database has been asked to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// Commits: each flushed to the disk, each with one change or more in it.
    pub commits: u64,
    /// Changes that were answered: made, or in conflict with another.
    pub changes: u64,
    /// Commits that failed, and with them every change in them.
    pub failed_commits: u64,
    /// Changes that wait for their commit now.
    pub waiting: u64,
}

/// The counts behind an [`Activity`].
#[derive(Debug, Default)]
pub(crate) struct Tallied {
    commits: AtomicU64,
    changes: AtomicU64,
    failed: AtomicU64,
}

impl Tallied {
    /// One more commit, of so many changes.
    pub(crate) fn committed(&self, changes: usize, worked: bool) {
        let commits = if worked { &self.commits } else { &self.failed };
        commits.fetch_add(1, Ordering::Relaxed);
        if worked {
            let changes = u64::try_from(changes).unwrap_or(u64::MAX);
            self.changes.fetch_add(changes, Ordering::Relaxed);
        }
    }

    /// The counts, and what waits.
    pub(crate) fn activity(&self, waiting: usize) -> Activity {
        Activity {
            commits: self.commits.load(Ordering::Relaxed),
            changes: self.changes.load(Ordering::Relaxed),
            failed_commits: self.failed.load(Ordering::Relaxed),
            waiting: u64::try_from(waiting).unwrap_or(u64::MAX),
        }
    }
}

/// Which words a database wants where one text does not serve both (a driver does not choose: whoever has two texts
/// does).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `SQLite`'s.
    Sqlite,
    /// `PostgreSQL`'s.
    Postgres,
}

/// A database: runs lists of statements and knows nothing of what they mean.
#[async_trait::async_trait]
pub trait Driver: Send + Sync {
    /// Answers all `queries` from one snapshot, in order.
    ///
    /// # Errors
    /// A [`Fault`].
    async fn read(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault>;

    /// Makes all `statements` true in one transaction, or none. Comes back only once that is durable.
    ///
    /// # Errors
    /// A [`Fault`]; then nothing of it happened, unless the connection broke in the very act of committing.
    async fn write(&self, statements: Vec<Statement>) -> Result<Written, Fault>;

    /// Waits until the database calls because something was announced. One that never calls waits for ever.
    async fn called(&self) {
        std::future::pending::<()>().await;
    }

    /// Whether it calls. Who is not called asks, which where nothing calls is cheap: the database is in this process.
    fn calls(&self) -> bool {
        false
    }

    /// Which words it wants.
    fn dialect(&self) -> Dialect;

    /// The schema's migrations in this database's own words, in order.
    fn migrations(&self) -> &'static [Migration];

    /// The migrations that were applied, in order; none of a database that is new.
    ///
    /// # Errors
    /// A [`Fault`].
    async fn applied(&self) -> Result<Vec<AppliedMigration>, Fault>;

    /// Applies `migrations`, which follow each other, in one transaction, under a lock, and notes them. Leaves out what
    /// has been applied meanwhile.
    ///
    /// # Errors
    /// A [`Fault`]; then nothing of it happened.
    async fn migrate(&self, migrations: &[&'static Migration], at: Timestamp) -> Result<(), Fault>;

    /// What it has written since it was opened, and what waits. A driver that does not count says nothing.
    fn activity(&self) -> Activity {
        Activity::default()
    }

    /// Looks through the whole database for damage.
    ///
    /// # Errors
    /// [`Fault::Damaged`] with what was found.
    async fn check(&self) -> Result<(), Fault>;
}
