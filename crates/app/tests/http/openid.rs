//! OpenID Connect over HTTP: discovery, ID tokens checked with the published keys, userinfo.

use crate::world_with;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use omniport_protocol::effect::Minted;
use omniport_protocol::endpoints::discovery::ENDPOINTS;
use omniport_protocol::jose::{Jws, SigningAlgorithm};
use omniport_protocol::vocabulary::Params;
use omniport_testkit::{Answer, ISSUER, Instance, TestApp};
use serde_json::{Value, json};

const POINTS: [&str; 4] = [
    "person.full_name",
    "person.roles",
    "student.branch.name",
    "contact_information.email_address",
];

async fn world() -> (Instance, TestApp) {
    world_with(json!({"data_points": POINTS})).await
}

/// Signs Asha in by this request and redeems the code.
async fn signed_in(instance: &Instance, app: &TestApp, more: &[(&str, &str)]) -> Value {
    let mut params = vec![("response_type", "code"), ("scope", "openid profile email")];
    params.retain(|(name, _)| !more.iter().any(|(changed, _)| changed == name));
    params.extend(more);
    let cookie = instance.sign_in("asha").await;
    let answer = instance.authorize(app, &cookie, &params).await;
    let code = answer.redirect_param("code").unwrap();
    instance.redeem(app, &code).await.json()
}

fn claims(instance: &Instance, token: &str) -> Value {
    let jws = Jws::parse(token).unwrap();
    let claims = jws.verify_own(&*instance.engine.keys()).unwrap();
    Value::Object(claims.as_map().clone())
}

