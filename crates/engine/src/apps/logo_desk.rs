//! One logo at a time: a picture of a few kilobytes may unfold to 64 MiB of pixels and as much again while it is read,
//! so thirty at once would be two gigabytes.

use super::{Logo, LogoError, reencode};
use crate::Fault;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Where uploads are made into logos, off the async threads and one after the other.
#[derive(Debug)]
pub(crate) struct LogoDesk {
    free: Arc<Semaphore>,
}

impl Default for LogoDesk {
    fn default() -> Self {
        Self {
            free: Arc::new(Semaphore::new(1)),
        }
    }
}

impl LogoDesk {
    /// [`reencode`], when it is this upload's turn.
    pub(crate) async fn reencode(&self, upload: Vec<u8>) -> Result<Result<Logo, LogoError>, Fault> {
        // The permit travels with the work: a caller that goes away does not make room before the work is done.
        let turn = self.free.clone().acquire_owned().await.map_err(|_| Fault::Task)?;
        let task = tokio::task::spawn_blocking(move || {
            let done = reencode(&upload);
            drop(turn);
            done
        });
        task.await.map_err(|_| Fault::Task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn an_upload_waits_while_another_is_made() {
        let desk = LogoDesk::default();
        let other = desk.free.clone().acquire_owned().await.unwrap();
        let mut waiting = Box::pin(desk.reencode(b"<svg/>".to_vec()));
        let early = tokio::time::timeout(Duration::from_millis(100), &mut waiting).await;
        assert!(early.is_err(), "two at once");
        drop(other);
        assert_eq!(waiting.await.unwrap(), Err(LogoError::NotAPicture));
    }
}
