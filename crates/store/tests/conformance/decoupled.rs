//! Requests that are answered elsewhere: kept, polled, answered once and handed out once.

use crate::scratch::{NOW, Scratch, access_token, decoupled, hash, new_grant};
use omniport_protocol::authorize::Door;
use omniport_protocol::decoupled::{DecoupledFacts, DecoupledState, NewDecoupled, NotificationToken};
use omniport_protocol::effect::{Fresh, Load, Minted, Write};
use omniport_protocol::records::Allowed;
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::{ClientId, GrantId, PersonId, Secret, SecretHash};
use omniport_store::Written;
use omniport_store::portal::Attempt;
use std::sync::Arc;
use tokio::task::JoinSet;

async fn asked(s: &Scratch, id: &ClientId) -> (SecretHash, SecretHash) {
    let minted = s.apply(&[Write::AskElsewhere(decoupled(id))]).await;
    let of = |what| minted.hash(what).unwrap();
    (of(Fresh::DecoupledCode), of(Fresh::UserCode))
}

async fn facts(s: &Scratch, code: SecretHash) -> DecoupledFacts {
    *s.load(Load::Decoupled(code)).await.decoupled.unwrap()
}

fn allow(code: SecretHash, id: &ClientId, person: PersonId) -> Write {
    Write::AllowDecoupled {
        code,
        grant: new_grant(id, person),
        expires_at: NOW.plus(600),
    }
}

pub(crate) async fn a_devices_request_is_found_by_both_codes(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (code, user_code) = asked(&s, &id).await;
    let found = facts(&s, code).await;
    assert_eq!(found.request, decoupled(&id).request);
    assert_eq!(
        (found.code, found.state, found.polled_at, &found.grant),
        (code, DecoupledState::Pending, None, &None)
    );
    let typed = s.load(Load::DecoupledByUserCode(user_code)).await.decoupled;
    assert_eq!(typed, Some(Box::new(found)));
    for (one, other) in [(user_code, code), (hash("x"), hash("x"))] {
        assert!(s.load(Load::Decoupled(one)).await.decoupled.is_none());
        assert!(s.load(Load::DecoupledByUserCode(other)).await.decoupled.is_none());
    }
}

pub(crate) async fn no_two_devices_show_the_same_code(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let drawn = |code: &str| {
        let mut minted = Minted::default();
        minted.add_secret(Fresh::DecoupledCode, Secret::new(code));
        minted.add_secret(Fresh::UserCode, Secret::new("WDJBMJHT"));
        minted
    };
    let ask = [Write::AskElsewhere(decoupled(&id))];
    let first = s.store.apply(&ask, &drawn("one")).await.unwrap();
    let second = s.store.apply(&ask, &drawn("two")).await.unwrap();
    assert_eq!((first, second.is_applied()), (Written::Applied, false));
}

pub(crate) async fn a_question_is_noted_and_slows_the_next(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (code, _) = asked(&s, &id).await;
    for (at, slower_by, interval) in [(0, 0, 5), (1, 5, 10), (2, 5, 15)] {
        let at = NOW.plus(at);
        s.apply(&[Write::NotePoll { code, at, slower_by }]).await;
        let found = facts(&s, code).await;
        assert_eq!(
            (found.polled_at, found.request.poll_seconds),
            (Some(at), interval)
        );
    }
}

pub(crate) async fn it_is_answered_once(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (yes, _) = asked(&s, &id).await;
    let grant = s.apply(&[allow(yes, &id, asha)]).await.grant().unwrap();
    let found = facts(&s, yes).await;
    assert_eq!(found.state, DecoupledState::Allowed);
    assert_eq!(found.grant.map(|grant| grant.id), Some(grant));
    let (no, _) = asked(&s, &id).await;
    s.apply(&[Write::DenyDecoupled { code: no, at: NOW }]).await;
    for code in [yes, no] {
        s.refused(&[allow(code, &id, asha)]).await;
        s.refused(&[Write::DenyDecoupled { code, at: NOW }]).await;
    }
    assert_eq!(facts(&s, no).await.state, DecoupledState::Denied);
    s.refused(&[Write::RedeemDecoupled { code: no }]).await;
    assert_eq!(s.rows_of("grants").await, 1);
}

