//! From a name to its addresses.

use super::FetchError;
use super::places::Turn;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Most questions to the system's resolver at a time. Its call cannot be cut short, so one that hangs keeps its place
/// here, and a slow name server can never take more than these threads.
const AT_ONCE: usize = 32;

/// A name's addresses, some time.
pub(super) type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Who knows the addresses.
pub(super) trait Resolve: Send + Sync {
    /// The addresses of `name`.
    fn resolve(&self, name: String) -> Resolving;
}

/// The machine's own resolver, with its hosts file and its name servers.
pub(super) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: String) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A resolver, and how many questions it may be asked at a time.
pub(super) struct Names {
    resolver: Arc<dyn Resolve>,
    free: Arc<Semaphore>,
}

impl Names {
    pub(super) fn new(resolver: Arc<dyn Resolve>) -> Self {
        Self {
            resolver,
            free: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The addresses of a name, at least one. A caller that goes away leaves the question to end by itself, in its place;
    /// and until then `turn` is taken: names that are slow keep whoever asks for them waiting, and nobody else.
    pub(super) async fn addresses(&self, name: &str, turn: Arc<Turn>) -> Result<Vec<IpAddr>, FetchError> {
        let place = self.free.clone().acquire_owned().await;
        let place = place.map_err(|_| FetchError::Busy)?;
        let question = self.resolver.resolve(name.to_owned());
        let asked = tokio::spawn(async move {
            let found = question.await;
            drop((place, turn));
            found
        });
        match asked.await {
            Ok(Ok(found)) if !found.is_empty() => Ok(found),
            Ok(Ok(_)) => Err(FetchError::Unresolved),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a host's name was not resolved");
                Err(FetchError::Unresolved)
            }
            Err(_) => Err(FetchError::Busy),
        }
    }
}