#[tokio::test]
async fn every_endpoint_of_the_metadata_is_there() {
    let instance = Instance::new().await;
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/",
    ] {
        let answer = instance.get(path).send().await;
        assert_eq!(
            (
                answer.status.as_u16(),
                answer.header("access-control-allow-origin")
            ),
            (200, Some("*"))
        );
        let document = answer.json();
        assert_eq!(document["issuer"], ISSUER);
        for (name, path) in ENDPOINTS {
            assert_eq!(document[name], format!("{ISSUER}{path}"));
            assert_ne!(instance.get(path).send().await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn an_id_token_is_checked_with_the_published_keys() {
    let (instance, app) = world().await;
    let reply = signed_in(&instance, &app, &[("nonce", "n-1")]).await;
    assert_eq!(reply["scope"], "openid profile email");
    let told = claims(&instance, reply["id_token"].as_str().unwrap());
    assert_eq!(
        (&told["iss"], &told["aud"], &told["nonce"]),
        (&json!(ISSUER), &json!(app.id), &json!("n-1"))
    );
    assert_eq!(
        told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap(),
        3_600
    );
    assert!(told["at_hash"].is_string() && told["sid"].is_string() && told["auth_time"].is_i64());
    assert_eq!(told.get("email"), None, "userinfo tells it");
    let published = instance.get("/oauth/jwks").send().await.json();
    let header = reply["id_token"].as_str().unwrap().split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(header["alg"], "RS256");
    let keys = published["keys"].as_array().unwrap();
    assert!(keys.iter().any(|key| key["kid"] == header["kid"]));
}

#[tokio::test]
async fn a_refreshed_id_token_is_about_the_same_sign_in() {
    let (instance, app) = world().await;
    let first = signed_in(&instance, &app, &[("nonce", "n-1")]).await;
    instance.clock.advance(600);
    let second = instance
        .refresh(&app, first["refresh_token"].as_str().unwrap())
        .await
        .json();
    let of = |reply: &Value| claims(&instance, reply["id_token"].as_str().unwrap());
    let (before, after) = (of(&first), of(&second));
    for same in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert_eq!(
        after["iat"].as_i64().unwrap() - before["iat"].as_i64().unwrap(),
        600
    );
    assert_eq!(after.get("nonce"), None);
}

async fn userinfo(instance: &Instance, token: &str) -> Answer {
    instance.get("/oauth/userinfo").bearer(token).send().await
}

#[tokio::test]
async fn userinfo_tells_what_was_consented_to() {
    let (instance, app) = world().await;
    let reply = signed_in(&instance, &app, &[]).await;
    let token = reply["access_token"].as_str().unwrap();
    let answer = userinfo(&instance, token).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let told = answer.json();
    let id_token = claims(&instance, reply["id_token"].as_str().unwrap());
    assert_eq!(
        told,
        json!({"sub": id_token["sub"], "name": "asha Rao", "email": "asha@example.org", "preferred_username": "asha"})
    );
    let posted = instance
        .post("/oauth/userinfo")
        .form(&[("access_token", token)])
        .send()
        .await;
    assert_eq!(posted.json(), told);
}

#[tokio::test]
async fn claims_by_name_go_where_they_were_asked() {
    let (instance, app) = world().await;
    let asked = json!({"userinfo": {"name": {"essential": true}}, "id_token": {"email": null}}).to_string();
    let reply = signed_in(&instance, &app, &[("scope", "openid"), ("claims", &asked)]).await;
    let id_token = claims(&instance, reply["id_token"].as_str().unwrap());
    assert_eq!(
        (&id_token["email"], id_token.get("name")),
        (&json!("asha@example.org"), None)
    );
    let told = userinfo(&instance, reply["access_token"].as_str().unwrap())
        .await
        .json();
    assert_eq!(told, json!({"sub": id_token["sub"], "name": "asha Rao"}));
}

#[tokio::test]
async fn an_id_token_alone_tells_all_also_the_first_time() {
    let marked = json!({"data_points": POINTS, "legacy_implicit": true, "response_types": ["code", "id_token"],
        "grant_types": ["authorization_code", "implicit"]});
    let (instance, app) = world_with(marked).await;
    let cookie = instance.sign_in("asha").await;
    // At first by the consent page, then silently.
    for _ in 0..2 {
        let params = [
            ("response_type", "id_token"),
            ("scope", "openid email"),
            ("nonce", "n"),
        ];
        let answer = instance.authorize(&app, &cookie, &params).await;
        let (_, fragment) = answer.location().unwrap().split_once('#').unwrap();
        let token = Params::parse(fragment.as_bytes()).unwrap();
        let told = claims(&instance, token.get("id_token").unwrap());
        assert_eq!(
            (&told["email"], &told["nonce"]),
            (&json!("asha@example.org"), &json!("n"))
        );
    }
}

#[tokio::test]
async fn userinfo_refuses_what_is_no_openid_token() {
    let (instance, app) = world().await;
    let plain = instance
        .redeem(&app, &instance.code(&app, "asha").await)
        .await
        .json();
    let lacking = userinfo(&instance, plain["access_token"].as_str().unwrap()).await;
    assert_eq!(
        (lacking.status.as_u16(), &lacking.json()["error"]),
        (403, &json!("insufficient_scope"))
    );
    let wrong = userinfo(&instance, "nothing").await;
    assert_eq!(wrong.status, 401);
    assert!(
        wrong
            .header("www-authenticate")
            .unwrap()
            .contains("invalid_token")
    );
    let bare = instance.get("/oauth/userinfo").send().await;
    // No error: nothing was presented (RFC 6750 section 3.1); and where to learn more (RFC 9728 section 5.1).
    assert_eq!(
        bare.header("www-authenticate").map(ToOwned::to_owned),
        Some(format!(
            "Bearer realm=\"omniport\", resource_metadata=\"{ISSUER}/.well-known/oauth-protected-resource/oauth/userinfo\""
        ))
    );
}

#[tokio::test]
async fn a_plain_grant_has_no_id_token() {
    let (instance, app) = world().await;
    let reply = instance
        .redeem(&app, &instance.code(&app, "asha").await)
        .await
        .json();
    assert_eq!(reply.get("id_token"), None);
}

#[tokio::test]
async fn an_answer_by_form_is_a_page_that_posts_to_the_app_only() {
    let (instance, app) = world().await;
    let params = [
        ("response_type", "code"),
        ("scope", "openid"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
        ("state", "a\"b<c>"),
    ];
    let answer = instance.authorize(&app, "", &params).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.contains("action=\"https://app.example/callback\""),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("value=\"login_required\"") && !answer.body.contains("b<c>"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self' https:"), "{policy}");
}

#[tokio::test]
async fn keys_of_each_algorithm_sign() {
    let instance = Instance::new().await;
    for algorithm in SigningAlgorithm::ALL {
        let jwt = omniport_protocol::jose::UnsignedJwt {
            algorithm,
            typ: Some("test+jwt"),
            claims: json!({"sub": "x"}).as_object().unwrap().clone(),
            hashes: Vec::new(),
            encryption: None,
        };
        let token = instance.engine.sign(&jwt, &Minted::default()).unwrap();
        assert_eq!(claims(&instance, &token), json!({"sub": "x"}));
    }
}

#[tokio::test]
async fn a_key_that_is_none_is_the_clients_fault_and_spends_nothing() {
    let sevens = URL_SAFE_NO_PAD.encode([7; 32]);
    let off_the_curve = json!({"kty": "EC", "crv": "P-256", "use": "enc", "x": sevens, "y": sevens});
    let (instance, app) = world_with(json!({
        "data_points": POINTS, "jwks": {"keys": [off_the_curve]}, "id_token_encrypted_response_alg": "ECDH-ES",
    }))
    .await;
    let cookie = instance.sign_in("asha").await;
    let params = [("response_type", "code"), ("scope", "openid")];
    let answer = instance.authorize(&app, &cookie, &params).await;
    let code = answer.redirect_param("code").unwrap();
    // The code is not spent: using it again would be told as invalid_grant.
    for _ in 0..2 {
        let refused = instance.redeem(&app, &code).await;
        crate::assert_error(&refused, 400, "invalid_request");
    }
}

#[tokio::test]
async fn an_app_with_names_of_its_own_hears_no_other_anywhere() {
    let (instance, app) = world_with(json!({
        "data_points": ["student.branch.name"], "subject_type": "pairwise",
    }))
    .await;
    let asked = r#"{"userinfo":{"preferred_username":null},"id_token":{"preferred_username":null}}"#;
    let more = [("scope", "openid profile student.branch.name"), ("claims", asked)];
    let reply = signed_in(&instance, &app, &more).await;
    let token = reply["access_token"].as_str().unwrap();
    let id_token = claims(&instance, reply["id_token"].as_str().unwrap());
    let sub = id_token["sub"].as_str().unwrap();
    let userinfo = instance.get("/oauth/userinfo").bearer(token).send().await.json();
    let data = instance.user_data(token).await.json();
    let introspected = instance
        .post("/oauth/introspect")
        .basic(&app.id, &app.secret)
        .form(&[("token", token)])
        .send()
        .await
        .json();
    for told in [&id_token, &userinfo, &introspected] {
        assert_eq!(told["sub"], sub);
    }
    assert_eq!(data["userId"], sub);
    for told in [id_token.clone(), userinfo, data, introspected] {
        assert!(!told.to_string().contains("asha"), "{told}");
    }
}

#[tokio::test]
async fn scripts_of_other_sites_read_metadata_keys_tokens_and_userinfo_and_nothing_else() {
    let instance = Instance::new().await;
    let asked = async |method, path: &str| {
        let request = instance
            .request(method, path)
            .header("origin", "https://spa.example");
        let answer = request.send().await;
        answer
            .header("access-control-allow-origin")
            .map(ToOwned::to_owned)
    };
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/oauth/jwks",
        "/oauth/token",
        "/oauth/userinfo",
    ] {
        let preflight = asked(http::Method::OPTIONS, path).await;
        assert_eq!(preflight.as_deref(), Some("*"), "{path}");
    }
    for path in [
        "/oauth/authorize",
        "/oauth/authorise",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/par",
        "/oauth/register",
        "/logout",
        "/login",
        "/consent",
        "/",
    ] {
        for method in [http::Method::OPTIONS, http::Method::GET, http::Method::POST] {
            assert_eq!(asked(method, path).await, None, "{path}");
        }
    }
}
