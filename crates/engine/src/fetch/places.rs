//! How much may be fetched at a time: of everything, and from one host.

use super::FetchError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most fetches at a time.
const AT_ONCE: usize = 32;
/// Most of them from one host, so that a slow one does not take the places of the others.
const AT_ONCE_FROM_ONE: usize = 4;
/// Most fetches that run or wait for their turn; further ones are refused at once.
const ADMITTED: usize = 256;

/// The places there are.
pub(super) struct Places {
    admitted: Arc<Semaphore>,
    all: Arc<Semaphore>,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A place that is taken until this is dropped.
pub(super) struct Place<'a> {
    places: &'a Places,
    host: &'a str,
    held: Vec<OwnedSemaphorePermit>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(ADMITTED)),
            all: Arc::new(Semaphore::new(AT_ONCE)),
            hosts: Mutex::default(),
        }
    }
}

impl Places {
    /// Waits for a place: first for one of the host's, so that those who wait for a slow host hold nobody else up.
    pub(super) async fn take<'a>(&'a self, host: &'a str) -> Result<Place<'a>, FetchError> {
        let admitted = self.admitted.clone().try_acquire_owned();
        let mut place = Place {
            places: self,
            host,
            held: vec![admitted.map_err(|_| FetchError::Busy)?],
        };
        let of_host = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Semaphore::new(AT_ONCE_FROM_ONE));
            hosts.entry(host.to_owned()).or_insert_with(new).clone()
        };
        for semaphore in [of_host, self.all.clone()] {
            let permit = semaphore.acquire_owned().await;
            place.held.push(permit.map_err(|_| FetchError::Busy)?);
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut hosts = self.places.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        self.held.clear();
        // Nobody runs or waits there any more: every one of them holds a clone.
        if hosts
            .get(self.host)
            .is_some_and(|own| Arc::strong_count(own) == 1)
        {
            hosts.remove(self.host);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn takes(places: &Places, host: &str) -> bool {
        tokio::time::timeout(Duration::from_millis(20), places.take(host))
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn a_slow_host_takes_only_its_own_places() {
        let places = Places::default();
        let mut held = Vec::new();
        for _ in 0..AT_ONCE_FROM_ONE {
            held.push(places.take("slow.example").await.unwrap());
        }
        assert!(!takes(&places, "slow.example").await);
        assert!(takes(&places, "other.example").await);
        held.pop();
        assert!(takes(&places, "slow.example").await);
        drop(held);
        assert!(
            places.hosts.lock().unwrap().is_empty(),
            "hosts are forgotten when idle"
        );
    }

    #[tokio::test]
    async fn all_together_are_bounded() {
        let places = Places::default();
        let hosts: Vec<String> = (0..AT_ONCE).map(|n| format!("h{n}.example")).collect();
        let mut held = Vec::new();
        for host in &hosts {
            held.push(places.take(host).await.unwrap());
        }
        assert!(!takes(&places, "one.more.example").await);
        let mut waiting: Vec<_> = (AT_ONCE..ADMITTED)
            .map(|_| Box::pin(places.take("one.more.example")))
            .collect();
        for take in &mut waiting {
            let early = tokio::time::timeout(Duration::from_millis(1), take).await;
            assert!(early.is_err());
        }
        let refused = places.take("one.too.many.example").await.err();
        assert_eq!(refused, Some(FetchError::Busy));
    }
}
