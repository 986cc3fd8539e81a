//! What a person is told when something cannot be done: a value that `web` and `portal` put on a response, and that
//! the portal's outermost layer turns into a page.

use std::borrow::Cow;

/// An error for a person. As an extension of a response it becomes a page with the ids `error-code` and
/// `error-detail`.
#[derive(Debug, Clone)]
pub struct ErrorPage {
    /// The HTTP status.
    pub status: u16,
    /// The OAuth error code, or a word of ours (`not_found`).
    pub code: Cow<'static, str>,
    /// What happened, why, and what to do.
    pub detail: Cow<'static, str>,
    /// A path on this site to which a sign-in would lead, where signing in may help.
    pub sign_in_to: Option<String>,
}

/// The name of one request, in the log, in the answer's `x-request-id` and on its error page.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);
