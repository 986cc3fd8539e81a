//! When keys come and go: pure rules over what the database holds, so that every node says the same.
//!
//! `next` -> `current` -> `retired` follows from the moments alone. A key is published before it signs, for longer than
//! anybody keeps our JWKS; it stays published as long as anything that it signed may be checked.

use super::KeyAlgorithm;
use omniport_protocol::apis::MAX_TOKEN_SECONDS;
use omniport_protocol::ctx::Policy;
use omniport_protocol::vocabulary::Timestamp;
use omniport_store::portal::SigningKey;

/// How long others may keep our JWKS: its `max-age`.
pub const JWKS_SECONDS: i64 = 3_600;
/// How long a key is published before it signs.
pub const PUBLISH_AHEAD_SECONDS: i64 = 2 * JWKS_SECONDS;

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Published, and does not sign yet.
    Next,
    /// Signs.
    Current,
    /// Signs no more; what it signed may still be checked.
    Retired,
}

impl Standing {
    /// For people and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retired => "retired",
        }
    }
}

/// The generation of `algorithm` that signs at `now`: the newest that has begun.
pub fn current(keys: &[SigningKey], algorithm: &str, now: Timestamp) -> Option<u32> {
    let begun = |key: &&SigningKey| key.algorithm == algorithm && now.is_at_or_after(key.active_at);
    keys.iter().filter(begun).map(|key| key.generation).max()
}

/// Where a key stands among all of them at `now`.
pub fn standing(key: &SigningKey, keys: &[SigningKey], now: Timestamp) -> Standing {
    match current(keys, &key.algorithm, now) {
        Some(current) if key.generation < current => Standing::Retired,
        Some(current) if key.generation == current => Standing::Current,
        _ => Standing::Next,
    }
}

/// Whether a key is of no use to anybody any more.
pub fn is_over(key: &SigningKey, now: Timestamp) -> bool {
    key.ends_at.is_some_and(|end| now.is_at_or_after(end))
}

/// A key to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    /// For what.
    pub(super) algorithm: KeyAlgorithm,
    /// Its number.
    pub(super) generation: u32,
    /// From when it signs.
    pub(super) active_at: Timestamp,
}

/// The keys that the schedule wants made at `now`: the first of each algorithm, which signs at once; then one a round of
/// `rotate_seconds`, early enough to be published ahead.
pub(super) fn due(keys: &[SigningKey], now: Timestamp, rotate_seconds: i64) -> Vec<Due> {
    let of = |algorithm: KeyAlgorithm| {
        let Some(newest) = newest(keys, algorithm) else {
            return Some(now);
        };
        let due_at = newest.active_at.plus(rotate_seconds);
        now.is_at_or_after(due_at.plus(-PUBLISH_AHEAD_SECONDS))
            .then(|| due_at.max(now.plus(PUBLISH_AHEAD_SECONDS)))
    };
    KeyAlgorithm::ALL
        .into_iter()
        .filter_map(|algorithm| Some(follow(keys, algorithm, of(algorithm)?)))
        .collect()
}

/// The keys that an operator wants made: where none waits already, one that signs after it was published for a while.
pub(super) fn asked(keys: &[SigningKey], now: Timestamp) -> Vec<Due> {
    let waits = |algorithm| newest(keys, algorithm).is_some_and(|key| key.active_at > now);
    KeyAlgorithm::ALL
        .into_iter()
        .filter(|algorithm| !waits(*algorithm))
        .map(|algorithm| follow(keys, algorithm, now.plus(PUBLISH_AHEAD_SECONDS)))
        .collect()
}

/// The keys that an operator wants at once.
pub(super) fn at_once(keys: &[SigningKey], now: Timestamp) -> Vec<Due> {
    KeyAlgorithm::ALL
        .into_iter()
        .map(|algorithm| follow(keys, algorithm, now))
        .collect()
}

/// How long a key is kept after its successor began: as long as an access or ID token that it signed, for whichever API, or
/// a session whose sign-out shows an ID token that it signed; and a little for clocks and caches.
pub fn keep_seconds(policy: &Policy) -> i64 {
    policy
        .access_token_seconds
        .max(policy.id_token_seconds)
        .max(policy.session_seconds)
        .max(MAX_TOKEN_SECONDS)
        .saturating_add(JWKS_SECONDS)
}

