//! How many deliveries one node makes at a time to which app, so that one that answers slowly holds up nobody else's.

use omniport_protocol::vocabulary::ClientId;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Deliveries at a time to one app.
const LANES_OF_ONE_APP: usize = 2;

/// What this node is delivering.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    called: Notify,
    busy: Mutex<Vec<ClientId>>,
}

impl Lanes {
    /// Says that there may be something to deliver.
    pub(crate) fn wake(&self) {
        self.called.notify_one();
    }

    /// Comes back once somebody said so.
    pub(crate) async fn called(&self) {
        self.called.notified().await;
    }

    fn busy(&self) -> MutexGuard<'_, Vec<ClientId>> {
        // A poisoned lock means a panic between two lines of bookkeeping; the list is still a list.
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The apps that something is being delivered to, each once; and those of them that have no place left.
    pub(crate) fn taken(&self) -> (Vec<ClientId>, Vec<ClientId>) {
        let busy = self.busy();
        let mut some = busy.clone();
        some.sort_unstable();
        some.dedup();
        let lanes_of = |client: &ClientId| busy.iter().filter(|other| *other == client).count();
        let full = some.iter().filter(|client| lanes_of(client) >= LANES_OF_ONE_APP);
        let full = full.cloned().collect();
        (some, full)
    }

    /// A place for a delivery to this app, given back when it is dropped; none where it has enough.
    pub(crate) fn place(&self, client: &ClientId) -> Option<Place<'_>> {
        let mut busy = self.busy();
        if busy.iter().filter(|other| *other == client).count() >= LANES_OF_ONE_APP {
            return None;
        }
        busy.push(client.clone());
        Some(Place {
            of: self,
            client: client.clone(),
        })
    }
}

/// One of the deliveries that are being made.
pub(crate) struct Place<'a> {
    of: &'a Lanes,
    client: ClientId,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut busy = self.of.busy();
        if let Some(at) = busy.iter().position(|client| *client == self.client) {
            busy.swap_remove(at);
        }
    }
}
