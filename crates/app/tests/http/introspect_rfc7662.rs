//! Introspection over HTTP.

use crate::{assert_error, pair, world};
use omniport_testkit::{Answer, Instance, TestApp};
use serde_json::json;

async fn introspect(instance: &Instance, app: &TestApp, token: &str) -> Answer {
    instance
        .post("/oauth/introspect/")
        .basic(&app.id, &app.secret)
        .form(&[("token", token)])
        .send()
        .await
}

#[tokio::test]
async fn a_live_token_is_described() {
    let (instance, app) = world().await;
    let (access, _) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let body = introspect(&instance, &app, &access).await.json();
    assert_eq!(body["active"], true);
    assert_eq!(body["scope"], "read write");
    assert_eq!(body["client_id"], app.id);
    assert_eq!(body["username"], "asha");
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(
        body["exp"].as_i64().unwrap() - body["iat"].as_i64().unwrap(),
        36_000
    );
}

#[tokio::test]
async fn case_062_unauthenticated() {
    let (instance, app) = world().await;
    assert_error(
        &instance
            .post("/oauth/introspect")
            .form(&[("token", "x")])
            .send()
            .await,
        401,
        "invalid_client",
    );
    let wrong = TestApp {
        secret: "wrong".into(),
        ..app
    };
    assert_error(&introspect(&instance, &wrong, "x").await, 401, "invalid_client");
}

#[tokio::test]
async fn case_063_dead_is_exactly_inactive_and_case_064_anothers_too() {
    let (instance, app) = world().await;
    let other = crate::another_app(&instance).await;
    let (access, _) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let inactive = json!({"active": false});
    assert_eq!(introspect(&instance, &app, "nothing").await.json(), inactive);
    assert_eq!(introspect(&instance, &other, &access).await.json(), inactive);
    instance.clock.advance(36_000);
    assert_eq!(introspect(&instance, &app, &access).await.json(), inactive);
}
