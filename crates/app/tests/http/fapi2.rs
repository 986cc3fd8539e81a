//! FAPI 2.0 over HTTP, with real keys: `private_key_jwt`, DPoP, pushed and signed requests, signed answers.

use crate::{assert_error, world_with};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use omniport_protocol::jose::{Crypto, Jws, SigningAlgorithm, encode};
use omniport_protocol::vocabulary::{encode as percent, sha256};
use omniport_testkit::{Answer, ClientKey, ISSUER, Instance, TestApp};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An app of a profile, at its instance, with its keys.
struct Held {
    instance: Instance,
    app: TestApp,
    key: ClientKey,
    dpop: ClientKey,
    names: AtomicU32,
}

impl Held {
    async fn to(profile: &str) -> Self {
        let key = ClientKey::new("k1");
        let (instance, app) = world_with(json!({
            "profile": profile,
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [key.public()]},
        }))
        .await;
        Self {
            instance,
            app,
            key,
            dpop: ClientKey::new("dpop"),
            names: AtomicU32::new(0),
        }
    }

    /// A name that was not used before.
    fn name(&self) -> String {
        self.names.fetch_add(1, Ordering::Relaxed).to_string()
    }

    fn assertion(&self, aud: &Value) -> String {
        let now = self.instance.engine.now();
        let claims = json!({
            "iss": self.app.id, "sub": self.app.id, "aud": aud, "jti": self.name(), "iat": now, "exp": now.plus(60),
        });
        self.key.sign(&json!({}), &claims)
    }

    fn proof(&self, method: &str, path: &str, more: &Value) -> String {
        let mut public = self.dpop.public();
        public.as_object_mut().unwrap().remove("kid");
        let mut claims = json!({
            "htm": method, "htu": format!("{ISSUER}{path}"), "iat": self.instance.engine.now(), "jti": self.name(),
        });
        let members = claims.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        self.dpop
            .sign(&json!({"typ": "dpop+jwt", "jwk": public}), &claims)
    }

    /// A form to an endpoint, with an assertion and, where it is asked for, a proof.
    async fn post(&self, path: &str, form: &[(&str, &str)], proven: bool) -> Answer {
        let assertion = self.assertion(&json!(ISSUER));
        let mut form = form.to_vec();
        form.extend([
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ]);
        let request = self.instance.post(path);
        if proven {
            let proof = self.proof("POST", path, &json!({}));
            return request.header("DPoP", &proof).form(&form).send().await;
        }
        request.form(&form).send().await
    }

    fn wish(&self) -> Vec<(&'static str, String)> {
        vec![
            ("client_id", self.app.id.clone()),
            ("redirect_uri", self.app.redirect_uri.clone()),
            ("response_type", "code".to_owned()),
            ("scope", "openid person.full_name".to_owned()),
            ("state", "s".to_owned()),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
        ]
    }

    async fn pushed(&self, form: &[(&str, &str)]) -> String {
        let pushed = self.post("/oauth/par", form, false).await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        pushed.member("request_uri")
    }

    /// What comes back to the app once `asha` has answered.
    async fn back(&self, request_uri: &str, decision: &str) -> Answer {
        let cookie = self.instance.sign_in("asha").await;
        let query = format!("client_id={}&request_uri={}", self.app.id, percent(request_uri));
        let door = "/oauth/authorize";
        self.instance
            .answer_consent(door, &cookie, &query, decision)
            .await
    }

    async fn redeem(&self, code: &str, proven: bool) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.app.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.post("/oauth/token", &form, proven).await
    }

    /// The claims of a token that we signed.
    fn read(&self, token: &str) -> (SigningAlgorithm, Value) {
        let jws = Jws::parse(token).unwrap();
        let keys = self.instance.engine.keys();
        let claims = jws.verify_own(&*keys as &dyn Crypto).unwrap();
        let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        let algorithm = SigningAlgorithm::parse(header["alg"].as_str().unwrap()).unwrap();
        (algorithm, Value::Object(claims.as_map().clone()))
    }
}

