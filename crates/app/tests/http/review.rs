//! Review over HTTP: the maintainer's pages, and what a decision does.

use crate::world;
use omniport_engine::people::PlatformRole;
use omniport_testkit::{Answer, Instance, TestApp};
use serde_json::json;

async fn pending() -> (Instance, TestApp) {
    let instance = Instance::new().await;
    let dev = instance.person("dev", &[PlatformRole::Developer]).await;
    instance.person("mai", &[PlatformRole::Maintainer]).await;
    instance.person("asha", &[]).await;
    let app = instance.app_in(dev, json!({}), false).await;
    (instance, app)
}

/// Opens the queue as a maintainer and decides the app that stands opened there.
async fn decide(instance: &Instance, username: &str, decision: &str, comment: &str) -> Answer {
    let cookie = instance.sign_in(username).await;
    let page = instance.get("/maintainer/review").cookie(&cookie).send().await;
    let fields = ["csrf_token", "app", "version"].map(|name| (name, page.field(name)));
    let mut form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    form.extend([("decision", decision), ("comment", comment)]);
    instance
        .post("/maintainer/review")
        .cookie(&cookie)
        .form(&form)
        .send()
        .await
}

#[tokio::test]
async fn the_queue_shows_and_approves_the_oldest_app() {
    let (instance, app) = pending().await;
    let mai = instance.sign_in("mai").await;
    let page = instance.get("/maintainer/review").cookie(&mai).send().await;
    for id in ["review-comment", "review-approve", "review-reject"] {
        assert!(page.has_id(id), "{id}");
    }
    assert!(page.body.contains("Bus times"));
    let approved = decide(&instance, "mai", "approve", "Fine.").await;
    assert_eq!(approved.status, 303, "{}", approved.body);
    let asha = instance.sign_in("asha").await;
    let query = format!("client_id={}&state=s", app.id);
    assert!(
        instance
            .allow("/oauth/authorise", &asha, &query)
            .await
            .redirect_param("code")
            .is_some()
    );
    let dev = instance.sign_in("dev").await;
    let dashboard = instance
        .get(&format!("/developer/apps/{}", app.id))
        .cookie(&dev)
        .send()
        .await;
    assert!(dashboard.body.contains("Fine."), "the team sees the comment");
}

#[tokio::test]
async fn a_rejection_needs_a_reason_and_leaves_a_sandbox() {
    let (instance, app) = pending().await;
    let bare = decide(&instance, "mai", "reject", " ").await;
    assert_eq!(bare.status, 422, "{}", bare.body);
    assert_eq!(
        decide(&instance, "mai", "reject", "Say what it is for.")
            .await
            .status,
        303
    );
    let query = format!("client_id={}", app.id);
    let asha = instance.sign_in("asha").await;
    assert_eq!(
        instance
            .get(&format!("/oauth/authorise?{query}"))
            .cookie(&asha)
            .send()
            .await
            .status,
        400
    );
    let dev = instance.sign_in("dev").await;
    let team = instance
        .get(&format!("/oauth/authorise?{query}"))
        .cookie(&dev)
        .send()
        .await;
    assert!(team.location().unwrap().starts_with("/consent?"));
    let dashboard = instance
        .get(&format!("/developer/apps/{}", app.id))
        .cookie(&dev)
        .send()
        .await;
    assert!(dashboard.body.contains("Say what it is for."));
}

