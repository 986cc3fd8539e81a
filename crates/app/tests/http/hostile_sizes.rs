//! What is far too large, too deep or too many is refused at once, whatever it is part of: scopes, JSON, tokens.
#![expect(
    clippy::disallowed_methods,
    reason = "how long a refusal takes is what is tested"
)]

use crate::world_with;
use omniport_protocol::jose::encode;
use omniport_testkit::{Answer, ClientKey, ISSUER, Instance, TestApp};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// The longest that a refusal may take here, on a busy machine and without optimisation. What grows with the square of
/// its size takes minutes.
const FAST: Duration = Duration::from_secs(3);

/// Whether an answer says no: to the caller, to the app, or to the person.
fn refuses(answer: &Answer) -> bool {
    let to_app = answer.redirect_param("error").is_some();
    answer.status.is_client_error() || (answer.status == 303 && to_app)
}

struct World {
    instance: Instance,
    app: TestApp,
    key: ClientKey,
}

impl World {
    async fn new() -> Self {
        let key = ClientKey::new("k1");
        let (instance, app) = world_with(json!({
            "grant_types": [
                "authorization_code", "refresh_token", "client_credentials",
                "urn:ietf:params:oauth:grant-type:device_code",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ],
            "jwks": {"keys": [key.public()]},
        }))
        .await;
        Self { instance, app, key }
    }

    /// Sends a form, with the app's credentials where the endpoint is not for browsers, and sees to it that it is refused.
    async fn refused(&self, path: &str, form: &[(&str, &str)]) {
        let mut all = vec![("client_id", self.app.id.as_str())];
        if path == "/oauth/authorize" {
            all.extend([
                ("redirect_uri", self.app.redirect_uri.as_str()),
                ("response_type", "code"),
                ("state", "s"),
            ]);
        } else {
            all.push(("client_secret", self.app.secret.as_str()));
        }
        if path == "/oauth/par" {
            all.extend([
                ("redirect_uri", self.app.redirect_uri.as_str()),
                ("response_type", "code"),
            ]);
        }
        all.extend(form);
        let began = Instant::now();
        let answer = self.instance.post(path).form(&all).send().await;
        let took = began.elapsed();
        let what: Vec<_> = form.iter().map(|(name, value)| (name, value.len())).collect();
        assert!(
            refuses(&answer),
            "{path} {what:?}: {} {}",
            answer.status,
            answer.body
        );
        assert!(took < FAST, "{path} {what:?}: {took:?}");
    }

    /// A request object of the app's with these claims.
    fn object(&self, claims: &Value) -> String {
        let mut all = json!({
            "iss": self.app.id, "aud": ISSUER, "client_id": self.app.id, "response_type": "code", "scope": "read",
            "redirect_uri": self.app.redirect_uri,
        });
        let more = claims.as_object().unwrap().clone();
        all.as_object_mut().unwrap().extend(more);
        self.key.sign(&json!({}), &all)
    }
}

/// `depth` arrays, each in the other.
fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

/// `count` different names.
fn many(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        write!(text, "s{n} ").unwrap();
    }
    text.trim_end().to_owned()
}

#[tokio::test]
async fn case_011_ten_thousand_scopes_are_refused_at_once() {
    let world = World::new().await;
    let scopes = many(10_000);
    assert!(scopes.len() < 64 * 1_024, "they fit into a form");
    let same = vec!["read"; 10_000].join(" ");
    for scope in [&scopes, &same] {
        let asked = [("scope", scope.as_str())];
        for path in ["/oauth/authorize", "/oauth/par", "/oauth/device_authorization"] {
            world.refused(path, &asked).await;
        }
        let code = world.instance.code(&world.app, "asha").await;
        let (access, refresh) = crate::pair(&world.instance.redeem(&world.app, &code).await);
        let own = [("grant_type", "client_credentials"), asked[0]];
        world.refused("/oauth/token", &own).await;
        let again = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
            asked[0],
        ];
        world.refused("/oauth/token", &again).await;
        let exchange = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", access.as_str()),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            asked[0],
        ];
        world.refused("/oauth/token", &exchange).await;
        let object = world.object(&json!({"scope": scope}));
        if object.len() < 60_000 {
            world.refused("/oauth/par", &[("request", &object)]).await;
        }
    }
}

#[tokio::test]
async fn json_that_is_deep_or_large_is_refused_wherever_it_comes() {
    let world = World::new().await;
    let deep = nested(25_000);
    let wide = format!("[{}]", vec!["{}"; 15_000].join(","));
    let members: Vec<String> = (0..4_000).map(|n| format!("\"m{n}\":null")).collect();
    let object = format!("{{{}}}", members.join(","));
    for text in [&deep, &wide, &object] {
        let inside = format!("{{\"id_token\": {{\"x\": {text}}}}}");
        let typed = format!("[{{\"type\": \"loan\", \"x\": {text}}}]");
        for path in ["/oauth/authorize", "/oauth/par"] {
            world
                .refused(path, &[("scope", "openid"), ("claims", &inside)])
                .await;
            world
                .refused(path, &[("scope", "read"), ("authorization_details", &typed)])
                .await;
        }
        let own = [
            ("grant_type", "client_credentials"),
            ("authorization_details", typed.as_str()),
        ];
        world.refused("/oauth/token", &own).await;
        let began = Instant::now();
        let sent = world.instance.post("/oauth/register");
        let answer = sent
            .raw("application/json", text.clone().into_bytes())
            .send()
            .await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
        assert!(began.elapsed() < FAST);
    }
}

