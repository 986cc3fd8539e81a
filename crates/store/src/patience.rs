//! How long the store may take for all that one request asks of it.
//!
//! Each question has a bound of its own, in the driver. A request asks several, and decides again when a row changed under
//! it: so it brings one bound for all of them along, as its task goes. Only the time spent in the store counts, not that
//! in which the caller's body arrives or a client's document is fetched.

use crate::Fault;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// For one request: somewhat more than a driver's own bound, so that its words are heard, and less than the five seconds
/// after which nobody is to wait any more.
pub const PATIENCE: Duration = Duration::from_millis(4_500);

tokio::task_local! {
    /// What is left.
    static LEFT: Cell<Duration>;
}

/// Does `work`, for which the store may take [`PATIENCE`] in all: beyond it, every question of it is
/// [`Fault::Unavailable`]. Work within such work shares its patience.
pub async fn patiently<T>(work: impl Future<Output = T>) -> T {
    if LEFT.try_with(|_| ()).is_ok() {
        return work.await;
    }
    LEFT.scope(Cell::new(PATIENCE), work).await
}

/// Asks the database, for as long as there is patience.
pub(crate) async fn bounded<T>(asking: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let Ok(left) = LEFT.try_with(Cell::get) else {
        return asking.await;
    };
    let begun = instant();
    let answered = tokio::time::timeout(left, asking).await;
    let left = left.saturating_sub(begun.elapsed());
    LEFT.with(|patience| patience.set(left));
    answered.unwrap_or_else(|_| {
        Err(Fault::Unavailable(format!(
            "it took more than {} seconds to answer one request; whether a change was written is not known",
            PATIENCE.as_secs_f32()
        )))
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "an age on this machine's steady clock, never a moment that anybody is told"
)]
fn instant() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    async fn slow(millis: u64) -> Result<(), Fault> {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        Ok(())
    }

    #[tokio::test]
    async fn all_questions_of_a_request_share_its_patience() {
        let work = patiently(async {
            // Work within shares it, and what is not the store's costs nothing of it.
            patiently(bounded(slow(300))).await.unwrap();
            slow(300).await.unwrap();
            LEFT.with(Cell::get)
        });
        let left = work.await;
        let spent = PATIENCE.saturating_sub(left).as_millis();
        assert!((300..550).contains(&spent), "{spent}");
    }

    #[tokio::test]
    async fn beyond_its_patience_a_request_is_answered() {
        let begun = instant();
        let ends = patiently(async {
            [
                bounded(pending::<Result<(), Fault>>()).await,
                bounded(slow(100)).await,
            ]
        });
        for end in ends.await {
            assert!(matches!(end, Err(Fault::Unavailable(_))), "{end:?}");
        }
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test]
    async fn without_a_request_the_drivers_bounds_remain() {
        assert_eq!(bounded(slow(10)).await, Ok(()));
    }
}
