//! Sweeping out, now and then, what time has ended, so that the tables do not grow without bound.

use crate::{Engine, Fault};
use omniport_store::portal::{DuePing, LogoutDelivery, Turn};
use std::time::Duration;

/// Rows that one sweep takes from each table at most: a writer that waits behind it waits milliseconds.
const BATCH: u32 = 500;
/// Between two sweeps while there is more to do.
const PAUSE: Duration = Duration::from_millis(200);
/// Between two rounds.
const ROUND: Duration = Duration::from_mins(1);
/// How long a node that is not heard of stays the one that sweeps, in seconds: longer than a round, so that it stays the
/// same one while it lives.
const TURN: i64 = 90;

impl Engine {
    /// What a running server does beside answering, for as long as it is polled: a task that the server starts and drops.
    pub async fn keep_house(&self) {
        tokio::join!(
            self.keep_swept(),
            self.store().follow(),
            self.keep_delivering::<LogoutDelivery>(),
            self.keep_delivering::<DuePing>()
        );
    }

    /// Sweeps until nothing is over any more, whoever else does; says how many rows went.
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn sweep(&self) -> Result<u64, Fault> {
        let mut rows = 0;
        while self.sweep_batch(&mut rows).await? {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(rows)
    }

    /// The same for as long as it is this node's turn; none where it is another's.
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn sweep_in_turn(&self, turn: &mut Turn) -> Result<Option<u64>, Fault> {
        let mut rows = 0;
        // Before each batch: a sweep may take longer than a turn.
        while self.store().take_turn(turn, TURN, self.now()).await? {
            if !self.sweep_batch(&mut rows).await? {
                return Ok(Some(rows));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(None)
    }

    /// What a node asks for to sweep in turn.
    pub fn turn_to_sweep() -> Turn {
        Turn::at("sweep")
    }

    /// Adds to `rows` how many went; says whether there may be more.
    async fn sweep_batch(&self, rows: &mut u64) -> Result<bool, Fault> {
        let retention = self.settings().retention;
        let swept = self.store().sweep_keeping(self.now(), BATCH, retention).await?;
        *rows += swept.rows;
        let mut more = swept.more;
        if retention.audit > 0 {
            let now = self.now();
            let limit = now.plus(-retention.audit);
            let pruned = self.store().prune_audit(limit, BATCH, now).await?;
            *rows += pruned.events;
            more |= pruned.more;
        }
        Ok(more)
    }

    /// Sweeps once a minute, on one node at a time.
    async fn keep_swept(&self) {
        let mut turn = Self::turn_to_sweep();
        loop {
            tokio::time::sleep(ROUND).await;
            match self.sweep_in_turn(&mut turn).await {
                Ok(None | Some(0)) => {}
                Ok(Some(rows)) => tracing::debug!(rows, "swept out what was over"),
                // The next round tries again; nothing depends on this one.
                Err(fault) => tracing::warn!(error = %fault, "the sweep did not finish"),
            }
        }
    }
}
