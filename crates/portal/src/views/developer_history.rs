//! `/developer/apps/ID/history`: what happened to an app, page by page.

use super::{AppHead, AppPage, Chrome, HistoryEntry};
use askama::Template;

/// A page of it.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/history.html")]
pub struct DeveloperHistory {
    /// The frame.
    pub chrome: Chrome,
    /// The app.
    pub head: AppHead,
    /// What happened, newest first.
    pub history: Vec<HistoryEntry>,
    /// Where what came before is.
    pub older: Option<String>,
}

impl DeveloperHistory {
    const HERE: AppPage = AppPage::History;
}
