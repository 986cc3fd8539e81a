//! `/account`: where a person is signed in.

use super::{Chrome, When};
use askama::Template;

/// Where the person is signed in. Ending one: POST `/account/sessions/end` with `session`; all others: POST
/// `/account/sessions/end-others`.
#[derive(Debug, Clone, Template)]
#[template(path = "account.html")]
pub struct Account {
    /// The frame.
    pub chrome: Chrome,
    /// How many apps wait for the person's answer on their home page.
    pub asked: usize,
    /// The sessions, the last active first.
    pub sessions: Vec<SessionRow>,
    /// Where the next ones are.
    pub next_page: Option<String>,
}

impl Account {
    /// Whether there is another session than this one.
    pub fn has_others(&self) -> bool {
        self.sessions.iter().any(|session| !session.is_this)
    }
}

/// A signed-in browser.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// By which it is ended.
    pub id: String,
    /// The browser and the system.
    pub device: String,
    /// When it was begun.
    pub since: When,
    /// When it was last used.
    pub last_active: When,
    /// Whether this page was asked for by it.
    pub is_this: bool,
}
