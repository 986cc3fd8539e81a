//! `/developer`: the apps of the signed-in developer.

use super::{AppStatus, Change, Chrome, Mark, When, counted};
use askama::Template;

/// The apps whose team the person is on.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/list.html")]
pub struct DeveloperList {
    /// The frame.
    pub chrome: Chrome,
    /// Whether the person may register an app.
    pub may_add: bool,
    /// The apps, in the order to be shown; none shows the first step instead.
    pub apps: Vec<AppRow>,
    /// What was searched for (field `q`); empty: nothing.
    pub query: String,
    /// Where the next ones are.
    pub next_page: Option<String>,
}

/// One app in the list.
#[derive(Debug, Clone)]
pub struct AppRow {
    /// Its client ID, which is also its dashboard's: `/developer/apps/ID`.
    pub id: String,
    /// Name and logo.
    pub mark: Mark,
    /// Where it stands.
    pub status: AppStatus,
    /// Whether a change is under way.
    pub change: Change,
    /// When it was registered.
    pub created: When,
    /// How many people have allowed it.
    pub people: u64,
}

impl AppRow {
    /// How many people, in words.
    pub fn people_words(&self) -> String {
        match self.people {
            0 => "no one connected yet".to_owned(),
            1 => "1 person connected".to_owned(),
            many => format!("{} people connected", counted(many)),
        }
    }
}
