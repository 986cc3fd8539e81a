//! Connections that read, lent one at a time.

use super::DEADLINE;
use super::address::Settings;
use super::error::{fault, is_spent, silent};
use super::session::{Session, pipelined};
use crate::{Fault, Query, Reach, Row};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::Error;

/// Of all connections, lists may hold one in this many, so that looking up a key never waits behind long lists only.
const LISTS_SHARE: usize = 2;

/// The connections. They are opened when they are needed, and kept.
pub(super) struct Pool {
    settings: Arc<Settings>,
    idle: Mutex<Vec<Session>>,
    all: Semaphore,
    lists: Semaphore,
}

/// A session that is lent. It goes back when this is dropped, unless it has ended.
///
/// A reader that gives up half-way does no harm: everything it sends, up to the end of its transaction, is sent at
/// once, and whoever has the session next only waits until that is answered.
struct Lease<'a> {
    pool: &'a Pool,
    session: Option<Session>,
    _permits: [Option<SemaphorePermit<'a>>; 2],
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(session) = self.session.take()
            && !session.is_closed()
        {
            self.pool.idle().push(session);
        }
    }
}

impl Pool {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self {
            idle: Mutex::new(Vec::new()),
            all: Semaphore::new(settings.readers),
            lists: Semaphore::new((settings.readers / LISTS_SHARE).max(1)),
            settings,
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers `queries` from one snapshot, or says within [`DEADLINE`] that it cannot.
    pub(super) async fn read(&self, queries: &[Query]) -> Result<Vec<Vec<Row>>, Fault> {
        let mut lease = None;
        let answered = tokio::time::timeout(DEADLINE, self.answer(queries, &mut lease)).await;
        answered.unwrap_or_else(|_| Err(self.too_late(lease)))
    }

    async fn answer<'a>(
        &'a self,
        queries: &[Query],
        slot: &mut Option<Lease<'a>>,
    ) -> Result<Vec<Vec<Row>>, Fault> {
        let permits = self.permits(queries).await?;
        let lease = slot.insert(Lease {
            pool: self,
            session: None,
            _permits: permits,
        });
        let kept = self.kept();
        let was_kept = kept.is_some();
        let session = match kept {
            Some(session) => session,
            None => Session::open(&self.settings).await?,
        };
        let error = match ask(lease.session.insert(session), queries).await {
            Ok(answers) => return Ok(answers),
            Err(error) => error,
        };
        if !is_spent(&error) {
            return Err(fault(&error));
        }
        // One that was kept may have ended unnoticed, as when the server was started again: reading asks once more.
        lease.session = None;
        if !was_kept {
            return Err(fault(&error));
        }
        let session = lease.session.insert(Session::open(&self.settings).await?);
        ask(session, queries).await.map_err(|error| fault(&error))
    }

    async fn permits(&self, queries: &[Query]) -> Result<[Option<SemaphorePermit<'_>>; 2], Fault> {
        let closed = |_| Fault::Bug("the pool of connections was closed".into());
        let list = if queries.iter().any(|query| query.reach == Reach::List) {
            Some(self.lists.acquire().await.map_err(closed)?)
        } else {
            None
        };
        Ok([list, Some(self.all.acquire().await.map_err(closed)?)])
    }

    /// One that waits and still lives.
    fn kept(&self) -> Option<Session> {
        let mut idle = self.idle();
        while let Some(session) = idle.pop() {
            if !session.is_closed() {
                return Some(session);
            }
        }
        None
    }

    fn too_late(&self, lease: Option<Lease<'_>>) -> Fault {
        match lease {
            None => Fault::Unavailable(format!(
                "all {} connections that read have been busy for {} seconds; raise `connections` in the \
                 database address, or find out what is slow",
                self.settings.readers,
                DEADLINE.as_secs()
            )),
            Some(mut lease) => {
                if let Some(session) = lease.session.take() {
                    session.abandon();
                }
                silent("reading")
            }
        }
    }
}

/// One query is its own snapshot; several share that of a transaction.
async fn ask(session: &mut Session, queries: &[Query]) -> Result<Vec<Vec<Row>>, Error> {
    for query in queries {
        session.learn(query.sql).await?;
    }
    let session = &*session;
    let questions = queries
        .iter()
        .map(|query| session.query(query.sql, &query.params));
    if queries.len() == 1 {
        return pipelined(questions.collect()).await.into_iter().collect();
    }
    let begin = session.begin("ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    let mut calls = vec![session.run(&begin)];
    calls.extend(questions);
    calls.push(session.run("COMMIT"));
    let mut answers: Vec<_> = pipelined(calls).await.into_iter().collect::<Result<_, _>>()?;
    answers.pop();
    answers.remove(0);
    Ok(answers)
}
