//! Apps, their teams and secrets, and those who connected them.

use crate::scratch::{NOW, Scratch, access_token, decoupled, manifest, new_app, new_person, parked, points};
use omniport_protocol::effect::Write;
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::{PersonId, Secret};
use omniport_store::Statement;
use omniport_store::portal::{MOST_COUNTED, NewApp, NewSecret, News, ReviewWhat};

pub(crate) async fn an_app_is_registered_whole(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let app = s.read_app(&id).await;
    assert_eq!(
        (app.creator, app.standing, app.last_version),
        (asha, Standing::Pending, 1)
    );
    assert_eq!((app.live, app.created_at), (None, NOW));
    let proposed = app.proposed.unwrap();
    assert_eq!((proposed.number, proposed.at), (1, NOW));
    assert_eq!(proposed.manifest, manifest("App c1"));
    assert_eq!(s.store.app_version(&id, 1).await.unwrap(), Some(proposed));
    assert_eq!(s.store.app_version(&id, 2).await.unwrap(), None);

    let history = s.store.history(&id).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(
        (history[0].what, history[0].actor.as_deref()),
        (ReviewWhat::Submitted, Some("asha"))
    );
    let team = s.store.team(&id).await.unwrap();
    assert_eq!((team.len(), team[0].person, team[0].is_creator), (1, asha, true));
    let secrets = s.store.secrets(&id).await.unwrap();
    assert_eq!(
        (secrets.len(), secrets[0].id, secrets[0].prefix.as_str()),
        (1, 1, "secr")
    );
    assert_eq!((secrets[0].created_at, secrets[0].expires_at), (NOW, None));
}

pub(crate) async fn an_approved_app_is_live_at_once(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let app = s.read_app(&id).await;
    assert_eq!((app.standing, app.proposed.is_none()), (Standing::Approved, true));
    assert_eq!(app.live.unwrap().number, 1);
    let history = s.store.history(&id).await.unwrap();
    let what: Vec<_> = history
        .iter()
        .map(|event| (event.what, event.actor.as_deref()))
        .collect();
    assert_eq!(
        what,
        [
            (ReviewWhat::Approved, None),
            (ReviewWhat::Submitted, Some("asha"))
        ]
    );
}

pub(crate) async fn a_taken_client_id_is_refused(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    assert!(
        !s.store
            .insert_app(new_app("c1", ben, Standing::Approved))
            .await
            .unwrap()
    );
    let app = s.read_app(&id).await;
    assert_eq!((app.creator, app.standing), (asha, Standing::Pending));
    assert_eq!(
        (s.rows_of("team").await, s.rows_of("review_events").await),
        (1, 1)
    );
    assert!(
        !s.store
            .insert_app(new_app("c2", PersonId(99), Standing::Pending))
            .await
            .unwrap()
    );
}

pub(crate) async fn a_person_registers_no_more_apps_than_they_may(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let bounded = |id: &str, creator| NewApp {
        most: Some(2),
        ..new_app(id, creator, Standing::Pending)
    };
    let ids: Vec<String> = (0..6).map(|n| format!("c{n}")).collect();
    let (one, other) = (s.store.clone(), s.store.clone());
    let first = async { one.insert_app(bounded(&ids[0], asha)).await.unwrap() };
    let second = async { other.insert_app(bounded(&ids[1], asha)).await.unwrap() };
    assert_eq!(tokio::join!(first, second), (true, true));
    assert!(!s.store.insert_app(bounded(&ids[2], asha)).await.unwrap());
    assert_eq!(s.store.apps_made_by(asha).await.unwrap(), 2);
    // Nobody else's, nor what the operator adds.
    assert!(s.store.insert_app(bounded(&ids[3], ben)).await.unwrap());
    s.app(&ids[4], asha, Standing::Pending).await;
    for id in [&ids[0], &ids[4]] {
        s.store
            .delete_app(&crate::scratch::client(id), NOW)
            .await
            .unwrap();
    }
    assert!(s.store.insert_app(bounded(&ids[5], asha)).await.unwrap());
}

