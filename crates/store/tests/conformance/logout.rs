//! Sessions that end, what dies with them, and who is to be told.

use crate::scratch::{NOW, Scratch, hash, issue_code, new_app};
use omniport_protocol::effect::{Fresh, Load, Write};
use omniport_protocol::openid::OpenIdGrant;
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::{ClientId, PersonId, Scope};
use omniport_store::portal::{Attempt, LogoutDelivery};

/// An app that wants to hear of sign-outs, from here and in the browser.
async fn listener(s: &Scratch, id: &str, owner: PersonId) -> ClientId {
    let mut app = new_app(id, owner, Standing::Approved);
    app.manifest.openid.backchannel_logout_uri = Some("https://app.example/out".into());
    app.manifest.openid.frontchannel_logout_uri = Some("https://app.example/frame".into());
    let id = app.id.clone();
    assert!(s.store.insert_app(app).await.unwrap());
    id
}

/// A grant in the session of this root; its code's hash.
async fn grant(s: &Scratch, client: &ClientId, person: PersonId, root: &str, scope: Option<&str>) -> Load {
    let Write::IssueCode(mut grant, code) = issue_code(client, person) else {
        unreachable!("a code")
    };
    grant.session = Some(hash(root));
    grant.openid = scope.map(|_| OpenIdGrant::default());
    if let Some(scope) = scope {
        grant.scope = Scope::parse(scope).unwrap();
    }
    let minted = s.apply(&[Write::IssueCode(grant, code)]).await;
    Load::Code(minted.hash(Fresh::Code).unwrap())
}

async fn is_revoked(s: &Scratch, code: &Load) -> bool {
    s.load(code.clone()).await.code.unwrap().grant.revoked
}

async fn due(s: &Scratch, seconds: i64) -> Vec<LogoutDelivery> {
    s.store.due_logouts(NOW.plus(seconds), 10, &[]).await.unwrap()
}

pub(crate) async fn what_stands_on_a_session_dies_with_it_and_its_apps_are_noted(s: Scratch) {
    let asha = s.person("asha").await;
    let listener = listener(&s, "one", asha).await;
    let silent = s.app("two", asha, Standing::Approved).await;
    for cookie in ["a", "b"] {
        s.store
            .insert_session(hash(cookie), asha, NOW, NOW.plus(60))
            .await
            .unwrap();
    }
    let tied = grant(&s, &listener, asha, "a", Some("openid profile")).await;
    let twice = grant(&s, &listener, asha, "a", Some("openid")).await;
    let offline = grant(&s, &listener, asha, "a", Some("openid offline_access")).await;
    let unheard = grant(&s, &silent, asha, "a", Some("openid")).await;
    let plain = grant(&s, &listener, asha, "a", None).await;
    let other = grant(&s, &listener, asha, "b", Some("openid")).await;
    assert_eq!(
        s.store.apps_to_frame(hash("a")).await.unwrap(),
        std::slice::from_ref(&listener)
    );
    s.apply(&[Write::EndSession {
        session: hash("a"),
        at: NOW.plus(5),
    }])
    .await;
    for (code, revoked) in [
        (&tied, true),
        (&twice, true),
        (&unheard, true),
        (&offline, false),
        (&plain, false),
        (&other, false),
    ] {
        assert_eq!(is_revoked(&s, code).await, revoked, "{code:?}");
    }
    assert!(s.load(Load::Session(hash("a"))).await.session.is_none());
    assert!(due(&s, 4).await.is_empty());
    let due = due(&s, 5).await;
    assert_eq!(due.len(), 1, "{due:?}");
    assert_eq!(
        (&due[0].client, due[0].person, due[0].root, due[0].attempts),
        (&listener, asha, hash("a"), 0)
    );
    s.store.end_session(hash("b"), NOW.plus(60)).await.unwrap();
    assert_eq!(
        s.rows_of("logout_deliveries").await,
        1,
        "it had run out by itself"
    );
    assert!(is_revoked(&s, &other).await);
}

pub(crate) async fn a_renewed_session_keeps_its_root(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let listener = listener(&s, "one", asha).await;
    s.store
        .insert_session(hash("a"), asha, NOW, NOW.plus(60))
        .await
        .unwrap();
    grant(&s, &listener, asha, "a", Some("openid")).await;
    let later = NOW.plus(20);
    let renew = async |new: &str, old: &str, person: PersonId| {
        s.store
            .renew_session(hash(new), hash(old), person, later, later.plus(60))
            .await
            .unwrap()
    };
    assert!(!renew("x", "a", ben).await, "another's");
    assert!(!renew("x", "nothing", asha).await);
    assert!(renew("b", "a", asha).await);
    assert!(renew("c", "b", asha).await);
    assert_eq!(s.rows_of("sessions").await, 1);
    let session = s.load(Load::Session(hash("c"))).await.session.unwrap();
    assert_eq!((session.hash, session.root), (hash("c"), hash("a")));
    assert_eq!((session.auth_time, session.expires_at), (later, later.plus(60)));
    s.store.end_session(hash("c"), later).await.unwrap();
    assert_eq!(due(&s, 20).await[0].root, hash("a"));
    s.store
        .insert_session(hash("d"), asha, NOW, NOW.plus(5))
        .await
        .unwrap();
    assert!(!renew("e", "d", asha).await, "run out");
}

