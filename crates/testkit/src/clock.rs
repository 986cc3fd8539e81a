//! A clock that moves only when told.

use omniport_engine::Clock;
use omniport_protocol::vocabulary::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that stands still at 2026-11-23T12:00:00Z until a test moves it.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl Default for FixedClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_795_435_200))
    }
}

impl FixedClock {
    /// Moves the clock by `seconds`, which may be negative.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}
