//! What a client may be held to beyond what every client is.

use serde::{Deserialize, Serialize};

/// A profile of the standards: which of their choices are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Profile {
    /// The FAPI 2.0 Security Profile.
    #[serde(rename = "fapi2")]
    Fapi2,
    /// The same, and FAPI 2.0 Message Signing: signed requests (RFC 9101) and signed answers (JARM).
    #[serde(rename = "fapi2-message-signing")]
    Fapi2MessageSigning,
}

impl Profile {
    /// Every one, the stricter last.
    pub const ALL: [Self; 2] = [Self::Fapi2, Self::Fapi2MessageSigning];

    /// Its name in the configuration and in client metadata.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fapi2 => "fapi2",
            Self::Fapi2MessageSigning => "fapi2-message-signing",
        }
    }

    /// The profile of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == name)
    }
}