pub(crate) async fn only_the_team_finds_an_app(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    s.app("c2", asha, Standing::Approved).await;
    assert!(s.store.app_of_member(&id, asha).await.unwrap().is_some());
    assert!(s.store.app_of_member(&id, ben).await.unwrap().is_none());
    let hers = s.store.apps_of(asha, "", None, 50).await.unwrap();
    assert_eq!(hers.len(), 2);
    assert!(s.store.apps_of(ben, "", None, 50).await.unwrap().is_empty());
    assert!(s.store.is_on_a_team(asha).await.unwrap() && !s.store.is_on_a_team(ben).await.unwrap());
    // Page by page, each once.
    let first = s.store.apps_of(asha, "", None, 1).await.unwrap();
    let after = Some((first[0].0.created_at, &first[0].0.id));
    let rest = s.store.apps_of(asha, "", after, 50).await.unwrap();
    assert_eq!([&first[..], &rest[..]].concat(), hers);
}

pub(crate) async fn people_are_counted_to_ten_thousand(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let people = "WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 11310) \
                  INSERT INTO people (id, username, username_folded, password_hash, is_maintainer, is_developer, data, \
                  created_at) SELECT i, 'p' || i, 'p' || i, '', 0, 0, '{}', 0 FROM n";
    let consents = "INSERT INTO consents (person_id, client_id, version, data_points, since, given_at) \
                    SELECT id, 'c1', 1, '', 0, 0 FROM people WHERE id >= 1000";
    let insert = |sql: &'static str| Statement::any(sql, Vec::new());
    let counted = async || {
        let listed = s.store.apps_of(asha, "", None, 50).await.unwrap();
        (s.store.connected_people(&id).await.unwrap(), listed[0].1)
    };
    assert_eq!(counted().await, (0, 0));
    let filled = s.driver.write(vec![insert(people), insert(consents)]).await;
    assert!(filled.unwrap().is_applied());
    let most = MOST_COUNTED + 101;
    assert_eq!(counted().await, (most, most), "of 10,311");
    let fewer = insert("DELETE FROM consents WHERE person_id >= 10990");
    assert!(s.driver.write(vec![fewer]).await.unwrap().is_applied());
    assert_eq!(counted().await, (9_990, 9_990));
}

pub(crate) async fn the_team_changes_and_people_are_told(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    assert!(s.store.add_member(&id, ben, asha, NOW.plus(1)).await.unwrap());
    assert!(!s.store.add_member(&id, ben, asha, NOW.plus(2)).await.unwrap());
    assert!(!s.store.add_member(&id, PersonId(99), asha, NOW).await.unwrap());
    assert!(s.store.is_member(&id, ben).await.unwrap());
    let team = s.store.team(&id).await.unwrap();
    let team: Vec<_> = team
        .iter()
        .map(|m| (m.username.as_str(), m.is_creator, m.since))
        .collect();
    assert_eq!(team, [("asha", true, NOW), ("ben", false, NOW.plus(1))]);

    assert!(s.store.remove_member(&id, ben, asha, NOW.plus(3)).await.unwrap());
    assert!(!s.store.remove_member(&id, ben, asha, NOW.plus(3)).await.unwrap());
    assert!(!s.store.is_member(&id, ben).await.unwrap());
    let told = s.store.notices(ben, None, 50).await.unwrap();
    let words: Vec<_> = told
        .iter()
        .map(|n| (n.what, n.app_name.as_str(), n.by.as_deref(), n.at))
        .collect();
    let by = Some("asha");
    assert_eq!(
        words,
        [
            (News::Removed, "App c1", by, NOW.plus(3)),
            (News::Added, "App c1", by, NOW.plus(1))
        ]
    );
    assert_eq!(told[0].client, id);
    assert!(!s.store.dismiss(asha, told[0].id).await.unwrap());
    assert!(s.store.dismiss(ben, told[0].id).await.unwrap());
    let left = s.store.notices(ben, None, 50).await.unwrap();
    assert_eq!(left.len(), 1);
    let older = s.store.notices(ben, Some(left[0].id), 50).await.unwrap();
    assert!(
        older.is_empty() && !left[0].is_theirs,
        "they were taken off the team"
    );
    assert!(s.store.notices(asha, None, 50).await.unwrap().is_empty());
}

