//! The review queue.

use crate::browser::{Browser, Site};
use http::StatusCode;
use omniport_protocol::review::{Edit, Standing};
use omniport_protocol::vocabulary::ClientId;

async fn decide(
    browser: &mut Browser,
    app: &ClientId,
    version: &str,
    decision: &str,
    comment: &str,
) -> StatusCode {
    let fields = [
        ("app", app.as_str()),
        ("version", version),
        ("decision", decision),
        ("comment", comment),
    ];
    browser.post("/maintainer/review", &fields).await.status
}

#[tokio::test]
async fn the_oldest_is_open_in_full_and_a_decision_is_taken() {
    let site = Site::new().await;
    let mut meera = site.signed_in("meera").await;
    assert!(
        meera
            .get("/maintainer/review")
            .await
            .body
            .contains("Nothing is waiting.")
    );
    let app = site.app("Planner", false).await;
    let page = meera.get("/maintainer/review").await;
    for id in ["review-comment", "review-approve", "review-reject"] {
        assert!(page.body.contains(&format!("id=\"{id}\"")), "{id}");
    }
    assert_eq!(page.hidden("app"), app.as_str());
    assert!(page.body.contains("Devika Nair (dev)"));
    let version = page.hidden("version");
    let fields = [
        ("app", app.as_str()),
        ("version", &version),
        ("decision", "approve"),
        ("comment", "Fine."),
    ];
    let answer = meera.post("/maintainer/review", &fields).await;
    assert_eq!(
        answer.location(),
        "/maintainer/review?saved=approved",
        "{}",
        answer.body
    );
    let mut dev = site.signed_in("dev").await;
    let dashboard = dev.get(&format!("/developer/apps/{app}")).await;
    assert!(dashboard.body.contains("data-status=\"approved\"") && dashboard.body.contains("Fine."));
    assert!(dashboard.body.contains("Meera Iyer") && dashboard.body.contains("<strong>Registered</strong>"));
}

#[tokio::test]
async fn what_cannot_be_decided_is_told_and_the_comment_kept() {
    let site = Site::new().await;
    let mut meera = site.signed_in("meera").await;
    let app = site.app("Planner", false).await;
    let path = format!("/maintainer/review/{app}");
    let fields = [("version", "1"), ("decision", "reject"), ("comment", "  ")];
    let silent = meera.post(&path, &fields).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("Say why in the comment"));
    let dev = site.id_of("dev").await;
    site.engine
        .edit_app(&app, dev, &Edit::Name("Other".into()))
        .await
        .unwrap()
        .unwrap();
    let fields = [
        ("version", "1"),
        ("decision", "approve"),
        ("comment", "I like it."),
    ];
    let changed = meera.post(&path, &fields).await;
    assert_eq!(changed.status, StatusCode::CONFLICT);
    assert!(changed.body.contains("changed since you opened it") && changed.body.contains("I like it."));
    assert_eq!(changed.hidden("version"), "2");
    assert_eq!(
        decide(&mut meera, &app, "2", "resume", "").await,
        StatusCode::CONFLICT
    );
    assert_eq!(
        decide(&mut meera, &app, "2", "burn", "").await,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        decide(&mut meera, &app, "two", "approve", "").await,
        StatusCode::BAD_REQUEST
    );
    let none = ClientId::parse("none").unwrap();
    assert_eq!(
        decide(&mut meera, &none, "1", "approve", "").await,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        decide(&mut meera, &app, "2", "suspend", "Now.").await,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        site.engine.store().app(&app).await.unwrap().unwrap().standing,
        Standing::Suspended
    );
}