pub(crate) async fn every_way_to_end_sessions_notes_its_apps(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let listener = listener(&s, "one", asha).await;
    for cookie in ["a", "b", "c", "d"] {
        s.store
            .insert_session(hash(cookie), asha, NOW, NOW.plus(60))
            .await
            .unwrap();
        grant(&s, &listener, asha, cookie, Some("openid")).await;
    }
    let noted = async || s.rows_of("logout_deliveries").await;
    s.store.end_own_session(ben, hash("a"), NOW).await.unwrap();
    assert_eq!(noted().await, 0, "another's");
    s.store.end_own_session(asha, hash("a"), NOW).await.unwrap();
    assert_eq!(noted().await, 1);
    s.store.end_other_sessions(asha, hash("b"), NOW).await.unwrap();
    assert_eq!((noted().await, s.rows_of("sessions").await), (3, 1));
    assert!(s.store.set_disabled(asha, Some(NOW)).await.unwrap());
    assert_eq!((noted().await, s.rows_of("sessions").await), (4, 0));
}

pub(crate) async fn a_delivery_is_claimed_once_and_ends(s: Scratch) {
    let asha = s.person("asha").await;
    let listener = listener(&s, "one", asha).await;
    for cookie in ["a", "b"] {
        s.store
            .insert_session(hash(cookie), asha, NOW, NOW.plus(60))
            .await
            .unwrap();
        grant(&s, &listener, asha, cookie, Some("openid")).await;
    }
    s.store.end_sessions_of(asha, NOW).await.unwrap();
    let first = due(&s, 0).await;
    assert_eq!(first.len(), 2);
    assert!(s.store.claim_logout(&first[0], NOW.plus(60)).await.unwrap());
    assert!(!s.store.claim_logout(&first[0], NOW.plus(60)).await.unwrap());
    assert_eq!(due(&s, 0).await.len(), 1);
    assert_eq!(due(&s, 60).await.len(), 2, "whoever had it is gone");
    let again = Attempt::Again(NOW.plus(10), "it is down".into());
    s.store.note_logout(&first[0], again, NOW).await.unwrap();
    let health = s.store.logout_health(&listener).await.unwrap();
    assert_eq!((health.waiting, health.delivered, health.given_up), (2, 0, 0));
    assert_eq!(health.last_failure, Some(("it is down".into(), NOW)));
    let second = due(&s, 10)
        .await
        .into_iter()
        .find(|one| one.id == first[0].id)
        .unwrap();
    assert_eq!(second.attempts, 1);
    assert!(s.store.claim_logout(&second, NOW.plus(70)).await.unwrap());
    s.store
        .note_logout(&first[0], Attempt::Delivered, NOW)
        .await
        .unwrap();
    assert_eq!(
        s.store.logout_health(&listener).await.unwrap().delivered,
        0,
        "a stale claim"
    );
    s.store
        .note_logout(&second, Attempt::GivenUp("it is still down".into()), NOW)
        .await
        .unwrap();
    assert!(s.store.claim_logout(&first[1], NOW.plus(60)).await.unwrap());
    s.store
        .note_logout(&first[1], Attempt::Delivered, NOW)
        .await
        .unwrap();
    let health = s.store.logout_health(&listener).await.unwrap();
    assert_eq!((health.waiting, health.delivered, health.given_up), (0, 1, 1));
    assert!(due(&s, 100_000).await.is_empty());
    assert_eq!(
        s.store.sweep(NOW.plus(29 * 86_400), 100).await.unwrap().rows,
        2,
        "the grants"
    );
    assert_eq!(s.store.sweep(NOW.plus(30 * 86_400), 100).await.unwrap().rows, 2);
    assert_eq!(s.rows_of("logout_deliveries").await, 0);
}

pub(crate) async fn an_openid_grant_stays_as_long_as_its_session(s: Scratch) {
    let asha = s.person("asha").await;
    let listener = listener(&s, "one", asha).await;
    s.store
        .insert_session(hash("a"), asha, NOW, NOW.plus(40_000))
        .await
        .unwrap();
    grant(&s, &listener, asha, "a", Some("openid")).await;
    grant(&s, &listener, asha, "a", None).await;
    s.store.sweep(NOW.plus(39_000), 100).await.unwrap();
    assert_eq!(s.rows_of("grants").await, 1, "its code is dead long since");
    s.store.sweep(NOW.plus(40_000), 100).await.unwrap();
    assert_eq!((s.rows_of("grants").await, s.rows_of("sessions").await), (0, 0));
}
