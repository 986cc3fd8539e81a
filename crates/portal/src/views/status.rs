//! Where an app stands, and how it got there.

use super::{When, icons};

/// Where an app stands in review: a word and a shape, never a colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppStatus {
    /// Was not sent to review yet; works for its own team and test people only (sandbox).
    Draft,
    /// Waits for a maintainer; works for its own team only (sandbox).
    Pending,
    /// A maintainer asked for changes; the sandbox.
    ChangesRequested,
    /// Works for everybody.
    Approved,
    /// Was refused with a comment; works for its own team only.
    Rejected,
    /// Works for nobody.
    Suspended,
}

impl AppStatus {
    /// The word on the wire and in `data-status`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::ChangesRequested => "changes_requested",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Suspended => "suspended",
        }
    }

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Pending => "Pending review",
            Self::ChangesRequested => "Changes requested",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Suspended => "Suspended",
        }
    }

    /// Its shape.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Draft | Self::ChangesRequested => icons::EDIT,
            Self::Pending => icons::CLOCK,
            Self::Approved => icons::CHECK,
            Self::Rejected => icons::CROSS,
            Self::Suspended => icons::PAUSE,
        }
    }

    /// Whether it works for its own team only.
    pub fn is_sandbox(self) -> bool {
        !matches!(self, Self::Approved | Self::Suspended)
    }
}

/// Whether a change of an approved app is under way beside the live version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// None: what is shown is what lives.
    None,
    /// Waits for a maintainer; the live version goes on working.
    Pending,
    /// A maintainer asked for changes of it; the live version goes on working.
    Returned,
    /// Was refused with a comment; the live version goes on working.
    Rejected,
}

/// What happened to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryKind {
    /// It was registered.
    Created,
    /// It was sent to review.
    Submitted,
    /// A maintainer approved it, or a change of it.
    Approved,
    /// A maintainer asked for changes first.
    ChangesRequested,
    /// A maintainer refused it, or a change of it.
    Rejected,
    /// A maintainer stopped it.
    Suspended,
    /// A maintainer let it go on.
    Resumed,
    /// The team changed something that needs no review.
    Changed,
    /// Somebody wrote to the others.
    Commented,
    /// A maintainer wrote to the other maintainers.
    Noted,
}

impl HistoryKind {
    /// What happened, in a word or three.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "Registered",
            Self::Submitted => "Sent to review",
            Self::Approved => "Approved",
            Self::ChangesRequested => "Changes requested",
            Self::Rejected => "Rejected",
            Self::Suspended => "Suspended",
            Self::Resumed => "Resumed",
            Self::Changed => "Changed",
            Self::Commented => "Comment",
            Self::Noted => "Note among maintainers",
        }
    }

    /// The word that the stylesheet selects by.
    pub fn key(self) -> &'static str {
        match self {
            Self::Created | Self::Changed | Self::Commented | Self::Noted => "neutral",
            Self::ChangesRequested => "changes_requested",
            Self::Submitted => "pending",
            Self::Approved | Self::Resumed => "approved",
            Self::Rejected => "rejected",
            Self::Suspended => "suspended",
        }
    }

    /// Its shape.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Created => icons::PLUS,
            Self::Submitted => icons::CLOCK,
            Self::Approved => icons::CHECK,
            Self::Rejected => icons::CROSS,
            Self::Suspended => icons::PAUSE,
            Self::Resumed => icons::PLAY,
            Self::Changed | Self::ChangesRequested => icons::EDIT,
            Self::Commented | Self::Noted => icons::DOT,
        }
    }
}

/// A version of an app, and where it is shown.
#[derive(Debug, Clone)]
pub struct VersionLink {
    /// Its number.
    pub number: u32,
    /// Its page.
    pub href: String,
}

/// One entry of an app's history. Pages show them as given: newest first.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// What happened.
    pub kind: HistoryKind,
    /// Who did it: a name, `Omniport`, or the app itself.
    pub who: String,
    /// When.
    pub when: When,
    /// What it concerned, where the kind alone does not say: `Redirect URLs`.
    pub what: Option<String>,
    /// The version that it concerned, where that says something.
    pub version: Option<VersionLink>,
    /// What the person who did it wrote, as HTML that can do no more than text.
    pub comment: Option<String>,
}
