//! From one database into another, and a new epoch: between `SQLite` and the driver at hand, in both directions.

use crate::scratch::{
    NOW, Scratch, access_token, client, decoupled, hash, issue_code, new_app, new_person, parked, points,
    pushed, refresh_token, registered_app,
};
use crate::signing_keys::signing_key;
use omniport_protocol::effect::{Fresh, Load, Write};
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::{ClientId, PersonId, Secret, SecretHash, Timestamp};
use omniport_store::portal::{Ended, InitialAccessToken, NewFlowEvent, NewSecret, UsageNote};
use omniport_store::{Fault, MovedTable, Statement};

const LATER: Timestamp = NOW.plus(10);

/// What is still to be found on the other side.
struct Kept {
    id: ClientId,
    person: PersonId,
    access: SecretHash,
    refresh: SecretHash,
    own: SecretHash,
}

/// Rows in every table, more than a batch in some; nulls, bytes of every value, and letters of many scripts.
async fn fill_registrations(s: &Scratch, creator: PersonId) {
    let document = omniport_store::portal::ClientDocument {
        digest: hash("document"),
        read_at: NOW,
        fresh_until: NOW.plus(300),
    };
    let found = new_app("https://agent.example/c", creator, Standing::Pending);
    assert!(s.store.insert_app_of_document(found, &document).await.unwrap());
    let app = registered_app("self-made", creator, Standing::Pending, hash("registration"), NOW);
    assert!(s.store.insert_app(app).await.unwrap());
    let initial = InitialAccessToken {
        name: "lab".to_owned(),
        uses_left: 2,
        created_at: NOW,
        expires_at: NOW.plus(60),
    };
    assert!(
        s.store
            .add_initial_access_token(hash("initial"), &initial)
            .await
            .unwrap()
    );
}

async fn fill(s: &Scratch) -> Kept {
    let mut person = new_person("Zoë-Ωmega-दिव्या");
    person.data = crate::scratch::values("person.full_name", "दिव्या \u{1f680} \"'\\ O'Brien\u{301}");
    let zoe = s.store.insert_person(person).await.unwrap().unwrap();
    let id = s.app("c1", zoe, Standing::Approved).await;
    s.app("C2.~-_", zoe, Standing::Pending).await;
    crowd(s).await;
    let (grant, _) = s.code(&id, zoe).await;
    let (access, refresh) = s.tokens(&id, grant).await;
    let minted = s
        .apply(&[access_token(&id, None, 60), Write::ParkRequest(parked(&id))])
        .await;
    fill_registrations(s, zoe).await;
    crate::apis::fill(s, zoe).await;
    let used = Write::UseJti {
        jti: hash("jti"),
        expires_at: NOW.plus(60),
    };
    s.apply(&[
        Write::PushRequest(pushed(&id)),
        used,
        Write::AskElsewhere(decoupled(&id)),
    ])
    .await;
    let own = minted.hash(Fresh::AccessToken).unwrap();
    s.store
        .insert_session(hash("cookie"), zoe, NOW, NOW.plus(600))
        .await
        .unwrap();
    let put = Write::PutConsent {
        person: zoe,
        client: id.clone(),
        version: 1,
        allowed: points(&["person.full_name"]).into(),
        at: NOW,
    };
    s.apply(&[put]).await;
    let new = NewSecret::of(&Secret::new("second"));
    assert!(
        s.store
            .rotate_secret(&id, new, NOW.plus(60), zoe, NOW)
            .await
            .unwrap()
    );
    s.store
        .instance_secret("pairwise_subjects", &[5; 32])
        .await
        .unwrap();
    assert!(
        s.store
            .add_signing_keys(&[signing_key("k1", 1)], 60)
            .await
            .unwrap()
    );
    house(s).await;
    let ben = s.person("ben").await;
    assert!(s.store.add_member(&id, ben, zoe, NOW).await.unwrap());
    assert!(s.store.remove_member(&id, ben, zoe, NOW).await.unwrap());
    assert!(s.store.add_member(&id, ben, zoe, NOW).await.unwrap());
    portal(s, &id, zoe, ben).await;
    for n in 0..40_u8 {
        let png: Vec<u8> = (0..=255).cycle().skip(n.into()).take(3_000).collect();
        s.store.put_logo(&format!("{n:064x}"), &png, NOW).await.unwrap();
    }
    Kept {
        id,
        person: zoe,
        access,
        refresh,
        own,
    }
}

