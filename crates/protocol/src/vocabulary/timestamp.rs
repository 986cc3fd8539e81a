//! A moment, as the wire counts it.

use serde::{Deserialize, Serialize};

/// A moment in whole seconds since 1970-01-01T00:00:00Z (`NumericDate`, RFC 7519 section 2).
///
/// It always comes in from outside (`engine`'s clock): no rule reads a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `seconds` after the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// This moment moved by `seconds`, which may be negative; saturates instead of wrapping.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Whether something that lives until `expires_at` is dead at this moment: its last second is not its own.
    pub const fn is_at_or_after(self, expires_at: Self) -> bool {
        self.0 >= expires_at.0
    }
}