#[tokio::test]
async fn nobody_decides_about_their_own_app_and_only_maintainers_decide() {
    let site = Site::new().await;
    let app = site.app("Planner", false).await;
    let mut dev = site.signed_in("dev").await;
    for answer in [
        dev.get("/maintainer/review").await,
        dev.get(&format!("/maintainer/review/{app}")).await,
        dev.post(
            "/maintainer/review",
            &[("app", app.as_str()), ("version", "1"), ("decision", "approve")],
        )
        .await,
    ] {
        assert_eq!(
            (answer.status, answer.text_of("error-code").as_str()),
            (StatusCode::FORBIDDEN, "forbidden")
        );
    }
    let (id, by) = (site.id_of("meera").await, site.id_of("dev").await);
    let at = site.engine.now();
    assert!(site.acting().add_member(&app, id, by, at).await.unwrap());
    let mut meera = site.signed_in("meera").await;
    let page = meera.get(&format!("/maintainer/review/{app}")).await;
    assert!(page.body.contains("another maintainer must decide") && !page.body.contains("review-approve"));
    assert_eq!(
        decide(&mut meera, &app, "1", "approve", "").await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        site.engine.store().app(&app).await.unwrap().unwrap().standing,
        Standing::Pending
    );
}

#[tokio::test]
async fn a_rejected_app_is_sent_again_and_a_change_shows_its_difference() {
    let site = Site::new().await;
    let (mut dev, mut meera) = (site.signed_in("dev").await, site.signed_in("meera").await);
    let app = site.app("Planner", false).await;
    let dashboard = format!("/developer/apps/{app}");
    assert_eq!(
        dev.post(&format!("{dashboard}/submit"), &[]).await.status,
        StatusCode::CONFLICT
    );
    decide(&mut meera, &app, "1", "reject", "Ask for less.").await;
    let rejected = dev.get(&dashboard).await;
    assert!(rejected.body.contains("Ask for less.") && rejected.body.contains("/submit\""));
    assert_eq!(
        dev.post(&format!("{dashboard}/submit"), &[]).await.location(),
        format!("{dashboard}?saved=submitted")
    );
    decide(&mut meera, &app, "1", "approve", "").await;
    let points = [
        ("data_points", "person.full_name"),
        ("data_points", "biological_information.blood_group"),
    ];
    dev.post(&format!("{dashboard}/data-points"), &points).await;
    let review = meera.get("/maintainer/review").await;
    assert!(review.body.contains("Difference from the live version"));
    assert!(review.body.contains("Biological information: Blood group"));
    assert!(
        review
            .body
            .contains("Sensitive, and not said what for: Blood group.")
    );
    let version = review.hidden("version");
    decide(&mut meera, &app, &version, "reject", "No blood.").await;
    let page = dev.get(&dashboard).await;
    assert!(page.body.contains("No blood.") && page.body.contains("Change rejected"));
    let list = meera.get("/maintainer/review?status=approved&q=PLAN").await;
    assert!(list.body.contains("Planner"));
    let none = meera.get("/maintainer/review?status=all&q=%25").await;
    assert!(!none.body.contains("Planner"));
}

#[tokio::test]
async fn what_is_with_its_team_is_found_until_they_answer() {
    let site = Site::new().await;
    let (mut dev, mut meera) = (site.signed_in("dev").await, site.signed_in("meera").await);
    let new = site.app("Planner", false).await;
    let approved = site.app("Timetable", true).await;
    site.app("Quiet", true).await;
    let path = format!("/developer/apps/{approved}");
    dev.post(&format!("{path}/name"), &[("name", "Timetables")]).await;
    let shown = async |meera: &mut Browser| {
        let page = meera.get("/maintainer/review?status=with-team").await;
        assert!(page.body.contains("aria-current=\"page\">With their teams</a>"));
        let names = ["Planner", "Timetable", "Quiet"];
        names.map(|name| page.body.contains(&format!("<bdi>{name}</bdi></a></h3>")))
    };
    assert_eq!(shown(&mut meera).await, [false; 3]);
    for (app, version) in [(&new, "1"), (&approved, "2")] {
        let sent = decide(&mut meera, app, version, "request-changes", "Say more.").await;
        assert_eq!(sent, StatusCode::SEE_OTHER);
    }
    assert_eq!(shown(&mut meera).await, [true, true, false]);
    dev.post(&format!("{path}/submit"), &[]).await;
    assert_eq!(shown(&mut meera).await, [true, false, false]);
}
