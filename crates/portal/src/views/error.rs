//! Every refusal that a person sees: ids `error-code`, `error-detail`. Also 403, 404, 405, 413 and 429.

use super::{Chrome, Link};
use askama::Template;

/// What happened, why, and what to do.
#[derive(Debug, Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame.
    pub chrome: Chrome,
    /// What happened, as a heading: `This app is not available`.
    pub title: String,
    /// The OAuth error code, or for other pages a word of the same kind: `not_found`.
    pub code: String,
    /// Why, in a sentence or two.
    pub detail: String,
    /// What to do, in a sentence; empty when there is nothing.
    pub advice: String,
    /// The values that do not agree, side by side; only for the app's own team.
    pub compared: Vec<ComparedValue>,
    /// The way on: `Sign in if you are on this app's team`. The home page is always offered beside it.
    pub link: Option<Link>,
    /// By which a maintainer finds this request in the log.
    pub correlation_id: Option<String>,
}

/// One of the values that do not agree.
#[derive(Debug, Clone)]
pub struct ComparedValue {
    /// Which it is: `The request said`, `Registered`.
    pub label: String,
    /// The value.
    pub value: String,
}
