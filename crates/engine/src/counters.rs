//! Counts of what happened since the start, for whoever watches over the instance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// Counts under labels. A label is part of the program's text: what a caller sent can never be one.
#[derive(Debug, Default)]
pub struct Tally(RwLock<Vec<(&'static str, AtomicU64)>>);

impl Tally {
    /// One more of these.
    pub fn add(&self, label: &'static str) {
        let counts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, count)) = counts.iter().find(|(known, _)| *known == label) {
            count.fetch_add(1, Ordering::Relaxed);
            return;
        }
        drop(counts);
        let mut counts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match counts.iter().find(|(known, _)| *known == label) {
            Some((_, count)) => {
                count.fetch_add(1, Ordering::Relaxed);
            }
            None => counts.push((label, AtomicU64::new(1))),
        }
    }

    /// Every label with its count, in the order of the labels.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let counts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = counts
            .iter()
            .map(|(label, count)| (*label, count.load(Ordering::Relaxed)))
            .collect();
        all.sort_unstable();
        all
    }
}

/// What the engine and the rooms above it count.
#[derive(Debug, Default)]
pub struct Counters {
    /// Sign-ins with a password, by their end: `welcome`, `wrong`, `wait`.
    pub sign_ins: Tally,
    /// Answers of the token endpoint with a token in them, by `grant_type`.
    pub tokens_issued: Tally,
    /// Refused requests, by error code.
    pub refusals: Tally,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_counted_once_under_its_label() {
        let tally = Tally::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for label in ["b", "a", "b"].repeat(1_000) {
                        tally.add(label);
                    }
                });
            }
        });
        assert_eq!(tally.counts(), [("a", 4_000), ("b", 8_000)]);
    }
}
