//! The one thread that writes: it gathers what waits into one commit, and a part that is refused undoes no neighbour.
//!
//! A commit costs a flush of the disk whatever it holds, so a thousand waiting redemptions cost one flush, not a
//! thousand. Nobody is answered before that flush: what was answered is on disk.

use super::error::{fault, is_conflict};
use crate::driver::Tallied;
use crate::{Activity, Fault, Statement, Written};
use rusqlite::{Connection, params_from_iter};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// Most transactions that may wait. A longer queue would only be a slower refusal.
const WAITING: usize = 4_096;
/// Most transactions in one commit: bounds how long the first of them waits for the last.
const GATHERED: usize = 512;

type Answer<T> = oneshot::Sender<Result<T, Fault>>;
type Errand = Box<dyn FnOnce(&mut Connection) + Send>;

enum Job {
    /// Statements to be gathered with their neighbours'.
    Write(Vec<Statement>, Answer<Written>),
    /// Something to be done alone: a migration.
    Alone(Errand),
}

/// The handle of the writing thread. Dropping it waits until everything handed in has been written.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    tallied: Arc<Tallied>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> Result<Self, Fault> {
        let (queue, jobs) = mpsc::channel(WAITING);
        let tallied = Arc::new(Tallied::default());
        let counts = Arc::clone(&tallied);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || serve(connection, jobs, &counts))
            .map_err(|error| Fault::Unavailable(format!("no thread can be started ({error})")))?;
        Ok(Self {
            queue: Some(queue),
            tallied,
            thread: Some(thread),
        })
    }

    /// What was written, and what waits.
    pub(super) fn activity(&self) -> Activity {
        let waiting = self
            .queue
            .as_ref()
            .map_or(0, |queue| queue.max_capacity() - queue.capacity());
        self.tallied.activity(waiting)
    }

    fn hand_in(&self, job: Job) -> Result<(), Fault> {
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Fault::Unavailable(format!(
                "{WAITING} changes wait to be written already; the disk is too slow for this load"
            )),
            mpsc::error::TrySendError::Closed(_) => stopped(),
        })
    }

    /// Writes `statements` as one transaction.
    pub(super) async fn write(&self, statements: Vec<Statement>) -> Result<Written, Fault> {
        let (answer, answered) = oneshot::channel();
        self.hand_in(Job::Write(statements, answer))?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Runs `work` on the writing connection, alone.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (answer, answered) = oneshot::channel();
        self.hand_in(Job::Alone(Box::new(move |connection| {
            // Nobody may be waiting any more: the work is done all the same.
            let _ = answer.send(work(connection));
        })))?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes the database broke off");
        }
    }
}

fn stopped() -> Fault {
    Fault::Unavailable("the thread that writes it has stopped; restart omniport".into())
}

fn serve(mut connection: Connection, mut jobs: mpsc::Receiver<Job>, tallied: &Tallied) {
    let mut gathered = Vec::new();
    while let Some(first) = jobs.blocking_recv() {
        let mut next = Some(first);
        while let Some(job) = next {
            match job {
                Job::Write(statements, answer) => gathered.push((statements, answer)),
                Job::Alone(errand) => {
                    commit(&connection, &mut gathered, tallied);
                    errand(&mut connection);
                }
            }
            next = if gathered.len() < GATHERED {
                jobs.try_recv().ok()
            } else {
                None
            };
        }
        commit(&connection, &mut gathered, tallied);
    }
    // Folds the log into the file; only tidiness, since the next opening would do it too. No `PRAGMA optimize`: see
    // `open::forget_statistics`.
    let tidied = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);");
    if let Err(error) = tidied {
        tracing::warn!(%error, "the database's log was not folded in on closing; the next start will");
    }
}

