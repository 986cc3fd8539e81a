//! Work that one node at a time does.
//!
//! A turn is one moment, kept like what is spent of a rate limit and beside it: until when the work is somebody's. Whoever
//! asks after that moment gets the turn; whoever has it names its moment to stay. A node that dies leaves it by and by.

use crate::{Fault, Statement, Store};
use omniport_protocol::vocabulary::{SecretHash, Timestamp};

/// A turn at some work, until a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    work: SecretHash,
    until: Timestamp,
}

impl Turn {
    /// The work that has this name, before anybody has it.
    pub fn at(work: &str) -> Self {
        Self {
            work: SecretHash::of(&format!("turn: {work}")),
            until: Timestamp::from_seconds(0),
        }
    }

    /// Guarded: the turn is nobody's, or still the one that was ours.
    fn statement(&self, until: Timestamp, now: Timestamp) -> Statement {
        let millis = |at: Timestamp| at.seconds().saturating_mul(1_000);
        Statement::one(
            "INSERT INTO rate_limits (bucket, spent_until) VALUES (?1, ?2) \
             ON CONFLICT (bucket) DO UPDATE SET spent_until = ?2 \
             WHERE rate_limits.spent_until <= ?3 OR rate_limits.spent_until = ?4",
            vec![
                self.work.into(),
                millis(until).into(),
                millis(now).into(),
                millis(self.until).into(),
            ],
        )
    }
}

impl Store {
    /// Takes a turn or keeps it, for `seconds` from `now`. Answers whether it is ours; otherwise another node has it.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn take_turn(&self, turn: &mut Turn, seconds: i64, now: Timestamp) -> Result<bool, Fault> {
        let until = now.plus(seconds);
        let is_ours = self.write(vec![turn.statement(until, now)]).await?.is_applied();
        if is_ours {
            turn.until = until;
        }
        Ok(is_ours)
    }
}
