//! Writing behind the requests what was told.

use super::waiting::OfApp;
use crate::{Engine, Fault};
use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash, Timestamp};
use omniport_store::portal::{NewFlowEvent, Usage, UsageNote};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Between two writes of events.
const PAUSE: Duration = Duration::from_secs(1);
/// Usage is written with every so-many-th of them.
const USAGE_EVERY: u32 = 30;
/// An app's oldest events are taken away after so many new ones.
const TRIM_AFTER: u32 = 50;
/// How exact a secret's and a session's last use is, in seconds: a later one within them is not written.
const USE_EXACT: i64 = 300;
/// How exact a last read is.
const READ_EXACT: i64 = 3_600;
/// What is remembered of what was written, at most; beyond it all is forgotten, and some rows are written once more.
const REMEMBERED: usize = 50_000;

/// What the writer remembers between two writes.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// New events of each app since it was trimmed last; an app that is not here has yet to be.
    since_trim: HashMap<ClientId, u32>,
    secrets: HashMap<SecretHash, Timestamp>,
    sessions: HashMap<SecretHash, Timestamp>,
    reads: HashMap<(ClientId, PersonId), Timestamp>,
}

impl Writer {
    /// The apps whose oldest events are due to go.
    fn trimmed(&mut self, events: &[NewFlowEvent]) -> Vec<ClientId> {
        if self.since_trim.len() > REMEMBERED {
            self.since_trim.clear();
        }
        let mut of_app: BTreeMap<&ClientId, u32> = BTreeMap::new();
        for event in events {
            *of_app.entry(&event.client).or_default() += 1;
        }
        let mut due = Vec::new();
        for (client, new) in of_app {
            match self.since_trim.get_mut(client) {
                Some(since) if *since + new < TRIM_AFTER => *since += new,
                _ => {
                    self.since_trim.insert(client.clone(), 0);
                    due.push(client.clone());
                }
            }
        }
        due
    }

    /// What an app's usage comes to as notes.
    fn notes(&mut self, client: &ClientId, app: OfApp) -> Vec<UsageNote> {
        let mut notes = Vec::new();
        let counted = app
            .days
            .into_iter()
            .filter(|(_, usage)| *usage != Usage::default());
        notes.extend(counted.map(|(day, usage)| UsageNote::Count(client.clone(), day, usage)));
        let mut active: BTreeMap<i64, Vec<PersonId>> = BTreeMap::new();
        for ((day, person), read) in app.people {
            active.entry(day).or_default().push(person);
            if let Some(at) = read
                && is_due(&mut self.reads, (client.clone(), person), at, READ_EXACT)
            {
                notes.push(UsageNote::Read(client.clone(), person, at));
            }
        }
        notes.extend(
            active
                .into_iter()
                .map(|(day, people)| UsageNote::People(client.clone(), day, people)),
        );
        for (hash, at) in app.secrets {
            if is_due(&mut self.secrets, hash, at, USE_EXACT) {
                notes.push(UsageNote::Secret(client.clone(), hash, at));
            }
        }
        notes
    }
}

/// Whether `key` was not written within the last `exact` seconds; then it counts as written.
fn is_due<K: std::hash::Hash + Eq>(
    written: &mut HashMap<K, Timestamp>,
    key: K,
    at: Timestamp,
    exact: i64,
) -> bool {
    if written.get(&key).is_some_and(|last| at < last.plus(exact)) {
        return false;
    }
    if written.len() >= REMEMBERED {
        written.clear();
    }
    written.insert(key, at);
    true
}

impl Engine {
    /// Writes the events that were told until now.
    ///
    /// # Errors
    /// [`Fault`] of the store; then they are lost.
    pub async fn write_flow(&self) -> Result<(), Fault> {
        // One at a time, so that the events' numbers follow their moments.
        let mut writer = self.flow.writer.lock().await;
        let events = self.flow.waiting().take_events();
        if events.is_empty() {
            return Ok(());
        }
        let trimmed = writer.trimmed(&events);
        Ok(self.store().write_flow(events, &trimmed).await?)
    }

    /// Writes everything that was told until now: the events, and usage.
    ///
    /// # Errors
    /// [`Fault`] of the store; then it is lost.
    pub async fn flush_flow(&self) -> Result<(), Fault> {
        self.write_flow().await?;
        let mut writer = self.flow.writer.lock().await;
        let taken = self.flow.waiting().take_usage();
        let mut notes: Vec<UsageNote> = taken
            .into_iter()
            .flat_map(|(client, app)| writer.notes(&client, app))
            .collect();
        notes.extend(self.sessions_due(&mut writer));
        Ok(self.store().note_usage(&notes).await?)
    }

    /// Writes when signed-in browsers were last used.
    ///
    /// # Errors
    /// [`Fault`] of the store; then it is lost.
    pub async fn write_sessions_used(&self) -> Result<(), Fault> {
        let mut writer = self.flow.writer.lock().await;
        let notes = self.sessions_due(&mut writer);
        Ok(self.store().note_usage(&notes).await?)
    }

    fn sessions_due(&self, writer: &mut Writer) -> Vec<UsageNote> {
        let sessions = self.flow.waiting().take_sessions().into_iter();
        let due = sessions.filter(|(session, at)| is_due(&mut writer.sessions, *session, *at, USE_EXACT));
        due.map(|(session, at)| UsageNote::Session(session, at)).collect()
    }

    /// Writes what is told, for as long as it is polled: a task that the server starts and drops. Whoever stops it
    /// calls [`Self::flush_flow`] once more.
    pub async fn keep_flow(&self) {
        let mut left_out = 0;
        for round in 1_u32.. {
            tokio::time::sleep(PAUSE).await;
            let with_usage = round.is_multiple_of(USAGE_EVERY);
            let written = if with_usage {
                self.flush_flow().await
            } else {
                self.write_flow().await
            };
            if let Err(fault) = written {
                tracing::warn!(error = %fault, "what apps' requests came to was not written down");
            }
            let now = self.flow_gathered().left_out;
            if with_usage && now > left_out {
                tracing::debug!(
                    count = now - left_out,
                    "events of apps were left out: too many at once"
                );
                left_out = now;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(client: &str) -> NewFlowEvent {
        NewFlowEvent {
            client: ClientId::parse(client).unwrap(),
            at: Timestamp::from_seconds(1),
            endpoint: "token",
            refused: false,
            result: "tokens",
            reason: String::new(),
            person: None,
            request_id: String::new(),
        }
    }

    #[test]
    fn an_app_is_trimmed_when_it_is_first_seen_and_then_now_and_then() {
        let mut writer = Writer::default();
        let mut due = |count: usize| writer.trimmed(&vec![event("a"); count]).len();
        assert_eq!(
            [due(1), due(40), due(9), due(1), due(1), due(60)],
            [1, 0, 0, 1, 0, 1]
        );
    }

    #[test]
    fn a_last_use_is_written_now_and_then_only() {
        let mut written = HashMap::new();
        let mut due = |at| is_due(&mut written, "s", Timestamp::from_seconds(at), 300);
        assert_eq!([due(0), due(299), due(300), due(301)], [true, false, true, false]);
    }
}
