//! The audit log: an act and its event are one transaction, and the events are one chain.

use crate::scratch::{NOW, Scratch, deed};
use omniport_protocol::audit::{
    Act, Actor, Break, Broken, By, Deed, Entry, Head, Subject, Verified, Verifier,
};
use omniport_protocol::review::{App, Standing};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};
use omniport_store::portal::{AuditFilter, ReviewWhat};
use omniport_store::{Fault, Statement, Store};
use serde_json::json;
use std::sync::Arc;
use tokio::task::JoinSet;

const DAY: i64 = 86_400;

/// All of it, and whether it is whole.
pub(crate) async fn verified(store: &Store) -> Result<Verified, Broken> {
    let end = store.audit_end().await.unwrap();
    let mut verifier = Verifier::new();
    for entry in chain(store).await {
        verifier.add(&entry)?;
    }
    verifier.finish(Some(end.noted.unwrap_or(Head::BEFORE_ALL)))
}

async fn chain(store: &Store) -> Vec<Entry> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = store.audit_chain(after, u64::MAX, 7).await.unwrap();
        let Some(last) = page.last() else {
            return all;
        };
        after = last.event.number;
        all.extend(page);
    }
}

fn about(id: &ClientId, act: Act, by: PersonId, at: Timestamp) -> Deed {
    Deed {
        doer: By {
            person: by,
            address: "192.0.2.7".parse().ok(),
            request: Some("r1".into()),
            by_operator: false,
        }
        .into(),
        act,
        subject: Subject::app(id, "Bus times"),
        before: json!({"standing": "pending"}),
        after: json!({"standing": "approved", "words": "दिव्या \u{1f680}"}),
        at,
    }
}

pub(crate) async fn an_act_and_its_event_are_one(s: Scratch) {
    let mai = s.person("Mai").await;
    let id = s.app("c1", mai, Standing::Pending).await;
    let store = s.store.telling(about(&id, Act::AppClaim, mai, NOW));
    assert!(store.claim(&id, None, mai, true, NOW).await.unwrap());
    let newest = chain(&s.store).await.pop().unwrap();
    assert_eq!((newest.event.number, newest.event.act.as_str()), (3, "app.claim"));
    assert_eq!(
        (newest.event.actor.id, newest.event.actor.name),
        (mai.to_string(), "Mai".into())
    );
    assert_eq!(newest.event.address.as_deref(), Some("192.0.2.7"));
    assert_eq!(newest.event.request.as_deref(), Some("r1"));
    assert_eq!(newest.event.after["words"], "दिव्या \u{1f680}");
    // What was not done is not told.
    assert!(!store.claim(&id, None, mai, true, NOW).await.unwrap());
    let whole = verified(&s.store).await.unwrap();
    assert_eq!((whole.events, whole.head.hash), (3, newest.hash));
    let end = s.store.audit_end().await.unwrap();
    assert_eq!((end.noted, end.newest), (Some(whole.head), Some(whole.head)));
}

pub(crate) async fn nothing_that_must_be_told_is_done_untold(s: Scratch) {
    let asha = s.person("asha").await;
    let untold = Store::new(Arc::clone(&s.driver));
    let refused = untold.set_disabled(asha, Some(NOW)).await;
    assert!(matches!(refused, Err(Fault::Bug(_))), "{refused:?}");
    let new = crate::scratch::new_person("ben");
    assert!(matches!(untold.insert_person(new).await, Err(Fault::Bug(_))));
    assert!(!s.store.person(asha).await.unwrap().unwrap().disabled);
    assert_eq!(verified(&s.store).await.unwrap().events, 1);
}

/// Leaves a note; on a machine that is busy with other tests, again.
async fn remark_patiently(store: &Store, app: &App, by: PersonId, text: &str) {
    let what = ReviewWhat::Noted;
    for _ in 0..20 {
        match store.remark(app, Some(by), what, text, NOW).await {
            Err(Fault::Unavailable(_)) => {}
            end => return assert!(end.unwrap()),
        }
    }
    panic!("twenty times unavailable");
}

