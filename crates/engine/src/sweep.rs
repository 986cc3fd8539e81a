//! Sweeping out, now and then, what time has ended, so that the tables do not grow without bound.

use crate::{Engine, Fault};
use std::time::Duration;

/// Rows that one sweep takes from each table at most: a writer that waits behind it waits milliseconds.
const BATCH: u32 = 500;
/// Between two sweeps while there is more to do.
const PAUSE: Duration = Duration::from_millis(200);
/// Between two rounds.
const ROUND: Duration = Duration::from_mins(1);

impl Engine {
    /// What a running server does beside answering, for as long as it is polled: a task that the server starts and drops.
    pub async fn keep_house(&self) {
        tokio::join!(self.keep_swept(), self.store().follow());
    }

    /// Sweeps until nothing is over any more; says how many rows went.
    ///
    /// # Errors
    /// [`Fault`] of the store.
    pub async fn sweep(&self) -> Result<u64, Fault> {
        let mut rows = 0;
        loop {
            let swept = self.store().sweep(self.now(), BATCH).await?;
            rows += swept.rows;
            if !swept.more {
                return Ok(rows);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Sweeps once a minute.
    async fn keep_swept(&self) {
        loop {
            tokio::time::sleep(ROUND).await;
            match self.sweep().await {
                Ok(0) => {}
                Ok(rows) => tracing::debug!(rows, "swept out what was over"),
                // The next round tries again; nothing depends on this one.
                Err(fault) => tracing::warn!(error = %fault, "the sweep did not finish"),
            }
        }
    }
}