fn newest(keys: &[SigningKey], algorithm: KeyAlgorithm) -> Option<&SigningKey> {
    keys.iter()
        .filter(|key| key.algorithm == algorithm.as_str())
        .max_by_key(|key| key.generation)
}

fn follow(keys: &[SigningKey], algorithm: KeyAlgorithm, active_at: Timestamp) -> Due {
    Due {
        algorithm,
        generation: newest(keys, algorithm).map_or(1, |key| key.generation.saturating_add(1)),
        active_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::jose::SigningAlgorithm;

    const DAY: i64 = 86_400;
    const START: Timestamp = Timestamp::from_seconds(1_000_000);
    const ROUND: i64 = 90 * DAY;

    fn row(due: Due) -> SigningKey {
        SigningKey {
            kid: format!("{}-{}", due.algorithm.as_str(), due.generation),
            algorithm: due.algorithm.as_str().to_owned(),
            generation: due.generation,
            sealed: Vec::new(),
            created_at: START,
            active_at: due.active_at,
            ends_at: None,
        }
    }

    fn first() -> Vec<SigningKey> {
        due(&[], START, ROUND).into_iter().map(row).collect()
    }

    #[test]
    fn the_first_keys_sign_at_once() {
        let keys = first();
        assert_eq!(keys.len(), KeyAlgorithm::ALL.len());
        assert!(
            keys.iter()
                .all(|key| standing(key, &keys, START) == Standing::Current)
        );
        assert_eq!(due(&keys, START, ROUND), []);
    }

    #[test]
    fn the_next_is_published_ahead_takes_over_at_its_second_and_the_old_retires() {
        let mut keys = first();
        let takes_over = START.plus(ROUND);
        assert_eq!(due(&keys, takes_over.plus(-PUBLISH_AHEAD_SECONDS - 1), ROUND), []);
        let coming = due(&keys, takes_over.plus(-PUBLISH_AHEAD_SECONDS), ROUND);
        assert!(
            coming
                .iter()
                .all(|due| due.active_at == takes_over && due.generation == 2)
        );
        keys.extend(coming.into_iter().map(row));
        let at = |seconds| {
            let now = takes_over.plus(seconds);
            [&keys[0], &keys[6]].map(|key| standing(key, &keys, now))
        };
        assert_eq!(at(-1), [Standing::Current, Standing::Next]);
        assert_eq!(at(0), [Standing::Retired, Standing::Current]);
        assert_eq!(due(&keys, takes_over, ROUND), []);
    }

    #[test]
    fn a_node_that_slept_through_the_day_still_publishes_ahead() {
        let keys = first();
        let late = START.plus(ROUND + 40 * DAY);
        let coming = due(&keys, late, ROUND);
        assert!(
            coming
                .iter()
                .all(|due| due.active_at == late.plus(PUBLISH_AHEAD_SECONDS))
        );
    }

    #[test]
    fn an_operator_gets_one_waiting_key_and_not_two_or_one_at_once() {
        let mut keys = first();
        let coming = asked(&keys, START);
        assert!(
            coming
                .iter()
                .all(|due| due.active_at == START.plus(PUBLISH_AHEAD_SECONDS))
        );
        keys.extend(coming.into_iter().map(row));
        assert_eq!(asked(&keys, START.plus(1)), []);
        let now = START.plus(10);
        keys.extend(at_once(&keys, now).into_iter().map(row));
        let rs256 = KeyAlgorithm::Sign(SigningAlgorithm::Rs256).as_str();
        assert_eq!(current(&keys, rs256, now), Some(3));
        // The one that was waiting never signs: a newer one does.
        assert_eq!(current(&keys, rs256, START.plus(PUBLISH_AHEAD_SECONDS)), Some(3));
    }

    #[test]
    fn an_old_key_is_kept_as_long_as_anything_it_signed() {
        let policy = Policy::default();
        let keep = keep_seconds(&policy);
        assert!(keep > policy.access_token_seconds && keep > policy.session_seconds);
        assert!(keep > MAX_TOKEN_SECONDS, "a JWT of an API may live a day");
        let mut key = first().remove(0);
        assert!(!is_over(&key, Timestamp::from_seconds(i64::MAX)));
        key.ends_at = Some(START);
        assert!(is_over(&key, START) && !is_over(&key, START.plus(-1)));
    }
}
