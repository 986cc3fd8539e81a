//! Connections that read, each from its own snapshot, while the writer writes.

use super::error::fault;
use super::open;
use crate::{Fault, Query, Reach, Row, Value};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// Connections for key look-ups, which run where they are asked: a handful of microseconds each.
const KEY_READERS: usize = 4;
/// Connections for lists, which run on threads that may block.
const LIST_READERS: usize = 2;

/// The connections, lent one at a time.
pub(super) struct Readers {
    keys: Pool,
    lists: Pool,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        Ok(Self {
            keys: Pool::open(path, KEY_READERS)?,
            lists: Pool::open(path, LIST_READERS)?,
        })
    }

    /// Runs `work` on a connection for lists. May block.
    pub(super) fn with_list<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        work(&self.lists.lend())
    }
}

struct Pool {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Pool {
    fn open(path: &Path, size: usize) -> Result<Self, Fault> {
        let connections = (0..size).map(|_| open::reader(path).map(Mutex::new));
        Ok(Self {
            connections: connections.collect::<Result<_, _>>()?,
            next: AtomicUsize::new(0),
        })
    }

    /// A connection that nobody uses, or the next one's turn. A connection whose borrower panicked is as good as
    /// before: reading changes nothing, and unwinding ended its snapshot.
    fn lend(&self) -> MutexGuard<'_, Connection> {
        for connection in &self.connections {
            match connection.try_lock() {
                Ok(free) => return free,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        self.connections[turn]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers `queries` from one snapshot: here where they are key look-ups, else on a thread that may block.
pub(super) async fn read(readers: &Arc<Readers>, queries: Vec<Query>) -> Result<Vec<Vec<Row>>, Fault> {
    if queries.iter().all(|query| query.reach == Reach::Key) {
        return snapshot(&readers.keys.lend(), &queries);
    }
    let readers = Arc::clone(readers);
    off_thread(move || readers.with_list(|connection| snapshot(connection, &queries))).await
}

/// Runs `work` on a thread that may block.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let joined = tokio::task::spawn_blocking(work).await;
    joined.unwrap_or_else(|error| Err(Fault::Bug(format!("a reading thread broke off: {error}"))))
}

fn snapshot(connection: &Connection, queries: &[Query]) -> Result<Vec<Vec<Row>>, Fault> {
    if let [query] = queries {
        return Ok(vec![rows(connection, query).map_err(fault)?]);
    }
    let snapshot = Snapshot::begin(connection).map_err(fault)?;
    let answers = queries.iter().map(|query| rows(snapshot.0, query));
    answers.collect::<Result<_, _>>().map_err(fault)
}

/// A reading transaction, ended when it is dropped. Its two statements stay prepared, as rusqlite's own do not.
struct Snapshot<'a>(&'a Connection);

impl<'a> Snapshot<'a> {
    fn begin(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN DEFERRED")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let ended = self
            .0
            .prepare_cached("ROLLBACK")
            .and_then(|mut end| end.execute([]));
        if ended.is_err() && !self.0.is_autocommit() {
            // Out of memory: the next borrower's BEGIN fails, which says so, rather than reads what is old.
            tracing::error!("a snapshot of the database could not be ended");
        }
    }
}

fn rows(connection: &Connection, query: &Query) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(query.sql)?;
    let columns = statement.column_count();
    let found = statement.query_map(params_from_iter(&query.params), |row| {
        let values = (0..columns).map(|column| Ok(value(row.get_ref(column)?)));
        Ok(Row::new(values.collect::<rusqlite::Result<_>>()?))
    })?;
    found.collect()
}

/// A column's value. Our tables are STRICT, so that a text is always UTF-8 and there is never a fraction: what is
/// anything else reads as bytes, which no getter takes for a text.
fn value(column: ValueRef<'_>) -> Value {
    match column {
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Blob(bytes.to_vec()),
        },
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}
