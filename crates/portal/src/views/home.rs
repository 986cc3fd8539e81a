//! `/`: the person's own page, or for a stranger what this is.

use super::{Chrome, Mark, Person, When};
use askama::Template;

/// `/` for a stranger.
#[derive(Debug, Clone, Template)]
#[template(path = "home_signed_out.html")]
pub struct HomeSignedOut {
    /// The frame; its viewer is none.
    pub chrome: Chrome,
}

/// `/` for the signed-in person: who they are, what happened, and which apps have what of theirs.
#[derive(Debug, Clone, Template)]
#[template(path = "home.html")]
pub struct Home {
    /// The frame; its viewer decides which areas are offered.
    pub chrome: Chrome,
    /// The person.
    pub person: Person,
    /// What happened to them in teams, newest first.
    pub news: Vec<TeamNews>,
    /// The apps that hold a live consent, newest first.
    pub apps: Vec<ConnectedApp>,
}

/// A person was added to or removed from a team.
#[derive(Debug, Clone)]
pub struct TeamNews {
    /// By which it is dismissed.
    pub id: i64,
    /// Added (`true`) or removed.
    pub added: bool,
    /// The app.
    pub app: String,
    /// Its dashboard, while it is theirs to open.
    pub href: Option<String>,
    /// Who did it.
    pub by: String,
    /// When.
    pub when: When,
}

/// An app that the person allowed to see something.
#[derive(Debug, Clone)]
pub struct ConnectedApp {
    /// The client ID: `/account/apps/CLIENT_ID/withdraw`.
    pub client_id: String,
    /// Name and logo.
    pub mark: Mark,
    /// Since when.
    pub since: When,
    /// What it may see, by category; empty for sign-in only.
    pub groups: Vec<GivenGroup>,
}

impl ConnectedApp {
    /// How many data points it may see.
    pub fn count(&self) -> usize {
        self.groups.iter().map(|group| group.points.len()).sum()
    }
}

/// The data points of one category that an app may see.
#[derive(Debug, Clone)]
pub struct GivenGroup {
    /// The category's label.
    pub label: String,
    /// The data points' labels.
    pub points: Vec<String>,
}
