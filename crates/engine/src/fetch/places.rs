//! How much may be fetched at a time: of everything, from one host, and for the sake of one client.

use super::FetchError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most fetches at a time.
const AT_ONCE: usize = 32;
/// Most of them from one host, so that a slow one does not take the places of the others.
const AT_ONCE_FROM_ONE: usize = 4;
/// Most of them for one client: fewer than one host has, so that no client keeps the others from a host they share.
const AT_ONCE_FOR_ONE: usize = 3;
/// Most fetches that run or wait for their turn; further ones are refused at once.
const ADMITTED: usize = 256;
/// Most of them for one client, so that one whose hosts are slow keeps nobody waiting but itself.
const ADMITTED_FOR_ONE: usize = 12;

/// The places there are.
pub(super) struct Places {
    admitted: Arc<Semaphore>,
    all: Arc<Semaphore>,
    clients: Arc<Lanes>,
    hosts: Arc<Lanes>,
}

/// A place that is taken until this is dropped.
pub(super) struct Place {
    _admitted: OwnedSemaphorePermit,
    client: Arc<Turn>,
    _host: Turn,
    _all: OwnedSemaphorePermit,
}

impl Place {
    /// The client's part of it, which is free again when the last who holds it lets go: for work that outlives a fetch.
    pub(super) fn of_client(&self) -> Arc<Turn> {
        self.client.clone()
    }
}

/// Places of each of many names. A name is forgotten when nobody runs or waits there.
struct Lanes {
    at_once: usize,
    admitted: usize,
    by_name: Mutex<HashMap<String, Arc<Lane>>>,
}

struct Lane {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// One of the places of a name, or the wait for it.
pub(super) struct Turn {
    lanes: Arc<Lanes>,
    name: String,
    lane: Option<Arc<Lane>>,
    held: Vec<OwnedSemaphorePermit>,
}

impl Lanes {
    fn new(at_once: usize, admitted: usize) -> Arc<Self> {
        Arc::new(Self {
            at_once,
            admitted,
            by_name: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Lane>>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place of `name`, where there are not too many who wait.
    async fn take(self: &Arc<Self>, name: &str) -> Result<Turn, FetchError> {
        let lane = {
            let new = || {
                Arc::new(Lane {
                    admitted: Arc::new(Semaphore::new(self.admitted)),
                    running: Arc::new(Semaphore::new(self.at_once)),
                })
            };
            self.lock().entry(name.to_owned()).or_insert_with(new).clone()
        };
        let mut turn = Turn {
            lanes: self.clone(),
            name: name.to_owned(),
            lane: Some(lane.clone()),
            held: Vec::new(),
        };
        let admitted = lane.admitted.clone().try_acquire_owned();
        turn.held.push(admitted.map_err(|_| FetchError::Busy)?);
        let running = lane.running.clone();
        drop(lane);
        turn.held
            .push(running.acquire_owned().await.map_err(|_| FetchError::Busy)?);
        Ok(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lanes = self.lanes.lock();
        self.held.clear();
        self.lane = None;
        // Nobody runs or waits there any more: every one of them holds a clone.
        if lanes
            .get(&self.name)
            .is_some_and(|lane| Arc::strong_count(lane) == 1)
        {
            lanes.remove(&self.name);
        }
    }
}

impl Default for Places {
    fn default() -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(ADMITTED)),
            all: Arc::new(Semaphore::new(AT_ONCE)),
            clients: Lanes::new(AT_ONCE_FOR_ONE, ADMITTED_FOR_ONE),
            hosts: Lanes::new(AT_ONCE_FROM_ONE, ADMITTED),
        }
    }
}

impl Places {
    /// Waits for a place: first for one of the client's, then for one of the host's, so that those who wait for a slow
    /// host hold nobody else up.
    pub(super) async fn take(&self, client: &str, host: &str) -> Result<Place, FetchError> {
        let admitted = self.admitted.clone().try_acquire_owned();
        Ok(Place {
            _admitted: admitted.map_err(|_| FetchError::Busy)?,
            client: Arc::new(self.clients.take(client).await?),
            _host: self.hosts.take(host).await?,
            _all: {
                let all = self.all.clone().acquire_owned().await;
                all.map_err(|_| FetchError::Busy)?
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn takes(places: &Places, client: &str, host: &str) -> bool {
        tokio::time::timeout(Duration::from_millis(20), places.take(client, host))
            .await
            .is_ok_and(|place| place.is_ok())
    }

    #[tokio::test]
    async fn a_slow_host_takes_only_its_own_places() {
        let places = Places::default();
        let mut held = Vec::new();
        for n in 0..AT_ONCE_FROM_ONE {
            held.push(places.take(&format!("c{n}"), "slow.example").await.unwrap());
        }
        assert!(!takes(&places, "one", "slow.example").await);
        assert!(takes(&places, "one", "other.example").await);
        held.pop();
        assert!(takes(&places, "one", "slow.example").await);
        drop(held);
        for lanes in [&places.hosts, &places.clients] {
            assert!(lanes.lock().is_empty(), "names are forgotten when idle");
        }
    }

    #[tokio::test]
    async fn a_client_with_slow_hosts_starves_nobody_but_itself() {
        let places = Places::default();
        let mut held = Vec::new();
        for n in 0..AT_ONCE_FOR_ONE {
            held.push(places.take("greedy", &format!("h{n}.example")).await.unwrap());
        }
        let hosts: Vec<String> = (0..300).map(|n| format!("w{n}.example")).collect();
        let mut waiting: Vec<_> = hosts
            .iter()
            .map(|host| Box::pin(places.take("greedy", host)))
            .collect();
        let mut refused = 0;
        for take in &mut waiting {
            match tokio::time::timeout(Duration::from_millis(1), take).await {
                Ok(Err(FetchError::Busy)) => refused += 1,
                Ok(_) => panic!("more run than may"),
                Err(_) => {}
            }
        }
        assert_eq!(refused, 300 - (ADMITTED_FOR_ONE - AT_ONCE_FOR_ONE));
        for n in 0..AT_ONCE - AT_ONCE_FOR_ONE {
            let other = format!("c{n}");
            assert!(takes(&places, &other, "h0.example").await, "{other}");
        }
        // What outlives a fetch keeps the client's place, and nothing else.
        let kept = held[0].of_client();
        drop(waiting);
        drop(held);
        let free = places.clients.lock()["greedy"].running.available_permits();
        assert_eq!(free, AT_ONCE_FOR_ONE - 1);
        drop(kept);
        assert!(places.clients.lock().is_empty());
    }

    #[tokio::test]
    async fn all_together_are_bounded() {
        let places = Places::default();
        let named = |n: usize| (format!("c{n}"), format!("h{n}.example"));
        let mut held = Vec::new();
        for n in 0..AT_ONCE {
            let (client, host) = named(n);
            held.push(places.take(&client, &host).await.unwrap());
        }
        assert!(!takes(&places, "one.more", "one.more.example").await);
        let clients: Vec<_> = (AT_ONCE..ADMITTED).map(named).collect();
        let mut waiting: Vec<_> = clients
            .iter()
            .map(|(client, _)| Box::pin(places.take(client, "one.more.example")))
            .collect();
        for take in &mut waiting {
            let early = tokio::time::timeout(Duration::from_millis(1), take).await;
            assert!(early.is_err());
        }
        let refused = places.take("x", "one.too.many.example").await.err();
        assert_eq!(refused, Some(FetchError::Busy));
    }
}
