//! Apps that are told of an answer (OpenID Connect CIBA Core section 10.2), and apps that sign what they ask.

use crate::ciba::{answer, begin, poll};
use crate::logout::{app_with, people};
use crate::logout_notices::Endpoint;
use crate::{assert_error, ciba, world_with};
use omniport_protocol::extensions::ciba::DeliveryMode;
use omniport_protocol::openid::OpenIdMetadata;
use omniport_protocol::vocabulary::ClientId;
use omniport_testkit::{Answer, ClientKey, ISSUER, Instance, TestApp};
use serde_json::{Value, json};

const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";

async fn pinged(instance: &Instance, endpoint: &Endpoint) -> TestApp {
    let dev = people(instance).await;
    let url = format!("http://{}/ping", endpoint.address);
    app_with(
        instance,
        dev,
        &json!([ciba::GRANT]),
        |openid: &mut OpenIdMetadata| {
            openid.ciba.delivery_mode = Some(DeliveryMode::Ping);
            openid.ciba.notification_endpoint = Some(url);
        },
    )
    .await
}

async fn asked(instance: &Instance, app: &TestApp) -> String {
    let begun = begin(
        instance,
        app,
        &[("client_notification_token", TOKEN), ("scope", "openid")],
    )
    .await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    begun.member("auth_req_id")
}

/// The bodies that came, each with the token that the app gave out.
fn told(endpoint: &Endpoint) -> Vec<Value> {
    let posted = endpoint.posted.lock().unwrap();
    let read = |request: &String| {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /ping HTTP/1.1\r\n"), "{head}");
        assert!(head.contains(&format!("Bearer {TOKEN}")), "{head}");
        let head = head.to_ascii_lowercase();
        assert!(head.contains("content-type: application/json"), "{head}");
        serde_json::from_str(body).unwrap()
    };
    posted.iter().map(read).collect()
}

