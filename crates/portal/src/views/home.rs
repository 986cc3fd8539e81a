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
    /// The apps that ask them to sign in, newest first.
    pub asked: Vec<AskedApp>,
    /// What they have yet to answer, newest first.
    pub invitations: Vec<PendingInvitation>,
    /// Where earlier ones are.
    pub older_invitations: Option<String>,
    /// What happened to them in teams, newest first.
    pub news: Vec<TeamNews>,
    /// Where what happened before is.
    pub older_news: Option<String>,
    /// The apps that hold a live consent, newest first.
    pub apps: Vec<ConnectedApp>,
    /// Where those connected before are.
    pub more_apps: Option<String>,
}

/// An app that asks the person on this page, opened by POST to `/account/requests/open` with `request`.
#[derive(Debug, Clone)]
pub struct AskedApp {
    /// By which it is opened.
    pub id: String,
    /// The app's name and logo.
    pub mark: Mark,
    /// What the app says, for the person to recognise.
    pub message: Option<String>,
    /// Since when.
    pub when: When,
    /// Until when it can be answered.
    pub until: When,
}

/// Something that happened in a team: `BY verb [ABOUT] tail APP`.
#[derive(Debug, Clone)]
pub struct TeamNews {
    /// By which it is dismissed.
    pub id: i64,
    /// Who did it.
    pub by: String,
    /// What they did: `added you to the team of`.
    pub verb: &'static str,
    /// Whom it concerns, where that is somebody else; else empty.
    pub about: String,
    /// What follows: `from the team of`; empty where nothing does.
    pub tail: &'static str,
    /// The app.
    pub app: String,
    /// Its dashboard, while it is theirs to open.
    pub href: Option<String>,
    /// When.
    pub when: When,
}

/// Something the person has yet to answer, by POST to `/account/invitations/CLIENT_ID` with `answer` = `accept` or
/// `decline`.
#[derive(Debug, Clone)]
pub struct PendingInvitation {
    /// The client ID.
    pub client_id: String,
    /// The app's name.
    pub app: String,
    /// Who invites.
    pub by: String,
    /// To own the app, or to join its team.
    pub as_owner: bool,
    /// Since when.
    pub when: When,
}

/// An app that the person allowed to see something.
#[derive(Debug, Clone)]
pub struct ConnectedApp {
    /// The client ID: `/account/apps/CLIENT_ID/withdraw`.
    pub client_id: String,
    /// Name and logo.
    pub mark: Mark,
    /// Where a sign-in to it starts from here.
    pub start: Option<String>,
    /// Since when.
    pub since: When,
    /// When it last read any of it; none: never yet.
    pub last_read: Option<When>,
    /// What it may see, by category; empty for sign-in only.
    pub groups: Vec<GivenGroup>,
}

impl Home {
    /// The apps that may see facts, apart from those that only know that the person signed in: a title for each, and
    /// whether it is the former.
    pub fn lists(&self) -> Vec<(&'static str, bool, Vec<&ConnectedApp>)> {
        let (with_data, without) = self.apps.iter().partition(|app| !app.groups.is_empty());
        let lists: [(_, _, Vec<&ConnectedApp>); 2] = [
            ("May see facts about you", true, with_data),
            ("Know only that you signed in", false, without),
        ];
        lists
            .into_iter()
            .filter(|(_, _, apps)| !apps.is_empty())
            .collect()
    }
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
