//! `/developer/apps/ID/version` and `/maintainer/review/ID/version`: one version of an app, by what it changed.

use super::{AppHead, AppPage, Chrome, Difference, Mark, VersionLink, When};
use askama::Template;

/// A version.
#[derive(Debug, Clone)]
pub struct ShownVersion {
    /// Its number.
    pub number: u32,
    /// When it was made.
    pub made: When,
    /// The one before it.
    pub before: Option<VersionLink>,
    /// Whether it lives, waits, or is past, as a sentence.
    pub standing: &'static str,
    /// How it differs from the one before it.
    pub differences: Vec<Difference>,
}

/// The page for the app's team.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/version.html")]
pub struct DeveloperVersion {
    /// The frame.
    pub chrome: Chrome,
    /// The app.
    pub head: AppHead,
    /// The version.
    pub version: ShownVersion,
}

impl DeveloperVersion {
    const HERE: AppPage = AppPage::History;
}

/// The page for maintainers.
#[derive(Debug, Clone, Template)]
#[template(path = "maintainer/version.html")]
pub struct MaintainerVersion {
    /// The frame.
    pub chrome: Chrome,
    /// The client ID.
    pub id: String,
    /// Name and logo.
    pub mark: Mark,
    /// The version.
    pub version: ShownVersion,
}
