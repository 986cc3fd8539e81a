//! `/developer/apps/ID/requests`: what came of an app's last requests.

use super::{AppHead, AppPage, Chrome, When, icons};
use askama::Template;

/// The flow debugger. The filter is a GET form: `result`, `endpoint`, `reference`; the next page has `before` as well.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/requests.html")]
pub struct DeveloperRequests {
    /// The frame.
    pub chrome: Chrome,
    /// The app.
    pub head: AppHead,
    /// The events of this page, the newest first.
    pub events: Vec<RequestRow>,
    /// Field `result`: `refused`, `answered`, or empty for both.
    pub result: String,
    /// Field `endpoint`: one of [`Self::ENDPOINTS`], or empty for all.
    pub endpoint: String,
    /// Field `reference`: a request's name, or empty for all.
    pub reference: String,
    /// The next page's address; none where this is the last.
    pub older: Option<String>,
}

impl DeveloperRequests {
    /// The endpoints that may be chosen, with their words.
    pub const ENDPOINTS: [(&'static str, &'static str); 15] = [
        ("authorize", "Authorise"),
        ("par", "Pushed request"),
        ("device_authorization", "Device"),
        ("device", "Code typed in"),
        ("backchannel_authentication", "Question to a person"),
        ("asked", "Question opened"),
        ("consent", "Consent"),
        ("token", "Token"),
        ("user_data", "User data"),
        ("userinfo", "Userinfo"),
        ("introspect", "Introspection"),
        ("revoke", "Revocation"),
        ("logout", "Sign-out"),
        ("logout_notice", "Sign-out notice"),
        ("ping", "Notice of an answer"),
    ];

    const HERE: AppPage = AppPage::Requests;

    /// Whether anything is filtered.
    pub fn is_filtered(&self) -> bool {
        !(self.result.is_empty() && self.endpoint.is_empty() && self.reference.is_empty())
    }

    fn is_endpoint(&self, key: &str) -> bool {
        self.endpoint == key
    }
}

/// One event.
#[derive(Debug, Clone)]
pub struct RequestRow {
    /// When.
    pub when: When,
    /// Which endpoint, in words.
    pub endpoint: String,
    /// Whether it was refused.
    pub refused: bool,
    /// The error code of a refusal; else what came of it, in words.
    pub result: String,
    /// Why exactly; empty where there is nothing to say.
    pub reason: String,
    /// The values that a reason sets side by side: what each is, and the value.
    pub values: Vec<(String, String)>,
    /// The username of who was behind it, where they are on the team.
    pub person: Option<String>,
    /// The request's name.
    pub reference: String,
}

impl RequestRow {
    /// How it is meant, for the stylesheet.
    pub fn key(&self) -> &'static str {
        if self.refused { "rejected" } else { "approved" }
    }

    /// The word beside the shape.
    pub fn word(&self) -> &'static str {
        if self.refused { "Refused" } else { "Answered" }
    }

    /// Its shape.
    pub fn icon(&self) -> &'static str {
        if self.refused { icons::CROSS } else { icons::CHECK }
    }
}
