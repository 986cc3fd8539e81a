//! JWT bearer assertions and the password grant over HTTP: real signatures, one use on all nodes, and the limits.

use crate::{another_app, assert_error, pair};
use omniport_engine::people::PlatformRole;
use omniport_protocol::apis::ResourceDraft;
use omniport_protocol::jose::JwkSet;
use omniport_protocol::token::{GrantSettings, IssuerKeys, SubjectIs, TrustedIssuer};
use omniport_protocol::vocabulary::{ClientId, PersonId, Scope};
use omniport_testkit::{Answer, ClientKey, ISSUER, Instance, PASSWORD, TestApp};
use serde_json::{Value, json};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const PARTNER: &str = "https://timetable.example.org";

/// An instance that trusts `key` for the app `timetable`, which asha has allowed three data points.
async fn world(key: &ClientKey) -> (Instance, TestApp) {
    let keys = JwkSet::parse(&json!({"keys": [key.public()]}).to_string()).unwrap();
    let grants = GrantSettings {
        password: true,
        trusted_issuers: vec![TrustedIssuer {
            issuer: PARTNER.into(),
            keys: IssuerKeys::These(keys),
            clients: [ClientId::parse("timetable").unwrap()].into(),
            subject: SubjectIs::Username,
            scope: Scope::of(["read"]),
            longest_seconds: 300,
            tells_sign_in: false,
        }],
    };
    let instance = Instance::with(|settings| settings.grants = grants).await;
    let dev = instance.person("dev", &[PlatformRole::Developer]).await;
    instance.person("asha", &[]).await;
    let metadata = json!({
        "client_id": "timetable",
        "grant_types": ["authorization_code", "refresh_token", "password", GRANT],
        "legacy_password": true,
    });
    let app = instance.app(dev, metadata).await;
    (instance, app)
}

fn assertion(instance: &Instance, key: &ClientKey, jti: &str, changes: &Value) -> String {
    let now = instance.engine.now().seconds();
    let mut claims =
        json!({"iss": PARTNER, "sub": "Asha", "aud": ISSUER, "jti": jti, "iat": now, "exp": now + 60});
    let changes = changes.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(changes);
    key.sign(&json!({}), &claims)
}

async fn bring(instance: &Instance, app: &TestApp, assertion: &str) -> Answer {
    instance
        .token(app, &[("grant_type", GRANT), ("assertion", assertion)])
        .await
}

#[tokio::test]
async fn case_039_an_assertion_is_good_once_and_case_040_for_us_only() {
    let key = ClientKey::new("one");
    let (instance, app) = world(&key).await;
    let one = assertion(&instance, &key, "one", &json!({}));
    assert_error(&bring(&instance, &app, &one).await, 400, "invalid_grant");
    instance.code(&app, "asha").await;
    let answer = bring(&instance, &app, &one).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let data = instance.user_data(&answer.member("access_token")).await.json();
    assert_eq!(data["username"], "asha");
    assert_eq!(answer.json()["refresh_token"], Value::Null);
    assert_error(&bring(&instance, &app, &one).await, 400, "invalid_grant");
    for changes in [
        json!({"aud": "https://else.example.org"}),
        json!({"sub": "nobody"}),
        json!({"exp": 1}),
        json!({"iss": "https://else.example.org"}),
    ] {
        let wrong = assertion(&instance, &key, "two", &changes);
        assert_error(&bring(&instance, &app, &wrong).await, 400, "invalid_grant");
    }
    let forged = assertion(&instance, &ClientKey::new("one"), "three", &json!({}));
    assert_error(&bring(&instance, &app, &forged).await, 400, "invalid_grant");
    // Another app is not in the operator's list, even where it is registered for the grant.
    let store = instance.engine.store();
    let dev = store.person_by_username("dev").await.unwrap().unwrap().id;
    let other = instance
        .app(
            dev,
            json!({"client_name": "Other", "grant_types": ["authorization_code", GRANT]}),
        )
        .await;
    instance.code(&other, "asha").await;
    let good = assertion(&instance, &key, "four", &json!({}));
    assert_error(&bring(&instance, &other, &good).await, 400, "invalid_grant");
    assert_eq!(bring(&instance, &app, &good).await.status, 200);
}

