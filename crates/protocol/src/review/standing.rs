//! Where an app stands, and how far its proposed version is.

use serde::{Deserialize, Serialize};

/// Where an app stands in review. Who may use it there is [`super::Act`]'s table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Was never sent to review: a sandbox for its own team and its test people.
    Draft,
    /// Waits for its first review: still the sandbox.
    Pending,
    /// A maintainer asked for changes before they decide: still the sandbox.
    ChangesRequested,
    /// Was refused before it was ever approved: still the sandbox.
    Rejected,
    /// Works for everyone. A change of it may wait in review meanwhile.
    Approved,
    /// Works for nobody.
    Suspended,
}

/// How far the proposed version of an app is; of an app without one it means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Stage {
    /// With the team, which has not sent it to review.
    Draft,
    /// With the maintainers.
    #[default]
    Submitted,
    /// With the team again: a maintainer asked for changes.
    Returned,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Submitted, Self::Returned];

    /// The word stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
        }
    }

    /// Reads the stored word back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    /// Where a never-approved app stands with its proposed version at this stage.
    pub const fn standing(self) -> Standing {
        match self {
            Self::Draft => Standing::Draft,
            Self::Submitted => Standing::Pending,
            Self::Returned => Standing::ChangesRequested,
        }
    }
}

impl Standing {
    /// Every standing, in the order of [`super::Act`]'s table.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::Pending,
        Self::ChangesRequested,
        Self::Rejected,
        Self::Approved,
        Self::Suspended,
    ];

    /// Whether it is in the sandbox: usable by some, but not approved.
    pub const fn is_sandbox(self) -> bool {
        !matches!(self, Self::Approved | Self::Suspended)
    }

    /// The word printed by the commands and shown in `data-status`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::ChangesRequested => "changes_requested",
            Self::Rejected => "rejected",
            Self::Approved => "approved",
            Self::Suspended => "suspended",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == text)
    }

    /// The word stored. The three standings before a first verdict are one there: the stage beside it tells them apart.
    pub const fn stored(self) -> &'static str {
        match self {
            Self::Draft | Self::Pending | Self::ChangesRequested => "pending",
            other => other.as_str(),
        }
    }

    /// Reads the stored word back, with the stage beside it.
    pub fn of_stored(word: &str, stage: Stage) -> Option<Self> {
        match Self::parse(word)? {
            Self::Pending => Some(stage.standing()),
            decided @ (Self::Rejected | Self::Approved | Self::Suspended) => Some(decided),
            Self::Draft | Self::ChangesRequested => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_come_back() {
        for standing in Standing::ALL {
            assert_eq!(Standing::parse(standing.as_str()), Some(standing));
        }
        assert_eq!(Standing::parse("sandbox"), None);
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.as_str()), Some(stage));
            let standing = stage.standing();
            assert_eq!(Standing::of_stored(standing.stored(), stage), Some(standing));
            for decided in [Standing::Rejected, Standing::Approved, Standing::Suspended] {
                assert_eq!(Standing::of_stored(decided.stored(), stage), Some(decided));
            }
        }
        assert_eq!(Standing::of_stored("draft", Stage::Draft), None);
    }
}