pub(crate) async fn the_creator_stays(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    assert!(s.store.add_member(&id, ben, asha, NOW).await.unwrap());
    assert!(!s.store.remove_member(&id, asha, ben, NOW).await.unwrap());
    assert!(s.store.is_member(&id, asha).await.unwrap());
    assert!(s.store.notices(asha, None, 50).await.unwrap().is_empty());
}

pub(crate) async fn a_secret_is_rotated_with_an_overlap(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let rotate = async |text: &str, until, at| {
        let new = NewSecret::of(&Secret::new(text));
        s.store.rotate_secret(&id, new, until, asha, at).await.unwrap()
    };
    let seen = async || -> Vec<_> {
        let secrets = s.store.secrets(&id).await.unwrap();
        secrets
            .into_iter()
            .map(|x| (x.id, x.prefix, x.expires_at))
            .collect()
    };
    assert!(rotate("second", NOW.plus(60), NOW).await);
    assert!(
        !rotate("third", NOW.plus(90), NOW.plus(59)).await,
        "a third is refused while two work"
    );
    assert_eq!(
        seen().await,
        [(2, "seco".into(), None), (1, "secr".into(), Some(NOW.plus(60)))]
    );
    assert!(rotate("third", NOW.plus(61), NOW.plus(60)).await);
    assert_eq!(seen().await[1], (2, "seco".into(), Some(NOW.plus(61))));
    let told = s.store.notices(asha, None, 50).await.unwrap();
    assert_eq!(
        told.iter().map(|n| n.what).collect::<Vec<_>>(),
        [News::SecretMade; 2]
    );
    assert!(s.store.delete_app(&id, NOW).await.unwrap());
    assert!(!rotate("fourth", NOW, NOW).await);
}

pub(crate) async fn the_last_secret_that_works_cannot_be_revoked(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let revoke = async |secret, at| s.store.revoke_secret(&id, secret, asha, at).await.unwrap();
    assert!(!revoke(1, NOW).await, "the only one");
    let new = NewSecret::of(&Secret::new("second"));
    assert!(
        s.store
            .rotate_secret(&id, new, NOW.plus(60), asha, NOW)
            .await
            .unwrap()
    );
    assert!(!revoke(2, NOW.plus(60)).await, "the other one has ended by then");
    assert!(!revoke(7, NOW).await, "there is no such one");
    assert!(revoke(2, NOW.plus(1)).await);
    let left = s.store.secrets(&id).await.unwrap();
    assert_eq!(
        (left[0].id, left[0].expires_at),
        (1, None),
        "what is left works on"
    );
    let new = NewSecret::of(&Secret::new("again"));
    assert!(
        s.store
            .rotate_secret(&id, new, NOW.plus(60), asha, NOW.plus(2))
            .await
            .unwrap()
    );
    assert!(revoke(1, NOW.plus(3)).await);
    assert_eq!(s.store.secrets(&id).await.unwrap()[0].expires_at, None);
}

pub(crate) async fn two_rotations_at_once_do_not_make_three_secrets(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let rotate = async |text: &str| {
        let new = NewSecret::of(&Secret::new(text));
        s.store
            .rotate_secret(&id, new, NOW.plus(60), asha, NOW)
            .await
            .unwrap()
    };
    let (a, b, c) = tokio::join!(rotate("aaaa"), rotate("bbbb"), rotate("cccc"));
    assert_eq!([a, b, c].into_iter().filter(|done| *done).count(), 1);
    assert_eq!(s.store.secrets(&id).await.unwrap().len(), 2);
}

