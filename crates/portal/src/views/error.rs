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
    /// Why, and what to do, in a sentence or two.
    pub detail: String,
    /// The way on: `Sign in if you are on this app's team`. The home page is always offered beside it.
    pub link: Option<Link>,
    /// By which a maintainer finds this request in the log.
    pub correlation_id: Option<String>,
}
