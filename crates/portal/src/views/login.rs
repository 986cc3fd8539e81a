//! `/login`: ids `username`, `password`, `login-submit`.

use super::{Chrome, Field, Link, Mark};
use askama::Template;

/// The sign-in page; POST `/login` with `username`, `password` and one of `request`, `next`.
#[derive(Debug, Clone, Template)]
#[template(path = "login.html")]
pub struct Login {
    /// The frame.
    pub chrome: Chrome,
    /// The app one is signing in to, when known.
    pub app: Option<Mark>,
    /// The app's own pages, and whom to write to.
    pub links: Vec<Link>,
    /// What was typed as the username. What was typed as the password is never shown again.
    pub username: Field,
    /// Why the last attempt failed: one sentence that does not tell whether the person exists.
    pub error: Option<String>,
    /// What follows.
    pub return_to: ReturnTo,
}

impl Login {
    /// The hidden field that says what follows: its name and value.
    pub fn hidden(&self) -> Option<(&'static str, &str)> {
        match &self.return_to {
            ReturnTo::Home => None,
            ReturnTo::Request(id) => Some(("request", id)),
            ReturnTo::Next(path) => Some(("next", path)),
        }
    }
}

/// What follows a sign-in.
#[derive(Debug, Clone)]
pub enum ReturnTo {
    /// The home page.
    Home,
    /// The parked authorisation request with this identifier (hidden field `request`).
    Request(String),
    /// A path on this host, which the handler has checked to be one (hidden field `next`).
    Next(String),
}
