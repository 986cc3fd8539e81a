//! Apps that registered themselves, and the tokens by which they may.

use crate::scratch::{NOW, Scratch, hash, registered_app};
use omniport_protocol::review::Standing;
use omniport_store::portal::InitialAccessToken;

pub(crate) async fn a_registration_is_found_counted_and_dies_with_its_app(s: Scratch) {
    let dev = s.person("dev").await;
    let made = registered_app("self-made", dev, Standing::Pending, hash("one"), NOW);
    let id = made.id.clone();
    assert!(s.store.insert_app(made).await.unwrap());
    let ordinary = s.app("ordinary", dev, Standing::Pending).await;
    assert_eq!(s.store.registration(&ordinary).await.unwrap(), None);
    assert_eq!(s.store.registration(&id).await.unwrap(), Some((hash("one"), NOW)));
    assert_eq!(s.store.registrations_waiting().await.unwrap(), 1);
    // What a maintainer has answered waits no more: nobody can close the door with what is rejected.
    let rejected = registered_app("rejected", dev, Standing::Rejected, hash("two"), NOW);
    assert!(s.store.insert_app(rejected).await.unwrap());
    assert_eq!(s.store.registrations_waiting().await.unwrap(), 1);
    s.store.delete_app(&id, NOW).await.unwrap();
    assert_eq!(s.store.registrations_waiting().await.unwrap(), 0);
}

pub(crate) async fn an_initial_access_token_is_used_as_often_as_it_may(s: Scratch) {
    let token = InitialAccessToken {
        name: "lab".to_owned(),
        uses_left: 2,
        created_at: NOW,
        expires_at: NOW.plus(60),
    };
    assert!(s.store.add_initial_access_token(hash("t"), &token).await.unwrap());
    assert!(!s.store.add_initial_access_token(hash("u"), &token).await.unwrap());
    let lives = async |of, at| s.store.is_initial_access_token(hash(of), at).await.unwrap();
    assert!(lives("t", NOW).await && !lives("u", NOW).await && !lives("t", token.expires_at).await);
    let used = async |at| s.store.use_initial_access_token(hash("t"), at).await.unwrap();
    assert!(!used(NOW.plus(60)).await);
    assert!(used(NOW).await && used(NOW).await);
    assert!(!used(NOW).await && !lives("t", NOW).await);
    assert_eq!(s.store.initial_access_tokens().await.unwrap()[0].uses_left, 0);
    assert!(s.store.revoke_initial_access_token("lab").await.unwrap());
    assert!(!s.store.revoke_initial_access_token("lab").await.unwrap());
}

pub(crate) async fn what_nobody_approved_or_used_is_swept(s: Scratch) {
    let dev = s.person("dev").await;
    let month = 30 * 86_400;
    let made = async |id: &str, standing, at| {
        let app = registered_app(id, dev, standing, hash(id), at);
        let id = app.id.clone();
        assert!(s.store.insert_app(app).await.unwrap());
        id
    };
    let old = made("old", Standing::Pending, NOW).await;
    let approved = made("approved", Standing::Approved, NOW).await;
    let new = made("new", Standing::Pending, NOW.plus(60)).await;
    s.app("portal", dev, Standing::Pending).await;
    s.store.sweep(NOW.plus(month), 1_000).await.unwrap();
    let mut left = Vec::new();
    for id in [&old, &new, &approved] {
        left.push(s.store.app(id).await.unwrap().is_some());
    }
    assert_eq!(left, [false, true, true]);
    assert_eq!(s.rows_of("apps").await, 3);
}
