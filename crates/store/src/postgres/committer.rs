//! The connections that write: each gathers what waits into one commit.
//!
//! Nobody is answered before the commit: what was answered is durable, as far as the server is set to make it so.

use super::DEADLINE;
use super::address::Settings;
use super::error::silent;
use super::session::Session;
use super::transaction::{self, Broken, Each};
use crate::driver::Tallied;
use crate::{Activity, Fault, Statement, Value, Written};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};

/// Most transactions that may wait. A longer queue would only be a slower refusal.
const WAITING: usize = 4_096;
/// Most transactions in one commit. `PostgreSQL` keeps track of 64 savepoints of a transaction cheaply.
const GATHERED: usize = 60;

/// Statements that wait for their commit.
struct Job {
    statements: Vec<Statement>,
    answer: oneshot::Sender<Result<Written, Fault>>,
}

/// The handle of the tasks that write. They end when it is dropped and everything handed in has been written.
pub(super) struct Committers {
    queue: mpsc::Sender<Job>,
    tallied: Arc<Tallied>,
}

impl Committers {
    /// Starts the tasks; they connect when there is something to write.
    pub(super) fn start(settings: &Arc<Settings>) -> Self {
        let (queue, jobs) = mpsc::channel(WAITING);
        let jobs = Arc::new(Mutex::new(jobs));
        let tallied = Arc::new(Tallied::default());
        for _ in 0..settings.committers {
            tokio::spawn(serve(
                Arc::clone(settings),
                Arc::clone(&jobs),
                Arc::clone(&tallied),
            ));
        }
        Self { queue, tallied }
    }

    /// What was written, and what waits.
    pub(super) fn activity(&self) -> Activity {
        self.tallied
            .activity(self.queue.max_capacity() - self.queue.capacity())
    }

    /// Writes `statements` as one transaction, or says within [`DEADLINE`] that it cannot.
    pub(super) async fn write(&self, statements: Vec<Statement>) -> Result<Written, Fault> {
        let (answer, answered) = oneshot::channel();
        let job = Job { statements, answer };
        self.queue.try_send(job).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Fault::Unavailable(format!(
                "{WAITING} changes wait to be written already; the PostgreSQL server is too slow for this load"
            )),
            mpsc::error::TrySendError::Closed(_) => stopped(),
        })?;
        match tokio::time::timeout(DEADLINE, answered).await {
            Ok(answer) => answer.unwrap_or_else(|_| Err(stopped())),
            Err(_) => Err(unknown(silent("writing"))),
        }
    }
}

fn stopped() -> Fault {
    unknown(Fault::Unavailable(
        "the task that writes has stopped; restart omniport".into(),
    ))
}

/// Says besides what went wrong that the outcome is open.
fn unknown(fault: Fault) -> Fault {
    match fault {
        Fault::Unavailable(what) => {
            Fault::Unavailable(format!("{what}; whether this change was written is not known"))
        }
        other => other,
    }
}

async fn serve(settings: Arc<Settings>, jobs: Arc<Mutex<mpsc::Receiver<Job>>>, tallied: Arc<Tallied>) {
    let mut session = None;
    loop {
        let mut gathered = Vec::new();
        if jobs.lock().await.recv_many(&mut gathered, GATHERED).await == 0 {
            return;
        }
        // Whoever has gone away before their turn was told nothing, or that it is not known: it need not happen.
        gathered.retain(|job| !job.answer.is_closed());
        if gathered.is_empty() {
            continue;
        }
        // All nodes lock rows in one order as far as can be seen from outside, so that they seldom deadlock.
        gathered.sort_by(|one, other| key(&one.statements).cmp(key(&other.statements)));
        let parts: Vec<&[Statement]> = gathered.iter().map(|job| job.statements.as_slice()).collect();
        let outcome = commit(&mut session, &settings, &parts).await;
        tallied.committed(gathered.len(), outcome.is_ok());
        answer(gathered, outcome);
    }
}

/// The bytes that most likely say which row is locked first: a hash or an identifier.
fn key(statements: &[Statement]) -> &[u8] {
    let params = statements.first().map_or(&[][..], |first| &first.params);
    let bytes = params.iter().find_map(|value| match value {
        Value::Blob(bytes) => Some(bytes.as_slice()),
        Value::Text(text) => Some(text.as_bytes()),
        Value::Null | Value::Int(_) => None,
    });
    bytes.unwrap_or_default()
}

/// Writes the parts in one commit, on the session at hand or a new one.
async fn commit(
    slot: &mut Option<Session>,
    settings: &Settings,
    parts: &[&[Statement]],
) -> Result<Each, Fault> {
    let kept = slot.take().filter(|session| !session.is_closed());
    if let Some(session) = kept {
        match attempt(session, slot, parts).await {
            // The session had ended unnoticed, as when the server was started again: once more on a new one.
            Err(Broken::Before(_)) if slot.is_none() => {}
            outcome => return settle(outcome),
        }
    }
    let session = Session::open(settings).await?;
    settle(attempt(session, slot, parts).await)
}

fn settle(outcome: Result<Each, Broken>) -> Result<Each, Fault> {
    outcome.map_err(|broken| match broken {
        Broken::Before(fault) => fault,
        Broken::Committing(fault) => unknown(fault),
    })
}

/// One attempt. The session goes back into the slot only where it is known to stand outside a transaction.
async fn attempt(
    mut session: Session,
    slot: &mut Option<Session>,
    parts: &[&[Statement]],
) -> Result<Each, Broken> {
    match tokio::time::timeout(DEADLINE, transaction::write(&mut session, parts)).await {
        Ok(Ok(each)) => {
            *slot = Some(session);
            Ok(each)
        }
        Ok(Err(broken)) => Err(broken),
        Err(_) => {
            session.abandon();
            Err(Broken::Committing(silent("writing")))
        }
    }
}

fn answer(gathered: Vec<Job>, outcome: Result<Each, Fault>) {
    // Whoever asked may have gone away meanwhile: what was decided has happened all the same.
    match outcome {
        Ok(each) => gathered.into_iter().zip(each).for_each(|(job, end)| {
            let _ = job.answer.send(end);
        }),
        Err(fault) => gathered.into_iter().for_each(|job| {
            let _ = job.answer.send(Err(fault.clone()));
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_ordered_by_what_it_locks_first() {
        let part = |params| vec![Statement::any("x", params)];
        assert_eq!(key(&part(vec![Value::Int(7), vec![1_u8, 2].into()])), [1, 2]);
        assert_eq!(key(&part(vec!["a".into(), vec![1_u8].into()])), b"a");
        assert!(key(&part(vec![Value::Null])).is_empty() && key(&[]).is_empty());
    }
}
