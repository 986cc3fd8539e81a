//! The keys that clients publish at their `jwks_uri`, remembered.

use super::{Asking, FetchError, MAX_URL};
use omniport_protocol::jose::JwkSet;
use omniport_protocol::vocabulary::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How long a set is used before it is fetched again, in seconds.
const FRESH_SECONDS: i64 = 600;
/// How old a set may be and still serve while its host fails, in seconds. It bounds for how long a key that was taken
/// back goes on working for somebody who can keep us from the host.
const STALE_SECONDS: i64 = 3_600;
/// How long after a failure the host is left alone, in seconds.
const FAILED_SECONDS: i64 = 10;
/// How long after a fetch for the sake of an unknown key there is no other such, in seconds: key identifiers come from
/// outsiders, and must not become a hose.
const UNKNOWN_KEY_SECONDS: i64 = 60;
/// Most sets that are remembered.
const MOST: usize = 256;
/// The media types of a key set (RFC 7517 section 8.5.2).
const ACCEPT: &str = "application/jwk-set+json, application/json";

/// A key set, as far as the cache has to understand it.
pub trait KeySet: Sized + Send + Sync + 'static {
    /// Reads a JWK set (RFC 7517 section 5).
    ///
    /// # Errors
    /// What is wrong with it, for the app's team.
    fn parse(text: &str) -> Result<Self, String>;

    /// Whether it has a key of this identifier.
    fn has_kid(&self, kid: &str) -> bool;
}

impl KeySet for JwkSet {
    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }

    fn has_kid(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid() == Some(kid))
    }
}

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// They could not be fetched.
    #[error("the key set was not fetched: {0}")]
    Fetch(#[from] FetchError),
    /// What was fetched is no key set.
    #[error("the key set cannot be used: {0}")]
    Parse(String),
}

/// Key sets by URI.
///
/// A set is fetched when it is first wanted, when it is ten minutes old, and when a key is wanted that it does not have
/// (at most once in 60 s for each URI: the client may just have rotated its keys). Callers who want the same share one
/// fetch. A failure of the host is remembered for 10 s; a set that is there goes on serving meanwhile, until it is an hour old.
pub struct JwksCache<K> {
    slots: Mutex<HashMap<String, Arc<Slot<K>>>>,
}

struct Slot<K> {
    state: Mutex<State<K>>,
    /// Held by the one who fetches.
    fetching: tokio::sync::Mutex<()>,
}

struct State<K> {
    set: Option<(Arc<K>, Timestamp)>,
    failed: Option<(JwksError, Timestamp)>,
    forced: Option<Timestamp>,
    used: Timestamp,
}

enum Next<K> {
    Serve(Arc<K>),
    Refuse(JwksError),
    Fetch,
}

impl<K> Default for JwksCache<K> {
    fn default() -> Self {
        Self {
            slots: Mutex::default(),
        }
    }
}