/// More people than fit into one batch, each on the team of `c1` and with a consent.
async fn crowd(s: &Scratch) {
    let mut crowd = Vec::new();
    for n in 0..1_203_i64 {
        let insert = "INSERT INTO people (id, username, username_folded, password_hash, is_maintainer, is_developer, \
             data, disabled_at, created_at) VALUES (?1, ?2, ?2, 'x', 0, 0, '{}', NULL, ?1)";
        let name = format!("crowd-{n}");
        crowd.push(Statement::one(insert, vec![(n + 1_000).into(), name.into()]));
        let consent = "INSERT INTO consents (person_id, client_id, version, data_points, since, given_at) \
             VALUES (?1, ?2, 1, 'person.full_name', 1, 2)";
        crowd.push(Statement::one(consent, vec![(n + 1_000).into(), "c1".into()]));
        let team = "INSERT INTO team (client_id, person_id, since) VALUES (?1, ?2, ?3)";
        crowd.push(Statement::one(
            team,
            vec!["c1".into(), (n + 1_000).into(), n.into()],
        ));
    }
    crowd.push(Statement::one(
        "INSERT INTO logout_deliveries (client_id, person_id, root, queued_at, attempts, failure) \
         VALUES (?1, ?2, ?3, 1, 2, ?4)",
        vec![
            "c1".into(),
            1_000_i64.into(),
            hash("root").into(),
            "why\u{e9}".into(),
        ],
    ));
    assert!(s.driver.write(crowd).await.unwrap().is_applied());
}

/// What pages write beside the protocol: an offer, a line of the flow debugger, usage.
async fn portal(s: &Scratch, id: &ClientId, zoe: PersonId, ben: PersonId) {
    let until = NOW.plus(60);
    assert!(s.store.offer(id, ben, zoe, NOW, until).await.unwrap());
    let event = NewFlowEvent {
        client: id.clone(),
        at: NOW,
        endpoint: "token",
        refused: true,
        result: "invalid_grant",
        reason: "why\nsent: \u{1f680}".into(),
        person: Some(ben),
        request_id: "r".into(),
    };
    s.store.write_flow(vec![event], &[]).await.unwrap();
    let people = UsageNote::People(id.clone(), 7, vec![zoe, ben]);
    s.store.note_usage(&[people]).await.unwrap();
}

/// What nodes keep for each other.
async fn house(s: &Scratch) {
    let spend = omniport_store::portal::Spend {
        bucket: hash("bucket"),
        cost: 1_000,
        holds: 5_000,
    };
    assert_eq!(s.store.spend(&[spend], NOW).await.unwrap(), None);
    s.store.announce(omniport_store::Topic::Keys).await.unwrap();
    let document = "INSERT INTO client_documents (client_id, digest, found_at, read_at, fresh_until) \
         VALUES ('c1', ?1, 1, 2, 3)";
    let document = vec![Statement::one(document, vec![hash("document").into()])];
    assert!(s.driver.write(document).await.unwrap().is_applied());
    let floor = "INSERT INTO id_floors (name, floor) VALUES ('others', 7)";
    let floor = vec![Statement::one(floor, Vec::new())];
    assert!(s.driver.write(floor).await.unwrap().is_applied());
}

async fn moved(from: &Scratch, to: &Scratch) -> Vec<MovedTable> {
    let mut steps = Vec::new();
    let moved = from
        .store
        .move_to(&to.store, LATER, &mut |progress| steps.push(progress))
        .await
        .unwrap();
    assert!(
        steps
            .windows(2)
            .all(|two| two[0].done <= two[1].done && two[0].all == two[1].all),
        "progress goes forwards"
    );
    let rows: u64 = moved.iter().map(|table| table.rows).sum();
    let last = steps.last().unwrap();
    assert_eq!((last.done, last.all), (3 * rows, 3 * rows));
    moved
}

