//! Clients that prove themselves by a signed assertion, at every endpoint that asks (RFC 7523).

use crate::{another_app, assert_error, pair, world};
use omniport_engine::people::PlatformRole;
use omniport_protocol::effect::Load;
use omniport_protocol::vocabulary::ClientId;
use omniport_testkit::{Answer, ClientKey, ISSUER, Instance, TestApp, sign_with_secret};
use serde_json::{Value, json};
use std::sync::Arc;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An instance and an approved app that proves itself by a key.
async fn keyed() -> (Instance, TestApp, ClientKey) {
    let instance = Instance::new().await;
    let dev = instance.person("dev", &[PlatformRole::Developer]).await;
    instance.person("asha", &[]).await;
    let key = ClientKey::new("k1");
    let app = instance
        .app(
            dev,
            json!({
                "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": {"keys": [key.public()]},
            }),
        )
        .await;
    assert_eq!(app.secret, "");
    (instance, app, key)
}

/// Good claims of an app's assertion, with `more` in place of some.
fn claims(instance: &Instance, app: &TestApp, jti: &str, more: &Value) -> Value {
    let now = instance.engine.now();
    let mut claims = json!({
        "iss": app.id, "sub": app.id, "aud": ISSUER, "jti": jti, "iat": now, "exp": now.plus(60),
    });
    let members = claims.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    claims
}

async fn post(instance: &Instance, path: &str, assertion: &str, form: &[(&str, &str)]) -> Answer {
    let mut form = form.to_vec();
    form.extend([
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ]);
    instance.post(path).form(&form).send().await
}

async fn client_credentials(instance: &Instance, assertion: &str) -> Answer {
    let form = [("grant_type", "client_credentials")];
    post(instance, "/oauth/token", assertion, &form).await
}

#[tokio::test]
async fn a_key_stands_for_the_client_at_every_endpoint() {
    let (instance, app, key) = keyed().await;
    let sign = |jti: &str, more: &Value| key.sign(&json!({}), &claims(&instance, &app, jti, more));
    let pushed = [
        ("response_type", "code"),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("scope", "read"),
    ];
    let par = json!({"aud": format!("{ISSUER}/oauth/par")});
    let pushed = post(&instance, "/oauth/par", &sign("1", &par), &pushed).await;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    let cookie = instance.sign_in("asha").await;
    let query = format!(
        "client_id={}&request_uri={}",
        app.id,
        pushed.member("request_uri")
    );
    let back = instance.allow("/oauth/authorize", &cookie, &query).await;
    let code = back.redirect_param("code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("client_id", app.id.as_str()),
    ];
    let token = json!({"aud": [format!("{ISSUER}/oauth/token")]});
    let (access, refresh) = pair(&post(&instance, "/oauth/token", &sign("2", &token), &form).await);
    let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
    let (second, _) = pair(&post(&instance, "/oauth/token", &sign("3", &json!({})), &form).await);
    let form = [("token", second.as_str())];
    let asked = post(&instance, "/oauth/introspect", &sign("4", &json!({})), &form).await;
    assert_eq!(asked.json()["active"], true);
    let revoked = post(&instance, "/oauth/revoke", &sign("5", &json!({})), &form).await;
    assert_eq!(revoked.status, 200);
    let form = [("token", access.as_str())];
    let asked = post(&instance, "/oauth/introspect", &sign("6", &json!({})), &form).await;
    assert_eq!(asked.json()["active"], true);
}

