//! What an app's team sees of its requests, and how much it is used.

use crate::scratch::{NOW, Scratch};
use omniport_protocol::effect::Write;
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash};
use omniport_store::portal::{FlowFilter, NewFlowEvent, Usage, UsageNote, day_of};

const DAY: i64 = 86_400;

fn event(client: &ClientId, refused: bool, reason: &str) -> NewFlowEvent {
    NewFlowEvent {
        client: client.clone(),
        at: NOW,
        endpoint: "token",
        refused,
        result: if refused { "invalid_grant" } else { "tokens" },
        reason: reason.to_owned(),
        person: None,
        request_id: format!("r{reason}"),
    }
}

async fn reasons(s: &Scratch, id: &ClientId, filter: &FlowFilter) -> Vec<String> {
    let events = s.store.flow(id, filter, None, 2_000).await.unwrap();
    events.into_iter().map(|event| event.reason).collect()
}

pub(crate) async fn events_come_back_newest_first_filtered_and_in_pages(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let other = s.app("c2", asha, Standing::Approved).await;
    let mut events: Vec<_> = ["1", "2", "3", "4"].map(|n| event(&id, n == "3", n)).into();
    events[3].endpoint = "revoke";
    events.push(event(&other, true, "other"));
    s.store
        .write_flow(events, std::slice::from_ref(&id))
        .await
        .unwrap();

    let all = FlowFilter::default();
    assert_eq!(reasons(&s, &id, &all).await, ["4", "3", "2", "1"]);
    let refused = FlowFilter {
        refused: Some(true),
        ..all.clone()
    };
    assert_eq!(reasons(&s, &id, &refused).await, ["3"]);
    let fine = FlowFilter {
        refused: Some(false),
        ..all.clone()
    };
    assert_eq!(reasons(&s, &id, &fine).await, ["4", "2", "1"]);
    let revoke = FlowFilter {
        endpoint: "revoke".into(),
        ..all.clone()
    };
    assert_eq!(reasons(&s, &id, &revoke).await, ["4"]);
    let named = FlowFilter {
        request_id: "r2".into(),
        ..all.clone()
    };
    assert_eq!(reasons(&s, &id, &named).await, ["2"]);

    let first = s.store.flow(&id, &all, None, 3).await.unwrap();
    let next = s.store.flow(&id, &all, Some(first[2].id), 3).await.unwrap();
    assert_eq!((next.len(), next[0].reason.as_str()), (1, "1"));
}

pub(crate) async fn each_kind_has_a_ring_of_its_own(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    s.store
        .write_flow(vec![event(&id, true, "old")], &[])
        .await
        .unwrap();
    for round in 0..6 {
        let many = (0..100)
            .map(|n| event(&id, false, &format!("{round}-{n}")))
            .collect();
        s.store.write_flow(many, std::slice::from_ref(&id)).await.unwrap();
    }
    let all = reasons(&s, &id, &FlowFilter::default()).await;
    assert_eq!((all.len(), all[0].as_str()), (501, "5-99"));
    assert_eq!(all[500], "old", "answered ones do not push refused ones out");
}

pub(crate) async fn a_person_is_named_while_they_are_on_the_team(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Approved).await;
    assert!(s.store.add_member(&id, ben, asha, NOW).await.unwrap());
    let by = NewFlowEvent {
        person: Some(ben),
        ..event(&id, false, "1")
    };
    s.store.write_flow(vec![by], &[]).await.unwrap();
    let named = async || {
        s.store.flow(&id, &FlowFilter::default(), None, 9).await.unwrap()[0]
            .person
            .clone()
    };
    assert_eq!(named().await.as_deref(), Some("ben"));
    assert!(s.store.remove_member(&id, ben, asha, NOW).await.unwrap());
    assert_eq!(named().await, None);
}

