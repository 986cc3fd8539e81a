//! What time ends, goes; what is needed, stays.

use crate::scratch::{NOW, Scratch, access_token, hash, issue_code, manifest, parked, refresh_token};
use omniport_protocol::effect::{Fresh, Load, Write};
use omniport_protocol::review::{Change, Revision, Standing};
use omniport_protocol::vocabulary::{Secret, Timestamp};
use omniport_store::Store;
use omniport_store::portal::{NewSecret, Swept, Turn};
use std::sync::Arc;
use tokio::task::JoinSet;

const DAY: i64 = 86_400;

async fn sweep(s: &Scratch, at: Timestamp) -> Swept {
    s.store.sweep(at, 1_000).await.unwrap()
}

pub(crate) async fn what_is_over_goes_and_what_lives_stays(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    s.apply(&[access_token(&id, None, 60), Write::ParkRequest(parked(&id))])
        .await;
    s.store
        .insert_session(hash("a"), asha, NOW, NOW.plus(60))
        .await
        .unwrap();
    s.store
        .insert_session(hash("b"), asha, NOW, NOW.plus(DAY))
        .await
        .unwrap();
    let new = NewSecret::of(&Secret::new("second"));
    assert!(
        s.store
            .rotate_secret(&id, new, NOW.plus(60), asha, NOW)
            .await
            .unwrap()
    );
    s.code(&id, asha).await;

    assert_eq!(sweep(&s, NOW.plus(59)).await, Swept { rows: 0, more: false });
    assert_eq!(sweep(&s, NOW.plus(60)).await, Swept { rows: 4, more: false });
    assert_eq!(sweep(&s, NOW.plus(60)).await, Swept { rows: 0, more: false });
    for (table, rows) in [("access_tokens", 0), ("sessions", 1), ("grants", 0), ("codes", 0)] {
        assert_eq!(s.rows_of(table).await, rows, "{table}");
    }
    let left = s.store.secrets(&id).await.unwrap();
    assert_eq!((left.len(), left[0].prefix.as_str()), (1, "seco"));
    assert_eq!(s.rows_of("parked_requests").await, 1);
    assert_eq!(sweep(&s, NOW.plus(1_800)).await.rows, 1);
    assert_eq!(s.rows_of("parked_requests").await, 0);
}

pub(crate) async fn a_redeemed_code_stays_as_long_as_what_it_led_to(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (grant, code) = s.code(&id, asha).await;
    s.apply(&[Write::RedeemCode { code, at: NOW }]).await;
    s.tokens(&id, grant).await;
    sweep(&s, NOW.plus(90 * DAY - 1)).await;
    let facts = s.load(Load::Code(code)).await.code.unwrap();
    assert_eq!((facts.redeemed_at, facts.grant.id), (Some(NOW), grant));
    assert_eq!(
        (
            s.rows_of("access_tokens").await,
            s.rows_of("refresh_tokens").await
        ),
        (0, 1)
    );
    sweep(&s, NOW.plus(90 * DAY)).await;
    for table in ["codes", "grants", "refresh_tokens"] {
        assert_eq!(s.rows_of(table).await, 0, "{table}");
    }
}

pub(crate) async fn a_revoked_grant_goes_a_day_later(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (grant, _) = s.code(&id, asha).await;
    let (_, refresh) = s.tokens(&id, grant).await;
    s.apply(&[Write::RevokeGrant { grant, at: NOW }]).await;
    s.apply(&[access_token(&id, Some(grant), 90 * DAY)]).await;
    sweep(&s, NOW.plus(DAY - 1)).await;
    let dead = s.load(Load::RefreshToken(refresh)).await.refresh_token.unwrap();
    assert!(dead.grant.revoked);
    sweep(&s, NOW.plus(DAY)).await;
    for table in ["codes", "grants", "refresh_tokens", "access_tokens"] {
        assert_eq!(s.rows_of(table).await, 0, "{table}");
    }
}

pub(crate) async fn a_rotated_out_token_stays_until_its_own_end(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (grant, _) = s.code(&id, asha).await;
    let (_, first) = s.tokens(&id, grant).await;
    let rotate = Write::RotateRefreshToken {
        grant,
        from: 1,
        rotated_out: first,
        at: NOW,
    };
    let minted = s.apply(&[rotate, refresh_token(grant, 2, 100 * DAY)]).await;
    sweep(&s, NOW.plus(90 * DAY - 1)).await;
    assert!(s.load(Load::RefreshToken(first)).await.refresh_token.is_some());
    sweep(&s, NOW.plus(90 * DAY)).await;
    assert!(s.load(Load::RefreshToken(first)).await.refresh_token.is_none());
    let second = Load::RefreshToken(minted.hash(Fresh::RefreshToken).unwrap());
    assert!(s.load(second).await.refresh_token.is_some());
}

