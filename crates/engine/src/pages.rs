//! What a person is told when something cannot be done: a value that `web` and `portal` put on a response, and that
//! the portal's outermost layer turns into a page. And the two pages on which a request waits, which both lead to.

use omniport_protocol::vocabulary::{Secret, encode};
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
    /// The path on this site of the page to look at again, where what was answered is not what it says now.
    pub look_again: Option<String>,
}

impl ErrorPage {
    /// A page without a way to sign in.
    pub fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            sign_in_to: None,
            look_again: None,
        }
    }

    /// Too many requests from one address.
    pub fn too_many() -> Self {
        Self::new(
            429,
            "temporarily_unavailable",
            "There were too many requests from your network. Wait a minute, then go back to the app and start again.",
        )
    }

    /// A failure on our side, of which a person learns no more than that.
    pub fn unavailable() -> Self {
        Self::new(
            503,
            "temporarily_unavailable",
            "Something failed on our side. Nothing you did is lost or half done; try again in a moment.",
        )
    }
}

/// The sign-in page of the authorisation request that waits under `handle`.
pub fn sign_in_path(handle: &Secret) -> String {
    format!("/login?request={}", encode(handle.expose()))
}

/// The consent page of the authorisation request that waits under `handle`.
pub fn consent_path(handle: &Secret) -> String {
    format!("/consent?request={}", encode(handle.expose()))
}

/// The name of one request, in the log, in the answer's `x-request-id` and on its error page.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// An answer to an app that the browser posts to it (OAuth 2.0 Form Post Response Mode). As an extension of a response it
/// becomes the page whose form does that.
#[derive(Clone)]
pub struct FormPost {
    /// The app's redirect URL.
    pub action: String,
    /// The answer's parameters. They may hold a code: not for a log.
    pub fields: Vec<(&'static str, String)>,
}
