//! The store: a driver, and everything one may ask of it.

use crate::changes::{Feed, Topic, announcement, change_an_app};
use crate::patience::bounded;
use crate::portal::Refusals;
use crate::tables::clients::Clients;
use crate::{
    Activity, Address, Dialect, Driver, Fault, Migration, Postgres, Query, Row, Sqlite, Statement, Written,
};
use omniport_protocol::audit::Deed;
use omniport_protocol::vocabulary::Timestamp;
use std::sync::Arc;

/// What must outlive a restart. Cheap to clone; the database is closed when the last clone is dropped.
#[derive(Clone)]
pub struct Store {
    driver: Arc<dyn Driver>,
    feed: Arc<Feed>,
    clients: Arc<Clients>,
    refusals: Arc<Refusals>,
    /// What is told of what is done with it.
    pub(crate) deed: Option<Arc<Deed>>,
    /// Whose turn it is to act on this node.
    pub(crate) acts: Arc<tokio::sync::Mutex<()>>,
    /// Whose turn it is to add a person on this node.
    pub(crate) adding: Arc<tokio::sync::Mutex<()>>,
}

/// Where a database stands.
struct Schema {
    /// Its number; 0 of one that is new.
    found: u32,
    /// What this program knows beyond it.
    pending: Vec<&'static Migration>,
}

fn newest(known: &[Migration]) -> u32 {
    known.last().map_or(0, |migration| migration.number)
}

impl Store {
    /// A store on a driver that is open already.
    pub fn new(driver: Arc<dyn Driver>) -> Self {
        Self {
            driver,
            feed: Arc::default(),
            clients: Arc::default(),
            refusals: Arc::default(),
            deed: None,
            acts: Arc::default(),
            adding: Arc::default(),
        }
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

    /// What the database has been asked to write since it was opened, and what waits.
    pub fn activity(&self) -> Activity {
        self.driver.activity()
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
        let known = newest(self.driver.migrations());
        let schema = self.schema().await?;
        match schema.pending.first() {
            None if schema.found > known => {
                tracing::warn!(
                    found = schema.found,
                    known,
                    "the database's schema is newer than this omniport, and bears with it: upgrade this node soon"
                );
                Ok(())
            }
            None => Ok(()),
            // All of them in one transaction: no other node ever sees a part.
            Some(_) if schema.found == 0 => self.driver.migrate(&schema.pending, now).await,
            Some(_) => Err(Fault::Outdated {
                found: schema.found,
                known,
            }),
        }
    }

    /// The migrations that this program knows and the database has not seen, in order.
    ///
    /// # Errors
    /// [`Fault::Newer`]; [`Fault::Damaged`] where the database's past is not ours.
    pub async fn pending(&self) -> Result<Vec<&'static Migration>, Fault> {
        Ok(self.schema().await?.pending)
    }

    /// Where the database stands, for whoever must know all of it: refuses also a newer schema that a program of this
    /// age could work beside.
    pub(crate) async fn refuse_any_newer(&self) -> Result<(), Fault> {
        let (found, known) = (self.schema().await?.found, newest(self.driver.migrations()));
        if found > known {
            return Err(Fault::Newer { found, known });
        }
        Ok(())
    }

    async fn schema(&self) -> Result<Schema, Fault> {
        let known = self.driver.migrations();
        let applied = self.driver.applied().await?;
        let found = applied.last().map_or(0, |migration| migration.number);
        let mut beyond = applied.iter().skip(known.len());
        if beyond.any(|migration| !migration.tolerates(newest(known))) {
            return Err(Fault::Newer {
                found,
                known: newest(known),
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
        Ok(Schema {
            found,
            pending: known.iter().skip(applied.len()).collect(),
        })
    }

    /// Applies what is pending, and says what that was: of a new database all in one transaction, else each in one of
    /// its own, so that no node waits behind several.
    ///
    /// # Errors
    /// A [`Fault`]; what was applied before it stays.
    pub async fn migrate(&self, now: Timestamp) -> Result<Vec<&'static Migration>, Fault> {
        let schema = self.schema().await?;
        let at_once = if schema.found == 0 {
            schema.pending.len()
        } else {
            1
        };
        for migrations in schema.pending.chunks(at_once.max(1)) {
            self.driver.migrate(migrations, now).await?;
        }
        Ok(schema.pending)
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

    /// The database.
    pub(crate) fn driver(&self) -> &dyn Driver {
        &*self.driver
    }

    /// What this node knows of others' changes.
    pub(crate) fn feed(&self) -> &Feed {
        &self.feed
    }

    /// The clients that this node has read.
    pub(crate) fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The buckets that this node knows to be empty.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// How this database wants the few texts that differ.
    pub(crate) fn dialect(&self) -> Dialect {
        self.driver.dialect()
    }

    /// Several questions, one snapshot.
    pub(crate) async fn read(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
        bounded(self.driver.read(queries)).await
    }

    /// One question.
    pub(crate) async fn rows(&self, query: Query) -> Result<Vec<Row>, Fault> {
        let mut answers = self.read(vec![query]).await?;
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

    /// Changes, all or none. Every node is told of those that change an app.
    pub(crate) async fn write(&self, mut statements: Vec<Statement>) -> Result<Written, Fault> {
        if change_an_app(&statements) {
            statements.extend(announcement(self.dialect(), Topic::Apps));
        }
        let _own_change = self.feed.own_change(&statements);
        self.write_quietly(statements).await
    }

    /// Changes, all or none, that no node keeps anything of (what was used when, say), or of a database that nobody serves
    /// yet: nobody is told.
    pub(crate) async fn write_quietly(&self, statements: Vec<Statement>) -> Result<Written, Fault> {
        bounded(self.driver.write(statements)).await
    }
}