pub(crate) async fn one_of_forty_redeems_a_yes(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (code, _) = asked(&s, &id).await;
    let grant = s.apply(&[allow(code, &id, asha)]).await.grant();
    let s = Arc::new(s);
    let mut racers = JoinSet::new();
    for _ in 0..40 {
        let (s, id) = (Arc::clone(&s), id.clone());
        racers.spawn(async move {
            let writes = [Write::RedeemDecoupled { code }, access_token(&id, grant, 60)];
            s.store.apply(&writes, &s.minted()).await.unwrap()
        });
    }
    let ends = racers.join_all().await;
    assert_eq!(ends.iter().filter(|end| end.is_applied()).count(), 1);
    assert_eq!(s.rows_of("access_tokens").await, 1);
    assert_eq!(facts(&s, code).await.state, DecoupledState::Redeemed);
}

pub(crate) async fn a_question_of_an_app_names_its_person_and_seals_its_token(s: Scratch) {
    let asha = s.person("Asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let mut new = NewDecoupled {
        notification_token: Some(NotificationToken::new("t")),
        ..decoupled(&id)
    };
    new.request.door = Door::Backchannel;
    new.request.person = Some(asha);
    let ask = [Write::AskElsewhere(new.clone())];
    // A token that nobody sealed is not written.
    s.store.apply(&ask, &s.minted()).await.unwrap_err();
    let mut minted = s.minted();
    minted.add_sealed(b"sealed".to_vec());
    assert_eq!(s.store.apply(&ask, &minted).await.unwrap(), Written::Applied);
    let code = minted.hash(Fresh::DecoupledCode).unwrap();
    let found = facts(&s, code).await;
    assert_eq!(found.request, new.request);
    for load in [Load::PersonNamed("ASHA".to_owned()), Load::Person(asha)] {
        let found = s.load(load).await.person.unwrap();
        assert_eq!(
            (found.person, found.username.as_str(), found.disabled),
            (asha, "Asha", false)
        );
    }
    assert!(s.load(Load::PersonNamed("ben".to_owned())).await.person.is_none());
}

pub(crate) async fn it_goes_a_day_after_its_end_and_outlives_its_grant(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let (code, _) = asked(&s, &id).await;
    let grant: GrantId = s.apply(&[allow(code, &id, asha)]).await.grant().unwrap();
    s.apply(&[Write::RedeemDecoupled { code }]).await;
    assert_eq!(facts(&s, code).await.grant.map(|grant| grant.id), Some(grant));
    s.store.sweep(NOW.plus(600), 100).await.unwrap();
    assert_eq!(s.rows_of("grants").await, 0);
    assert_eq!(facts(&s, code).await.grant, None);
    s.store.sweep(NOW.plus(600 + 86_399), 100).await.unwrap();
    assert_eq!(s.rows_of("decoupled_requests").await, 1);
    s.store.sweep(NOW.plus(600 + 86_400), 100).await.unwrap();
    assert_eq!(s.rows_of("decoupled_requests").await, 0);
}

/// An app asks a person, and wants to be told where it brings a seal.
async fn ask(s: &Scratch, id: &ClientId, person: PersonId, sealed: Option<&[u8]>) -> SecretHash {
    let mut new = NewDecoupled {
        notification_token: sealed.map(|_| NotificationToken::new("t")),
        ..decoupled(id)
    };
    new.request.door = Door::Backchannel;
    new.request.person = Some(person);
    let mut minted = s.minted();
    if let Some(sealed) = sealed {
        minted.add_sealed(sealed.to_vec());
    }
    let asked = s.store.apply(&[Write::AskElsewhere(new)], &minted).await;
    assert_eq!(asked.unwrap(), Written::Applied);
    minted.hash(Fresh::DecoupledCode).unwrap()
}

