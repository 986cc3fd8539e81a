//! `/logout` and `/logout/done`: id `logout-confirm`.

use super::{Chrome, Person};
use askama::Template;

/// Asks before it ends the session; POST `/logout`.
#[derive(Clone, Template)]
#[template(path = "logout.html")]
pub struct Logout {
    /// The frame.
    pub chrome: Chrome,
    /// Whose session it is.
    pub person: Person,
    /// The app that asks for it, where one does.
    pub app_name: Option<String>,
    /// What was asked, for the form to say again: names and values, among them perhaps `next`, a path on this host that
    /// was checked by the handler.
    pub fields: Vec<(String, String)>,
}

/// The session has ended, or there was none.
#[derive(Debug, Clone, Template)]
#[template(path = "logout_done.html")]
pub struct LogoutDone {
    /// The frame; its viewer is none.
    pub chrome: Chrome,
}

/// The session has ended, and apps hear of it in frames. It goes on by itself.
#[derive(Debug, Clone, Template)]
#[template(path = "logout_frames.html")]
pub struct LogoutFrames {
    /// The frame around the page; its viewer is none.
    pub chrome: Chrome,
    /// Names of apps, and the addresses of their frames.
    pub frames: Vec<(String, String)>,
    /// Where it goes on to.
    pub go_to: String,
    /// When, in seconds, where no script runs.
    pub seconds: u32,
}
