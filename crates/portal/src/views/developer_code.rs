//! `/developer/apps/ID/code`: a program to begin with.

use super::{AppHead, AppPage, Chrome, ClientType, Language, Step};
use askama::Template;

/// The flow as a program in one language; `?language=` chooses it.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/code.html")]
pub struct DeveloperCode {
    /// The frame.
    pub chrome: Chrome,
    /// The app.
    pub head: AppHead,
    /// The language.
    pub language: Language,
    /// Confidential or public.
    pub client_type: ClientType,
    /// The program, where the flow has one.
    pub program: Option<String>,
    /// The flow in commands, where it has none.
    pub steps: Vec<Step>,
}

impl DeveloperCode {
    const HERE: AppPage = AppPage::Code;
}
