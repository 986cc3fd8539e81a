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
    /// The form of the password; none for whom the password is another's matter. What was typed is never shown again.
    pub password: Option<PasswordForm>,
}

impl Account {
    /// Whether there is another session than this one.
    pub fn has_others(&self) -> bool {
        self.sessions.iter().any(|session| !session.is_this)
    }
}

/// POST `/account/password`: `current_password`, `new_password`, `new_password_again`; button `password-save`.
#[derive(Debug, Clone, Default)]
pub struct PasswordForm {
    /// Whose it is, for the browser's own memory.
    pub username: String,
    /// What is wrong with the one they have.
    pub current_error: Option<String>,
    /// What is wrong with the new one.
    pub new_error: Option<String>,
    /// What is wrong with the new one's repetition.
    pub again_error: Option<String>,
}

impl PasswordForm {
    /// Every mistake with its field's id and label.
    pub fn errors(&self) -> Vec<(&'static str, &'static str, &str)> {
        let all = [
            ("current_password", "Your password now", &self.current_error),
            ("new_password", "New password", &self.new_error),
            ("new_password_again", "New password again", &self.again_error),
        ];
        all.into_iter()
            .filter_map(|(id, label, error)| Some((id, label, error.as_deref()?)))
            .collect()
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
