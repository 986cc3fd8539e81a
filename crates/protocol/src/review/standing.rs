//! Where an app stands, and who may use it there.

use serde::{Deserialize, Serialize};

/// Where an app stands in review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Waits for its first review: a sandbox for its own team.
    Pending,
    /// Was refused before it was ever approved: still a sandbox for its own team.
    Rejected,
    /// Works for everyone. A change of it may wait in review meanwhile.
    Approved,
    /// Works for nobody.
    Suspended,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Rejected, Self::Approved, Self::Suspended];

    /// Whether an app in this standing may act for a person. A pending or rejected one serves its own team only.
    pub const fn serves(self, on_team: bool) -> bool {
        match self {
            Self::Approved => true,
            Self::Pending | Self::Rejected => on_team,
            Self::Suspended => false,
        }
    }

    /// Whether an app in this standing may act on its own behalf (`client_credentials`): it is its own team.
    pub const fn serves_itself(self) -> bool {
        !matches!(self, Self::Suspended)
    }

    /// Whether it is in the sandbox: usable, but not approved.
    pub const fn is_sandbox(self) -> bool {
        matches!(self, Self::Pending | Self::Rejected)
    }

    /// The word stored and printed by the commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Rejected => "rejected",
            Self::Approved => "approved",
            Self::Suspended => "suspended",
        }
    }

    /// Reads the stored word back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_use_what() {
        let table = Standing::ALL.map(|s| (s.serves(true), s.serves(false), s.serves_itself()));
        assert_eq!(
            table,
            [
                (true, false, true),
                (true, false, true),
                (true, true, true),
                (false, false, false)
            ]
        );
    }

    #[test]
    fn the_stored_word_comes_back() {
        for standing in Standing::ALL {
            assert_eq!(Standing::parse(standing.as_str()), Some(standing));
        }
        assert_eq!(Standing::parse("sandbox"), None);
    }
}
