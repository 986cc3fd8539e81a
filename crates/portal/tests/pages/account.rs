//! Where one is signed in, and the apps one connected.

use crate::browser::{PASSWORD, Site};
use http::StatusCode;
use omniport_engine::people::{PersonChange, PlatformRole};
use omniport_protocol::effect::Write;

#[tokio::test]
async fn sessions_are_listed_and_ended_one_or_all_others() {
    let site = Site::new().await;
    let (mut here, mut there) = (site.signed_in("asha").await, site.signed_in("asha").await);
    let mut third = site.signed_in("asha").await;
    let mut dev = site.signed_in("dev").await;
    let page = here.get("/account").await;
    assert_eq!(page.body.matches("name=\"session\"").count(), 2, "{}", page.body);
    assert_eq!(page.body.matches("This one").count(), 1);
    let id = |body: &str| body.split("name=\"session\" value=\"").nth(1).unwrap()[..43].to_owned();
    let other = id(&page.body);
    dev.post("/account/sessions/end", &[("session", &other)]).await;
    let still = here.get("/account").await;
    assert_eq!(
        still.body.matches("name=\"session\"").count(),
        2,
        "another's stays"
    );
    let ended = here.post("/account/sessions/end", &[("session", &other)]).await;
    assert_eq!(ended.location(), "/account?saved=session-ended");
    assert_eq!(
        here.get("/account")
            .await
            .body
            .matches("name=\"session\"")
            .count(),
        1
    );
    for strange in ["", "x", "%00", &"A".repeat(500)] {
        let answer = here.post("/account/sessions/end", &[("session", strange)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{strange}");
    }
    let bare = here.post_bare("/account/sessions/end-others", &[]).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN, "case 102");
    let all = here.post("/account/sessions/end-others", &[]).await;
    assert_eq!(all.location(), "/account?saved=others-ended");
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    for ended in [&mut there, &mut third] {
        assert_eq!(ended.get("/account").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(
        dev.get("/account").await.status,
        StatusCode::OK,
        "another person's go on"
    );
}

#[tokio::test]
async fn sign_in_only_stands_apart_and_a_last_read_is_told() {
    let site = Site::new().await;
    let mut asha = site.signed_in("asha").await;
    let person = site.id_of("asha").await;
    for (name, points) in [("Planner", &["person.full_name"][..]), ("Wiki", &[])] {
        let client = site.app(name, true).await;
        let data_points: omniport_protocol::data_points::DataPoints = points
            .iter()
            .map(|name| omniport_protocol::data_points::DataPointName::parse(name).unwrap())
            .collect();
        let put = Write::PutConsent {
            person,
            client: client.clone(),
            version: 1,
            allowed: data_points.into(),
            at: site.engine.now(),
        };
        let minted = omniport_protocol::effect::Minted::default();
        assert!(
            site.engine
                .store()
                .apply(&[put], &minted)
                .await
                .unwrap()
                .is_applied()
        );
    }
    let home = asha.get("/").await.body;
    let (with_data, without) = home.split_once("Know only that you signed in").unwrap();
    assert!(with_data.contains("Planner") && with_data.contains("has not read your data"));
    assert!(without.contains("Wiki") && !without.contains("Planner"));
    let planner = site
        .engine
        .store()
        .connected_apps(person, None, 50)
        .await
        .unwrap();
    let planner = planner.iter().find(|app| app.name == "Planner").unwrap();
    let note = omniport_store::portal::UsageNote::Read(planner.client.clone(), person, site.engine.now());
    site.engine.store().note_usage(&[note]).await.unwrap();
    assert!(asha.get("/").await.body.contains("last read your data"));
}

const NEW: &str = "another horse battery";

fn typed<'a>(current: &'a str, new: &'a str, again: &'a str) -> [(&'static str, &'a str); 3] {
    [
        ("current_password", current),
        ("new_password", new),
        ("new_password_again", again),
    ]
}

#[tokio::test]
async fn a_person_chooses_another_password_and_stays_signed_in_here_only() {
    let site = Site::new().await;
    let (mut here, mut there) = (site.signed_in("asha").await, site.signed_in("asha").await);
    for (fields, why) in [
        (typed("not it, surely", NEW, NEW), "This is not your password."),
        (
            typed(PASSWORD, "short", "short"),
            "A password has 8 to 1,024 characters.",
        ),
        (
            typed(PASSWORD, NEW, "another horse"),
            "It is not the same as the new password.",
        ),
    ] {
        let answer = here.post("/account/password", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert!(
            answer.body.contains("Your password was not changed.") && answer.body.contains(why),
            "{why}"
        );
        assert!(
            !answer.body.contains(NEW) && !answer.body.contains(PASSWORD),
            "what was typed is not shown"
        );
    }
    assert_eq!(
        there.get("/account").await.status,
        StatusCode::OK,
        "nothing has changed"
    );
    let mut copied = site.browser();
    copied.jar.clone_from(&here.jar);
    let changed = here.post("/account/password", &typed(PASSWORD, NEW, NEW)).await;
    assert_eq!(changed.location(), "/account?saved=password");
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert_eq!(copied.get("/account").await.status, StatusCode::SEE_OTHER);
    assert_eq!(there.get("/account").await.status, StatusCode::SEE_OTHER);
    let mut again = site.browser();
    again.get("/login").await;
    let signed_in = |password| [("username", "asha"), ("password", password)];
    let old = again.post("/login", &signed_in(PASSWORD)).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let new = again.post("/login", &signed_in(NEW)).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_password_is_guessed_at_the_account_page_no_more_often_than_at_the_sign_in() {
    let site = Site::new().await;
    let mut asha = site.signed_in("asha").await;
    for _ in 0..10 {
        asha.post("/account/password", &typed("wrong wrong", NEW, NEW))
            .await;
    }
    let answer = asha.post("/account/password", &typed(PASSWORD, NEW, NEW)).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_at_the_next_request() {
    let site = Site::new().await;
    let (mut dev, mut meera) = (site.signed_in("dev").await, site.signed_in("meera").await);
    let set = async |username: &str, add: &[PlatformRole], remove: &[PlatformRole]| {
        let change = PersonChange {
            add_roles: add.to_vec(),
            remove_roles: remove.to_vec(),
            ..PersonChange::default()
        };
        let done = site.engine.change_person(username, &change).await.unwrap();
        assert!(done.unwrap().changed);
    };
    for (browser, page, username, role) in [
        (&mut dev, "/developer/add", "dev", PlatformRole::Developer),
        (
            &mut meera,
            "/maintainer/review",
            "meera",
            PlatformRole::Maintainer,
        ),
    ] {
        assert_eq!(browser.get(page).await.status, StatusCode::OK);
        set(username, &[], &[role]).await;
        let refused = browser.get(page).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{page}");
        let command = format!("omniport person set {username} --add-role");
        assert!(refused.body.contains(&command), "{page}: {}", refused.body);
        set(username, &[role], &[]).await;
        assert_eq!(browser.get(page).await.status, StatusCode::OK, "and back");
    }
}

#[tokio::test]
async fn nobody_is_invited_to_add_an_app_who_may_not() {
    let site = Site::new().await;
    let (mut dev, mut asha) = (site.signed_in("dev").await, site.signed_in("asha").await);
    assert!(
        dev.get("/developer")
            .await
            .body
            .contains("href=\"/developer/add\"")
    );
    let hers = asha.get("/developer").await.body;
    assert!(!hers.contains("href=\"/developer/add\"") && hers.contains("Only developers register apps"));
}