#[tokio::test]
async fn case_020_case_038_tokens_that_are_deep_or_large_are_refused() {
    let world = World::new().await;
    let assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let header = encode(json!({"alg": "ES256", "kid": "k1"}).to_string());
    let signature = encode([7_u8; 64]);
    let members: Vec<String> = (0..3_000).map(|n| format!("\"m{n}\":0")).collect();
    let claims = [
        format!("{{\"sub\":\"{}\",\"x\":{}}}", world.app.id, nested(20_000)),
        format!("{{\"sub\":\"{}\",{}}}", world.app.id, members.join(",")),
        format!(
            "{{\"sub\":\"{}\",\"x\":\"{}\"}}",
            world.app.id,
            "x".repeat(40_000)
        ),
    ];
    for claims in &claims {
        let token = format!("{header}.{}.{signature}", encode(claims));
        for path in ["/oauth/authorize", "/oauth/par"] {
            world.refused(path, &[("request", &token)]).await;
        }
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", assertion_type),
            ("client_assertion", token.as_str()),
        ];
        let began = Instant::now();
        let answer = world.instance.post("/oauth/token").form(&form).send().await;
        assert!([400, 401].contains(&answer.status.as_u16()), "{}", answer.status);
        let proof = world.instance.post("/oauth/token").header("DPoP", &token);
        let own = [
            ("client_id", world.app.id.as_str()),
            ("client_secret", world.app.secret.as_str()),
            ("grant_type", "client_credentials"),
        ];
        let answer = proof.form(&own).send().await;
        assert_eq!(answer.member("error"), "invalid_dpop_proof", "{}", answer.body);
        let bearer = world.instance.get("/oauth/userinfo").bearer(&token).send().await;
        assert_eq!(bearer.status, 401);
        assert!(began.elapsed() < FAST);
    }
    let good = world.object(&json!({"x": (0..300).map(|n| json!({"n": n})).collect::<Vec<_>>()}));
    let members: serde_json::Map<String, Value> = (0..300).map(|n| (format!("m{n}"), json!(n))).collect();
    let crowded = world.object(&Value::Object(members));
    assert!(good.len() < 60_000);
    world.refused("/oauth/par", &[("request", &crowded)]).await;
}

#[tokio::test]
async fn case_020_an_encrypted_request_that_is_huge_or_compressed_is_refused() {
    let world = World::new().await;
    let keys = world.instance.get("/oauth/jwks").send().await.json();
    let keys = keys["keys"].as_array().unwrap();
    let to = keys.iter().find(|key| key["alg"] == "RSA-OAEP-256").unwrap();
    let header = |more: Value| {
        let mut header = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": to["kid"], "cty": "JWT"});
        let members = more.as_object().unwrap().clone();
        header.as_object_mut().unwrap().extend(members);
        encode(header.to_string())
    };
    let part = |bytes: usize| encode(vec![0x5a_u8; bytes]);
    // A few kilobytes of zeroes unfold to megabytes where somebody unfolds them: nobody does.
    for jwe in [
        format!(
            "{}.{}.{}.{}.{}",
            header(json!({"zip": "DEF"})),
            part(256),
            part(12),
            part(2_000),
            part(16)
        ),
        format!(
            "{}.{}.{}.{}.{}",
            header(json!({})),
            part(256),
            part(12),
            part(45_000),
            part(16)
        ),
        format!(
            "{}.{}.{}.{}.{}",
            header(json!({})),
            part(40_000),
            part(12),
            part(16),
            part(16)
        ),
        format!(
            "{}.{}.{}.{}.{}",
            header(json!({"x": "y".repeat(40_000)})),
            part(256),
            part(12),
            part(16),
            part(16)
        ),
        format!(
            "{}.{}.{}.{}.{}",
            header(json!({"alg": "PBES2-HS256+A128KW", "p2c": 2_000_000_000, "p2s": "AA"})),
            part(40),
            part(12),
            part(16),
            part(16)
        ),
        format!(
            "{}.{}.{}.{}.{}",
            header(json!({"alg": "dir"})),
            "",
            part(12),
            part(16),
            part(16)
        ),
        ".".repeat(50_000),
    ] {
        for path in ["/oauth/authorize", "/oauth/par"] {
            world.refused(path, &[("request", &jwe)]).await;
        }
    }
}