pub(crate) async fn an_app_that_is_gone_is_passed_over(s: Scratch) {
    let asha = s.person("asha").await;
    let (id, gone) = (
        s.app("c1", asha, Standing::Approved).await,
        ClientId::parse("gone").unwrap(),
    );
    let events = vec![event(&gone, true, "x"), event(&id, true, "1")];
    s.store
        .write_flow(events, &[gone.clone(), id.clone()])
        .await
        .unwrap();
    // Somebody who is not there breaks a rule of the schema: their neighbours are written all the same.
    let odd = NewFlowEvent {
        person: Some(PersonId(999)),
        ..event(&id, true, "odd")
    };
    s.store
        .write_flow(vec![odd, event(&id, true, "2")], &[])
        .await
        .unwrap();
    assert_eq!(reasons(&s, &id, &FlowFilter::default()).await, ["2", "1"]);

    let notes = [
        UsageNote::Count(
            gone.clone(),
            1,
            Usage {
                reads: 1,
                ..Usage::default()
            },
        ),
        UsageNote::People(gone.clone(), 1, vec![asha]),
        UsageNote::Read(gone.clone(), asha, NOW),
        UsageNote::Secret(gone, SecretHash::of("x"), NOW),
        UsageNote::Count(
            id.clone(),
            1,
            Usage {
                reads: 2,
                ..Usage::default()
            },
        ),
    ];
    s.store.note_usage(&notes).await.unwrap();
    assert_eq!(s.store.usage(&id, 0).await.unwrap()[0].1.reads, 2);

    assert!(s.store.delete_app(&id, NOW).await.unwrap());
    for table in ["flow_events", "usage_days", "usage_people"] {
        assert_eq!(s.rows_of(table).await, 0, "{table}");
    }
}

pub(crate) async fn usage_adds_up_and_counts_each_person_once_a_day(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Approved).await;
    let more = Usage {
        sign_ins: 2,
        reads: 3,
        failures: 1,
        ..Usage::default()
    };
    for people in [vec![asha], vec![asha, ben]] {
        let notes = [
            UsageNote::Count(id.clone(), 7, more),
            UsageNote::People(id.clone(), 7, people),
        ];
        s.store.note_usage(&notes).await.unwrap();
    }
    s.store
        .note_usage(&[UsageNote::People(id.clone(), 8, vec![ben])])
        .await
        .unwrap();
    let both = Usage {
        sign_ins: 4,
        active_people: 2,
        reads: 6,
        failures: 2,
    };
    let one = Usage {
        active_people: 1,
        ..Usage::default()
    };
    assert_eq!(s.store.usage(&id, 0).await.unwrap(), [(7, both), (8, one)]);
    assert_eq!(s.store.usage(&id, 8).await.unwrap(), [(8, one)]);
}

pub(crate) async fn a_last_use_only_moves_on(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let put = Write::PutConsent {
        person: asha,
        client: id.clone(),
        version: 1,
        allowed: omniport_protocol::records::Allowed::default(),
        at: NOW,
    };
    s.apply(std::slice::from_ref(&put)).await;
    let secret = SecretHash::of("secret-of-c1");
    let changes = async || {
        let number = "SELECT number FROM changes WHERE topic = 'apps'";
        let read = vec![omniport_store::Query::list(number, Vec::new())];
        s.driver
            .read(read)
            .await
            .unwrap()
            .remove(0)
            .remove(0)
            .int()
            .unwrap()
    };
    let before = changes().await;
    for at in [NOW.plus(60), NOW] {
        let notes = [
            UsageNote::Read(id.clone(), asha, at),
            UsageNote::Secret(id.clone(), secret, at),
            UsageNote::Secret(id.clone(), SecretHash::of("another"), at),
        ];
        s.store.note_usage(&notes).await.unwrap();
    }
    assert_eq!(changes().await, before, "nobody need read the app anew for that");
    // Consenting once more does not forget it.
    s.apply(&[put]).await;
    assert_eq!(
        s.store.connected_apps(asha, None, 50).await.unwrap()[0].last_read,
        Some(NOW.plus(60))
    );
    assert_eq!(
        s.store.secrets(&id).await.unwrap()[0].last_used_at,
        Some(NOW.plus(60))
    );
}

pub(crate) async fn what_is_old_is_swept(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let today = day_of(NOW);
    s.store
        .write_flow(vec![event(&id, true, "1")], &[])
        .await
        .unwrap();
    s.store
        .note_usage(&[UsageNote::People(id.clone(), today, vec![asha])])
        .await
        .unwrap();
    let rows = async |at| {
        s.store.sweep(at, 100).await.unwrap();
        [
            s.rows_of("flow_events").await,
            s.rows_of("usage_days").await,
            s.rows_of("usage_people").await,
        ]
    };
    assert_eq!(rows(NOW.plus(DAY)).await, [1, 1, 1]);
    assert_eq!(
        rows(NOW.plus(2 * DAY)).await,
        [1, 1, 0],
        "who it was is kept no longer than a count needs"
    );
    assert_eq!(s.store.usage(&id, 0).await.unwrap()[0].1.active_people, 1);
    assert_eq!(rows(NOW.plus(30 * DAY - 1)).await, [1, 1, 0]);
    assert_eq!(rows(NOW.plus(30 * DAY)).await, [0, 1, 0]);
    assert_eq!(rows(NOW.plus(400 * DAY)).await, [0, 0, 0]);
}
