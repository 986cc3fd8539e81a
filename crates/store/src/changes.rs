//! What nodes may keep in memory, and how they learn that it has changed.
//!
//! Each [`Topic`] has a number in the database, which every change of it raises in the change's own transaction. A node
//! that [follows](Store::follow) asks for the numbers several times a second, and at once when `PostgreSQL` calls
//! (LISTEN); so it also hears of what a command did beside it. What it keeps is good for [`LEASE`] after the moment *before* the question that
//! confirmed its number, and no longer: a node that hears nothing forgets by itself. This node's own changes
//! count at once. See `docs/decisions/0017-what-a-node-may-remember.md`.

use crate::{Dialect, Fault, Query, Row, Statement, Store};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long what is kept may be used after it was last known to be current: the bound on how late a node sees another's
/// change.
pub const LEASE: Duration = Duration::from_secs(1);
/// Between two looks at the numbers. Three fit into a lease.
const ROUND: Duration = Duration::from_millis(300);

/// More than a look takes.
const A_LOOK: Duration = Duration::from_millis(100);

/// Something that a node may keep in memory as long as nobody changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The keys that sign.
    Keys,
    /// Settings that are kept in the database.
    Settings,
    /// The APIs that are registered.
    Apis,
    /// What apps are to the rules: raised by [`Store::write`](crate::Store) itself, whoever changes one.
    Apps,
}

impl Topic {
    const ALL: [Self; 4] = [Self::Keys, Self::Settings, Self::Apis, Self::Apps];

    /// Its name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Settings => "settings",
            Self::Apis => "apis",
            Self::Apps => "apps",
        }
    }
}

const RAISE: &str = "INSERT INTO changes (topic, number) VALUES (?1, 1) \
     ON CONFLICT (topic) DO UPDATE SET number = changes.number + 1";
/// `PostgreSQL` delivers it when the transaction commits, and never if it does not.
const CALL: &str = "SELECT pg_notify('omniport', ?1)";

/// The changes that tell every node of a change of `topic`: to be made in the same transaction.
pub(crate) fn announcement(dialect: Dialect, topic: Topic) -> Vec<Statement> {
    let mut told = vec![Statement::one(RAISE, vec![topic.as_str().into()])];
    if dialect == Dialect::Postgres {
        told.push(Statement::one(CALL, vec![topic.as_str().into()]));
    }
    told
}

/// The tables that make an app what it is to the rules.
const OF_APPS: [&str; 4] = ["apps", "manifests", "client_secrets", "app_scopes"];

/// Whether one of these changes what an app is to the rules.
pub(crate) fn change_an_app(statements: &[Statement]) -> bool {
    let target = |statement: &Statement| {
        let mut words = statement.sql.split_ascii_whitespace();
        match words.next()? {
            "INSERT" | "DELETE" => words.nth(1),
            "UPDATE" => words.next(),
            _ => None,
        }
    };
    let mut targets = statements.iter().filter_map(target);
    targets.any(|table| OF_APPS.contains(&table))
}

/// A topic's number.
pub(crate) fn number(topic: Topic) -> Query {
    Query::key(
        "SELECT number FROM changes WHERE topic = ?1",
        vec![topic.as_str().into()],
    )
}

/// What this node knows of the numbers.
#[derive(Default)]
pub(crate) struct Feed {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    numbers: BTreeMap<Topic, i64>,
    /// When they were last asked for and found; none: not good any more.
    as_of: Option<Instant>,
    /// How often this node has changed something: an answer to an earlier question says nothing then.
    own_changes: u64,
}

/// Forgets what is known when it is dropped.
pub(crate) struct OwnChange<'a>(&'a Feed);

impl Drop for OwnChange<'_> {
    fn drop(&mut self) {
        let mut known = self.0.known();
        known.own_changes += 1;
        known.as_of = None;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an age on this machine's steady clock, never a moment that anybody is told"
)]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

impl Feed {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be held while these are written: whatever becomes of it, what this node knew is then not good any more.
    pub(crate) fn own_change(&self, statements: &[Statement]) -> Option<OwnChange<'_>> {
        let announces = statements.iter().any(|statement| statement.sql == RAISE);
        announces.then(|| OwnChange(self))
    }

    /// A topic's number, where it is known to be current.
    pub(crate) fn current(&self, topic: Topic) -> Option<i64> {
        let known = self.known();
        let fresh = known.as_of.is_some_and(|as_of| as_of.elapsed() < LEASE);
        fresh.then(|| known.numbers.get(&topic).copied().unwrap_or_default())
    }

    /// Notes what a question found that was asked at `as_of`, when this node had changed `own_changes` things.
    fn learn(&self, numbers: BTreeMap<Topic, i64>, as_of: Instant, own_changes: u64) {
        let mut known = self.known();
        if known.own_changes == own_changes {
            known.numbers = numbers;
            known.as_of = Some(as_of);
        }
    }
}