/// Writes everything gathered in one commit, and answers.
fn commit(connection: &Connection, gathered: &mut Vec<(Vec<Statement>, Answer<Written>)>, tallied: &Tallied) {
    // Whoever has gone away before their turn was told that it is not known: it need not happen.
    gathered.retain(|(_, answer)| !answer.is_closed());
    if gathered.is_empty() {
        return;
    }
    let outcome = transaction(
        connection,
        gathered.iter().map(|(statements, _)| statements.as_slice()),
    );
    tallied.committed(gathered.len(), outcome.is_ok());
    let answers = gathered.drain(..).map(|(_, answer)| answer);
    match outcome {
        Ok(each) => answers.zip(each).for_each(|(answer, result)| {
            // Whoever asked may have gone away: what was decided has happened all the same.
            let _ = answer.send(result);
        }),
        Err(fault) => answers.for_each(|answer| {
            let _ = answer.send(Err(fault.clone()));
        }),
    }
}

type Each = Vec<Result<Written, Fault>>;

/// All parts in one transaction. An error here is everyone's: nothing was written.
///
/// Nothing stands between the parts at first: behind a savepoint every page is copied before it is changed, and nearly always
/// for nothing. Where a part has to be undone, all of it is, and done again with a savepoint for each.
fn transaction<'a>(
    connection: &Connection,
    parts: impl Iterator<Item = &'a [Statement]> + Clone,
) -> Result<Each, Fault> {
    run(connection, "BEGIN IMMEDIATE")?;
    let tried: Option<Each> = parts.clone().map(|part| bare(connection, part)).collect();
    let outcome = match tried {
        Some(each) => Ok(each),
        None => again(connection).and_then(|()| parts.map(|part| guarded(connection, part)).collect()),
    };
    let outcome = outcome.and_then(|each| run(connection, "COMMIT").map(|()| each));
    if outcome.is_err() && !connection.is_autocommit() {
        // Rolling back fails only where SQLite has done so already.
        let _ = run(connection, "ROLLBACK");
    }
    outcome
}

/// Begins anew. A full disk or a failing one may have ended the transaction by itself.
fn again(connection: &Connection) -> Result<(), Fault> {
    if !connection.is_autocommit() {
        run(connection, "ROLLBACK")?;
    }
    run(connection, "BEGIN IMMEDIATE")
}

/// One part with nothing to go back to; none where it must be undone. One that was refused by its first statement, as most
/// are, has done nothing.
fn bare(connection: &Connection, statements: &[Statement]) -> Option<Result<Written, Fault>> {
    match apply(connection, statements) {
        Ok(None) => Some(Ok(Written::Applied)),
        Ok(Some(refused)) if !refused.after_changes => Some(Ok(refused.written())),
        Ok(Some(_)) | Err(_) => None,
    }
}

/// One part behind its savepoint. The outer error breaks the whole transaction, the inner one is this part's own.
fn guarded(connection: &Connection, statements: &[Statement]) -> Result<Result<Written, Fault>, Fault> {
    run(connection, "SAVEPOINT part")?;
    let outcome = apply(connection, statements);
    if !matches!(outcome, Ok(None)) {
        // A full disk or a failing one ends the transaction by itself: then the neighbours are undone as well.
        if connection.is_autocommit() {
            return Err(outcome.err().unwrap_or_else(stopped));
        }
        run(connection, "ROLLBACK TO part")?;
    }
    run(connection, "RELEASE part")?;
    Ok(outcome.map(|refused| refused.map_or(Written::Applied, |refused| refused.written())))
}

/// Why a part did not happen: a statement touched another number of rows than it had to, or met a constraint.
struct Refused {
    statement: usize,
    /// Whether rows were changed before that was known.
    after_changes: bool,
}

impl Refused {
    const fn written(&self) -> Written {
        Written::Conflict {
            statement: self.statement,
        }
    }
}

fn apply(connection: &Connection, statements: &[Statement]) -> Result<Option<Refused>, Fault> {
    let mut changed = 0;
    for (place, statement) in statements.iter().enumerate() {
        let executed = connection
            .prepare_cached(statement.sql)
            .and_then(|mut prepared| prepared.execute(params_from_iter(&statement.params)));
        let refused = match executed {
            Ok(touched) => {
                changed += touched;
                !statement.rows.accepts(touched as u64)
            }
            // SQLite takes back what the statement itself has done (https://www.sqlite.org/lang_conflict.html, ABORT).
            Err(error) if is_conflict(&error) => true,
            Err(error) => return Err(fault(error)),
        };
        if refused {
            return Ok(Some(Refused {
                statement: place,
                after_changes: changed > 0,
            }));
        }
    }
    Ok(None)
}