pub(crate) async fn a_person_sees_what_waits_for_them(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Approved).await;
    let (first, second) = (ask(&s, &id, asha, None).await, ask(&s, &id, asha, None).await);
    // A device's is nobody's.
    asked(&s, &id).await;
    let found = s.store.asked_of(asha, NOW).await.unwrap();
    assert_eq!(found.len(), 2);
    let one = found.iter().find(|one| one.code == first).unwrap();
    assert_eq!((&one.client, one.at, one.expires_at), (&id, NOW, NOW.plus(600)));
    assert_eq!(one.params, [("scope".to_owned(), "\u{e9} read".to_owned())]);
    assert!(s.store.asked_of(ben, NOW).await.unwrap().is_empty());
    assert!(s.store.asked_of(asha, NOW.plus(600)).await.unwrap().is_empty());
    s.apply(&[Write::DenyDecoupled { code: first, at: NOW }]).await;
    let left = s.store.asked_of(asha, NOW).await.unwrap();
    assert_eq!(left.iter().map(|one| one.code).collect::<Vec<_>>(), [second]);
    let stopped = s.app("c2", asha, Standing::Suspended).await;
    ask(&s, &stopped, asha, None).await;
    assert_eq!(s.store.asked_of(asha, NOW).await.unwrap().len(), 1);
}

pub(crate) async fn an_app_is_told_once_of_an_answer_or_of_its_end(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let polls = ask(&s, &id, asha, None).await;
    let [yes, no, late] = [
        ask(&s, &id, asha, Some(b"yes")).await,
        ask(&s, &id, asha, Some(b"no")).await,
        ask(&s, &id, asha, Some(b"late")).await,
    ];
    let due = async |seconds| s.store.due_pings(NOW.plus(seconds), 10, &[]).await.unwrap();
    assert!(due(599).await.is_empty());
    s.apply(&[allow(yes, &id, asha)]).await;
    s.apply(&[Write::DenyDecoupled { code: no, at: NOW }]).await;
    s.apply(&[allow(polls, &id, asha)]).await;
    let mut told: Vec<_> = due(0).await.into_iter().map(|ping| ping.sealed).collect();
    told.sort();
    assert_eq!(told, [b"no".to_vec(), b"yes".to_vec()]);
    assert_eq!(due(600).await.len(), 3);
    assert!(
        s.store
            .due_pings(NOW, 10, std::slice::from_ref(&id))
            .await
            .unwrap()
            .is_empty()
    );
    let ping = due(0).await.into_iter().find(|ping| ping.code == yes).unwrap();
    assert!(s.store.claim_ping(&ping, NOW.plus(60)).await.unwrap());
    assert!(!s.store.claim_ping(&ping, NOW.plus(60)).await.unwrap());
    assert_eq!(due(59).await.len(), 1);
    s.store
        .note_ping(&ping, &Attempt::NotMade(NOW.plus(5), String::new()))
        .await
        .unwrap();
    let again = due(5).await.into_iter().find(|ping| ping.code == yes).unwrap();
    assert_eq!((again.attempts, again.sealed.as_slice()), (0, &b"yes"[..]));
    assert!(s.store.claim_ping(&again, NOW.plus(60)).await.unwrap());
    s.store
        .note_ping(&again, &Attempt::Again(NOW.plus(9), String::new()))
        .await
        .unwrap();
    let third = due(9).await.into_iter().find(|ping| ping.code == yes).unwrap();
    assert_eq!(third.attempts, 1);
    assert!(s.store.claim_ping(&third, NOW.plus(60)).await.unwrap());
    s.store.note_ping(&third, &Attempt::Delivered).await.unwrap();
    // Who noted too late changes nothing.
    s.store
        .note_ping(&ping, &Attempt::Again(NOW, String::new()))
        .await
        .unwrap();
    let left: Vec<_> = due(10_000).await.into_iter().map(|ping| ping.code).collect();
    assert!(left.contains(&no) && left.contains(&late) && left.len() == 2);
    // Who fetched the answer is not told of it.
    s.apply(&[Write::RedeemDecoupled { code: yes }]).await;
    s.apply(&[allow(late, &id, asha), Write::RedeemDecoupled { code: late }])
        .await;
    assert_eq!(due(10_000).await.len(), 1);
}

pub(crate) async fn those_who_allow_an_app_are_known(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Approved).await;
    assert!(s.store.people_of(&id).await.unwrap().is_empty());
    for person in [ben, asha] {
        s.apply(&[Write::PutConsent {
            person,
            client: id.clone(),
            version: 1,
            allowed: Allowed::default(),
            at: NOW,
        }])
        .await;
    }
    assert_eq!(s.store.people_of(&id).await.unwrap(), [asha, ben]);
}