async fn assert_kept(s: &Scratch, kept: &Kept) {
    let person = s.store.person(kept.person).await.unwrap().unwrap();
    assert_eq!(person.username, "Zoë-Ωmega-दिव्या");
    assert_eq!(
        person.data,
        crate::scratch::values("person.full_name", "दिव्या \u{1f680} \"'\\ O'Brien\u{301}")
    );
    let access = s.load(Load::AccessToken(kept.access)).await.access_token.unwrap();
    assert!(!access.grant.unwrap().revoked);
    let refresh = s
        .load(Load::RefreshToken(kept.refresh))
        .await
        .refresh_token
        .unwrap();
    assert!(!refresh.grant.revoked);
    assert!(s.load(Load::AccessToken(kept.own)).await.access_token.is_some());
    assert_eq!(s.store.secrets(&kept.id).await.unwrap().len(), 2);
    let png = s.store.logo(&format!("{:064x}", 7)).await.unwrap().unwrap();
    assert_eq!((png.len(), png[0], png[249]), (3_000, 7, 0));
    let missing = "SELECT COUNT(*) FROM people WHERE disabled_at IS NULL";
    let nulls = s
        .driver
        .read(vec![omniport_store::Query::list(missing, Vec::new())]);
    assert_eq!(nulls.await.unwrap().remove(0).remove(0).int().unwrap(), 1_205);
}

pub(crate) async fn everything_moves_there_and_back(s: Scratch) {
    let first = Scratch::sqlite().await;
    let kept = fill(&first).await;
    let there = moved(&first, &s).await;
    assert_kept(&s, &kept).await;
    let third = Scratch::sqlite().await;
    let back = moved(&s, &third).await;
    assert_eq!(there, back);
    assert_kept(&third, &kept).await;
    assert!(there.len() >= 15);
    for table in &there {
        assert!(table.rows > 0, "{} was not tried", table.table);
        assert_eq!(s.rows_of(table.table).await, i64::try_from(table.rows).unwrap());
    }
    let sums: std::collections::BTreeSet<_> = there.iter().map(|table| &table.sha256).collect();
    assert_eq!(sums.len(), there.len());
}

pub(crate) async fn numbers_go_on_after_a_move(s: Scratch) {
    let first = Scratch::sqlite().await;
    let kept = fill(&first).await;
    moved(&first, &s).await;
    let next = s.person("next").await;
    assert_eq!(next, PersonId(2_204));
    let before = s.rows_of("notices").await;
    assert!(
        s.store
            .add_member(&kept.id, next, kept.person, LATER)
            .await
            .unwrap()
    );
    assert_eq!(s.rows_of("notices").await, before + 1);
    let events = s.rows_of("review_events").await;
    s.app("c9", kept.person, Standing::Approved).await;
    assert!(s.rows_of("review_events").await > events);

    // Tables without a row start at 1, as everywhere.
    let (empty, target) = (Scratch::sqlite().await, Scratch::sqlite().await);
    let asha = empty.person("asha").await;
    moved(&empty, &target).await;
    target.app("c1", asha, Standing::Pending).await;
    let history = target.store.history(&client("c1")).await.unwrap();
    assert_eq!(history.len(), 1);
}

pub(crate) async fn a_target_that_holds_something_is_refused(s: Scratch) {
    let source = Scratch::sqlite().await;
    source.person("asha").await;
    s.person("ben").await;
    let fault = source
        .store
        .move_to(&s.store, LATER, &mut |_| {})
        .await
        .unwrap_err();
    assert!(matches!(fault, Fault::Refused(_)), "{fault}");
    assert!(
        fault.to_string().contains("not empty (its table people has 1"),
        "{fault}"
    );
    assert_eq!(s.rows_of("people").await, 1);
    // The other way round as well.
    let fault = s.store.move_to(&source.store, LATER, &mut |_| {}).await;
    assert!(matches!(fault.unwrap_err(), Fault::Refused(_)));
}