pub(crate) async fn many_acts_at_once_are_one_chain(s: Scratch) {
    let mai = s.person("mai").await;
    let id = s.app("c1", mai, Standing::Pending).await;
    let mut all = JoinSet::new();
    // Stores that share nothing but the database, as nodes do.
    for node in 0..4 {
        let store = Store::new(Arc::clone(&s.driver)).telling(about(&id, Act::AppComment, mai, NOW));
        let (s_app, id) = (s.store.app(&id).await.unwrap().unwrap(), id.clone());
        all.spawn(async move {
            for n in 0..12 {
                let text = format!("{node} {n} {id}");
                remark_patiently(&store, &s_app, mai, &text).await;
            }
        });
    }
    all.join_all().await;
    assert_eq!(verified(&s.store).await.unwrap().events, 2 + 48);
    assert_eq!(s.rows_of("review_events").await, 1 + 48);
}

pub(crate) async fn what_is_changed_in_the_tables_shows(s: Scratch) {
    let mai = s.person("mai").await;
    let id = s.app("c1", mai, Standing::Pending).await;
    let act = async || {
        let store = s.store.telling(about(&id, Act::AppComment, mai, NOW));
        let app = s.store.app(&id).await.unwrap().unwrap();
        let what = ReviewWhat::Noted;
        assert!(store.remark(&app, Some(mai), what, "x", NOW).await.unwrap());
    };
    for _ in 0..4 {
        act().await;
    }
    let change = async |sql: &'static str| {
        let changed = s.driver.write(vec![Statement::one(sql, vec![])]).await.unwrap();
        assert!(changed.is_applied(), "{sql}");
    };
    for (change_to, back) in [
        ("act = 'app.note'", "act = 'app.comment'"),
        ("actor_id = '7'", "actor_id = '1'"),
        ("actor_kind = 'system'", "actor_kind = 'person'"),
        ("address = NULL", "address = '192.0.2.7'"),
        ("request = 'r2'", "request = 'r1'"),
        ("subject_id = 'c2'", "subject_id = 'c1'"),
        ("subject_name = ''", "subject_name = 'Bus times'"),
        ("happened_at = happened_at + 1", "happened_at = happened_at - 1"),
        ("was = 'null'", "was = '{\"standing\":\"pending\"}'"),
        ("was = 'no JSON'", "was = '{\"standing\":\"pending\"}'"),
    ] {
        let sql = |set: &str| &*format!("UPDATE audit_events SET {set} WHERE number = 4").leak();
        change(sql(change_to)).await;
        let broken = verified(&s.store).await.unwrap_err();
        assert_eq!(broken.number, 4, "{change_to}");
        assert!(
            matches!(broken.how, Break::Contents { .. }),
            "{change_to}: {broken}"
        );
        change(sql(back)).await;
        assert!(verified(&s.store).await.is_ok(), "{back}");
    }
    // The end goes: the log goes on behind what was noted, and the gap stays to be seen.
    change("DELETE FROM audit_events WHERE number = 6").await;
    let broken = verified(&s.store).await.unwrap_err();
    assert!(matches!((broken.number, broken.how), (5, Break::End { .. })));
    act().await;
    let broken = verified(&s.store).await.unwrap_err();
    assert!(matches!(
        (broken.number, broken.how),
        (7, Break::Number { due: 6 })
    ));
    // What was noted goes: the same.
    change("DELETE FROM audit_heads").await;
    act().await;
    assert_eq!(chain(&s.store).await.last().unwrap().event.number, 8);
    assert!(verified(&s.store).await.is_err());
}