fn run(connection: &Connection, sql: &'static str) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(sql).map_err(fault)?;
    statement.execute([]).map(drop).map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON; CREATE TABLE t (x BLOB); CREATE TABLE parent (id INTEGER PRIMARY KEY);
                 CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);",
            )
            .unwrap();
        connection
    }

    fn add(bytes: usize) -> Vec<Statement> {
        vec![Statement::one(
            "INSERT INTO t (x) VALUES (?1)",
            vec![vec![0_u8; bytes].into()],
        )]
    }

    fn write(connection: &Connection, parts: &[Vec<Statement>]) -> Result<Each, Fault> {
        transaction(connection, parts.iter().map(Vec::as_slice))
    }

    fn count(connection: &Connection) -> isize {
        connection
            .query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn on_a_full_disk_nobody_is_told_what_is_not_there() {
        let connection = connection();
        connection.execute_batch("PRAGMA max_page_count = 8").unwrap();
        let outcome = write(&connection, &[add(1), add(1 << 20), add(2)]);
        let (told, faults): (isize, Vec<Fault>) = match outcome {
            Ok(each) => {
                let told = each
                    .iter()
                    .filter(|one| matches!(one, Ok(Written::Applied)))
                    .count();
                (
                    isize::try_from(told).unwrap(),
                    each.into_iter().filter_map(Result::err).collect(),
                )
            }
            Err(fault) => (0, vec![fault]),
        };
        assert_eq!(told, count(&connection));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].to_string().contains("disk is full"), "{}", faults[0]);
        assert!(write(&connection, &[add(1)]).is_ok());
    }

    #[test]
    fn a_part_that_is_refused_late_is_undone_alone() {
        let connection = connection();
        let parent = |id: i64| Statement::one("INSERT INTO parent (id) VALUES (?1)", vec![id.into()]);
        let nobody = || Statement::one("UPDATE parent SET id = 9 WHERE id = 77", vec![]);
        let parts = [
            vec![parent(1)],
            // Refused by its first statement, without or with an error of SQLite's: nothing to undo.
            vec![nobody(), parent(2)],
            vec![parent(1), parent(3)],
            // Refused after it has changed something.
            vec![parent(4), nobody()],
            vec![parent(5), parent(1)],
            // A first statement that touches too much.
            vec![Statement::any("UPDATE parent SET id = id", vec![]), nobody()],
            vec![parent(6)],
        ];
        let conflict = |statement| Ok(Written::Conflict { statement });
        let expected = [
            Ok(Written::Applied),
            conflict(0),
            conflict(0),
            conflict(1),
            conflict(1),
            conflict(1),
            Ok(Written::Applied),
        ];
        assert_eq!(write(&connection, &parts).unwrap(), expected);
        let ids: String = connection
            .query_row("SELECT group_concat(id, ' ') FROM parent", [], |row| row.get(0))
            .unwrap();
        assert_eq!(ids, "1 6");
        // Where nothing has to be undone nothing is done twice.
        let parts = [vec![parent(7)], vec![nobody(), parent(2)], vec![parent(8)]];
        let each = write(&connection, &parts).unwrap();
        assert_eq!(each, [Ok(Written::Applied), conflict(0), Ok(Written::Applied)]);
    }

    #[test]
    fn when_the_commit_fails_everyone_is_told_and_nothing_is_written() {
        let connection = connection();
        let orphan = vec![Statement::one("INSERT INTO child (id) VALUES (7)", vec![])];
        assert!(write(&connection, &[add(1), orphan]).is_err());
        assert_eq!(count(&connection), 0);
        assert!(connection.is_autocommit());
        assert_eq!(write(&connection, &[add(1)]).unwrap(), [Ok(Written::Applied)]);
    }
}