impl<K: KeySet> JwksCache<K> {
    /// The key set at `uri`, with the key `wanted_kid` if the client publishes it. The answer may lack that key.
    ///
    /// # Errors
    /// [`JwksError`] for the app's team.
    pub async fn get(
        &self,
        fetcher: impl Into<Asking<'_>>,
        uri: &str,
        wanted_kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<K>, JwksError> {
        if uri.len() > MAX_URL {
            return Err(FetchError::Url.into());
        }
        let slot = self.slot(uri, now);
        if let Some(done) = slot.peek(wanted_kid, now) {
            return done;
        }
        let _turn = slot.fetching.lock().await;
        // Somebody may have fetched it while we waited.
        if let Some(done) = slot.peek(wanted_kid, now) {
            return done;
        }
        slot.begin(now);
        let outcome = fetch(fetcher.into(), uri).await;
        slot.end(outcome, now)
    }

    fn slot(&self, uri: &str, now: Timestamp) -> Arc<Slot<K>> {
        let mut slots = lock(&self.slots);
        if let Some(slot) = slots.get(uri) {
            lock(&slot.state).used = now;
            return slot.clone();
        }
        if slots.len() >= MOST {
            // The one that was not wanted for the longest time. Who is at it keeps it; it is only forgotten.
            let oldest = slots.iter().min_by_key(|(_, slot)| lock(&slot.state).used);
            if let Some(uri) = oldest.map(|(uri, _)| uri.clone()) {
                slots.remove(&uri);
            }
        }
        let slot = Arc::new(Slot {
            state: Mutex::new(State {
                set: None,
                failed: None,
                forced: None,
                used: now,
            }),
            fetching: tokio::sync::Mutex::default(),
        });
        slots.insert(uri.to_owned(), slot.clone());
        slot
    }
}

async fn fetch<K: KeySet>(fetcher: Asking<'_>, uri: &str) -> Result<K, JwksError> {
    let document = fetcher.get(uri, ACCEPT).await?;
    K::parse(document.text()?).map_err(JwksError::Parse)
}

impl<K: KeySet> Slot<K> {
    fn peek(&self, wanted_kid: Option<&str>, now: Timestamp) -> Option<Result<Arc<K>, JwksError>> {
        match lock(&self.state).next(wanted_kid, now) {
            Next::Serve(set) => Some(Ok(set)),
            Next::Refuse(error) => Some(Err(error)),
            Next::Fetch => None,
        }
    }

    /// Notes a fetch for an unknown key before it begins: one that its caller gives up counts too.
    fn begin(&self, now: Timestamp) {
        let mut state = lock(&self.state);
        if state.fresh(now).is_some() {
            state.forced = Some(now);
        }
    }

    fn end(&self, fetched: Result<K, JwksError>, now: Timestamp) -> Result<Arc<K>, JwksError> {
        let mut state = lock(&self.state);
        match fetched {
            Ok(set) => {
                let set = Arc::new(set);
                state.set = Some((set.clone(), now));
                state.failed = None;
                Ok(set)
            }
            // That others are being served says nothing of the host, and is over in a moment.
            Err(error @ JwksError::Fetch(FetchError::Busy)) => {
                state.forced = None;
                state.within(STALE_SECONDS, now).ok_or(error)
            }
            Err(error) => {
                state.failed = Some((error.clone(), now));
                state.within(STALE_SECONDS, now).ok_or(error)
            }
        }
    }
}

impl<K> State<K> {
    fn next(&self, wanted_kid: Option<&str>, now: Timestamp) -> Next<K>
    where
        K: KeySet,
    {
        let failed = self
            .failed
            .as_ref()
            .filter(|(_, at)| is_within(*at, FAILED_SECONDS, now));
        if let Some(set) = self.fresh(now) {
            let is_there = wanted_kid.is_none_or(|kid| set.has_kid(kid));
            let too_soon = self
                .forced
                .is_some_and(|at| is_within(at, UNKNOWN_KEY_SECONDS, now));
            return if is_there || too_soon || failed.is_some() {
                Next::Serve(set)
            } else {
                Next::Fetch
            };
        }
        match failed {
            Some((error, _)) => match self.within(STALE_SECONDS, now) {
                Some(set) => Next::Serve(set),
                None => Next::Refuse(error.clone()),
            },
            None => Next::Fetch,
        }
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<K>> {
        self.within(FRESH_SECONDS, now)
    }

    fn within(&self, seconds: i64, now: Timestamp) -> Option<Arc<K>> {
        let (set, at) = self.set.as_ref()?;
        is_within(*at, seconds, now).then(|| set.clone())
    }
}

/// Whether `at` is less than `seconds` ago. What lies in the future (a clock that was set back) is not.
fn is_within(at: Timestamp, seconds: i64, now: Timestamp) -> bool {
    (0..seconds).contains(&now.seconds().saturating_sub(at.seconds()))
}

/// What a thread that panicked left is whole: every change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
impl<K> JwksCache<K> {
    pub(super) fn len(&self) -> usize {
        lock(&self.slots).len()
    }
}
