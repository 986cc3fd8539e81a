//! People and their sessions.

use crate::scratch::{NOW, Scratch, hash, new_person, values};
use omniport_protocol::effect::Load;
use omniport_protocol::vocabulary::PersonId;

pub(crate) async fn a_person_comes_back_by_name_in_any_case(s: Scratch) {
    let mut new = new_person("\u{c9}lodie.Rao");
    new.is_maintainer = true;
    let id = s.store.insert_person(new).await.unwrap().unwrap();
    let found = s
        .store
        .person_by_username("\u{e9}LODIE.rao")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.id, found.username.as_str()), (id, "\u{c9}lodie.Rao"));
    assert_eq!(found.password_hash, "$argon2id$of-\u{c9}lodie.Rao");
    assert_eq!(
        (found.is_maintainer, found.is_developer, found.disabled),
        (true, true, false)
    );
    assert_eq!(found.data, values("person.full_name", "\u{c9}lodie.Rao"));
    assert_eq!(found.created_at, NOW);
    assert_eq!(s.store.person(id).await.unwrap(), Some(found));
    assert_eq!(s.store.person(PersonId(99)).await.unwrap(), None);
    assert_eq!(s.store.person_by_username("elodie.rao").await.unwrap(), None);
}

pub(crate) async fn a_taken_name_is_refused_in_any_case(s: Scratch) {
    s.person("Asha").await;
    for name in ["Asha", "asha", "ASHA"] {
        assert_eq!(
            s.store.insert_person(new_person(name)).await.unwrap(),
            None,
            "{name}"
        );
    }
    assert_eq!(s.rows_of("people").await, 1);
}

pub(crate) async fn an_imported_number_is_kept(s: Scratch) {
    let number = PersonId(4_711);
    assert!(s.store.import_person(number, new_person("asha")).await.unwrap());
    assert!(!s.store.import_person(number, new_person("ben")).await.unwrap());
    assert!(
        !s.store
            .import_person(PersonId(5), new_person("Asha"))
            .await
            .unwrap()
    );
    assert_eq!(s.person("ben").await, PersonId(4_712));
}

pub(crate) async fn people_come_in_pages(s: Scratch) {
    for n in 0..5 {
        s.person(&format!("p{n}")).await;
    }
    let first = s.store.people(None, 3).await.unwrap();
    let rest = s
        .store
        .people(first.last().map(|person| person.id), 3)
        .await
        .unwrap();
    let names: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|person| person.username.as_str())
        .collect();
    assert_eq!(names, ["p0", "p1", "p2", "p3", "p4"]);
}

pub(crate) async fn a_password_is_replaced(s: Scratch) {
    let asha = s.person("asha").await;
    s.store.set_password_hash(asha, "$argon2id$better").await.unwrap();
    let found = s.store.person(asha).await.unwrap().unwrap();
    assert_eq!(found.password_hash, "$argon2id$better");
}

pub(crate) async fn a_person_is_changed_from_what_they_were(s: Scratch) {
    let asha = s.person("asha").await;
    s.store
        .insert_session(hash("a"), asha, NOW, NOW.plus(9))
        .await
        .unwrap();
    let was = s.store.person(asha).await.unwrap().unwrap();
    let mut becomes = was.clone();
    becomes.is_maintainer = true;
    becomes.is_developer = false;
    becomes.data = values("person.full_name", "Asha R. Rao");
    assert!(s.store.edit_person(&was, &becomes).await.unwrap());
    assert_eq!(s.store.person(asha).await.unwrap(), Some(becomes.clone()));
    assert!(
        !s.store.edit_person(&was, &was).await.unwrap(),
        "somebody else was first"
    );
    assert_eq!(s.store.person(asha).await.unwrap(), Some(becomes));
    assert!(s.load(Load::Session(hash("a"))).await.session.is_some());
}

pub(crate) async fn a_chosen_password_ends_all_sessions_but_one(s: Scratch) {
    let asha = s.person("asha").await;
    for cookie in ["a", "b"] {
        s.store
            .insert_session(hash(cookie), asha, NOW, NOW.plus(9))
            .await
            .unwrap();
    }
    let was = s.store.person(asha).await.unwrap().unwrap();
    let change = async |hash_of_new| {
        let changed = s.store.change_own_password(&was, hash_of_new, hash("a"), NOW);
        changed.await.unwrap()
    };
    assert!(change("$argon2id$chosen").await);
    // Whoever knew the password before it was changed meanwhile changes nothing any more.
    assert!(!change("$argon2id$late").await);
    let found = s.store.person(asha).await.unwrap().unwrap();
    assert_eq!(found.password_hash, "$argon2id$chosen");
    assert!(s.load(Load::Session(hash("a"))).await.session.is_some());
    assert!(s.load(Load::Session(hash("b"))).await.session.is_none());
}

pub(crate) async fn disabling_ends_sessions(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    s.store
        .insert_session(hash("a"), asha, NOW, NOW.plus(9))
        .await
        .unwrap();
    s.store
        .insert_session(hash("b"), ben, NOW, NOW.plus(9))
        .await
        .unwrap();
    assert!(s.store.set_disabled(asha, Some(NOW)).await.unwrap());
    assert!(s.store.person(asha).await.unwrap().unwrap().disabled);
    assert!(s.load(Load::Session(hash("a"))).await.session.is_none());
    assert!(s.load(Load::Session(hash("b"))).await.session.is_some());
    assert!(!s.store.set_disabled(PersonId(99), Some(NOW)).await.unwrap());
}

pub(crate) async fn sessions_end_one_by_one_or_all(s: Scratch) {
    let asha = s.person("asha").await;
    for cookie in ["a", "b", "c"] {
        s.store
            .insert_session(hash(cookie), asha, NOW, NOW.plus(9))
            .await
            .unwrap();
    }
    s.store.end_session(hash("a"), NOW).await.unwrap();
    s.store.end_session(hash("a"), NOW).await.unwrap();
    assert_eq!(s.rows_of("sessions").await, 2);
    s.store.end_sessions_of(asha, NOW).await.unwrap();
    assert_eq!(s.rows_of("sessions").await, 0);
}

pub(crate) async fn a_person_is_never_printed_with_secrets(s: Scratch) {
    let id = s.person("asha").await;
    let printed = format!("{:?} {:?}", new_person("asha"), s.store.person(id).await.unwrap());
    assert!(
        printed.contains("asha") && !printed.contains("argon2id"),
        "{printed}"
    );
}
