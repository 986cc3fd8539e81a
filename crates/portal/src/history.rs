//! What happened to an app, as its team and the maintainers read it.

use crate::problem::Problem;
use crate::views::{self, HistoryEntry, HistoryKind, VersionLink};
use crate::{markdown, people};
use omniport_engine::Engine;
use omniport_protocol::review::{App, Standing};
use omniport_protocol::vocabulary::ClientId;
use omniport_store::portal::{ReviewEvent, ReviewWhat};
use std::collections::BTreeMap;

/// How many different people's names are looked up for one page; the others go by their username.
const MAX_NAMES: usize = 30;

/// How many entries stand on an app's own page; the others have pages of their own.
pub(crate) const SHORT: u32 = 10;
/// How many stand on one of those.
pub(crate) const LONG: u32 = 50;

/// A page of an app's history, newest first.
pub(crate) struct History {
    events: Vec<ReviewEvent>,
    names: BTreeMap<String, String>,
    has_more: bool,
}

/// Who reads a history.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The app's team.
    Team,
    /// Maintainers, who also read what they say among themselves.
    Maintainers,
}

impl History {
    /// At most `most` entries, those before the one numbered `before`.
    pub(crate) async fn read(
        engine: &Engine,
        app: &ClientId,
        reader: Reader,
        before: Option<i64>,
        most: u32,
    ) -> Result<Self, Problem> {
        let all = reader == Reader::Maintainers;
        let mut events = engine.store().history_page(app, all, before, most + 1).await?;
        let has_more = events.len() > most as usize;
        events.truncate(most as usize);
        let mut names = BTreeMap::new();
        for username in events.iter().filter_map(|event| event.actor.as_ref()) {
            if names.len() < MAX_NAMES && !names.contains_key(username) {
                let person = engine.store().person_by_username(username).await?;
                let name = person.map_or_else(|| username.clone(), |person| people::card(&person).name);
                names.insert(username.clone(), name);
            }
        }
        Ok(Self {
            events,
            names,
            has_more,
        })
    }

    /// The number of the newest entry; 0 where there is none.
    pub(crate) fn newest(&self) -> i64 {
        self.events.first().map_or(0, |event| event.id)
    }

    /// Where the older entries are, under the page at `path`; none where these are all.
    pub(crate) fn older(&self, path: &str) -> Option<String> {
        let last = self.events.last().filter(|_| self.has_more)?;
        Some(format!("{path}/history?before={}", last.id))
    }

    /// The entries, with links to the versions they concern under the page at `path`.
    pub(crate) fn entries(&self, path: &str) -> Vec<HistoryEntry> {
        let entry = |event| self.entry(event, path);
        let mut entries: Vec<HistoryEntry> = self.events.iter().map(entry).collect();
        // The first thing that happens to an app is that it is registered, which sends it to review.
        if let (Some(first), Some(entry)) = (self.events.last(), entries.last_mut())
            && !self.has_more
            && (first.what, first.version) == (ReviewWhat::Submitted, 1)
        {
            entry.kind = HistoryKind::Created;
        }
        entries
    }

    fn entry(&self, event: &ReviewEvent, path: &str) -> HistoryEntry {
        let name = |username: &String| self.names.get(username).unwrap_or(username).clone();
        let (kind, what) = kind(event.what);
        HistoryEntry {
            kind,
            who: event
                .actor
                .as_ref()
                .map_or_else(|| nobody(event.what).to_owned(), name),
            when: views::When::from_seconds(event.at.seconds()),
            what: what.map(ToOwned::to_owned),
            version: (event.version > 0 && is_about_a_version(event.what)).then(|| VersionLink {
                number: event.version,
                href: format!("{path}/version?number={}", event.version),
            }),
            comment: Some(event.comment.as_str())
                .filter(|comment| !comment.trim().is_empty())
                .map(markdown::to_html),
        }
    }
}

/// Who did what nobody did in person: an app that manages itself (RFC 7592, or its document) edits, the operator does the rest.
pub(crate) const ITSELF: &str = "The app itself";

const fn nobody(what: ReviewWhat) -> &'static str {
    match what {
        ReviewWhat::Changed | ReviewWhat::ChangeSubmitted | ReviewWhat::ChangeWithdrawn => ITSELF,
        _ => "Omniport",
    }
}

/// What moves an app from one standing, or its change from one stage, to another.
const MOVES: [ReviewWhat; 10] = [
    ReviewWhat::Submitted,
    ReviewWhat::ChangeSubmitted,
    ReviewWhat::ChangeWithdrawn,
    ReviewWhat::Drafted,
    ReviewWhat::TakenBack,
    ReviewWhat::Approved,
    ReviewWhat::ChangesRequested,
    ReviewWhat::Rejected,
    ReviewWhat::Suspended,
    ReviewWhat::Resumed,
];

/// Whether a change of an approved app is under way.
pub(crate) const fn under_way(app: &App) -> views::Change {
    if app.has_waiting_change() {
        views::Change::Pending
    } else if app.has_returned_change() {
        views::Change::Returned
    } else {
        views::Change::None
    }
}

/// Whether a change of an approved app is under way, or was refused last.
pub(crate) async fn change(engine: &Engine, app: &App) -> Result<views::Change, Problem> {
    let under_way = under_way(app);
    if under_way != views::Change::None || app.standing != Standing::Approved {
        return Ok(under_way);
    }
    let last = engine.store().last_event(&app.id, &MOVES).await?;
    Ok(match last {
        Some(event) if event.what == ReviewWhat::Rejected => views::Change::Rejected,
        _ => views::Change::None,
    })
}

/// What a maintainer wrote when they last said no, as HTML that can do no more than text.
pub(crate) async fn last_no(engine: &Engine, app: &ClientId) -> Result<Option<String>, Problem> {
    let noes = [
        ReviewWhat::ChangesRequested,
        ReviewWhat::Rejected,
        ReviewWhat::Suspended,
    ];
    let last = engine.store().last_event(app, &noes).await?;
    Ok(last
        .map(|event| event.comment)
        .filter(|comment| !comment.trim().is_empty())
        .map(|comment| markdown::to_html(&comment)))
}

/// Whether an entry's version is one that was made, sent or decided, so that it says something to look at it.
const fn is_about_a_version(what: ReviewWhat) -> bool {
    matches!(
        what,
        ReviewWhat::Drafted
            | ReviewWhat::Submitted
            | ReviewWhat::ChangeSubmitted
            | ReviewWhat::Changed
            | ReviewWhat::Approved
            | ReviewWhat::ChangesRequested
            | ReviewWhat::Rejected
    )
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
