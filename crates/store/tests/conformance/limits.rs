//! How often something may be tried: counted together, whoever counts.

use crate::scratch::{NOW, Scratch, hash, parked};
use omniport_protocol::effect::Write;
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::Timestamp;
use omniport_store::portal::Spend;
use omniport_store::{Store, Written};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Ten tries at once, then one in 30 seconds.
fn tries(what: &str) -> Spend {
    Spend {
        bucket: hash(what),
        cost: 30_000,
        holds: 300_000,
    }
}

async fn spend(store: &Store, spends: &[Spend], at: Timestamp) -> Option<i64> {
    store.spend(spends, at).await.unwrap()
}

/// A node that remembers no refusals of its own.
fn node(s: &Scratch) -> Store {
    Store::new(Arc::clone(&s.driver))
}

pub(crate) async fn a_bucket_holds_so_many_tries_and_fills_again(s: Scratch) {
    let bucket = [tries("a")];
    for _ in 0..10 {
        assert_eq!(spend(&s.store, &bucket, NOW).await, None);
    }
    for node in [&s.store, &node(&s)] {
        assert_eq!(spend(node, &bucket, NOW).await, Some(30));
        assert_eq!(spend(node, &bucket, NOW.plus(29)).await, Some(1));
        assert_eq!(spend(node, &[tries("b")], NOW).await, None);
    }
    // What is refused costs nothing.
    assert_eq!(spend(&s.store, &bucket, NOW.plus(30)).await, None);
    assert_eq!(spend(&s.store, &bucket, NOW.plus(30)).await, Some(30));
    // Full again.
    for _ in 0..10 {
        assert_eq!(spend(&s.store, &bucket, NOW.plus(1_000)).await, None);
    }
    assert_eq!(spend(&s.store, &bucket, NOW.plus(1_000)).await, Some(30));
}

pub(crate) async fn a_try_counts_in_all_buckets_or_in_none(s: Scratch) {
    for _ in 0..10 {
        assert_eq!(spend(&s.store, &[tries("full")], NOW).await, None);
    }
    for order in [["full", "other"], ["other", "full"]] {
        let both = order.map(tries);
        assert_eq!(spend(&node(&s), &both, NOW).await, Some(30));
    }
    for _ in 0..10 {
        assert_eq!(spend(&s.store, &[tries("other")], NOW).await, None);
    }
    assert_eq!(spend(&s.store, &[tries("other")], NOW).await, Some(30));
}

pub(crate) async fn what_is_given_back_may_be_spent_again(s: Scratch) {
    let both = [tries("a"), tries("b")];
    for _ in 0..10 {
        assert_eq!(spend(&s.store, &both, NOW).await, None);
    }
    assert_eq!(spend(&s.store, &both, NOW).await, Some(30));
    s.store.refund(&both).await.unwrap();
    assert_eq!(spend(&s.store, &both, NOW).await, None);
    assert_eq!(spend(&s.store, &both, NOW).await, Some(30));
    s.store.forget_spent(&both[0]).await.unwrap();
    assert_eq!(spend(&s.store, &both, NOW).await, Some(30), "the other one");
    for _ in 0..10 {
        assert_eq!(spend(&s.store, &both[..1], NOW).await, None);
    }
    // Of one that nobody spent from there is nothing to give back.
    s.store.refund(&[tries("c")]).await.unwrap();
    assert_eq!(s.rows_of("rate_limits").await, 2);
}

pub(crate) async fn nodes_count_together(s: Scratch) {
    let mut racers = JoinSet::new();
    for n in 0..40 {
        let store = node(&s);
        // Whatever the order in which the buckets are named.
        let both = if n % 2 == 0 { ["a", "b"] } else { ["b", "a"] };
        racers.spawn(async move { spend(&store, &both.map(tries), NOW).await });
    }
    let ends = racers.join_all().await;
    assert_eq!(ends.iter().filter(|end| end.is_none()).count(), 10, "{ends:?}");
}

pub(crate) async fn a_decision_beyond_its_limit_is_not_written(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let park = [Write::ParkRequest(parked(&id))];
    let apply = async |store: &Store, writes: &[Write]| {
        store
            .apply_within(&[tries("a")], writes, &s.minted(), NOW)
            .await
            .unwrap()
    };
    for _ in 0..10 {
        assert_eq!(apply(&s.store, &park).await, Ok(Written::Applied));
    }
    for node in [&s.store, &node(&s), &s.store] {
        assert_eq!(apply(node, &park).await, Err(30));
    }
    assert_eq!(s.rows_of("parked_requests").await, 10);
    // A decision that met a changed row spends nothing, and says which of its own statements it was.
    let gone = [Write::FinishRequest {
        request: hash("gone"),
    }];
    let written = s.store.apply_within(&[tries("b")], &gone, &s.minted(), NOW).await;
    assert_eq!(written.unwrap(), Ok(Written::Conflict { statement: 0 }));
    assert_eq!(s.rows_of("rate_limits").await, 1);
}

pub(crate) async fn a_full_bucket_is_swept(s: Scratch) {
    assert_eq!(spend(&s.store, &[tries("a")], NOW).await, None);
    assert_eq!(s.store.sweep(NOW.plus(29), 10).await.unwrap().rows, 0);
    assert_eq!(s.store.sweep(NOW.plus(30), 10).await.unwrap().rows, 1);
    assert_eq!(s.rows_of("rate_limits").await, 0);
}
