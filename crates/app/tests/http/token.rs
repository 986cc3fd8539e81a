//! The token endpoint's cases over HTTP.

use crate::{assert_error, pair, world, world_with};
use omniport_testkit::{Instance, TestApp};
use serde_json::json;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[tokio::test]
async fn case_047_the_walkthroughs_answer_is_kept_by_no_cache() {
    let (instance, app) = world().await;
    let answer = instance.redeem(&app, &instance.code(&app, "asha").await).await;
    let (access, refresh) = pair(&answer);
    for token in [&access, &refresh] {
        assert!(
            token.len() == 30 && token.bytes().all(|b| b.is_ascii_alphanumeric()),
            "{token}"
        );
    }
    let body = answer.json();
    assert_eq!(body["expires_in"], 36_000);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], "read write");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn case_028_a_code_is_dead_at_60_seconds() {
    let (instance, app) = world().await;
    let (early, late) = (
        instance.code(&app, "asha").await,
        instance.code(&app, "asha").await,
    );
    instance.clock.advance(59);
    assert_eq!(instance.redeem(&app, &early).await.status, 200);
    instance.clock.advance(1);
    assert_error(&instance.redeem(&app, &late).await, 400, "invalid_grant");
}

#[tokio::test]
async fn case_029_reused_code_kills_tokens() {
    let (instance, app) = world().await;
    let code = instance.code(&app, "asha").await;
    let (access, refresh) = pair(&instance.redeem(&app, &code).await);
    instance.clock.advance(300);
    assert_error(&instance.redeem(&app, &code).await, 400, "invalid_grant");
    assert_eq!(instance.user_data(&access).await.status, 401);
    assert_error(&instance.refresh(&app, &refresh).await, 400, "invalid_grant");
}

#[tokio::test]
async fn case_030_another_clients_code() {
    let (instance, app) = world().await;
    let other = crate::another_app(&instance).await;
    let code = instance.code(&app, "asha").await;
    assert_error(&instance.redeem(&other, &code).await, 400, "invalid_grant");
    assert_eq!(
        instance.redeem(&app, &code).await.status,
        200,
        "the other client's attempt does no harm"
    );
}

#[tokio::test]
async fn case_031_redirect_uri_differs() {
    let (instance, app) = world().await;
    for wrong in [&[("redirect_uri", "https://app.example/other")][..], &[]] {
        let code = instance.code(&app, "asha").await;
        let mut form = vec![("grant_type", "authorization_code"), ("code", code.as_str())];
        form.extend(wrong);
        assert_error(&instance.token(&app, &form).await, 400, "invalid_grant");
    }
}

async fn code_with(instance: &Instance, app: &TestApp, more: &str) -> String {
    let cookie = instance.sign_in("asha").await;
    let query = format!("client_id={}&response_type=code{more}", app.id);
    let answer = instance.allow("/oauth/authorize", &cookie, &query).await;
    answer
        .redirect_param("code")
        .unwrap_or_else(|| panic!("{:?} {}", answer.location(), answer.body))
}

#[tokio::test]
async fn case_032_case_033_case_034_pkce() {
    let (instance, app) = world().await;
    let challenge = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
    let redeem = async |code: &str, verifier: Option<&str>| {
        let mut form = vec![("grant_type", "authorization_code"), ("code", code)];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        instance.token(&app, &form).await
    };
    let wrong = "x".repeat(43);
    for verifier in [Some(wrong.as_str()), Some("short"), None] {
        let code = code_with(&instance, &app, &challenge).await;
        assert_error(&redeem(&code, verifier).await, 400, "invalid_grant");
    }
    let code = code_with(&instance, &app, &challenge).await;
    assert_eq!(redeem(&code, Some(VERIFIER)).await.status, 200);
    let without = code_with(&instance, &app, "").await;
    assert_error(&redeem(&without, Some(VERIFIER)).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_public_client_redeems_with_its_verifier_and_no_secret() {
    let (instance, app) = world_with(json!({"token_endpoint_auth_method": "none"})).await;
    let challenge = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
    let code = code_with(&instance, &app, &challenge).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", &app.id),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let answer = instance.post("/oauth/token").form(&form).send().await;
    let (_, refresh) = pair(&answer);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &app.id),
        ("refresh_token", &refresh),
    ];
    assert_eq!(instance.post("/oauth/token").form(&form).send().await.status, 200);
}