pub(crate) async fn batches_are_bounded(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    for _ in 0..7 {
        s.apply(&[issue_code(&id, asha)]).await;
    }
    let at = NOW.plus(DAY);
    assert_eq!(s.store.sweep(at, 3).await.unwrap(), Swept { rows: 3, more: true });
    assert_eq!(s.rows_of("codes").await, 4);
    assert_eq!(s.store.sweep(at, 3).await.unwrap(), Swept { rows: 3, more: true });
    assert_eq!(
        s.store.sweep(at, 3).await.unwrap(),
        Swept { rows: 1, more: false }
    );
}

pub(crate) async fn what_people_were_told_goes_after_half_a_year(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    for (days, told) in [(0, "old"), (1, "new")] {
        let at = NOW.plus(days * DAY);
        assert!(s.store.add_member(&id, ben, asha, at).await.unwrap(), "{told}");
        assert!(s.store.remove_member(&id, ben, asha, at).await.unwrap(), "{told}");
    }
    let left = async || s.store.notices(ben, None, 9).await.unwrap().len();
    assert_eq!(left().await, 4);
    sweep(&s, NOW.plus(180 * DAY - 1)).await;
    assert_eq!(left().await, 4);
    sweep(&s, NOW.plus(180 * DAY)).await;
    assert_eq!(left().await, 2);
}

pub(crate) async fn an_unused_logo_goes_a_day_later(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    s.store.put_logo("used", &[1], NOW).await.unwrap();
    s.store.put_logo("unused", &[2], NOW).await.unwrap();
    let app = s.read_app(&id).await;
    let mut with_logo = manifest("App c1");
    with_logo.logo = Some("used".into());
    let revision = Revision {
        live: Change::Keep,
        proposed: Change::Set(Box::new(with_logo)),
    };
    assert!(
        s.store
            .save_revision(&app, &revision, false, asha, NOW)
            .await
            .unwrap()
    );
    sweep(&s, NOW.plus(DAY - 1)).await;
    assert!(s.store.logo("unused").await.unwrap().is_some());
    sweep(&s, NOW.plus(DAY)).await;
    assert!(s.store.logo("unused").await.unwrap().is_none());
    assert!(s.store.logo("used").await.unwrap().is_some());
}

pub(crate) async fn one_node_has_a_turn_until_it_is_not_heard_of(s: Scratch) {
    let other = Store::new(Arc::clone(&s.driver));
    let (mut ours, mut theirs) = (Turn::at("sweep"), Turn::at("sweep"));
    let take = async |store: &Store, turn: &mut Turn, after: i64| {
        store.take_turn(turn, 90, NOW.plus(after)).await.unwrap()
    };
    assert!(take(&s.store, &mut ours, 0).await);
    assert!(!take(&other, &mut theirs, 0).await);
    // Another work is another turn.
    assert!(take(&other, &mut Turn::at("walk"), 0).await);
    // Whoever has it stays, at the same moment too, and is then to be waited for from there.
    for after in [0, 60, 60, 149] {
        assert!(take(&s.store, &mut ours, after).await);
        assert!(!take(&other, &mut theirs, after + 89).await);
    }
    assert!(take(&other, &mut theirs, 149 + 90).await);
    // Whoever had it does not get it back by having had it.
    assert!(!take(&s.store, &mut ours, 149 + 90).await);
    assert!(take(&other, &mut theirs, 149 + 91).await);
    // A row that says nothing any more is swept, and a turn is there to be taken as before.
    assert_eq!(sweep(&s, NOW.plus(1_000)).await.rows, 2);
    assert!(take(&s.store, &mut ours, 1_000).await);
}

pub(crate) async fn one_of_forty_nodes_takes_a_turn(s: Scratch) {
    // A turn that is over, and one that nobody ever had.
    let mut over = Turn::at("over");
    assert!(s.store.take_turn(&mut over, 90, NOW.plus(-90)).await.unwrap());
    for work in ["over", "new"] {
        let mut racers = JoinSet::new();
        for _ in 0..40 {
            let store = Store::new(Arc::clone(&s.driver));
            racers.spawn(async move { store.take_turn(&mut Turn::at(work), 90, NOW).await.unwrap() });
        }
        let ends = racers.join_all().await;
        assert_eq!(ends.iter().filter(|is_ours| **is_ours).count(), 1, "{work}");
    }
}

pub(crate) async fn grants_are_kept_as_long_as_they_are_to_be(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (grant, _) = s.code(&id, asha).await;
    s.tokens(&id, grant).await;
    s.apply(&[Write::RevokeGrant { grant, at: NOW }]).await;
    let keeping = async |at| {
        let retention = omniport_store::portal::Retention {
            grants: 365 * DAY,
            ..Default::default()
        };
        s.store.sweep_keeping(at, 1_000, retention).await.unwrap()
    };
    keeping(NOW.plus(100 * DAY)).await;
    for (table, rows) in [
        ("grants", 1),
        ("codes", 1),
        ("access_tokens", 0),
        ("refresh_tokens", 0),
    ] {
        assert_eq!(s.rows_of(table).await, rows, "{table}");
    }
    keeping(NOW.plus(366 * DAY - 1)).await;
    assert_eq!(s.rows_of("grants").await, 1);
    keeping(NOW.plus(366 * DAY)).await;
    assert_eq!((s.rows_of("grants").await, s.rows_of("codes").await), (0, 0));
}
