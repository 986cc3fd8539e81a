//! Refreshing over HTTP.

use crate::{assert_error, pair, world};
use omniport_protocol::review::Verdict;
use omniport_protocol::vocabulary::ClientId;
use serde_json::json;

#[tokio::test]
async fn case_049_rotates_and_case_050_late_reuse_kills_the_family() {
    let (instance, app) = world().await;
    let (first_access, first) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let (second_access, second) = pair(&instance.refresh(&app, &first).await);
    assert!(first != second && first_access != second_access);
    assert_eq!(instance.user_data(&second_access).await.status, 200);
    instance.clock.advance(31);
    assert_error(&instance.refresh(&app, &first).await, 400, "invalid_grant");
    assert_error(&instance.refresh(&app, &second).await, 400, "invalid_grant");
    assert_eq!(instance.user_data(&second_access).await.status, 401);
}

#[tokio::test]
async fn case_051_another_clients() {
    let (instance, app) = world().await;
    let other = crate::another_app(&instance).await;
    let (_, refresh) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    assert_error(&instance.refresh(&other, &refresh).await, 400, "invalid_grant");
    assert_eq!(instance.refresh(&app, &refresh).await.status, 200);
}

#[tokio::test]
async fn case_052_case_053_scope_never_widens_and_may_narrow() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    let query = format!(
        "client_id={}&response_type=code&scope=person.full_name+person.roles",
        app.id
    );
    let code = instance
        .allow("/oauth/authorize", &cookie, &query)
        .await
        .redirect_param("code")
        .unwrap();
    let first = instance
        .token(&app, &[("grant_type", "authorization_code"), ("code", &code)])
        .await;
    assert_eq!(first.member("scope"), "person.full_name person.roles");
    let (_, refresh) = pair(&first);
    let ask = |scope: &'static str, refresh: String| {
        let (instance, app) = (&instance, &app);
        async move {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", refresh.as_str()),
                ("scope", scope),
            ];
            instance.token(app, &form).await
        }
    };
    assert_error(
        &ask("person.full_name student.branch.name", refresh.clone()).await,
        400,
        "invalid_scope",
    );
    let narrow = ask("person.full_name", refresh).await;
    assert_eq!(narrow.member("scope"), "person.full_name");
    let data = instance.user_data(&narrow.member("access_token")).await.json();
    assert_eq!(data["person"], json!({"fullName": "asha Rao"}));
}

#[tokio::test]
async fn case_056_a_lost_answer_may_be_asked_for_again() {
    let (instance, app) = world().await;
    let (_, first) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let (_, lost) = pair(&instance.refresh(&app, &first).await);
    instance.clock.advance(29);
    let (access, again) = pair(&instance.refresh(&app, &first).await);
    assert_ne!(lost, again);
    assert_eq!(instance.user_data(&access).await.status, 200);
    let (_, next) = pair(&instance.refresh(&app, &again).await);
    assert_error(&instance.refresh(&app, &first).await, 400, "invalid_grant");
    assert_error(&instance.refresh(&app, &next).await, 400, "invalid_grant");
}

#[tokio::test]
async fn case_054_a_suspended_apps_tokens_die_at_their_next_use() {
    let (instance, app) = world().await;
    let (access, refresh) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let id = ClientId::parse(&app.id).unwrap();
    let suspended = instance
        .engine
        .review_app(&id, None, Verdict::Suspend, "for the test", None)
        .await
        .unwrap();
    suspended.unwrap();
    assert_eq!(instance.user_data(&access).await.status, 401);
    let refused = instance.refresh(&app, &refresh).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[tokio::test]
async fn case_055_idle_and_absolute_expiry() {
    let (instance, app) = world().await;
    let (_, idle) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let (_, mut kept) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let day = 86_400;
    instance.clock.advance(89 * day);
    for _ in 0..4 {
        (_, kept) = pair(&instance.refresh(&app, &kept).await);
        instance.clock.advance(60 * day);
    }
    assert_error(&instance.refresh(&app, &idle).await, 400, "invalid_grant");
    (_, kept) = pair(&instance.refresh(&app, &kept).await);
    instance.clock.advance(37 * day);
    assert_error(&instance.refresh(&app, &kept).await, 400, "invalid_grant");
}
