//! Many parts in one transaction, each all or nothing, in as few round trips as there can be.
//!
//! First everything is sent at once and nothing stands between the parts: where all succeed, as they nearly always
//! do, that is one round trip and another for the commit. Where one fails, all of it is rolled back and sent again,
//! now with each part behind a savepoint: first as many at once as succeeded before, one after each refusal, and
//! twice as many after each success, so that refusals cost their neighbours little.

use super::error::{ends_the_session, fault, is_conflict, is_spent};
use super::session::{Session, pipelined};
use crate::{Fault, Statement, Written};
use tokio_postgres::Error;

/// What became of each part, in order.
pub(super) type Each = Vec<Result<Written, Fault>>;

/// Why a transaction as a whole did not happen.
#[derive(Debug)]
pub(super) enum Broken {
    /// Nothing of it was written.
    Before(Fault),
    /// The server was asked to commit and its answer is missing: it may have been written or not.
    Committing(Fault),
}

/// The end of a part that was not applied.
enum End {
    Part(Result<Written, Fault>),
    All(Fault),
}

/// Writes all `parts` and comes back once that is durable.
pub(super) async fn write(session: &mut Session, parts: &[&[Statement]]) -> Result<Each, Broken> {
    let mut each: Vec<Option<Result<Written, Fault>>> = Vec::with_capacity(parts.len());
    for part in parts {
        each.push(learn(session, part).await?.err().map(Err));
    }
    let sound: Vec<usize> = (0..parts.len()).filter(|at| each[*at].is_none()).collect();
    let mut run = Run {
        session,
        parts: sound.iter().map(|at| parts[*at]).collect(),
    };
    let ends = run.all().await?;
    for (at, end) in sound.into_iter().zip(ends) {
        each[at] = Some(end);
    }
    Ok(each.into_iter().flatten().collect())
}

/// Makes a part's statements known. The inner error is the part's own: the server does not understand it.
async fn learn(session: &mut Session, part: &[Statement]) -> Result<Result<(), Fault>, Broken> {
    for statement in part {
        if let Err(error) = session.learn(statement.sql).await {
            if is_spent(&error) {
                return Err(Broken::Before(fault(&error)));
            }
            return Ok(Err(fault(&error)));
        }
    }
    Ok(Ok(()))
}

struct Run<'a> {
    session: &'a Session,
    parts: Vec<&'a [Statement]>,
}

impl Run<'_> {
    async fn all(&mut self) -> Result<Each, Broken> {
        if self.parts.is_empty() {
            return Ok(Vec::new());
        }
        let begin = self.session.begin("");
        match self.attempt(&begin, 0..self.parts.len(), false).await? {
            None => {
                self.commit().await?;
                Ok(vec![Ok(Written::Applied); self.parts.len()])
            }
            Some((_, end)) if self.parts.len() == 1 => {
                self.control("ROLLBACK").await?;
                Ok(vec![end])
            }
            Some((good, _)) => self.guarded(&begin, good).await,
        }
    }

    /// Each part behind a savepoint; the first `good` are likely to succeed.
    async fn guarded(&self, begin: &str, good: usize) -> Result<Each, Broken> {
        let mut each = Vec::with_capacity(self.parts.len());
        let mut window = good.max(1);
        let mut before = format!("ROLLBACK; {begin}");
        while each.len() < self.parts.len() {
            let from = each.len();
            let upto = self.parts.len().min(from.saturating_add(window));
            match self.attempt(&before, from..upto, true).await? {
                None => {
                    each.resize(upto, Ok(Written::Applied));
                    before.clear();
                    window = window.saturating_mul(2);
                }
                Some((refused, end)) => {
                    each.resize(refused, Ok(Written::Applied));
                    each.push(end);
                    before = format!("ROLLBACK TO part_{refused}");
                    window = 1;
                }
            }
        }
        if !before.is_empty() {
            self.control(&before).await?;
        }
        self.commit().await?;
        Ok(each)
    }

    /// Sends `before` and these parts; answers the first that was not applied. What comes after it was not either, or
    /// is about to be rolled back with it.
    async fn attempt(
        &self,
        before: &str,
        range: std::ops::Range<usize>,
        guarded: bool,
    ) -> Result<Option<(usize, Result<Written, Fault>)>, Broken> {
        let heads: Vec<String> = range
            .clone()
            .map(|at| head(if at == range.start { before } else { "" }, at, guarded))
            .collect();
        let mut calls = Vec::new();
        for (at, head) in range.clone().zip(&heads) {
            if !head.is_empty() {
                calls.push(self.session.run(head));
            }
            let statements = self.parts[at].iter();
            calls.extend(statements.map(|statement| self.session.execute(statement.sql, &statement.params)));
        }
        let mut answers = pipelined(calls).await.into_iter();
        for (at, head) in range.zip(&heads) {
            if !head.is_empty()
                && let Some(Err(error)) = answers.next()
            {
                return Err(Broken::Before(fault(&error)));
            }
            let answers: Vec<_> = answers.by_ref().take(self.parts[at].len()).collect();
            match judge(self.parts[at], answers) {
                None => {}
                Some(End::Part(end)) => return Ok(Some((at, end))),
                Some(End::All(fault)) => return Err(Broken::Before(fault)),
            }
        }
        Ok(None)
    }

    async fn control(&self, sql: &str) -> Result<(), Broken> {
        let done: Result<(), Error> = self.session.run(sql).await;
        done.map_err(|error| Broken::Before(fault(&error)))
    }

    /// Commits. A warning at this point says that it is durable here but not yet on the standbys it was to wait for.
    async fn commit(&self) -> Result<(), Broken> {
        let warnings = self.session.warnings();
        let done: Result<(), Error> = self.session.run("COMMIT").await;
        match done {
            Ok(()) if self.session.warnings() == warnings => Ok(()),
            Ok(()) => Err(Broken::Committing(Fault::Unavailable(
                "the PostgreSQL server warned while it committed: the standbys may not have the change"
                    .into(),
            ))),
            Err(error) => Err(match error.as_db_error() {
                Some(told) if !ends_the_session(told) => Broken::Before(fault(&error)),
                _ => Broken::Committing(fault(&error)),
            }),
        }
    }
}

/// What is sent ahead of a part.
fn head(before: &str, at: usize, guarded: bool) -> String {
    match (before.is_empty(), guarded) {
        (_, false) => before.to_owned(),
        (true, true) => format!("SAVEPOINT part_{at}"),
        (false, true) => format!("{before}; SAVEPOINT part_{at}"),
    }
}

/// How a part ended; none: every statement touched as many rows as it had to.
fn judge(part: &[Statement], answers: Vec<Result<u64, Error>>) -> Option<End> {
    for (place, (statement, answer)) in part.iter().zip(answers).enumerate() {
        match answer {
            Ok(touched) if statement.rows.accepts(touched) => {}
            Ok(_) => return Some(End::Part(Ok(Written::Conflict { statement: place }))),
            Err(error) if is_conflict(&error) => {
                return Some(End::Part(Ok(Written::Conflict { statement: place })));
            }
            Err(error) if is_spent(&error) => return Some(End::All(fault(&error))),
            Err(error) => return Some(End::Part(Err(fault(&error)))),
        }
    }
    None
}
