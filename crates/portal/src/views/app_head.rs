//! What stands above every page of one app: its mark, where it stands, and the way to its other pages.

use super::{AppStatus, Change, Mark};

/// Which of an app's pages this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppPage {
    /// The dashboard.
    Overview,
    /// Its last requests.
    Requests,
    /// How much it is used.
    Usage,
    /// Code to begin with.
    Code,
    /// Its grants and client metadata.
    Protocol,
    /// What happened to it.
    History,
}

impl AppPage {
    /// All of them, in the order in which they are linked.
    pub const ALL: [Self; 6] = [
        Self::Overview,
        Self::Protocol,
        Self::Requests,
        Self::Usage,
        Self::Code,
        Self::History,
    ];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Requests => "Requests",
            Self::Usage => "Usage",
            Self::Code => "Code",
            Self::Protocol => "Protocol",
            Self::History => "History",
        }
    }

    /// What follows the dashboard's address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Requests => "/requests",
            Self::Usage => "/usage",
            Self::Code => "/code",
            Self::Protocol => "/protocol",
            Self::History => "/history",
        }
    }
}

/// The head.
#[derive(Debug, Clone)]
pub struct AppHead {
    /// The client ID.
    pub id: String,
    /// The live name and logo.
    pub mark: Mark,
    /// Where it stands.
    pub status: AppStatus,
    /// Whether a change is under way.
    pub change: Change,
}