#[tokio::test]
async fn an_app_is_told_of_a_yes_and_of_a_no_and_of_nothing_else() {
    let endpoint = Endpoint::answering(&[204]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let app = pinged(&instance, &endpoint).await;
    let (yes, no) = (asked(&instance, &app).await, asked(&instance, &app).await);
    instance.engine.ping_apps().await.unwrap();
    assert_eq!(told(&endpoint), Vec::<Value>::new());
    // It may ask meanwhile as any other.
    assert_error(&poll(&instance, &app, &yes).await, 400, "authorization_pending");
    for (id, decision) in [(&yes, "allow"), (&no, "deny")] {
        answer(&instance, id, decision).await;
        instance.engine.ping_apps().await.unwrap();
        instance.engine.ping_apps().await.unwrap();
        assert_eq!(told(&endpoint).last(), Some(&json!({"auth_req_id": id})));
    }
    assert_eq!(told(&endpoint).len(), 2);
    assert_eq!(poll(&instance, &app, &yes).await.status, 200);
    assert_error(&poll(&instance, &app, &no).await, 400, "access_denied");
}

#[tokio::test]
async fn an_app_is_told_that_nobody_answered_in_time() {
    let endpoint = Endpoint::answering(&[200]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let app = pinged(&instance, &endpoint).await;
    let id = asked(&instance, &app).await;
    instance.clock.advance(599);
    instance.engine.ping_apps().await.unwrap();
    assert_eq!(told(&endpoint).len(), 0);
    instance.clock.advance(1);
    instance.engine.ping_apps().await.unwrap();
    assert_eq!(told(&endpoint), [json!({"auth_req_id": id})]);
    assert_error(&poll(&instance, &app, &id).await, 400, "expired_token");
}

#[tokio::test]
async fn an_app_that_fails_or_redirects_is_told_again_a_few_times() {
    let endpoint = Endpoint::answering(&[500, 302, 503, 404, 204]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let app = pinged(&instance, &endpoint).await;
    let id = asked(&instance, &app).await;
    answer(&instance, &id, "allow").await;
    for (pause, attempts) in [(0, 1), (4, 1), (1, 2), (30, 3), (120, 4), (10_000, 4)] {
        instance.clock.advance(pause);
        instance.engine.ping_apps().await.unwrap();
        assert_eq!(endpoint.posted.lock().unwrap().len(), attempts);
    }
    instance.engine.write_flow().await.unwrap();
    let cookie = instance.sign_in("dev").await;
    let path = format!("/developer/apps/{}/requests", app.id);
    let page = instance.get(&path).cookie(&cookie).send().await;
    assert!(page.body.contains("Could not be told"), "{}", page.body);
    assert!(page.body.contains("it answers with status 404"));
    assert!(!page.body.contains(TOKEN) && !page.body.contains(&id));
}

#[tokio::test]
async fn another_node_goes_on_where_one_stopped_and_each_answer_is_told_once() {
    let endpoint = Endpoint::answering(&[204]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let app = pinged(&instance, &endpoint).await;
    let id = asked(&instance, &app).await;
    answer(&instance, &id, "allow").await;
    // A node that took it and stopped.
    let store = instance.engine.store();
    let now = instance.engine.now();
    let due = store.due_pings(now, 10, &[]).await.unwrap();
    assert_eq!((due.len(), due[0].attempts), (1, 0));
    assert!(store.claim_ping(&due[0], now.plus(60)).await.unwrap());
    assert!(!store.claim_ping(&due[0], now.plus(60)).await.unwrap());
    instance.engine.ping_apps().await.unwrap();
    assert_eq!(told(&endpoint).len(), 0);
    instance.clock.advance(60);
    let node = || instance.engine.ping_apps();
    let (a, b, c) = tokio::join!(node(), node(), node());
    for node in [a, b, c] {
        node.unwrap();
    }
    assert_eq!(told(&endpoint).len(), 1);
    assert!(
        store
            .due_pings(now.plus(100_000), 10, &[])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_is_fetched_already_or_no_longer_wanted_is_not_told() {
    let endpoint = Endpoint::answering(&[204]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let app = pinged(&instance, &endpoint).await;
    let id = asked(&instance, &app).await;
    answer(&instance, &id, "allow").await;
    assert_eq!(poll(&instance, &app, &id).await.status, 200);
    instance.engine.ping_apps().await.unwrap();
    assert_eq!(told(&endpoint).len(), 0);
    let unwell = begin(&instance, &app, &[("scope", "openid")]).await;
    assert_error(&unwell, 400, "invalid_request");
}

#[tokio::test]
async fn a_private_network_is_not_pinged_into() {
    let endpoint = Endpoint::answering(&[204]).await;
    let instance = Instance::new().await;
    let app = pinged(&instance, &endpoint).await;
    let id = asked(&instance, &app).await;
    answer(&instance, &id, "allow").await;
    instance.engine.ping_apps().await.unwrap();
    assert_eq!(told(&endpoint).len(), 0);
}

#[tokio::test]
async fn the_token_is_nowhere_in_the_database_as_it_is() {
    let endpoint = Endpoint::answering(&[204]).await;
    let instance = Instance::with_hosts(&[&endpoint.address]).await;
    let app = pinged(&instance, &endpoint).await;
    let id = asked(&instance, &app).await;
    let due = instance
        .engine
        .store()
        .due_pings(instance.engine.now().plus(600), 1, &[])
        .await
        .unwrap();
    for secret in [TOKEN, &id] {
        let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!holds(&due[0].sealed));
    }
    assert_eq!(due[0].client, ClientId::parse(&app.id).unwrap());
}

/// An app of the profile `fapi2` that asks people.
struct Held {
    instance: Instance,
    app: TestApp,
    key: ClientKey,
}

impl Held {
    async fn new() -> Self {
        let key = ClientKey::new("k1");
        let (instance, app) = world_with(json!({
            "profile": "fapi2", "grant_types": [ciba::GRANT], "redirect_uris": [],
            "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.public()]},
            "backchannel_authentication_request_signing_alg": "ES256",
        }))
        .await;
        Self { instance, app, key }
    }

    fn claims(&self, jti: &str) -> Value {
        let now = self.instance.engine.now();
        json!({"iss": self.app.id, "aud": ISSUER, "iat": now, "nbf": now, "exp": now.plus(60), "jti": jti})
    }

    async fn send(&self, path: &str, form: &[(&str, &str)], jti: &str) -> Answer {
        let mut claims = self.claims(&format!("assertion-{jti}"));
        claims["sub"] = json!(self.app.id);
        let assertion = self.key.sign(&json!({}), &claims);
        let mut form = form.to_vec();
        form.extend([
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ]);
        let proof = {
            let mut public = self.key.public();
            public.as_object_mut().unwrap().remove("kid");
            let claims = json!({
                "htm": "POST", "htu": format!("{ISSUER}{path}"), "iat": self.instance.engine.now(),
                "jti": format!("proof-{jti}"),
            });
            self.key.sign(&json!({"typ": "dpop+jwt", "jwk": public}), &claims)
        };
        let request = self.instance.post(path).header("DPoP", &proof);
        request.form(&form).send().await
    }

    async fn ask(&self, jti: &str, change: impl FnOnce(&mut Value)) -> Answer {
        let mut claims = self.claims(&format!("request-{jti}"));
        for (name, value) in [
            ("scope", "openid"),
            ("login_hint", "asha"),
            ("binding_message", "W4SCT"),
        ] {
            claims[name] = json!(value);
        }
        change(&mut claims);
        let signed = self.key.sign(&json!({}), &claims);
        self.send(ciba::ENDPOINT, &[("request", &signed)], jti).await
    }
}

#[tokio::test]
async fn the_profile_asks_for_signed_requests_and_gives_bound_tokens() {
    let held = Held::new().await;
    let unsigned = [
        ("scope", "openid"),
        ("login_hint", "asha"),
        ("binding_message", "x"),
    ];
    let refused = held.send(ciba::ENDPOINT, &unsigned, "0").await;
    assert_error(&refused, 400, "invalid_request");
    let silent = held
        .ask("1", |claims| {
            claims.as_object_mut().unwrap().remove("binding_message");
        })
        .await;
    assert_error(&silent, 400, "invalid_request");
    let begun = held.ask("2", |_| ()).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    let id = begun.member("auth_req_id");
    // The very request again, and one signed by somebody else.
    let replayed = held.ask("3", |claims| claims["jti"] = json!("request-2")).await;
    assert_error(&replayed, 400, "invalid_request");
    answer(&held.instance, &id, "allow").await;
    let form = [("grant_type", ciba::GRANT), ("auth_req_id", id.as_str())];
    let tokens = held.send("/oauth/token", &form, "4").await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(tokens.member("token_type"), "DPoP");
}
