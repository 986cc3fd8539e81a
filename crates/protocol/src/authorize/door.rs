//! The two doors: a small value that fixes three defaults.

/// The door through which an authorisation request came: two doors, one hallway (ARCHITECTURE.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// `/oauth/authorise`, for existing apps: lenient defaults, Deny goes home.
    Walkthrough,
    /// `/oauth/authorize`, the standards': strict RFC 6749, Deny answers `access_denied`.
    Standard,
}

/// What an absent `scope` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultScope {
    /// `read write`, which stands for the app's approved data points.
    ReadWrite,
    /// Every data point of the app, by name (RFC 6749 section 3.3: a pre-defined default value).
    Registered,
}

impl Door {
    /// Both doors.
    pub const ALL: [Self; 2] = [Self::Walkthrough, Self::Standard];

    /// Its path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Walkthrough => "/oauth/authorise",
            Self::Standard => "/oauth/authorize",
        }
    }

    /// What an absent `response_type` means; none: it is required.
    pub const fn default_response_type(self) -> Option<&'static str> {
        match self {
            Self::Walkthrough => Some("code"),
            Self::Standard => None,
        }
    }

    /// What an absent `scope` means.
    pub const fn default_scope(self) -> DefaultScope {
        match self {
            Self::Walkthrough => DefaultScope::ReadWrite,
            Self::Standard => DefaultScope::Registered,
        }
    }

    /// Whether Deny leads to Omniport's home page instead of answering the app with `access_denied`.
    pub const fn deny_goes_home(self) -> bool {
        matches!(self, Self::Walkthrough)
    }

    /// The word stored with a parked request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Walkthrough => "walkthrough",
            Self::Standard => "standard",
        }
    }

    /// Reads the stored word back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.as_str() == text)
    }
}
