//! The store: a driver, and everything one may ask of it.

use crate::{Address, Dialect, Driver, Fault, Migration, Postgres, Query, Row, Sqlite, Statement, Written};
use omniport_protocol::vocabulary::Timestamp;
use std::sync::Arc;

/// What must outlive a restart. Cheap to clone; the database is closed when the last clone is dropped.
#[derive(Clone)]
pub struct Store {
    driver: Arc<dyn Driver>,
}

impl Store {
    /// A store on a driver that is open already.
    pub fn new(driver: Arc<dyn Driver>) -> Self {
        Self { driver }
    }

    /// Opens the database at an address: `sqlite:PATH`, where a file that is not there is made, empty, or
    /// `postgres://USER:PASSWORD@HOST/DATABASE` (see [`Postgres::open`] for its parameters), which connects with the
    /// first question. Nothing is migrated: see [`Self::open_current`].
    ///
    /// # Errors
    /// [`Fault`]: the address is not one, or the database is missing, damaged, newer, or not writable.
    pub fn open(database_url: &str) -> Result<Self, Fault> {
        Ok(Self::new(match Address::parse(database_url)? {
            Address::File(path) => Arc::new(Sqlite::open(path)?),
            Address::Server => Arc::new(Postgres::open(database_url)?),
        }))
    }

    /// As [`Self::open`]; then migrates a database that is new, and refuses one that is behind.
    ///
    /// # Errors
    /// As [`Self::open`], and [`Fault::Outdated`].
    pub async fn open_current(database_url: &str, now: Timestamp) -> Result<Self, Fault> {
        let store = Self::open(database_url)?;
        store.make_current(now).await?;
        Ok(store)
    }

    /// Migrates a database that is new; refuses one that is behind, because migrating what holds people's data is
    /// the operator's decision, after a backup.
    ///
    /// # Errors
    /// [`Fault::Outdated`], or another.
    pub async fn make_current(&self, now: Timestamp) -> Result<(), Fault> {
        let known = self.driver.migrations();
        let pending = self.pending().await?;
        match pending.first() {
            None => Ok(()),
            Some(_) if pending.len() == known.len() => self.migrate(now).await.map(drop),
            Some(first) => Err(Fault::Outdated {
                found: first.number - 1,
                known: known.last().map_or(0, |migration| migration.number),
            }),
        }
    }

    /// The migrations that this program knows and the database has not seen, in order.
    ///
    /// # Errors
    /// [`Fault::Newer`]; [`Fault::Damaged`] where the database's past is not ours.
    pub async fn pending(&self) -> Result<Vec<&'static Migration>, Fault> {
        let known = self.driver.migrations();
        let applied = self.driver.applied().await?;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        if applied.len() > known.len() {
            return Err(Fault::Newer {
                found: number(applied.len()),
                known: number(known.len()),
            });
        }
        for (ours, theirs) in known.iter().zip(&applied) {
            if ours.number != theirs.number || ours.checksum() != theirs.checksum {
                return Err(Fault::Damaged(format!(
                    "migration {} ({}) was applied with another text; use the omniport that made this database",
                    ours.number, ours.name
                )));
            }
        }
        Ok(known.iter().skip(applied.len()).collect())
    }

    /// Applies what is pending, each in a transaction of its own, and says what that was.
    ///
    /// # Errors
    /// A [`Fault`]; what was applied before it stays.
    pub async fn migrate(&self, now: Timestamp) -> Result<Vec<&'static Migration>, Fault> {
        let pending = self.pending().await?;
        for migration in &pending {
            self.driver.migrate(migration, now).await?;
        }
        Ok(pending)
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn ping(&self) -> Result<(), Fault> {
        self.rows(Query::key("SELECT 1", Vec::new())).await.map(drop)
    }

    /// Looks through the whole database for damage. Reads all of it.
    ///
    /// # Errors
    /// [`Fault::Damaged`] with what was found.
    pub async fn check(&self) -> Result<(), Fault> {
        self.driver.check().await
    }

    /// How this database wants the few texts that differ.
    pub(crate) fn dialect(&self) -> Dialect {
        self.driver.dialect()
    }

    /// Several questions, one snapshot.
    pub(crate) async fn read(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
        self.driver.read(queries).await
    }

    /// One question.
    pub(crate) async fn rows(&self, query: Query) -> Result<Vec<Row>, Fault> {
        let mut answers = self.driver.read(vec![query]).await?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// One question with at most one row, read by `read`.
    pub(crate) async fn maybe<T>(
        &self,
        query: Query,
        read: impl FnOnce(&mut Row) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut rows = self.rows(query).await?;
        rows.first_mut().map(read).transpose()
    }

    /// One question, each row read by `read`.
    pub(crate) async fn list<T>(
        &self,
        query: Query,
        read: impl FnMut(&mut Row) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut rows = self.rows(query).await?;
        rows.iter_mut().map(read).collect()
    }

    /// One question whose answer is a number.
    pub(crate) async fn count(&self, query: Query) -> Result<u64, Fault> {
        let counted = self.maybe(query, Row::int).await?;
        Ok(u64::try_from(counted.unwrap_or_default()).unwrap_or_default())
    }

    /// Changes, all or none.
    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<Written, Fault> {
        self.driver.write(statements).await
    }
}