impl Store {
    /// Keeps this node told of changes for as long as it is polled: a task that the server starts and drops. Without it
    /// nothing is kept.
    pub async fn follow(&self) {
        let mut was_told = true;
        loop {
            let told = self.look().await;
            if let (Err(fault), true) = (&told, was_told) {
                tracing::warn!(error = %fault, "changes of other nodes cannot be followed; nothing is kept in memory meanwhile");
            }
            was_told = told.is_ok();
            tokio::select! {
                () = tokio::time::sleep(ROUND) => {}
                () = self.driver().called() => {}
            }
        }
    }

    async fn look(&self) -> Result<(), Fault> {
        let (as_of, own_changes) = (instant(), self.feed().known().own_changes);
        let query = Query::key("SELECT topic, number FROM changes", Vec::new());
        let rows = self.list(query, |row| Ok((row.text()?, row.int()?))).await?;
        let rows: BTreeMap<String, i64> = rows.into_iter().collect();
        // What a newer node keeps is none of ours.
        let numbers = Topic::ALL
            .into_iter()
            .filter_map(|topic| Some((topic, *rows.get(topic.as_str())?)));
        self.feed().learn(numbers.collect(), as_of, own_changes);
        Ok(())
    }

    /// Waits until a server beside this process, which looks every now and then, has heard of what was just changed: for
    /// commands, whose answer says that it holds.
    pub async fn heard(&self) {
        tokio::time::sleep(ROUND + A_LOOK).await;
    }

    /// Tells every node that something of `topic` has changed: for changes made elsewhere than in the store.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn announce(&self, topic: Topic) -> Result<(), Fault> {
        self.write(announcement(self.dialect(), topic)).await.map(drop)
    }

    async fn number(&self, topic: Topic) -> Result<i64, Fault> {
        Ok(self.maybe(number(topic), Row::int).await?.unwrap_or_default())
    }
}

/// A value read from the store, kept until its topic changes.
pub struct Kept<T> {
    topic: Topic,
    slot: Mutex<Option<(i64, Arc<T>)>>,
}

impl<T> Kept<T> {
    /// Nothing yet.
    pub const fn new(topic: Topic) -> Self {
        Self {
            topic,
            slot: Mutex::new(None),
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<(i64, Arc<T>)>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value, at most [`LEASE`] behind another node's change and never behind this one's; read by `read` where it is
    /// not known to be that.
    ///
    /// # Errors
    /// A [`Fault`], or what `read` fails with.
    pub async fn get<E: From<Fault>>(
        &self,
        store: &Store,
        read: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        if let Some(current) = store.feed().current(self.topic)
            && let Some((number, value)) = &*self.slot()
            && *number == current
        {
            return Ok(Arc::clone(value));
        }
        // The number first: a value is then never older than the number it is kept under, whoever changes it between the
        // two or while it is on its way.
        let number = store.number(self.topic).await?;
        let value = Arc::new(read().await?);
        *self.slot() = Some((number, Arc::clone(&value)));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(number: i64) -> BTreeMap<Topic, i64> {
        [(Topic::Keys, number)].into()
    }

    #[test]
    fn whoever_changes_an_app_tells_so() {
        let tells = |sql| {
            change_an_app(&[
                Statement::any("SELECT 1", Vec::new()),
                Statement::any(sql, Vec::new()),
            ])
        };
        for sql in [
            "UPDATE apps SET standing = ?1",
            "INSERT INTO manifests (client_id) VALUES (?1)",
            "DELETE FROM client_secrets WHERE client_id = ?1",
            "UPDATE app_scopes SET approved = 1",
        ] {
            assert!(tells(sql), "{sql}");
        }
        for sql in [
            "INSERT INTO access_tokens (hash) SELECT x FROM apps",
            "DELETE FROM grants",
            RAISE,
            "",
        ] {
            assert!(!tells(sql), "{sql}");
        }
    }

    #[test]
    fn what_was_confirmed_is_good_for_a_second() {
        let feed = Feed::default();
        assert_eq!(feed.current(Topic::Keys), None);
        feed.learn(numbers(3), instant(), 0);
        assert_eq!(feed.current(Topic::Keys), Some(3));
        assert_eq!(feed.current(Topic::Settings), Some(0));
        let Some(earlier) = instant().checked_sub(LEASE) else {
            return;
        };
        feed.learn(numbers(3), earlier, 0);
        assert_eq!(feed.current(Topic::Keys), None);
    }

    #[test]
    fn an_answer_from_before_an_own_change_counts_for_nothing() {
        let feed = Feed::default();
        let (asked, before) = (instant(), feed.known().own_changes);
        drop(feed.own_change(&announcement(Dialect::Sqlite, Topic::Keys)));
        feed.learn(numbers(3), asked, before);
        assert_eq!(feed.current(Topic::Keys), None);
        feed.learn(numbers(4), asked, before + 1);
        assert_eq!(feed.current(Topic::Keys), Some(4));
        drop(feed.own_change(&[Statement::any("SELECT 1", Vec::new())]));
        assert_eq!(feed.current(Topic::Keys), Some(4));
    }
}
