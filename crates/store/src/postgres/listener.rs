//! The connection that is called when something has changed (LISTEN).

use super::address::Settings;
use super::session::Session;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Between two attempts to connect: doubled from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LAST_PAUSE: Duration = Duration::from_secs(10);

/// A task that listens for as long as this lives. Whoever misses a call loses time and nothing else: the numbers are
/// asked for anyway.
pub(super) struct Listener {
    bell: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Starts it. Sessions that are not ours cannot listen: then nobody ever calls.
    pub(super) fn start(settings: &Arc<Settings>) -> Self {
        let bell = Arc::new(Notify::new());
        Self {
            task: tokio::spawn(keep_listening(Arc::clone(settings), Arc::clone(&bell))),
            bell,
        }
    }

    /// Waits for a call; one that came while nobody waited is not lost.
    pub(super) async fn called(&self) {
        self.bell.notified().await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep_listening(settings: Arc<Settings>, bell: Arc<Notify>) {
    if !settings.prepare {
        return;
    }
    let mut pause = FIRST_PAUSE;
    loop {
        match Session::listen(&settings, &bell).await {
            Ok(mut session) => {
                pause = FIRST_PAUSE;
                // What happened before was not heard.
                bell.notify_one();
                session.ended().await;
            }
            Err(fault) => tracing::debug!(error = %fault, "no connection to listen on"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}
