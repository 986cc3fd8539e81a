//! The page that hands an answer to its app by a form (OAuth 2.0 Form Post Response Mode).

use super::Chrome;
use askama::Template;

/// Posts itself where scripts run, and waits for one press of a button where they do not.
#[derive(Clone, Template)]
#[template(path = "form_post.html")]
pub struct FormPost {
    /// The frame.
    pub chrome: Chrome,
    /// The app's redirect URL.
    pub action: String,
    /// The answer's parameters.
    pub fields: Vec<(&'static str, String)>,
}