#[tokio::test]
async fn only_maintainers_review_and_never_their_own_app() {
    let (instance, _) = pending().await;
    for username in ["dev", "asha"] {
        let cookie = instance.sign_in(username).await;
        assert_eq!(
            instance
                .get("/maintainer/review")
                .cookie(&cookie)
                .send()
                .await
                .status,
            403
        );
        let page = instance.get("/logout").cookie(&cookie).send().await;
        let form = [
            ("csrf_token", page.field("csrf_token")),
            ("decision", "approve".into()),
        ];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(
            instance
                .post("/maintainer/review")
                .cookie(&cookie)
                .form(&form)
                .send()
                .await
                .status,
            403
        );
    }
    let instance = Instance::new().await;
    let both = instance
        .person("both", &[PlatformRole::Developer, PlatformRole::Maintainer])
        .await;
    let app = instance.app_in(both, json!({}), false).await;
    let cookie = instance.sign_in("both").await;
    let queue = instance.get("/maintainer/review").cookie(&cookie).send().await;
    assert!(queue.body.contains("Bus times") && !queue.has_id("review-approve"));
    let token = instance
        .get("/logout")
        .cookie(&cookie)
        .send()
        .await
        .field("csrf_token");
    let form = [
        ("csrf_token", token.as_str()),
        ("app", &app.id),
        ("version", "1"),
        ("decision", "approve"),
    ];
    let answer = instance
        .post("/maintainer/review")
        .cookie(&cookie)
        .form(&form)
        .send()
        .await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(
        answer.body.contains("another maintainer must decide"),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn asking_for_more_sends_the_change_to_review_and_what_was_approved_goes_on() {
    let (instance, app) = world().await;
    let (access, refresh) = crate::pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let id = omniport_protocol::vocabulary::ClientId::parse(&app.id).unwrap();
    let dev = instance
        .engine
        .store()
        .person_by_username("dev")
        .await
        .unwrap()
        .unwrap()
        .id;
    let catalogue = &instance.engine.settings().catalogue;
    let wider = [
        "person.full_name",
        "person.roles",
        "student.branch.name",
        "contact_information.email_address",
    ];
    let wider = wider.map(str::to_owned);
    let points = omniport_protocol::review::check_data_points(&wider, catalogue).unwrap();
    let edit = omniport_protocol::review::Edit::DataPoints(points.into());
    instance.engine.edit_app(&id, dev, &edit).await.unwrap().unwrap();

    assert!(
        instance
            .user_data(&access)
            .await
            .json()
            .get("contactInformation")
            .is_none()
    );
    assert_eq!(decide(&instance, "mai", "approve", "").await.status, 303);
    let data = instance.user_data(&access).await.json();
    assert!(
        data.get("contactInformation").is_none(),
        "an older consent is never widened"
    );
    let (access, _) = crate::pair(&instance.refresh(&app, &refresh).await);
    assert!(
        instance
            .user_data(&access)
            .await
            .json()
            .get("contactInformation")
            .is_none()
    );

    // Case 111: the next sign-in asks again, because more is asked.
    let cookie = instance.sign_in("asha").await;
    let query = format!("client_id={}&state=s", app.id);
    let again = instance
        .get(&format!("/oauth/authorise?{query}"))
        .cookie(&cookie)
        .send()
        .await;
    assert!(again.location().unwrap().starts_with("/consent?"));
}

#[tokio::test]
async fn two_maintainers_at_once_the_second_is_told() {
    let (instance, _) = pending().await;
    instance.person("moo", &[PlatformRole::Maintainer]).await;
    let (mai, moo) = (instance.sign_in("mai").await, instance.sign_in("moo").await);
    let mut forms = Vec::new();
    for cookie in [&mai, &moo] {
        let page = instance.get("/maintainer/review").cookie(cookie).send().await;
        forms.push(["csrf_token", "app", "version"].map(|name| (name, page.field(name))));
    }
    let mut statuses = Vec::new();
    for ((cookie, form), decision) in [&mai, &moo].into_iter().zip(&forms).zip(["approve", "reject"]) {
        let mut form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form.extend([("decision", decision), ("comment", "My words stay.")]);
        let answer = instance
            .post("/maintainer/review")
            .cookie(cookie)
            .form(&form)
            .send()
            .await;
        if answer.status == 409 {
            assert!(answer.body.contains("My words stay."));
        }
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses, [303, 409]);
}
