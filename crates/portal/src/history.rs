//! What happened to an app, as its team and the maintainers read it.

use crate::people;
use crate::problem::Problem;
use crate::views::{self, HistoryEntry, HistoryKind};
use omniport_engine::Engine;
use omniport_protocol::review::{App, Standing};
use omniport_store::portal::{ReviewEvent, ReviewWhat};
use std::collections::BTreeMap;

/// How many different people's names are looked up for one page; the others go by their username.
const MAX_NAMES: usize = 30;

/// An app's history, newest first.
pub(crate) struct History {
    events: Vec<ReviewEvent>,
    names: BTreeMap<String, String>,
}

impl History {
    /// Reads an app's history.
    pub(crate) async fn of(engine: &Engine, app: &App) -> Result<Self, Problem> {
        let events = engine.store().history(&app.id).await?;
        let mut names = BTreeMap::new();
        for username in events.iter().filter_map(|event| event.actor.as_ref()) {
            if names.len() < MAX_NAMES && !names.contains_key(username) {
                let person = engine.store().person_by_username(username).await?;
                let name = person.map_or_else(|| username.clone(), |person| people::card(&person).name);
                names.insert(username.clone(), name);
            }
        }
        Ok(Self { events, names })
    }

    /// The entries.
    pub(crate) fn entries(&self) -> Vec<HistoryEntry> {
        let mut entries: Vec<HistoryEntry> = self.events.iter().map(|event| self.entry(event)).collect();
        // The first thing that happens to an app is that it is registered, which sends it to review.
        if let (Some(first), Some(entry)) = (self.events.last(), entries.last_mut())
            && (first.what, first.version) == (ReviewWhat::Submitted, 1)
        {
            entry.kind = HistoryKind::Created;
        }
        entries
    }

    fn entry(&self, event: &ReviewEvent) -> HistoryEntry {
        let name = |username: &String| self.names.get(username).unwrap_or(username).clone();
        let (kind, what) = kind(event.what);
        HistoryEntry {
            kind,
            who: event.actor.as_ref().map_or_else(|| "Omniport".to_owned(), name),
            when: views::When::from_seconds(event.at.seconds()),
            what: what.map(|what| format!("{what} (version {})", event.version)),
            comment: Some(event.comment.clone()).filter(|comment| !comment.trim().is_empty()),
        }
    }

    /// Whether a change of an approved app waits, or was refused last.
    pub(crate) fn change(&self, app: &App) -> views::Change {
        if app.has_waiting_change() {
            return views::Change::Pending;
        }
        let last = self
            .events
            .iter()
            .map(|event| event.what)
            .find(|what| *what != ReviewWhat::Changed);
        if app.standing == Standing::Approved && last == Some(ReviewWhat::Rejected) {
            views::Change::Rejected
        } else {
            views::Change::None
        }
    }
}

fn kind(what: ReviewWhat) -> (HistoryKind, Option<&'static str>) {
    match what {
        ReviewWhat::Submitted => (HistoryKind::Submitted, None),
        ReviewWhat::ChangeSubmitted => (HistoryKind::Submitted, Some("A change")),
        ReviewWhat::ChangeWithdrawn => (HistoryKind::Changed, Some("A waiting change was taken back")),
        ReviewWhat::Changed => (HistoryKind::Changed, None),
        ReviewWhat::Approved => (HistoryKind::Approved, None),
        ReviewWhat::Rejected => (HistoryKind::Rejected, None),
        ReviewWhat::Suspended => (HistoryKind::Suspended, None),
        ReviewWhat::Resumed => (HistoryKind::Resumed, None),
    }
}
