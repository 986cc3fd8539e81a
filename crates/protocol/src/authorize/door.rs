//! The doors: a small value that fixes three defaults.

use crate::vocabulary::GrantType;

/// The door through which an authorisation request came: two doors for browsers, two for apps whose people answer
/// elsewhere, one hallway (ARCHITECTURE.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// `/oauth/authorise`, for existing apps: lenient defaults, Deny goes home.
    Walkthrough,
    /// `/oauth/authorize`, the standards': strict RFC 6749, Deny answers `access_denied`.
    Standard,
    /// `/oauth/device_authorization`: asked on a device, answered in a browser elsewhere (RFC 8628).
    Device,
    /// `/oauth/backchannel_authentication`: asked by the app itself, answered on the person's own page (OpenID Connect
    /// CIBA).
    Backchannel,
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
    /// The two doors that a browser comes to.
    pub const ALL: [Self; 2] = [Self::Walkthrough, Self::Standard];

    /// The two whose answer is kept until the app asks for it ([`crate::decoupled`]).
    pub const DECOUPLED: [Self; 2] = [Self::Device, Self::Backchannel];

    /// Its path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Walkthrough => "/oauth/authorise",
            Self::Standard => "/oauth/authorize",
            Self::Device => "/oauth/device_authorization",
            Self::Backchannel => "/oauth/backchannel_authentication",
        }
    }

    /// What an absent `response_type` means; none: it is required.
    pub const fn default_response_type(self) -> Option<&'static str> {
        match self {
            Self::Walkthrough => Some("code"),
            _ => None,
        }
    }

    /// What an absent `scope` means.
    pub const fn default_scope(self) -> DefaultScope {
        match self {
            Self::Walkthrough => DefaultScope::ReadWrite,
            _ => DefaultScope::Registered,
        }
    }

    /// The grant by which the app asks for the answer, where it does not come back with the browser.
    pub const fn polled_by(self) -> Option<&'static str> {
        match self {
            Self::Walkthrough | Self::Standard => None,
            Self::Device => Some(GrantType::DEVICE_CODE),
            Self::Backchannel => Some(GrantType::CIBA),
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
            Self::Device => "device",
            Self::Backchannel => "backchannel",
        }
    }

    /// Reads the stored word back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .chain(Self::DECOUPLED)
            .find(|door| door.as_str() == text)
    }
}
