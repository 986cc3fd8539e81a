//! A bounded cache of two generations.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// What was asked for lately, at most twice `size` of it.
///
/// New entries fill the young generation; when it is full the old one goes and the young one becomes old. What is
/// asked for while it is old is young again. So what is in use stays, whatever passes by beside it, and every step
/// takes the same short time: no list to keep in order, no sweep.
pub(crate) struct Generations<K, V> {
    size: usize,
    maps: Mutex<(HashMap<K, V>, HashMap<K, V>)>,
}

impl<K: Hash + Eq + Clone, V: Clone> Generations<K, V> {
    /// An empty one.
    pub(crate) fn new(size: usize) -> Self {
        Self {
            size,
            maps: Mutex::default(),
        }
    }

    fn maps(&self) -> std::sync::MutexGuard<'_, (HashMap<K, V>, HashMap<K, V>)> {
        // Whoever panicked left two maps of whole entries behind.
        self.maps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of this key.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut maps = self.maps();
        if let Some(value) = maps.0.get(key) {
            return Some(value.clone());
        }
        let (key, value) = maps.1.remove_entry(key)?;
        self.put(&mut maps, key, value.clone());
        Some(value)
    }

    /// Keeps a value.
    pub(crate) fn insert(&self, key: K, value: V) {
        let mut maps = self.maps();
        maps.1.remove(&key);
        self.put(&mut maps, key, value);
    }

    fn put(&self, maps: &mut (HashMap<K, V>, HashMap<K, V>), key: K, value: V) {
        if maps.0.len() >= self.size && !maps.0.contains_key(&key) {
            maps.1 = std::mem::take(&mut maps.0);
        }
        maps.0.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_stays_while_others_pass_by() {
        let cache = Generations::new(10);
        cache.insert(0, "used");
        for n in 1..1_000 {
            cache.insert(n, "once");
            assert_eq!(cache.get(&0), Some("used"), "{n}");
            let maps = cache.maps();
            assert!(maps.0.len() <= 10 && maps.1.len() <= 10);
        }
        assert_eq!(cache.get(&1), None);
        assert_eq!(cache.get(&999), Some("once"));
    }

    #[test]
    fn a_key_has_its_last_value() {
        let cache = Generations::new(2);
        for n in 0..3 {
            cache.insert("a", n);
            cache.insert("b", n);
            cache.insert("c", n);
            assert_eq!(cache.get("a"), Some(n));
        }
    }
}
