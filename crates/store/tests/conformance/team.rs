//! Invitations, and whose an app is.

use crate::scratch::{NOW, Scratch};
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::{ClientId, PersonId};
use omniport_store::portal::{Invitation, News};

const UNTIL: i64 = 1_000;

async fn invite(s: &Scratch, id: &ClientId, whom: PersonId, by: PersonId) -> bool {
    s.store
        .invite(id, whom, by, 50, NOW, NOW.plus(UNTIL))
        .await
        .unwrap()
}

async fn only(s: &Scratch, whom: PersonId) -> Invitation {
    let mut mine = s.store.invitations_of(whom, NOW, None, 9).await.unwrap();
    assert_eq!(mine.len(), 1);
    mine.remove(0)
}

async fn told(s: &Scratch, whom: PersonId) -> Vec<(News, String, String)> {
    let notices = s.store.notices(whom, None, 50).await.unwrap();
    notices
        .into_iter()
        .map(|n| (n.what, n.by.unwrap_or_default(), n.about))
        .collect()
}

pub(crate) async fn somebody_invited_joins_by_accepting(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    assert!(invite(&s, &id, ben, asha).await);
    assert!(!invite(&s, &id, ben, asha).await, "once is enough");
    assert!(!invite(&s, &id, asha, asha).await, "already on it");
    assert!(
        !s.store.is_member(&id, ben).await.unwrap(),
        "being asked is not joining"
    );
    let invitation = only(&s, ben).await;
    assert_eq!(
        (invitation.app_name.as_str(), invitation.by.as_str()),
        ("App c1", "asha")
    );
    assert_eq!(
        s.store.invitations_to(&id, NOW).await.unwrap(),
        std::slice::from_ref(&invitation)
    );
    assert!(s.store.accept(&invitation, NOW).await.unwrap());
    assert!(!s.store.accept(&invitation, NOW).await.unwrap(), "once");
    assert!(s.store.is_member(&id, ben).await.unwrap());
    assert_eq!(
        told(&s, asha).await,
        [(News::Joined, "ben".into(), String::new())]
    );
    assert!(told(&s, ben).await.is_empty());
}