#[tokio::test]
async fn case_039_an_assertion_is_good_once_at_any_endpoint() {
    let (instance, app, key) = keyed().await;
    let text = key.sign(&json!({}), &claims(&instance, &app, "once", &json!({})));
    assert_eq!(client_credentials(&instance, &text).await.status, 200);
    assert_error(&client_credentials(&instance, &text).await, 401, "invalid_client");
    let form = [("token", "x")];
    let elsewhere = post(&instance, "/oauth/introspect", &text, &form).await;
    assert_error(&elsewhere, 401, "invalid_client");
    // It is used up also where what was asked for is refused.
    let text = key.sign(&json!({}), &claims(&instance, &app, "refused", &json!({})));
    let form = [("grant_type", "refresh_token"), ("refresh_token", "unknown")];
    let refused = post(&instance, "/oauth/token", &text, &form).await;
    assert_error(&refused, 400, "invalid_grant");
    assert_error(&client_credentials(&instance, &text).await, 401, "invalid_client");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_039_of_forty_at_once_one_is_answered() {
    let (instance, app, key) = keyed().await;
    let text = key.sign(&json!({}), &claims(&instance, &app, "once", &json!({})));
    let (instance, text) = (Arc::new(instance), Arc::new(text));
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let (instance, text) = (instance.clone(), text.clone());
            tokio::spawn(async move { client_credentials(&instance, &text).await })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        let answer = task.await.unwrap();
        if answer.status == 200 {
            won += 1;
        } else {
            assert_error(&answer, 401, "invalid_client");
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn case_038_case_040_an_assertion_that_is_not_ours_or_not_now_is_refused() {
    let (instance, app, key) = keyed().await;
    let now = instance.engine.now();
    let soon = key.sign(
        &json!({}),
        &claims(&instance, &app, "soon", &json!({"nbf": now.plus(8)})),
    );
    assert_eq!(client_credentials(&instance, &soon).await.status, 200);
    for more in [
        json!({"exp": now.plus(-30)}),
        json!({"nbf": now.plus(60)}),
        json!({"aud": "https://other.example"}),
        json!({"iss": "other"}),
        json!({"jti": ""}),
    ] {
        let text = key.sign(&json!({}), &claims(&instance, &app, "jti", &more));
        assert_error(&client_credentials(&instance, &text).await, 401, "invalid_client");
    }
    let good = claims(&instance, &app, "jti", &json!({}));
    let stranger = ClientKey::new("k1");
    let x = key.public()["x"].as_str().unwrap().to_owned();
    for text in [
        stranger.sign(&json!({}), &good),
        stranger.sign(&json!({"jwk": stranger.public()}), &good),
        key.sign(&json!({"typ": "dpop+jwt"}), &good),
        sign_with_secret(&x, &good),
        "eyJhbGciOiJub25lIn0.e30.".to_owned(),
        "x".repeat(9_000),
    ] {
        assert_error(&client_credentials(&instance, &text).await, 401, "invalid_client");
    }
    let text = key.sign(&json!({}), &good);
    assert_eq!(client_credentials(&instance, &text).await.status, 200);
}

#[tokio::test]
async fn case_036_case_037_one_method_and_the_registered_one() {
    let (instance, app, key) = keyed().await;
    let secret = another_app(&instance).await;
    let text = key.sign(&json!({}), &claims(&instance, &secret, "a", &json!({})));
    assert_error(&client_credentials(&instance, &text).await, 401, "invalid_client");
    let text = key.sign(&json!({}), &claims(&instance, &app, "b", &json!({})));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_secret", "x"),
        ("client_id", app.id.as_str()),
    ];
    let two = post(&instance, "/oauth/token", &text, &form).await;
    assert_error(&two, 400, "invalid_request");
    let named = instance.post("/oauth/token").form(&[
        ("grant_type", "client_credentials"),
        ("client_id", app.id.as_str()),
    ]);
    assert_error(&named.send().await, 401, "invalid_client");
}

#[tokio::test]
async fn it_is_told_in_the_metadata() {
    let (instance, _) = world().await;
    let told = instance
        .get("/.well-known/openid-configuration")
        .send()
        .await
        .json();
    for endpoint in ["token", "introspection", "revocation"] {
        let list = |what: &str| told[format!("{endpoint}_endpoint_auth_{what}_supported")].to_string();
        assert!(list("methods").contains("\"private_key_jwt\""));
        assert!(list("signing_alg_values").contains("\"ES256\""));
        assert!(!list("signing_alg_values").contains("none"));
    }
}

#[tokio::test]
async fn a_shared_secret_signs_and_is_rotated() {
    let instance = Instance::new().await;
    let dev = instance.person("dev", &[PlatformRole::Developer]).await;
    let metadata = json!({
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_jwt",
    });
    let app = instance.app(dev, metadata).await;
    let attempt = async |secret: &str, jti: &str| {
        let text = sign_with_secret(secret, &claims(&instance, &app, jti, &json!({})));
        client_credentials(&instance, &text).await
    };
    assert_eq!(attempt(&app.secret, "1").await.status, 200);
    assert_error(&attempt(&app.secret, "1").await, 401, "invalid_client");
    assert_error(&attempt("wrong", "2").await, 401, "invalid_client");
    let id = ClientId::parse(&app.id).unwrap();
    let rotated = instance
        .engine
        .rotate_secret(&id, dev, 60)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(attempt(rotated.secret.expose(), "3").await.status, 200);
    assert_eq!(attempt(&app.secret, "4").await.status, 200);
    instance.clock.advance(60);
    assert_error(&attempt(&app.secret, "5").await, 401, "invalid_client");
    assert_eq!(attempt(rotated.secret.expose(), "6").await.status, 200);
    let basic = instance
        .post("/oauth/token")
        .basic(&app.id, rotated.secret.expose());
    let plain = basic.form(&[("grant_type", "client_credentials")]).send().await;
    assert_error(&plain, 401, "invalid_client");
    // A secret that is sent in the clear is kept as its hash alone.
    let other = another_app(&instance).await;
    let text = sign_with_secret(&other.secret, &claims(&instance, &other, "7", &json!({})));
    assert_error(&client_credentials(&instance, &text).await, 401, "invalid_client");
    let id = ClientId::parse(&other.id).unwrap();
    let facts = instance.engine.store().load(&[Load::Client(id)]).await.unwrap();
    assert!(
        facts
            .client
            .unwrap()
            .secrets
            .iter()
            .all(|secret| secret.sealed.is_none())
    );
}
