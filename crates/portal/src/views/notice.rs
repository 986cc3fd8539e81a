//! A page that says one thing: an app was deleted, access was withdrawn.

use super::{Chrome, Link, NoticeKind};
use askama::Template;

/// One thing, and the way on.
#[derive(Debug, Clone, Template)]
#[template(path = "notice.html")]
pub struct NoticePage {
    /// The frame.
    pub chrome: Chrome,
    /// How it is meant.
    pub kind: NoticeKind,
    /// What happened.
    pub title: String,
    /// More of it, in a sentence or two.
    pub text: String,
    /// The way on.
    pub link: Link,
}