#[tokio::test]
async fn case_035_wrong_secret_and_unknown_client() {
    let (instance, app) = world().await;
    let form = [("grant_type", "client_credentials")];
    let wrong = TestApp {
        secret: "wrong".into(),
        ..app.clone()
    };
    let unknown = TestApp {
        id: "nobody".into(),
        ..app.clone()
    };
    for client in [&wrong, &unknown] {
        let by_form = instance.token(client, &form).await;
        assert_error(&by_form, 401, "invalid_client");
        assert!(by_form.header("www-authenticate").unwrap().starts_with("Basic"));
        let by_header = instance
            .post("/oauth/token")
            .basic(&client.id, &client.secret)
            .form(&form)
            .send()
            .await;
        assert_error(&by_header, 401, "invalid_client");
        assert_eq!(
            by_form.member("error_description"),
            by_header.member("error_description")
        );
    }
    assert_error(
        &instance.post("/oauth/token").form(&form).send().await,
        401,
        "invalid_client",
    );
}

#[tokio::test]
async fn case_036_case_037_authentication_methods() {
    let (instance, app) = world_with(json!({"token_endpoint_auth_method": "client_secret_basic"})).await;
    let code = instance.code(&app, "asha").await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &app.redirect_uri),
    ];
    assert_error(&instance.token(&app, &form).await, 401, "invalid_client");
    let mut twice = form.to_vec();
    twice.push(("client_secret", &app.secret));
    let both = instance
        .post("/oauth/token")
        .basic(&app.id, &app.secret)
        .form(&twice)
        .send()
        .await;
    assert_error(&both, 400, "invalid_request");
    let basic = instance
        .post("/oauth/token")
        .basic(&app.id, &app.secret)
        .form(&form)
        .send()
        .await;
    assert_eq!(basic.status, 200, "{}", basic.body);
}

#[tokio::test]
async fn case_041_get_is_not_allowed() {
    let (instance, _) = world().await;
    for path in [
        "/oauth/token",
        "/open_auth/token/",
        "/oauth/revoke",
        "/open_auth/revoke_token/",
        "/oauth/introspect",
    ] {
        let answer = instance.get(path).send().await;
        assert_eq!(answer.status, 405, "{path}");
        assert!(answer.header("allow").unwrap().contains("POST"), "{path}");
    }
}

#[tokio::test]
async fn case_042_a_json_body() {
    let (instance, app) = world().await;
    let body = json!({"client_id": app.id, "client_secret": app.secret, "grant_type": "client_credentials"});
    let answer = instance
        .post("/oauth/token")
        .raw("application/json", body.to_string().into_bytes())
        .send()
        .await;
    assert_error(&answer, 400, "invalid_request");
}

#[tokio::test]
async fn case_043_credentials_in_the_query() {
    let (instance, app) = world().await;
    let path = format!("/oauth/token?client_id={}&client_secret={}", app.id, app.secret);
    let answer = instance
        .post(&path)
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await;
    assert_error(&answer, 400, "invalid_request");
}

#[tokio::test]
async fn case_044_case_045_case_046_refused_requests() {
    let (instance, app) = world().await;
    let twice = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "a"),
        ("refresh_token", "b"),
    ];
    assert_error(&instance.token(&app, &twice).await, 400, "invalid_request");
    assert_error(
        &instance.token(&app, &[("grant_type", "password")]).await,
        400,
        "unsupported_grant_type",
    );
    assert_error(&instance.token(&app, &[]).await, 400, "invalid_request");
    assert_error(
        &instance
            .token(&app, &[("grant_type", "client_credentials")])
            .await,
        400,
        "unauthorized_client",
    );
}

#[tokio::test]
async fn case_048_client_credentials() {
    let (instance, app) =
        world_with(json!({"grant_types": ["client_credentials"], "redirect_uris": []})).await;
    let answer = instance
        .token(&app, &[("grant_type", "client_credentials")])
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.json().get("refresh_token").is_none());
    let person = instance
        .token(
            &app,
            &[
                ("grant_type", "client_credentials"),
                ("scope", "person.full_name"),
            ],
        )
        .await;
    assert_error(&person, 400, "invalid_scope");
    let data = instance.user_data(&answer.member("access_token")).await;
    assert_eq!(data.status, 403, "{}", data.body);
}