#[tokio::test]
async fn the_security_profile_from_the_pushed_request_to_a_refresh_that_rotates_nothing() {
    let held = Held::to("fapi2").await;
    let wish = held.wish();
    let form: Vec<(&str, &str)> = wish.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request_uri = held.pushed(&form).await;
    let back = held.back(&request_uri, "allow").await;
    assert_eq!(
        (back.status.as_u16(), back.redirect_param("iss").as_deref()),
        (303, Some(ISSUER))
    );
    let code = back.redirect_param("code").unwrap();
    assert_error(&held.redeem(&code, false).await, 400, "invalid_request");
    let answer = held.redeem(&code, true).await;
    assert_eq!(answer.member("token_type"), "DPoP", "{}", answer.body);
    let (algorithm, claims) = held.read(&answer.member("id_token"));
    assert_eq!(
        (algorithm, &claims["aud"]),
        (SigningAlgorithm::Ps256, &json!(held.app.id))
    );
    let access = answer.member("access_token");
    let proof = held.proof(
        "GET",
        "/oauth/userinfo",
        &json!({"ath": encode(sha256(access.as_bytes()))}),
    );
    let request = held.instance.get("/oauth/userinfo");
    let request = request
        .header("Authorization", &format!("DPoP {access}"))
        .header("DPoP", &proof);
    assert_eq!(request.send().await.json()["name"], "asha Rao");

    let refresh = answer.member("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    for _ in 0..3 {
        held.instance.clock.advance(40);
        let again = held.post("/oauth/token", &form, true).await;
        assert_eq!(again.status, 200, "{}", again.body);
        assert_eq!(again.json().get("refresh_token"), None);
    }
    held.instance.clock.advance(200 * 86_400);
    let late = held.post("/oauth/token", &form, true).await;
    assert_eq!(late.status, 200, "it lives as long as its grant: {}", late.body);
    let revoked = held.post("/oauth/revoke", &[("token", &refresh)], false).await;
    assert_eq!(revoked.status, 200);
    assert_error(
        &held.post("/oauth/token", &form, true).await,
        400,
        "invalid_grant",
    );
}

#[tokio::test]
async fn case_040_case_081_what_the_profile_refuses() {
    let held = Held::to("fapi2").await;
    let own = [("grant_type", "client_credentials")];
    assert_eq!(held.post("/oauth/token", &own, true).await.status, 200);
    assert_error(
        &held.post("/oauth/token", &own, false).await,
        400,
        "invalid_request",
    );
    for aud in [json!([ISSUER]), json!(format!("{ISSUER}/oauth/token"))] {
        let assertion = held.assertion(&aud);
        let form = [
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ];
        let answer = held.instance.post("/oauth/token").form(&form).send().await;
        assert_error(&answer, 401, "invalid_client");
    }
    let wish = held.wish();
    let query: Vec<String> = wish
        .iter()
        .map(|(name, value)| format!("{name}={}", percent(value)))
        .collect();
    let around = held
        .instance
        .get(&format!("/oauth/authorize?{}", query.join("&")))
        .send()
        .await;
    assert_eq!(around.redirect_param("error").as_deref(), Some("invalid_request"));
    let without: Vec<(&str, &str)> = wish
        .iter()
        .filter(|(name, _)| !name.starts_with("code_challenge"))
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_error(
        &held.post("/oauth/par", &without, false).await,
        400,
        "invalid_request",
    );
}