pub(crate) async fn what_is_written_meanwhile_is_noticed(s: Scratch) {
    let source = Scratch::sqlite().await;
    let asha = source.person("asha").await;
    source.app("c1", asha, Standing::Approved).await;
    let mut meddled = false;
    let mut meddle = |progress: omniport_store::Progress| {
        // The people have been copied: now one of them gets another password.
        if progress.table == "apps" && !meddled {
            meddled = true;
            let write = source.store.set_password_hash(asha, "other");
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(write)).unwrap();
        }
    };
    let fault = source.store.move_to(&s.store, LATER, &mut meddle).await;
    let fault = fault.unwrap_err();
    assert!(
        fault.to_string().contains("people has 1 rows here and 1 there")
            && fault.to_string().contains("differ"),
        "{fault}"
    );
    assert!(meddled);
}

pub(crate) async fn a_nul_is_kept_as_the_database_keeps_it(s: Scratch) {
    let source = Scratch::sqlite().await;
    let asha = source.person("asha").await;
    source.store.set_password_hash(asha, "a\0b").await.unwrap();
    moved(&source, &s).await;
    let kept = s.store.person(asha).await.unwrap().unwrap().password_hash;
    assert!(kept == "a\0b" || kept == "a\u{fffd}b", "{kept:?}");
}

pub(crate) async fn a_new_epoch_ends_what_was_issued(s: Scratch) {
    let kept = fill(&s).await;
    let (open, code) = s.code(&kept.id, kept.person).await;
    assert!(
        s.apply(&[issue_code(&kept.id, kept.person)])
            .await
            .grant()
            .is_some()
    );
    let ended = s.store.end_everything_issued(LATER).await.unwrap();
    assert_eq!(
        ended,
        Ended {
            grants: 3,
            client_tokens: 1,
            sessions: 1,
            parked_requests: 1
        }
    );
    let access = s.load(Load::AccessToken(kept.access)).await.access_token.unwrap();
    assert!(access.grant.unwrap().revoked);
    let refresh = s
        .load(Load::RefreshToken(kept.refresh))
        .await
        .refresh_token
        .unwrap();
    assert!(refresh.grant.revoked);
    assert!(s.load(Load::Code(code)).await.code.unwrap().grant.revoked);
    assert!(s.load(Load::AccessToken(kept.own)).await.access_token.is_none());
    assert_eq!(
        (s.rows_of("sessions").await, s.rows_of("parked_requests").await),
        (0, 0)
    );
    // A dead family does not rotate again.
    let rotate = Write::RotateRefreshToken {
        grant: open,
        from: 1,
        rotated_out: kept.refresh,
        at: LATER,
    };
    s.refused(&[rotate, refresh_token(open, 2, 60)]).await;
    // What people agreed to, and how apps prove themselves, is as it was.
    assert_eq!(s.rows_of("consents").await, 1_204);
    assert_eq!(s.store.secrets(&kept.id).await.unwrap().len(), 2);
    let again = s.store.end_everything_issued(LATER).await.unwrap();
    assert_eq!(
        again.grants + again.client_tokens + again.sessions + again.parked_requests,
        0
    );
    // New ones live.
    let (grant, _) = s.code(&kept.id, kept.person).await;
    let (access, _) = s.tokens(&kept.id, grant).await;
    let access = s.load(Load::AccessToken(access)).await.access_token.unwrap();
    assert!(!access.grant.unwrap().revoked);
}

/// The copy that is put back does not know who was added since.
pub(crate) async fn after_a_new_epoch_nobody_gets_a_number_again(s: Scratch) {
    let asha = s.person("asha").await;
    assert_eq!(s.person("ben").await, PersonId(asha.0 + 1));
    // Any number of people may have been added since; and the copy may be put back once more.
    let mut given = asha.0 + 100_000;
    for at in [LATER, LATER.plus(3_600)] {
        s.store.end_everything_issued(at).await.unwrap();
        let next = s.person(&format!("after-{}", at.seconds())).await;
        assert!(next.0 > given, "{next}");
        // Within what a 32-bit column of an app holds for decades.
        assert!(next.0 < i64::from(i32::MAX) / 4, "{next}");
        given = next.0;
    }
    assert_eq!(s.person("cy").await, PersonId(given + 1));
}