pub(crate) async fn an_invitation_is_declined_taken_back_or_too_late(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    assert!(invite(&s, &id, ben, asha).await);
    let invitation = only(&s, ben).await;
    assert!(s.store.decline(&invitation, NOW).await.unwrap());
    assert!(!s.store.decline(&invitation, NOW).await.unwrap());
    assert_eq!(told(&s, asha).await[0].0, News::Declined);

    assert!(invite(&s, &id, ben, asha).await);
    assert!(s.store.uninvite(&id, ben).await.unwrap());
    assert!(!s.store.uninvite(&id, ben).await.unwrap());
    assert!(!s.store.accept(&invitation, NOW).await.unwrap());

    assert!(invite(&s, &id, ben, asha).await);
    let late = NOW.plus(UNTIL);
    assert!(
        s.store
            .invitations_of(ben, late, None, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(!s.store.accept(&invitation, late).await.unwrap());
    assert_eq!(s.store.sweep(late, 9).await.unwrap().rows, 1);
    assert!(!s.store.is_member(&id, ben).await.unwrap());
}

pub(crate) async fn a_team_and_its_invitations_are_bounded_together(s: Scratch) {
    let (asha, ben, cem) = (
        s.person("asha").await,
        s.person("ben").await,
        s.person("cem").await,
    );
    let id = s.app("c1", asha, Standing::Pending).await;
    let invite = async |whom| {
        s.store
            .invite(&id, whom, asha, 2, NOW, NOW.plus(UNTIL))
            .await
            .unwrap()
    };
    assert!(invite(ben).await);
    assert!(!invite(cem).await);
    assert!(s.store.uninvite(&id, ben).await.unwrap());
    assert!(invite(cem).await);
}

pub(crate) async fn an_app_becomes_anothers_only_when_they_accept(s: Scratch) {
    let (asha, ben, cem) = (
        s.person("asha").await,
        s.person("ben").await,
        s.person("cem").await,
    );
    let id = s.app("c1", asha, Standing::Pending).await;
    let offer = async |to, by| s.store.offer(&id, to, by, NOW, NOW.plus(UNTIL)).await.unwrap();
    assert!(!offer(ben, asha).await, "not on the team");
    for who in [ben, cem] {
        assert!(s.store.add_member(&id, who, asha, NOW).await.unwrap());
    }
    assert!(!offer(cem, ben).await, "not theirs to give");
    assert!(!offer(asha, asha).await);
    assert!(offer(cem, asha).await);
    assert!(offer(ben, asha).await);
    assert!(
        s.store
            .invitations_of(cem, NOW, None, 9)
            .await
            .unwrap()
            .is_empty(),
        "one offer at a time"
    );
    assert_eq!(s.store.owner(&id).await.unwrap(), Some(asha));
    let invitation = only(&s, ben).await;
    assert!(invitation.as_owner && s.store.accept(&invitation, NOW).await.unwrap());
    assert_eq!(s.store.owner(&id).await.unwrap(), Some(ben));
    assert_eq!(
        told(&s, asha).await,
        [(News::NewOwner, "ben".into(), String::new())]
    );
    let team = s.store.team(&id).await.unwrap();
    let team: Vec<_> = team
        .iter()
        .map(|m| (m.person, m.is_owner, m.is_creator))
        .collect();
    assert_eq!(
        team,
        [(ben, true, false), (asha, false, true), (cem, false, false)]
    );

    let remove = async |whom, by| s.store.remove_member(&id, whom, by, NOW).await.unwrap();
    assert!(
        !remove(ben, ben).await && !remove(ben, asha).await,
        "the owner stays"
    );
    assert!(!remove(asha, ben).await, "the creator is removed by nobody");
    assert!(remove(cem, ben).await);
    assert_eq!(
        told(&s, asha).await[0],
        (News::OtherRemoved, "ben".into(), "cem".into())
    );
    assert_eq!(told(&s, cem).await[0].0, News::Removed);
    assert!(
        remove(asha, asha).await,
        "but may leave what is somebody else's now"
    );
    assert_eq!(told(&s, ben).await[0].0, News::Left);
}

pub(crate) async fn an_offer_dies_with_its_makers_ownership_and_its_receivers_place(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    assert!(s.store.add_member(&id, ben, asha, NOW).await.unwrap());
    assert!(s.store.offer(&id, ben, asha, NOW, NOW.plus(UNTIL)).await.unwrap());
    let invitation = only(&s, ben).await;
    let cem = s.person("cem").await;
    assert!(invite(&s, &id, cem, ben).await);
    let place = only(&s, cem).await;
    assert!(s.store.remove_member(&id, ben, asha, NOW).await.unwrap());
    assert!(!s.store.accept(&invitation, NOW).await.unwrap());
    assert_eq!(s.store.owner(&id).await.unwrap(), Some(asha));
    assert!(
        !s.store.accept(&place, NOW).await.unwrap(),
        "who was removed leaves no way in"
    );
    assert!(!s.store.is_member(&id, cem).await.unwrap());
}

pub(crate) async fn a_session_is_known_by_its_device_and_ended_by_its_person(s: Scratch) {
    use crate::scratch::hash;
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    for (n, name) in ["a", "b", "c"].into_iter().enumerate() {
        let at = NOW.plus(i64::try_from(n).unwrap());
        s.store
            .insert_session(hash(name), asha, at, NOW.plus(600))
            .await
            .unwrap();
    }
    s.store.name_session(hash("a"), "Firefox on Linux").await.unwrap();
    let note = omniport_store::portal::UsageNote::Session(hash("a"), NOW.plus(60));
    s.store.note_usage(&[note]).await.unwrap();
    let mine = s.store.sessions_of(asha, NOW, None, 50).await.unwrap();
    assert_eq!((mine.len(), mine[0].device.as_str()), (3, "Firefox on Linux"));
    assert_eq!((mine[0].since, mine[0].last_active), (NOW, NOW.plus(60)));
    // Page by page, each once.
    let first = s.store.sessions_of(asha, NOW, None, 2).await.unwrap();
    let last = (first[1].last_active, first[1].hash);
    let rest = s.store.sessions_of(asha, NOW, Some(last), 2).await.unwrap();
    assert_eq!([&first[..], &rest[..]].concat(), mine);
    // One by its key, and only one's own that has not ended.
    let own = async |person, name, at| s.store.own_session(person, hash(name), at).await.unwrap();
    assert_eq!(own(asha, "a", NOW).await.as_ref(), Some(&mine[0]));
    for (person, name, at) in [(ben, "a", NOW), (asha, "x", NOW), (asha, "a", NOW.plus(600))] {
        assert_eq!(own(person, name, at).await, None);
    }
    let late = s.store.sessions_of(asha, NOW.plus(600), None, 50).await.unwrap();
    assert!(late.is_empty());
    let left = async || s.store.sessions_of(asha, NOW, None, 50).await.unwrap().len();
    s.store.end_own_session(ben, hash("a"), NOW).await.unwrap();
    assert_eq!(left().await, 3, "another's");
    s.store.end_own_session(asha, hash("b"), NOW).await.unwrap();
    assert_eq!(left().await, 2);
    s.store.end_other_sessions(asha, hash("a"), NOW).await.unwrap();
    assert_eq!(left().await, 1);
    // Who proves again who they are is at the same device.
    let renewed = s
        .store
        .renew_session(hash("d"), hash("a"), asha, NOW, NOW.plus(600));
    assert!(renewed.await.unwrap());
    let mine = s.store.sessions_of(asha, NOW, None, 50).await.unwrap();
    assert_eq!((mine.len(), mine[0].device.as_str()), (1, "Firefox on Linux"));
}
