//! `/legal/developer_terms_of_use`.

use super::Chrome;
use askama::Template;

/// A text of the institution's.
#[derive(Debug, Clone, Template)]
#[template(path = "legal/terms.html")]
pub struct Terms {
    /// The frame.
    pub chrome: Chrome,
    /// The page's title, for the browser's tab; the text brings its own heading.
    pub title: String,
    /// The text, rendered from Markdown **and already cleaned** (no raw HTML, allow-listed link schemes): it
    /// is put into the page as it is.
    pub html: String,
}
