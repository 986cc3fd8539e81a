//! What happened to an app, as its team and the maintainers read it.

use crate::problem::Problem;
use crate::views::{self, HistoryEntry, HistoryKind};
use crate::{markdown, people};
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
    /// Reads an app's history as its team sees it.
    pub(crate) async fn of(engine: &Engine, app: &App) -> Result<Self, Problem> {
        Self::read(engine, engine.store().history(&app.id).await?).await
    }

    /// The same with what only maintainers read.
    pub(crate) async fn for_maintainers(engine: &Engine, app: &App) -> Result<Self, Problem> {
        Self::read(engine, engine.store().history_for_maintainers(&app.id).await?).await
    }

    /// The number of the newest entry; 0 where there is none.
    pub(crate) fn newest(&self) -> i64 {
        self.events.first().map_or(0, |event| event.id)
    }

    async fn read(engine: &Engine, events: Vec<ReviewEvent>) -> Result<Self, Problem> {
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
            what: what.map(|what| match event.version {
                0 => what.to_owned(),
                version => format!("{what} (version {version})"),
            }),
            comment: Some(event.comment.as_str())
                .filter(|comment| !comment.trim().is_empty())
                .map(markdown::to_html),
        }
    }

    /// Whether a change of an approved app waits, or was refused last.
    pub(crate) fn change(&self, app: &App) -> views::Change {
        if app.has_waiting_change() {
            return views::Change::Pending;
        }
        if app.has_returned_change() {
            return views::Change::Returned;
        }
        let last = self
            .events
            .iter()
            .map(|event| event.what)
            .find(|what| !matches!(what, ReviewWhat::Changed | ReviewWhat::Commented));
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
        ReviewWhat::Drafted => (HistoryKind::Created, Some("As a draft")),
        ReviewWhat::TakenBack => (HistoryKind::Changed, Some("Taken back from review")),
        ReviewWhat::ChangesRequested => (HistoryKind::ChangesRequested, None),
        ReviewWhat::Commented => (HistoryKind::Commented, None),
        ReviewWhat::Noted => (HistoryKind::Noted, None),
        ReviewWhat::Claimed => (HistoryKind::Changed, Some("Review claimed")),
        ReviewWhat::Released => (HistoryKind::Changed, Some("Review given back")),
        ReviewWhat::Approved => (HistoryKind::Approved, None),
        ReviewWhat::Rejected => (HistoryKind::Rejected, None),
        ReviewWhat::Suspended => (HistoryKind::Suspended, None),
        ReviewWhat::Resumed => (HistoryKind::Resumed, None),
    }
}
