//! Revocation over HTTP.

use crate::{assert_error, pair, world};
use omniport_testkit::{Answer, Instance, TestApp};

async fn revoke(instance: &Instance, app: &TestApp, token: &str, hint: Option<&str>) -> Answer {
    let mut form = vec![
        ("client_id", app.id.as_str()),
        ("client_secret", &app.secret),
        ("token", token),
    ];
    form.extend(hint.map(|hint| ("token_type_hint", hint)));
    instance.post("/open_auth/revoke_token/").form(&form).send().await
}

#[tokio::test]
async fn case_057_an_unknown_token_is_fine() {
    let (instance, app) = world().await;
    let answer = revoke(&instance, &app, "nothing", None).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (200, Some("no-store"))
    );
}

#[tokio::test]
async fn case_058_another_clients_token_stays_alive() {
    let (instance, app) = world().await;
    let other = crate::another_app(&instance).await;
    let (access, refresh) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    for token in [&access, &refresh] {
        revoke(&instance, &other, token, None).await;
    }
    assert_eq!(instance.user_data(&access).await.status, 200);
    assert_eq!(instance.refresh(&app, &refresh).await.status, 200);
}

#[tokio::test]
async fn case_059_case_061_a_refresh_token_takes_its_access_tokens_along_whatever_the_hint() {
    for hint in [
        None,
        Some("refresh_token"),
        Some("access_token"),
        Some("nonsense"),
    ] {
        let (instance, app) = world().await;
        let (access, refresh) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
        assert_eq!(revoke(&instance, &app, &refresh, hint).await.status, 200);
        assert_eq!(instance.user_data(&access).await.status, 401, "{hint:?}");
        assert_error(&instance.refresh(&app, &refresh).await, 400, "invalid_grant");
    }
}

#[tokio::test]
async fn revoking_an_access_token_leaves_the_refresh_token() {
    let (instance, app) = world().await;
    let (access, refresh) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    assert_eq!(
        revoke(&instance, &app, &access, Some("refresh_token"))
            .await
            .status,
        200
    );
    assert_eq!(instance.user_data(&access).await.status, 401);
    assert_eq!(instance.refresh(&app, &refresh).await.status, 200);
}

#[tokio::test]
async fn case_060_unauthenticated() {
    let (instance, app) = world().await;
    let wrong = TestApp {
        secret: "wrong".into(),
        ..app.clone()
    };
    assert_error(&revoke(&instance, &wrong, "x", None).await, 401, "invalid_client");
    assert_error(
        &instance
            .post("/oauth/revoke")
            .form(&[("token", "x")])
            .send()
            .await,
        401,
        "invalid_client",
    );
    let missing = [("client_id", app.id.as_str()), ("client_secret", &app.secret)];
    assert_error(
        &instance.post("/oauth/revoke").form(&missing).send().await,
        400,
        "invalid_request",
    );
}