#[tokio::test]
async fn a_sign_in_that_nobody_tells_the_time_of_is_no_recent_one() {
    let key = ClientKey::new("one");
    let (instance, app) = world(&key).await;
    instance.code(&app, "asha").await;
    let ours = ResourceDraft {
        uri: format!("{ISSUER}/open_auth/get_user_data"),
        name: "User data".into(),
        description: "Data points".into(),
        max_age: "300".into(),
        ..ResourceDraft::default()
    };
    crate::apis::api(&instance, PersonId(1), ours).await;
    let now = instance.engine.now().seconds();
    let told = async |jti: &str, changes: Value| {
        let one = assertion(&instance, &key, jti, &changes);
        let token = bring(&instance, &app, &one).await.member("access_token");
        let asked = instance.post("/oauth/introspect").basic(&app.id, &app.secret);
        let told = asked.form(&[("token", &token)]).send().await.json();
        let read = instance.user_data(&token).await;
        let challenge = read.header("www-authenticate").unwrap_or_default().to_owned();
        (read.status, challenge, told)
    };
    let (status, challenge, body) = told("one", json!({})).await;
    assert_eq!(status, 401);
    assert!(
        challenge.contains("insufficient_user_authentication"),
        "{challenge}"
    );
    assert!(body["active"] == true && body.get("auth_time").is_none() && body.get("acr").is_none());
    // Its issuer may say when; how it says, nobody asked it.
    let (status, _, body) = told("two", json!({"auth_time": now - 60, "acr": "two"})).await;
    assert_eq!((status.as_u16(), &body["auth_time"]), (200, &json!(now - 60)));
    assert!(body.get("acr").is_none());
    let (status, ..) = told("three", json!({"auth_time": now - 301})).await;
    assert_eq!(status, 401);
    let ahead = assertion(&instance, &key, "four", &json!({"auth_time": now + 60}));
    assert_error(&bring(&instance, &app, &ahead).await, 400, "invalid_grant");
}

#[tokio::test]
async fn case_039_of_many_at_once_one_assertion_passes() {
    let key = ClientKey::new("one");
    let (instance, app) = world(&key).await;
    instance.code(&app, "asha").await;
    let one = assertion(&instance, &key, "one", &json!({}));
    let tries = (0..8).map(|_| bring(&instance, &app, &one));
    let mut passed = 0;
    for answer in futures_of(tries).await {
        passed += usize::from(answer.status == 200);
    }
    assert_eq!(passed, 1);
}

/// All of them, side by side.
async fn futures_of<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|cx| {
        waiting.retain_mut(|one| match one.as_mut().poll(cx) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}

#[tokio::test]
async fn both_grants_are_told_of_where_they_are_open_and_not_elsewhere() {
    let key = ClientKey::new("one");
    let (open, _) = world(&key).await;
    let closed = Instance::new().await;
    for (instance, wanted) in [(open, true), (closed, false)] {
        let told = instance
            .get("/.well-known/oauth-authorization-server")
            .send()
            .await
            .json();
        let grants = told["grant_types_supported"].as_array().unwrap();
        for grant in [GRANT, "password"] {
            assert_eq!(grants.contains(&grant.into()), wanted, "{grant}");
        }
    }
}

async fn by_password(instance: &Instance, app: &TestApp, username: &str, password: &str) -> Answer {
    let form = [
        ("grant_type", "password"),
        ("username", username),
        ("password", password),
    ];
    instance.token(app, &form).await
}

#[tokio::test]
async fn a_password_is_counted_as_a_sign_in_is() {
    let key = ClientKey::new("one");
    let (instance, app) = world(&key).await;
    assert_error(
        &by_password(&instance, &app, "asha", PASSWORD).await,
        400,
        "invalid_grant",
    );
    instance.code(&app, "asha").await;
    let (access, refresh) = pair(&by_password(&instance, &app, "ASHA", PASSWORD).await);
    assert_eq!(instance.user_data(&access).await.json()["username"], "asha");
    assert_eq!(instance.refresh(&app, &refresh).await.status, 200);
    // An app without the mark is refused before any password is looked at.
    let other = another_app(&instance).await;
    assert_error(
        &by_password(&instance, &other, "asha", PASSWORD).await,
        400,
        "unauthorized_client",
    );
    for name in ["asha", "nobody"] {
        assert_error(
            &by_password(&instance, &app, name, "wrong").await,
            400,
            "invalid_grant",
        );
    }
    let mut last = None;
    for _ in 0..12 {
        last = Some(by_password(&instance, &app, "asha", "wrong").await);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429, "{}", last.body);
    assert!(last.header("retry-after").is_some());
    assert_eq!(by_password(&instance, &app, "asha", PASSWORD).await.status, 429);
}
