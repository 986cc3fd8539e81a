//! Pushed authorisation requests over HTTP (RFC 9126).

use crate::{assert_error, world};
use omniport_testkit::{Answer, Instance, TestApp};

async fn push(instance: &Instance, app: &TestApp, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("response_type", "code"),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("scope", "read"),
        ("state", "pushed"),
    ];
    form.retain(|(name, _)| !more.iter().any(|(changed, _)| changed == name));
    form.extend(more);
    let request = instance.post("/oauth/par").basic(&app.id, &app.secret);
    request.form(&form).send().await
}

async fn open(instance: &Instance, app: &TestApp, cookie: &str, request_uri: &str) -> Answer {
    let query = format!("client_id={}&request_uri={request_uri}&state=outer", app.id);
    instance.allow("/oauth/authorize", cookie, &query).await
}

#[tokio::test]
async fn case_077_a_pushed_request_leads_to_a_code_once() {
    let (instance, app) = world().await;
    let answer = push(&instance, &app, &[]).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.json()["expires_in"], 90);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let request_uri = answer.member("request_uri");
    assert!(request_uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    let cookie = instance.sign_in("asha").await;
    let back = open(&instance, &app, &cookie, &request_uri).await;
    assert_eq!(back.redirect_param("state").as_deref(), Some("pushed"));
    let tokens = instance.redeem(&app, &back.redirect_param("code").unwrap()).await;
    assert_eq!(tokens.member("scope"), "read");
    let again = open(&instance, &app, &cookie, &request_uri).await;
    assert_eq!(
        again.redirect_param("error").as_deref(),
        Some("invalid_request_uri")
    );
}

#[tokio::test]
async fn a_pushed_request_may_be_opened_again_until_the_person_has_finished() {
    let (instance, app) = world().await;
    let request_uri = push(&instance, &app, &[]).await.member("request_uri");
    let path = format!("/oauth/authorize?client_id={}&request_uri={request_uri}", app.id);
    for _ in 0..2 {
        let first = instance.get(&path).send().await;
        assert!(
            first.location().unwrap().starts_with("/login?request="),
            "{:?}",
            first.location()
        );
    }
    let cookie = instance.sign_in("asha").await;
    let back = open(&instance, &app, &cookie, &request_uri).await;
    assert!(back.redirect_param("code").is_some());
}

#[tokio::test]
async fn case_080_an_expired_one_is_refused() {
    let (instance, app) = world().await;
    let request_uri = push(&instance, &app, &[]).await.member("request_uri");
    instance.clock.advance(90);
    let cookie = instance.sign_in("asha").await;
    let late = open(&instance, &app, &cookie, &request_uri).await;
    assert_eq!(
        late.redirect_param("error").as_deref(),
        Some("invalid_request_uri")
    );
}

#[tokio::test]
async fn case_078_refusals_are_told_to_the_client() {
    let (instance, app) = world().await;
    let inside = push(&instance, &app, &[("request_uri", "urn:x")]).await;
    assert_error(&inside, 400, "invalid_request");
    let greedy = push(&instance, &app, &[("scope", "admin")]).await;
    assert_error(&greedy, 400, "invalid_scope");
    let stranger = TestApp {
        secret: "wrong".to_owned(),
        ..app.clone()
    };
    assert_error(&push(&instance, &stranger, &[]).await, 401, "invalid_client");
    assert_eq!(instance.get("/oauth/par").send().await.status, 405);
}

#[tokio::test]
async fn case_082_too_large_a_request_is_413() {
    let (instance, app) = world().await;
    let long = "x".repeat(70_000);
    assert_eq!(push(&instance, &app, &[("nonce", &long)]).await.status, 413);
}

/// Opens a pushed request without a sign-in: where the browser waits.
async fn waiting(instance: &Instance, app: &TestApp, request_uri: &str) -> String {
    let path = format!("/oauth/authorize?client_id={}&request_uri={request_uri}", app.id);
    let first = instance.get(&path).send().await;
    let handle = first.location().unwrap().strip_prefix("/login?request=");
    handle.unwrap().split('&').next().unwrap().to_owned()
}

async fn answer(instance: &Instance, cookie: &str, handle: &str, decision: &str) -> Answer {
    let form = instance.get(&format!("/consent?request={handle}")).cookie(cookie);
    let page = form.send().await;
    if page.status != 200 {
        return page;
    }
    let [token, version] = ["csrf_token", "version"].map(|name| page.field(name));
    let form = [
        ("csrf_token", token.as_str()),
        ("request", handle),
        ("version", &version),
        ("decision", decision),
    ];
    instance.post("/consent").cookie(cookie).form(&form).send().await
}

#[tokio::test]
async fn whoever_takes_longer_than_the_pushed_request_lives_is_served_all_the_same() {
    for decision in ["allow", "deny"] {
        let (instance, app) = world().await;
        let request_uri = push(&instance, &app, &[]).await.member("request_uri");
        let handle = waiting(&instance, &app, &request_uri).await;
        instance.clock.advance(600);
        instance.engine.sweep().await.unwrap();
        let cookie = instance.sign_in("asha").await;
        let back = answer(&instance, &cookie, &handle, decision).await;
        assert_eq!(back.status, 303, "{}", back.body);
        assert_eq!(back.redirect_param("code").is_some(), decision == "allow");
    }
}

#[tokio::test]
async fn of_two_tabs_of_one_pushed_request_one_has_the_answer_and_the_other_a_page() {
    let (instance, app) = world().await;
    let request_uri = push(&instance, &app, &[]).await.member("request_uri");
    let one = waiting(&instance, &app, &request_uri).await;
    let other = waiting(&instance, &app, &request_uri).await;
    let cookie = instance.sign_in("asha").await;
    let back = answer(&instance, &cookie, &one, "allow").await;
    assert!(back.redirect_param("code").is_some(), "{}", back.body);
    let late = answer(&instance, &cookie, &other, "allow").await;
    assert_eq!(late.status, 400, "{}", late.body);
}
