//! What a node keeps in memory: never older than it may be.

use crate::cluster::until;
use crate::review::rule;
use crate::scratch::{NOW, Scratch, manifest, new_app};
use omniport_protocol::effect::Load;
use omniport_protocol::review::{Change, Revision, Standing, Verdict};
use omniport_protocol::vocabulary::{Client, ClientId, ClientKind, Secret};
use omniport_store::portal::NewSecret;
use omniport_store::{Fault, Kept, LEASE, Store, Topic};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Another node on the same database: what it keeps is its own.
fn node(s: &Scratch) -> Store {
    Store::new(Arc::clone(&s.driver))
}

async fn client(store: &Store, id: &ClientId) -> Arc<Client> {
    let loaded = store.load(&[Load::Client(id.clone())]).await.unwrap();
    loaded.client.unwrap()
}

pub(crate) async fn an_app_that_was_read_before_is_as_it_is_now(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let nodes = [s.store.clone(), node(&s)];
    for node in &nodes {
        // The second time without its manifest.
        assert_eq!(client(node, &id).await, client(node, &id).await);
        assert_eq!(client(node, &id).await.name, "App c1");
    }
    // Another version serves.
    let mut renamed = manifest("Renamed");
    renamed.kind = ClientKind::Public;
    let revision = Revision {
        live: Change::Set(Box::new(renamed)),
        proposed: Change::Keep,
    };
    let app = s.read_app(&id).await;
    assert!(
        s.store
            .save_revision(&app, &revision, false, asha, NOW)
            .await
            .unwrap()
    );
    for node in &nodes {
        for _ in 0..2 {
            let client = client(node, &id).await;
            assert_eq!((client.name.as_str(), client.version), ("Renamed", 2));
            assert_eq!((client.kind, client.secrets.len()), (ClientKind::Public, 1));
        }
    }
    // What is not the manifest's is never kept.
    let second = NewSecret::of(&Secret::new("second"));
    assert!(
        s.store
            .rotate_secret(&id, second, NOW.plus(60), asha, NOW)
            .await
            .unwrap()
    );
    for node in &nodes {
        assert_eq!(client(node, &id).await.secrets.len(), 2);
    }
}

/// The operator may bring an identifier along a second time: its first version is then another one.
pub(crate) async fn an_app_that_was_deleted_and_added_again_is_the_new_one(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let other = node(&s);
    assert_eq!(client(&other, &id).await.name, "App c1");
    assert!(s.store.delete_app(&id, NOW).await.unwrap());
    let gone = other.load(&[Load::Client(id.clone())]).await.unwrap();
    assert_eq!(gone.client, None);
    let mut again = new_app("c1", asha, Standing::Suspended);
    again.manifest = manifest("Another");
    assert!(s.store.insert_app(again).await.unwrap());
    for _ in 0..2 {
        let found = client(&other, &id).await;
        assert_eq!(
            (found.name.as_str(), found.version, found.standing),
            ("Another", 1, Standing::Suspended)
        );
    }
}

/// A manifest that an older program wrote has no digest: it is read every time.
pub(crate) async fn a_manifest_without_a_digest_is_read_whole(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let first = client(&s.store, &id).await;
    let forget = omniport_store::Statement::one("UPDATE manifests SET digest = NULL", Vec::new());
    assert!(s.driver.write(vec![forget]).await.unwrap().is_applied());
    assert_eq!(client(&s.store, &id).await, first);
    assert_eq!(client(&node(&s), &id).await, first);
}

/// A node hears of an app that another suspends: at once where it can ask for nothing, within the lease where it is told;
/// its own change counts at once.
pub(crate) async fn a_suspended_app_is_soon_known_by_every_node(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (here, there) = (s.store.clone(), node(&s));
    let followers =
        [here.clone(), there.clone()].map(|node| tokio::spawn(async move { node.follow().await }));
    let mut standing = Standing::Approved;
    for round in 0..6 {
        // Read until it is kept.
        for node in [&here, &there] {
            let known = async || client(node, &id).await.standing == standing;
            assert!(until(LEASE, known).await, "{round}");
            let kept = async || Arc::ptr_eq(&client(node, &id).await, &client(node, &id).await);
            assert!(until(LEASE * 3, kept).await, "{round}");
        }
        let verdict = if standing == Standing::Approved {
            standing = Standing::Suspended;
            Verdict::Suspend
        } else {
            standing = Standing::Approved;
            Verdict::Resume
        };
        let app = s.read_app(&id).await;
        assert!(rule(&s, &app, verdict, None).await);
        assert_eq!(client(&here, &id).await.standing, standing, "{round}");
        if !s.driver.calls() {
            assert_eq!(client(&there, &id).await.standing, standing, "{round}");
        }
        let told = async || client(&there, &id).await.standing == standing;
        assert!(until(LEASE + Duration::from_millis(200), told).await, "{round}");
    }
    followers.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Who changes an app by hand tells nobody: it is known when what was kept has ended.
pub(crate) async fn an_app_that_was_changed_by_hand_is_known_a_second_later(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let follower = {
        let store = s.store.clone();
        tokio::spawn(async move { store.follow().await })
    };
    let kept = async || Arc::ptr_eq(&client(&s.store, &id).await, &client(&s.store, &id).await);
    assert!(until(LEASE * 3, kept).await);
    let by_hand = omniport_store::Statement::one("UPDATE apps SET standing = 'suspended'", Vec::new());
    assert!(s.driver.write(vec![by_hand]).await.unwrap().is_applied());
    let known = async || client(&s.store, &id).await.standing == Standing::Suspended;
    assert!(until(LEASE + Duration::from_millis(200), known).await);
    follower.abort();
}

/// A value that counts how often it was read.
struct Counted {
    kept: Kept<u32>,
    reads: AtomicU32,
}

impl Counted {
    fn new() -> Self {
        Self {
            kept: Kept::new(Topic::Keys),
            reads: AtomicU32::new(0),
        }
    }

    async fn get(&self, store: &Store) -> u32 {
        let read = async || Ok::<_, Fault>(self.reads.fetch_add(1, Ordering::Relaxed) + 1);
        *self.kept.get(store, read).await.unwrap()
    }

    /// Asks until it is kept: the same twice.
    async fn settled(&self, store: &Store) -> u32 {
        for _ in 0..500 {
            let value = self.get(store).await;
            if self.get(store).await == value {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it is never kept");
    }
}

pub(crate) async fn without_following_nothing_is_kept(s: Scratch) {
    let counted = Counted::new();
    assert_eq!((counted.get(&s.store).await, counted.get(&s.store).await), (1, 2));
}

pub(crate) async fn what_is_kept_is_read_again_when_somebody_changed_it(s: Scratch) {
    let (here, there) = (s.store.clone(), node(&s));
    let following = here.clone();
    let follower = tokio::spawn(async move { following.follow().await });
    let counted = Counted::new();
    for _ in 0..3 {
        let before = counted.settled(&here).await;
        // A change of another topic is none.
        there.announce(Topic::Settings).await.unwrap();
        // This node's own change counts at once.
        here.announce(Topic::Keys).await.unwrap();
        assert!(counted.get(&here).await > before);
        // Another's within the lease.
        let before = counted.settled(&here).await;
        there.announce(Topic::Keys).await.unwrap();
        let told = async || counted.get(&here).await != before;
        assert!(until(LEASE + Duration::from_millis(200), told).await, "not told");
    }
    // Whoever hears nothing any more forgets.
    let before = counted.settled(&here).await;
    follower.abort();
    tokio::time::sleep(LEASE).await;
    assert!(counted.get(&here).await > before);
}
