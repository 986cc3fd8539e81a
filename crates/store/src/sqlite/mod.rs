//! `SQLite`, bundled: one writer that gathers, readers beside it, and nothing answered before it is on disk.

mod backup;
mod error;
mod open;
mod partial;
mod reader;
mod restore;
mod schema;
mod whole;
mod writer;

pub use backup::{Backup, backup, refuse_served};
pub(crate) use partial::hexadecimal;
pub use restore::{Restored, restore};

use crate::migrations::SQLITE;
use crate::{
    Activity, AppliedMigration, Dialect, Driver, Fault, Migration, Query, Row, Statement, Value, Written,
};
use omniport_protocol::vocabulary::Timestamp;
use reader::Readers;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use std::path::Path;
use std::sync::Arc;
use writer::Writer;

/// A database in one file.
///
/// Closing it (dropping it) waits for what was handed in, then folds the write-ahead log into the file.
pub struct Sqlite {
    // Fields are dropped in this order: the last connection, the writer's, then finds itself alone and can fold
    // the log away.
    readers: Arc<Readers>,
    writer: Writer,
}

impl Sqlite {
    /// Opens the file at `path`, or makes an empty database there, readable by its owner only.
    ///
    /// # Errors
    /// [`Fault`]: the directory is missing, the file is not a database or not ours, it is broken, newer than this
    /// program, or not writable.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        open::check_library()?;
        open::prepare_file(path)?;
        let connection = open::writer(path)?;
        let readers = Readers::open(path)?;
        Ok(Self {
            readers: Arc::new(readers),
            writer: Writer::start(connection)?,
        })
    }
}

#[async_trait::async_trait]
impl Driver for Sqlite {
    async fn read(&self, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
        reader::read(&self.readers, queries).await
    }

    async fn write(&self, statements: Vec<Statement>) -> Result<Written, Fault> {
        if statements.is_empty() {
            return Ok(Written::Applied);
        }
        self.writer.write(statements).await
    }

    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn migrations(&self) -> &'static [Migration] {
        SQLITE
    }

    async fn applied(&self) -> Result<Vec<AppliedMigration>, Fault> {
        self.writer.run(|connection| schema::applied(connection)).await
    }

    async fn migrate(&self, migrations: &[&'static Migration], at: Timestamp) -> Result<(), Fault> {
        let migrations = migrations.to_vec();
        self.writer
            .run(move |connection| schema::migrate(connection, &migrations, at))
            .await
    }

    fn activity(&self) -> Activity {
        self.writer.activity()
    }

    async fn check(&self) -> Result<(), Fault> {
        let readers = Arc::clone(&self.readers);
        reader::off_thread(move || readers.with_list(open::quick_check)).await
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
