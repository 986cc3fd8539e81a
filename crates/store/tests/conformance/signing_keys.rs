//! Our own keys: added by one of many, followed, ended, replaced, and every node told.

use crate::scratch::{NOW, Scratch};
use omniport_store::portal::SigningKey;

/// A key for `RS256` that signs from `NOW` and a generation's number of seconds on.
pub(crate) fn signing_key(kid: &str, generation: u32) -> SigningKey {
    SigningKey {
        kid: kid.to_owned(),
        algorithm: "RS256".to_owned(),
        generation,
        sealed: (0..=255).collect(),
        created_at: NOW,
        active_at: NOW.plus(generation.into()),
        ends_at: None,
    }
}

pub(crate) async fn a_key_comes_back_whole_and_its_successor_ends_it(s: Scratch) {
    let (first, second) = (signing_key("a", 1), signing_key("b", 2));
    let mut other = signing_key("c", 1);
    "ES256".clone_into(&mut other.algorithm);
    assert!(
        s.store
            .add_signing_keys(&[first.clone(), other.clone()], 60)
            .await
            .unwrap()
    );
    let stored = s.store.signing_keys().await.unwrap();
    assert_eq!(stored, [other.clone(), first.clone()]);
    assert!(
        s.store
            .add_signing_keys(std::slice::from_ref(&second), 60)
            .await
            .unwrap()
    );
    let ended = SigningKey {
        ends_at: Some(second.active_at.plus(60)),
        ..first
    };
    assert_eq!(s.store.signing_keys().await.unwrap(), [other, ended, second]);
    assert!(!format!("{:?}", s.store.signing_keys().await.unwrap()).contains("sealed"));
}

pub(crate) async fn one_of_two_adds_a_generation(s: Scratch) {
    let (one, two) = ([signing_key("a", 1)], [signing_key("b", 1)]);
    let (one, two) = tokio::join!(
        s.store.add_signing_keys(&one, 60),
        s.store.add_signing_keys(&two, 60)
    );
    assert_ne!(one.unwrap(), two.unwrap());
    let stored = s.store.signing_keys().await.unwrap();
    assert_eq!((stored.len(), stored[0].ends_at), (1, None));
}

pub(crate) async fn replaced_keys_are_gone(s: Scratch) {
    assert!(
        s.store
            .add_signing_keys(&[signing_key("a", 1)], 60)
            .await
            .unwrap()
    );
    let new = [signing_key("b", 2)];
    assert!(s.store.replace_signing_keys(&new).await.unwrap());
    assert_eq!(s.store.signing_keys().await.unwrap(), new);
}

pub(crate) async fn an_ended_key_is_swept_and_a_new_epoch_takes_all(s: Scratch) {
    for (kid, generation) in [("a", 1), ("b", 2)] {
        let key = [signing_key(kid, generation)];
        assert!(s.store.add_signing_keys(&key, 60).await.unwrap());
    }
    assert_eq!(s.store.sweep(NOW.plus(61), 10).await.unwrap().rows, 0);
    assert_eq!(s.store.sweep(NOW.plus(62), 10).await.unwrap().rows, 1);
    assert_eq!(s.rows_of("signing_keys").await, 1);
    s.store.end_everything_issued(NOW).await.unwrap();
    assert_eq!(s.rows_of("signing_keys").await, 0);
}
