//! Where one is signed in, and the apps one connected.

use crate::browser::Site;
use http::StatusCode;
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