pub(crate) async fn deleting_an_app_takes_everything_along(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    for id in ["c1", "c2"] {
        let id = s.app(id, asha, Standing::Approved).await;
        assert!(s.store.add_member(&id, ben, asha, NOW).await.unwrap());
        let until = NOW.plus(60);
        assert!(s.store.offer(&id, ben, asha, NOW, until).await.unwrap());
        let (grant, _) = s.code(&id, ben).await;
        s.tokens(&id, grant).await;
        let consent = Write::PutConsent {
            person: ben,
            client: id.clone(),
            version: 1,
            allowed: points(&[]).into(),
            at: NOW,
        };
        s.apply(&[
            access_token(&id, None, 60),
            Write::ParkRequest(parked(&id)),
            Write::AskElsewhere(decoupled(&id)),
            consent,
        ])
        .await;
        assert_eq!(s.store.connected_people(&id).await.unwrap(), 1);
    }
    let tables = [
        "apps",
        "manifests",
        "client_secrets",
        "team",
        "former_team",
        "review_events",
        "grants",
        "codes",
        "refresh_tokens",
        "access_tokens",
        "consents",
        "parked_requests",
        "decoupled_requests",
        "notices",
        "invitations",
    ];
    let mut before = Vec::new();
    for table in tables {
        before.push(s.rows_of(table).await);
    }
    let id = crate::scratch::client("c1");
    assert!(s.store.delete_app(&id, NOW).await.unwrap());
    assert!(!s.store.delete_app(&id, NOW).await.unwrap());
    for (table, before) in tables.into_iter().zip(before) {
        assert_eq!(s.rows_of(table).await * 2, before, "{table}");
    }
    assert_eq!(s.rows_of("people").await, 2);
    assert_eq!(s.store.app(&id).await.unwrap(), None);
}

pub(crate) async fn connected_apps_are_listed(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    for (n, id) in ["c1", "c2"].into_iter().enumerate() {
        let client = s.app(id, asha, Standing::Approved).await;
        for later in [0, 50] {
            let consent = Write::PutConsent {
                person: ben,
                client: client.clone(),
                version: 1,
                allowed: points(&["person.full_name"]).into(),
                at: NOW.plus(i64::try_from(n).unwrap() + later),
            };
            s.apply(&[consent]).await;
        }
    }
    let apps = s.store.connected_apps(ben, None, 50).await.unwrap();
    let seen: Vec<_> = apps.iter().map(|app| (app.name.as_str(), app.since)).collect();
    assert_eq!(seen, [("App c2", NOW.plus(1)), ("App c1", NOW)]);
    assert_eq!(
        (&apps[0].data_points, apps[0].logo.as_deref()),
        (&points(&["person.full_name"]), None)
    );
    let rest = s
        .store
        .connected_apps(ben, Some(&apps[0].cursor()), 50)
        .await
        .unwrap();
    assert_eq!(rest, apps[1..]);
    assert!(s.store.connected_apps(asha, None, 50).await.unwrap().is_empty());
}

pub(crate) async fn a_test_person_is_nobody_who_connected_an_app(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let client = s.app("c1", asha, Standing::Approved).await;
    let mut test = new_person("test");
    test.test_of = Some(client.clone());
    let test = s.store.insert_person(test).await.unwrap().unwrap();
    for person in [ben, test] {
        let consent = Write::PutConsent {
            person,
            client: client.clone(),
            version: 1,
            allowed: points(&["person.full_name"]).into(),
            at: NOW,
        };
        s.apply(&[consent]).await;
    }
    assert_eq!(s.store.connected_people(&client).await.unwrap(), 1);
    let listed = s.store.apps_of(asha, "", None, 9).await.unwrap();
    assert_eq!(listed[0].1, 1);
}

pub(crate) async fn logos_are_kept_by_digest(s: Scratch) {
    s.store.put_logo("abc", &[1, 2, 3], NOW).await.unwrap();
    s.store.put_logo("abc", &[1, 2, 3], NOW.plus(1)).await.unwrap();
    assert_eq!(s.store.logo("abc").await.unwrap(), Some(vec![1, 2, 3]));
    assert_eq!(s.store.logo("abd").await.unwrap(), None);
}
