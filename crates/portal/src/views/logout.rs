//! `/logout` and `/logout/done`: id `logout-confirm`.

use super::{Chrome, Person};
use askama::Template;

/// Asks before it ends the session; POST `/logout`.
#[derive(Debug, Clone, Template)]
#[template(path = "logout.html")]
pub struct Logout {
    /// The frame.
    pub chrome: Chrome,
    /// Whose session it is.
    pub person: Person,
    /// Where to go afterwards (hidden field `next`): a path on this host, checked by the handler.
    pub next: Option<String>,
}

/// The session has ended, or there was none.
#[derive(Debug, Clone, Template)]
#[template(path = "logout_done.html")]
pub struct LogoutDone {
    /// The frame; its viewer is none.
    pub chrome: Chrome,
}
