//! Apps that are known by the address of a document about them.

use crate::scratch::{NOW, Scratch, hash, new_app, points};
use omniport_protocol::effect::Write;
use omniport_protocol::review::{Standing, Verdict};
use omniport_protocol::vocabulary::{ClientId, PersonId};
use omniport_store::portal::{ClientDocument, NewApp, Ruling};

const MONTH: i64 = 30 * 86_400;

fn document(text: &str) -> ClientDocument {
    ClientDocument {
        digest: hash(text),
        read_at: NOW,
        fresh_until: NOW.plus(300),
    }
}

async fn found(s: &Scratch, name: &str, owner: PersonId, standing: Standing) -> ClientId {
    let app = NewApp {
        secret: None,
        ..new_app(&format!("https://{name}.example/c"), owner, standing)
    };
    let id = app.id.clone();
    assert!(
        s.store
            .insert_app_of_document(app, &document(name))
            .await
            .unwrap()
    );
    id
}

async fn allow(s: &Scratch, person: PersonId, client: &ClientId) {
    let consent = Write::PutConsent {
        person,
        client: client.clone(),
        version: 1,
        allowed: points(&[]).into(),
        at: NOW,
    };
    s.apply(&[consent]).await;
}

pub(crate) async fn a_document_is_remembered_and_dies_with_its_app(s: Scratch) {
    let dev = s.person("dev").await;
    let id = found(&s, "agent", dev, Standing::Pending).await;
    let ordinary = s.app("ordinary", dev, Standing::Pending).await;
    let of = async |id| s.store.client_document(id).await.unwrap();
    assert_eq!(of(&ordinary).await, None);
    assert_eq!(of(&id).await, Some(document("agent")));
    // One identifier is one app, whoever finds it first; and no document is left of the other.
    let again = new_app(id.as_str(), dev, Standing::Pending);
    assert!(
        !s.store
            .insert_app_of_document(again, &document("other"))
            .await
            .unwrap()
    );
    let newer = ClientDocument {
        digest: hash("newer"),
        read_at: NOW.plus(400),
        fresh_until: NOW.plus(700),
    };
    s.store.note_client_document(&id, &newer).await.unwrap();
    assert_eq!(of(&id).await, Some(newer));
    s.store.delete_app(&id, NOW).await.unwrap();
    assert_eq!(of(&id).await, None);
    s.store.note_client_document(&id, &newer).await.unwrap();
    assert_eq!(of(&id).await, None);
}

pub(crate) async fn those_that_wait_are_counted(s: Scratch) {
    let dev = s.person("dev").await;
    let waiting = async || s.store.documents_waiting().await.unwrap();
    s.app("portal", dev, Standing::Pending).await;
    assert_eq!(waiting().await, 0);
    let pending = found(&s, "pending", dev, Standing::Pending).await;
    found(&s, "automatic", dev, Standing::Approved).await;
    found(&s, "rejected", dev, Standing::Rejected).await;
    assert_eq!(waiting().await, 2);
    allow(&s, dev, &pending).await;
    assert_eq!(waiting().await, 1);
}

pub(crate) async fn those_of_one_host_are_counted(s: Scratch) {
    let dev = s.person("dev").await;
    for id in [
        "https://host.example/a",
        "https://host.example/b",
        "https://host.example:8443/a",
        "https://host.example.evil.example/a",
        "https://a.host.example/a",
        "https://host.exampl/a",
        "https://[::1]:8443/a",
    ] {
        let app = NewApp {
            secret: None,
            ..new_app(id, dev, Standing::Pending)
        };
        assert!(s.store.insert_app_of_document(app, &document(id)).await.unwrap());
    }
    let of = async |host| s.store.documents_waiting_of(host).await.unwrap();
    assert_eq!(
        (of("host.example").await, of("[::1]").await, of("host").await),
        (3, 1, 0)
    );
    let first = ClientId::parse("https://host.example/a").unwrap();
    allow(&s, dev, &first).await;
    assert_eq!(of("host.example").await, 2);
}

pub(crate) async fn the_one_that_nobody_misses_makes_room(s: Scratch) {
    let (dev, mira) = (s.person("dev").await, s.person("mira").await);
    let mut all = Vec::new();
    for (name, standing) in [
        ("rejected", Standing::Rejected),
        ("suspended", Standing::Suspended),
        ("used", Standing::Approved),
        ("looked-at", Standing::Pending),
        ("granted", Standing::Pending),
        ("first", Standing::Pending),
        ("second", Standing::Approved),
    ] {
        all.push(found(&s, name, dev, standing).await);
    }
    allow(&s, dev, &all[2]).await;
    let looked_at = s.read_app(&all[3]).await;
    let verdict = Verdict::Approve;
    let ruling = Ruling {
        verdict,
        decided: verdict
            .apply(&looked_at, "because", looked_at.last_version, false)
            .unwrap(),
        by: Some(mira),
        comment: "because".into(),
        at: NOW.plus(20),
    };
    assert!(s.store.rule(&looked_at, &ruling).await.unwrap());
    s.code(&all[4], dev).await;
    // Asked for again later than the other.
    let newer = ClientDocument {
        read_at: NOW.plus(60),
        ..document("first")
    };
    s.store.note_client_document(&all[5], &newer).await.unwrap();
    let oldest = async || s.store.document_longest_unused().await.unwrap();
    assert_eq!(oldest().await.as_ref(), Some(&all[6]));
    assert!(s.store.forget_unused_document(&all[6]).await.unwrap());
    assert!(!s.store.forget_unused_document(&all[6]).await.unwrap());
    assert_eq!(oldest().await.as_ref(), Some(&all[5]));
    // Somebody uses it in the same moment.
    allow(&s, dev, &all[5]).await;
    assert!(!s.store.forget_unused_document(&all[5]).await.unwrap());
    assert_eq!(oldest().await, None);
    for id in &all[..5] {
        assert!(!s.store.forget_unused_document(id).await.unwrap(), "{id}");
    }
}

pub(crate) async fn what_nobody_used_or_approved_is_swept(s: Scratch) {
    let (dev, mira) = (s.person("dev").await, s.person("mira").await);
    let mut all = Vec::new();
    for (name, standing) in [
        ("pending", Standing::Pending),
        ("rejected", Standing::Rejected),
        ("automatic", Standing::Approved),
        ("suspended", Standing::Suspended),
        ("consented", Standing::Approved),
        ("read-again", Standing::Pending),
        ("approved", Standing::Pending),
        ("by-operator", Standing::Pending),
    ] {
        all.push(found(&s, name, dev, standing).await);
    }
    allow(&s, dev, &all[4]).await;
    let newer = ClientDocument {
        read_at: NOW.plus(60),
        ..document("read-again")
    };
    s.store.note_client_document(&all[5], &newer).await.unwrap();
    for (id, by) in [(&all[6], Some(mira)), (&all[7], None)] {
        let app = s.read_app(id).await;
        let verdict = Verdict::Approve;
        let ruling = Ruling {
            verdict,
            decided: verdict.apply(&app, "because", app.last_version, false).unwrap(),
            by,
            comment: "because".into(),
            at: NOW.plus(20),
        };
        assert!(s.store.rule(&app, &ruling).await.unwrap());
    }
    s.store.sweep(NOW.plus(MONTH), 1_000).await.unwrap();
    let mut left = Vec::new();
    for id in &all {
        left.push(s.store.app(id).await.unwrap().is_some());
    }
    assert_eq!(left, [false, false, false, true, true, true, true, true]);
}