pub(crate) async fn events_come_newest_first_filtered_and_in_pages(s: Scratch) {
    let (mai, dev) = (s.person("mai").await, s.person("dev").await);
    let (one, two) = (
        s.app("c1", dev, Standing::Pending).await,
        s.app("c2", dev, Standing::Pending).await,
    );
    for (n, (id, by, act)) in (0_i64..).zip([
        (&one, mai, Act::AppClaim),
        (&two, mai, Act::AppClaim),
        (&one, dev, Act::AppRelease),
    ]) {
        let store = s.store.telling(about(id, act, by, NOW.plus(n * DAY)));
        let (was, claims) = (None, act == Act::AppClaim);
        let was = if claims { was } else { Some(mai) };
        assert!(store.claim(id, was, by, claims, NOW).await.unwrap());
    }
    let found = async |filter: AuditFilter, before, limit| -> Vec<u64> {
        let entries = s.store.audit_events(&filter, before, limit).await.unwrap();
        entries.iter().map(|entry| entry.event.number).collect()
    };
    let all = AuditFilter::default;
    assert_eq!(found(all(), None, 3).await, [7, 6, 5]);
    assert_eq!(found(all(), Some(5), 3).await, [4, 3, 2]);
    let app = AuditFilter {
        app: Some(one.clone()),
        ..all()
    };
    assert_eq!(found(app.clone(), None, 9).await, [7, 5]);
    let person = AuditFilter {
        person: Some(mai),
        ..all()
    };
    assert_eq!(found(person, None, 9).await, [6, 5]);
    let both = AuditFilter {
        person: Some(mai),
        ..app
    };
    assert_eq!(found(both, None, 9).await, [5]);
    let act = AuditFilter {
        act: Some("app.claim".into()),
        ..all()
    };
    assert_eq!(found(act, None, 9).await, [6, 5]);
    let since = AuditFilter {
        since: Some(NOW.plus(DAY)),
        ..all()
    };
    assert_eq!(found(since, None, 9).await, [7, 6]);
}

pub(crate) async fn the_oldest_go_behind_a_checkpoint(s: Scratch) {
    let mai = s.person("mai").await;
    let id = s.app("c1", mai, Standing::Pending).await;
    for n in 0..8 {
        let store = s.store.telling(about(&id, Act::AppNote, mai, NOW.plus(n * DAY)));
        let app = s.store.app(&id).await.unwrap().unwrap();
        let what = ReviewWhat::Noted;
        assert!(store.remark(&app, Some(mai), what, "x", NOW).await.unwrap());
    }
    let before = verified(&s.store).await.unwrap();
    let prune = async |days: i64, batch| {
        let limit = NOW.plus(days * DAY);
        s.store
            .prune_audit(limit, batch, NOW.plus(9 * DAY))
            .await
            .unwrap()
    };
    // Not yet a day over.
    assert_eq!(prune(0, 100).await.events, 0);
    let first = prune(5, 4).await;
    assert_eq!((first.events, first.more), (4, true));
    let second = prune(5, 100).await;
    assert_eq!((second.events, second.more), (3, false));
    let left = verified(&s.store).await.unwrap();
    assert_eq!(
        (left.first, left.events, left.head.number),
        (Some(8), 5, before.head.number + 2)
    );
    assert_eq!(prune(5, 100).await.events, 0);
    // All of it, so that a checkpoint stands alone; and that one is left alone.
    assert!(prune(20, 100).await.events > 0);
    let last = verified(&s.store).await.unwrap();
    assert_eq!((last.events, last.first), (1, Some(last.head.number)));
    assert_eq!(prune(90, 100).await.events, 0);
    // One act more, and it is a chain again.
    let asha = s.person("asha").await;
    assert!(s.store.set_disabled(asha, None).await.unwrap());
    assert_eq!(verified(&s.store).await.unwrap().events, 3);
    let told = chain(&s.store).await.remove(0).event;
    assert_eq!(
        (told.act.as_str(), told.actor.kind.as_str()),
        ("audit.prune", Actor::System.kind())
    );
    assert!(deed().at < NOW.plus(1));
}