#[tokio::test]
async fn case_019_message_signing_signs_what_is_asked_and_what_is_answered() {
    let held = Held::to("fapi2-message-signing").await;
    let now = held.instance.engine.now();
    let sign = |mode: &str| {
        let mut claims = json!({
            "iss": held.app.id, "aud": ISSUER, "nbf": now, "exp": now.plus(300), "response_mode": mode,
        });
        for (name, value) in held.wish() {
            claims[name] = value.into();
        }
        held.key.sign(&json!({"typ": "oauth-authz-req+jwt"}), &claims)
    };
    let wish = held.wish();
    let unsigned: Vec<(&str, &str)> = wish.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_error(
        &held.post("/oauth/par", &unsigned, false).await,
        400,
        "invalid_request",
    );
    for (decision, expected) in [("allow", "code"), ("deny", "error")] {
        let object = sign("jwt");
        let request_uri = held
            .pushed(&[("client_id", &held.app.id), ("request", &object)])
            .await;
        let back = held.back(&request_uri, decision).await;
        assert_eq!(back.redirect_param("code").or(back.redirect_param("error")), None);
        let (algorithm, claims) = held.read(&back.redirect_param("response").unwrap());
        assert_eq!(algorithm, SigningAlgorithm::Ps256);
        assert_eq!(
            (&claims["iss"], &claims["aud"], &claims["state"]),
            (&json!(ISSUER), &json!(held.app.id), &json!("s"))
        );
        assert!(claims["exp"].as_i64().unwrap() <= now.seconds() + 600);
        let told = claims[expected].as_str().unwrap();
        match expected {
            "code" => assert_eq!(held.redeem(told, true).await.status, 200),
            _ => assert_eq!(told, "access_denied"),
        }
        // Else what was allowed is not asked again.
        withdraw(&held).await;
    }
    let object = sign("form_post.jwt");
    let request_uri = held
        .pushed(&[("client_id", &held.app.id), ("request", &object)])
        .await;
    let page = held.back(&request_uri, "allow").await;
    assert_eq!(page.status, 200);
    let (_, claims) = held.read(&page.field("response"));
    assert!(claims["code"].is_string());
}

/// Lets `asha` be asked again.
async fn withdraw(held: &Held) {
    use omniport_protocol::authorize::WithdrawConsent;
    use omniport_protocol::vocabulary::ClientId;
    let store = held.instance.engine.store();
    let person = store.person_by_username("asha").await.unwrap().unwrap().id;
    let client = ClientId::parse(&held.app.id).unwrap();
    held.instance
        .engine
        .run(&WithdrawConsent { person, client })
        .await
        .unwrap();
}

#[tokio::test]
async fn signed_answers_are_anybodys_who_asks() {
    let (instance, app) = world_with(json!({"authorization_signed_response_alg": "ES256"})).await;
    let cookie = instance.sign_in("asha").await;
    for (mode, mark) in [("jwt", '?'), ("query.jwt", '?'), ("fragment.jwt", '#')] {
        let params = [
            ("response_type", "code"),
            ("scope", "read"),
            ("state", "s"),
            ("response_mode", mode),
        ];
        let back = instance.authorize(&app, &cookie, &params).await;
        let (_, answer) = back.location().unwrap().split_once(mark).unwrap();
        let token = answer.strip_prefix("response=").unwrap();
        let jws = Jws::parse(token).unwrap();
        let keys = instance.engine.keys();
        let claims = jws.verify_own(&*keys as &dyn Crypto).unwrap();
        assert_eq!(claims.text("state"), Some("s"), "{mode}");
        let code = claims.text("code").unwrap();
        assert_eq!(instance.redeem(&app, code).await.status, 200);
    }
    let told = instance
        .get("/.well-known/openid-configuration")
        .send()
        .await
        .json();
    for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        assert!(
            told["response_modes_supported"]
                .as_array()
                .unwrap()
                .contains(&json!(mode))
        );
    }
    assert!(
        told["authorization_signing_alg_values_supported"]
            .to_string()
            .contains("PS256")
    );
}

#[tokio::test]
async fn the_instance_may_hold_everybody_to_it() {
    let instance = Instance::with(|settings| {
        settings.sender.profile = Some(omniport_protocol::vocabulary::Profile::Fapi2);
    })
    .await;
    let dev = instance
        .person("dev", &[omniport_engine::people::PlatformRole::Developer])
        .await;
    let app = instance
        .app(
            dev,
            json!({"grant_types": ["client_credentials"], "redirect_uris": []}),
        )
        .await;
    let answer = instance
        .token(&app, &[("grant_type", "client_credentials")])
        .await;
    assert_error(&answer, 401, "invalid_client");
    let told = instance
        .get("/.well-known/openid-configuration")
        .send()
        .await
        .json();
    assert_eq!(told["require_pushed_authorization_requests"], true);
}
