//! Who fetches which document at the moment on this node, and which were in vain just now.

use omniport_protocol::vocabulary::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long after a document could not be used its host is left alone, in seconds. It is a pause and no cache: the draft
/// lets none keep an error (section 5.2).
pub(super) const PAUSE: i64 = 10;
/// The same for an app that goes on meanwhile, so that nobody waits for it.
pub(super) const PAUSE_OF_KNOWN: i64 = 60;
/// Most addresses that are remembered.
const MOST: usize = 256;

/// The addresses that are being fetched, or were in vain.
#[derive(Default)]
pub(crate) struct Waiting {
    places: Mutex<HashMap<String, Arc<Place>>>,
}

/// One address.
pub(super) struct Place {
    /// Held by the one who fetches; the others wait for what comes of it.
    pub(super) turn: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

struct State {
    used: Timestamp,
    failed: Option<(String, Timestamp)>,
}

impl Waiting {
    /// The place of an address.
    pub(super) fn at(&self, address: &str, now: Timestamp) -> Arc<Place> {
        let mut places = lock(&self.places);
        if let Some(place) = places.get(address) {
            lock(&place.state).used = now;
            return place.clone();
        }
        if places.len() >= MOST {
            // Whoever is at it keeps it; it is only forgotten.
            let oldest = places.iter().min_by_key(|(_, place)| lock(&place.state).used);
            if let Some(address) = oldest.map(|(address, _)| address.clone()) {
                places.remove(&address);
            }
        }
        let place = Arc::new(Place {
            turn: tokio::sync::Mutex::default(),
            state: Mutex::new(State {
                used: now,
                failed: None,
            }),
        });
        places.insert(address.to_owned(), place.clone());
        place
    }
}

impl Place {
    /// Why the document could not be used within the last `pause` seconds, if so.
    pub(super) fn failed(&self, pause: i64, now: Timestamp) -> Option<String> {
        let state = lock(&self.state);
        let (why, at) = state.failed.as_ref()?;
        let since = now.seconds().saturating_sub(at.seconds());
        (0..pause).contains(&since).then(|| why.clone())
    }

    /// Notes that it could not be used.
    pub(super) fn fail(&self, why: &str, now: Timestamp) {
        lock(&self.state).failed = Some((why.to_owned(), now));
    }
}

/// What a thread that panicked left is whole: every change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + seconds)
    }

    #[test]
    fn a_failure_is_over_in_ten_seconds() {
        let waiting = Waiting::default();
        let place = waiting.at("https://a.example/c", at(0));
        assert_eq!(place.failed(PAUSE, at(0)), None);
        place.fail("why", at(0));
        let again = waiting.at("https://a.example/c", at(9));
        assert_eq!(again.failed(PAUSE, at(9)).as_deref(), Some("why"));
        assert_eq!(again.failed(PAUSE, at(10)), None);
        assert!(again.failed(PAUSE_OF_KNOWN, at(59)).is_some());
        // Nor does a clock that was set back keep it.
        assert_eq!(again.failed(PAUSE, at(-1)), None);
    }

    #[test]
    fn so_many_addresses_are_remembered() {
        let waiting = Waiting::default();
        for n in 0..1_000 {
            waiting.at(&format!("https://a.example/{n}"), at(n));
        }
        assert_eq!(lock(&waiting.places).len(), MOST);
    }
}
