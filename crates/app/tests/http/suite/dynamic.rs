//! The plans `oidcc-dynamic` and `oidcc-3rdparty-init`.

use super::{
    Browser, CALLBACK, Site, assert_page, callback, claims, instance, redeem, register, rp, tokens, userinfo,
};
use omniport_engine::keys::RotateHow;
use omniport_protocol::effect::Minted;
use omniport_protocol::jose::{
    Algorithm, ContentEncryption, Crypto, Encryption, JwkSet, Jws, KeyManagement, SigningAlgorithm,
    UnsignedJwt, is_encrypted,
};
use omniport_testkit::{Answer, ClientKey, ISSUER, Instance, TestApp, key_settings};
use serde_json::{Value, json};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.member("error").as_str()),
        (400, code),
        "{}",
        answer.body
    );
}

fn set(keys: &[&ClientKey]) -> String {
    let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
    json!({"keys": keys}).to_string()
}

#[tokio::test]
async fn oidcc_registration_dynamic_with_jwks_of_several_kinds() {
    let instance = instance(&[]).await;
    let mut signing = ClientKey::new("sig").public();
    signing.as_object_mut().unwrap().extend([
        ("use".to_owned(), json!("sig")),
        ("alg".to_owned(), json!("ES256")),
    ]);
    let answer = register(
        &instance,
        json!({"jwks": {"keys": [signing, {"kty": "new", "kid": "unknown"}]}, "unknown_member": [1]}),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["contacts"], json!(["certification@oidf.example"]));
    assert_eq!(body["jwks"]["keys"][0]["kid"], "sig");
    for told in [
        "client_id",
        "client_secret",
        "registration_access_token",
        "registration_client_uri",
    ] {
        assert!(body[told].as_str().is_some_and(|text| !text.is_empty()), "{told}");
    }
    let path = format!("/oauth/register/{}", answer.member("client_id"));
    let token = answer.member("registration_access_token");
    let gone = instance
        .request(http::Method::DELETE, &path)
        .bearer(&token)
        .send()
        .await;
    assert_eq!((gone.status.as_u16(), gone.body.as_str()), (204, ""));
}

/// An assertion by which an app proves itself, and the answer to its token request.
async fn by_key(
    instance: &Instance,
    app: &TestApp,
    key: &ClientKey,
    jti: &str,
    form: &[(&str, &str)],
) -> Answer {
    let now = instance.engine.now();
    let assertion = key.sign(
        &json!({}),
        &json!({"iss": app.id, "sub": app.id, "aud": ISSUER, "jti": jti, "iat": now, "exp": now.plus(60)}),
    );
    let mut form = form.to_vec();
    form.extend([
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion),
    ]);
    instance.post("/oauth/token").form(&form).send().await
}

/// `oidcc-registration-jwks-uri` and `oidcc-refresh-token-rp-key-rotation`: a key that was not there before is looked for
/// once, and not a second time within a minute.
#[tokio::test]
async fn oidcc_registration_jwks_uri_and_refresh_token_rp_key_rotation() {
    let site = Site::start().await;
    let instance = instance(&[&site.address]).await;
    let (old, new, newest) = (ClientKey::new("1"), ClientKey::new("2"), ClientKey::new("3"));
    let app = rp(
        &instance,
        json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": site.put("/jwks", set(&[&old]))}),
    )
    .await;
    assert_eq!(app.secret, "");
    let back = Browser::new(&instance).callback(&app, &[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", back["code"].as_str()),
        ("redirect_uri", CALLBACK),
    ];
    let tokens = by_key(&instance, &app, &old, "a", &form).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    site.put("/jwks", set(&[&new]));
    instance.clock.advance(61);
    let refresh = tokens.member("refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
    let fresh = by_key(&instance, &app, &new, "b", &form).await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    let refresh = fresh.member("refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
    let gone = by_key(&instance, &app, &old, "c", &form).await;
    assert_eq!(
        (gone.status.as_u16(), gone.member("error").as_str()),
        (401, "invalid_client")
    );
    // Unknown names do not make us ask again and again.
    let before = site.asked("/jwks").len();
    site.put("/jwks", set(&[&newest]));
    for jti in ["d", "e", "f"] {
        let early = by_key(&instance, &app, &newest, jti, &form).await;
        assert_eq!(early.status, 401);
    }
    assert!(site.asked("/jwks").len() <= before + 1);
    instance.clock.advance(61);
    let late = by_key(&instance, &app, &newest, "g", &form).await;
    assert_eq!(late.status, 200, "{}", late.body);
}

/// The suite's keys have no name, and nor do its assertions; its audience is the token endpoint, or the issuer
/// (`oidcc-ensure-client-assertion-with-iss-aud-succeeds`).
#[tokio::test]
async fn a_key_without_a_name_proves_its_app() {
    let instance = instance(&[]).await;
    let key = ClientKey::unnamed();
    let metadata = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.public()]}});
    let app = rp(&instance, metadata).await;
    let now = instance.engine.now();
    for (jti, audience) in [
        ("a", json!(format!("{ISSUER}/oauth/token"))),
        ("b", json!([ISSUER])),
    ] {
        let back = Browser::new(&instance).callback(&app, &[]).await;
        let assertion = key.sign(
            &json!({}),
            &json!({"iss": app.id, "sub": app.id, "aud": audience, "jti": jti, "iat": now, "nbf": now, "exp": now.plus(60)}),
        );
        let form = [
            ("grant_type", "authorization_code"),
            ("code", back["code"].as_str()),
            ("redirect_uri", CALLBACK),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ];
        let answer = instance.post("/oauth/token").form(&form).send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn oidcc_registration_sector_uri_and_sector_bad() {
    let site = Site::start().await;
    let instance = instance(&[&site.address]).await;
    let listed = json!([CALLBACK, "https://other.example/callback"]).to_string();
    let sector = site.put("/sector", listed);
    let good = json!({"subject_type": "pairwise", "sector_identifier_uri": sector});
    let one = rp(&instance, good.clone()).await;
    let mut other = good;
    other["redirect_uris"] = json!([CALLBACK]);
    let two = rp(&instance, other).await;
    let public = rp(&instance, json!({})).await;
    let mut browser = Browser::new(&instance);
    let mut subs = Vec::new();
    for app in [&one, &two, &public] {
        let told = tokens(&mut browser, app, &[]).await;
        let sub = claims(&instance, &told)["sub"].clone();
        assert_eq!(userinfo(&instance, &told).await["sub"], sub);
        subs.push(sub);
    }
    assert!(subs[0] == subs[1] && subs[0] != subs[2], "{subs:?}");
    for (path, bad) in [
        ("/bad", json!(["https://other.example/callback"]).to_string()),
        ("/not", "{}".to_owned()),
    ] {
        let uri = site.put(path, bad);
        let answer = register(
            &instance,
            json!({"subject_type": "pairwise", "sector_identifier_uri": uri}),
        )
        .await;
        assert_refused(&answer, "invalid_client_metadata");
    }
}

#[tokio::test]
async fn oidcc_redirect_uri_query_ok_mismatch_added_and_regfrag() {
    let instance = instance(&[]).await;
    let uri = format!("{CALLBACK}?foo=bar");
    let app = rp(&instance, json!({"redirect_uris": [uri]})).await;
    let mut browser = Browser::new(&instance);
    let answer = browser.authorize(&app, &[]).await;
    assert!(answer.location().unwrap().starts_with(&format!("{uri}&")));
    let back = callback(&answer);
    assert_eq!(back["foo"], "bar");
    assert_eq!(redeem(&instance, &app, &back["code"], false).await.status, 200);
    let plain = rp(&instance, json!({})).await;
    for (app, uri) in [
        (&app, format!("{CALLBACK}?foo=baz")),
        (&app, CALLBACK.to_owned()),
        (&plain, format!("{CALLBACK}?foo=bar")),
    ] {
        assert_page(
            &browser.authorize(app, &[("redirect_uri", &uri)]).await,
            "invalid_request",
        );
    }
    let fragment = register(&instance, json!({"redirect_uris": [format!("{CALLBACK}#foo")]})).await;
    assert_refused(&fragment, "invalid_redirect_uri");
}

#[tokio::test]
async fn oidcc_ensure_redirect_uri_in_authorization_request() {
    let instance = instance(&[]).await;
    let app = rp(
        &instance,
        json!({"redirect_uris": [CALLBACK, "https://rp.example/second"]}),
    )
    .await;
    let answer = Browser::new(&instance)
        .authorize(&app, &[("redirect_uri", "")])
        .await;
    assert_page(&answer, "invalid_request");
}

#[tokio::test]
async fn oidcc_request_uri_signed_and_unsigned() {
    let site = Site::start().await;
    let instance = instance(&[&site.address]).await;
    let key = ClientKey::new("one");
    let (signed, unsigned) = (
        format!("http://{}/signed", site.address),
        format!("http://{}/unsigned", site.address),
    );
    let app = rp(
        &instance,
        json!({"jwks": {"keys": [key.public()]}, "request_uris": [signed, unsigned]}),
    )
    .await;
    let object = json!({
        "iss": app.id, "aud": ISSUER, "client_id": app.id, "response_type": "code", "redirect_uri": CALLBACK,
        "scope": "openid", "state": "inside", "nonce": "inside",
    });
    site.put("/signed", key.sign(&json!({}), &object));
    let part = |value: &Value| omniport_protocol::jose::encode(value.to_string());
    site.put(
        "/unsigned",
        format!("{}.{}.", part(&json!({"alg": "none"})), part(&object)),
    );
    let mut browser = Browser::new(&instance);
    let back = browser.callback(&app, &[("request_uri", &signed)]).await;
    assert_eq!(back["state"], "inside");
    let told = redeem(&instance, &app, &back["code"], false).await.json();
    assert_eq!(claims(&instance, &told)["nonce"], "inside");
    let back = browser.callback(&app, &[("request_uri", &unsigned)]).await;
    assert_eq!(back["error"], "request_not_supported");
    let elsewhere = format!("http://{}/not-registered", site.address);
    let back = browser.callback(&app, &[("request_uri", &elsewhere)]).await;
    assert_eq!(back["error"], "invalid_request_uri");
    assert_eq!(
        site.asked("/not-registered").len(),
        0,
        "only what is registered is fetched"
    );
}

#[tokio::test]
async fn oidcc_userinfo_signed_and_idtoken_signature() {
    let instance = instance(&[]).await;
    for signing in SigningAlgorithm::ALL {
        let algorithm = signing.as_str();
        let app = rp(
            &instance,
            json!({"userinfo_signed_response_alg": algorithm, "id_token_signed_response_alg": algorithm}),
        )
        .await;
        let told = tokens(&mut Browser::new(&instance), &app, &[]).await;
        let answer = instance
            .get("/oauth/userinfo")
            .bearer(told["access_token"].as_str().unwrap())
            .send()
            .await;
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with("application/jwt")
        );
        let published = instance.get("/oauth/jwks").send().await.body;
        for text in [answer.body.as_str(), told["id_token"].as_str().unwrap()] {
            let jws = Jws::parse(text).unwrap();
            let claims = jws.verify_own(&*instance.engine.keys()).unwrap();
            assert_eq!(
                (claims.iss(), jws.header.algorithm),
                (Some(ISSUER), Algorithm::Signature(signing))
            );
            assert!(claims.aud().unwrap().contains(&app.id));
            assert!(published.contains(jws.header.kid.as_deref().unwrap()));
        }
    }
    let none = register(&instance, json!({"id_token_signed_response_alg": "none"})).await;
    assert_refused(&none, "invalid_client_metadata");
}

/// Opens what was encrypted, and reads what was signed inside. The app's keys are ours here.
fn opened(instance: &Instance, token: &str) -> Value {
    assert!(is_encrypted(token), "{token}");
    let keys = instance.engine.keys();
    let inner = String::from_utf8(keys.decrypt(token).unwrap()).unwrap();
    let jws = Jws::parse(&inner).unwrap();
    Value::Object(jws.verify_own(&*keys).unwrap().as_map().clone())
}

/// ID tokens, userinfo and request objects, encrypted as the app registered it (Core sections 2, 5.3.2 and 6).
#[tokio::test]
async fn what_is_to_be_encrypted_is_encrypted_everywhere() {
    let instance = instance(&[]).await;
    let published = instance.get("/oauth/jwks").send().await.json();
    let keys = JwkSet::parse(&published.to_string()).unwrap();
    for alg in KeyManagement::ALL {
        let app = rp(
            &instance,
            json!({"jwks": published, "id_token_encrypted_response_alg": alg.as_str(),
                "userinfo_encrypted_response_alg": alg.as_str(), "userinfo_encrypted_response_enc": "A256GCM"}),
        )
        .await;
        let object = json!({
            "iss": app.id, "aud": ISSUER, "client_id": app.id, "response_type": "code", "redirect_uri": CALLBACK,
            "scope": "openid email", "state": "inside", "nonce": "inside",
        });
        let request = UnsignedJwt {
            algorithm: SigningAlgorithm::Es256,
            typ: None,
            claims: object.as_object().unwrap().clone(),
            hashes: Vec::new(),
            encryption: Some(Encryption::to(keys.for_encryption(), alg, ContentEncryption::A128Gcm).unwrap()),
        };
        let request = instance.engine.sign(&request, &Minted::default()).unwrap();
        let back = Browser::new(&instance)
            .callback(&app, &[("request", &request)])
            .await;
        assert_eq!(back["state"], "inside");
        let told = redeem(&instance, &app, &back["code"], false).await.json();
        let id_token = opened(&instance, told["id_token"].as_str().unwrap());
        assert_eq!(
            (&id_token["aud"], &id_token["nonce"]),
            (&json!(app.id), &json!("inside"))
        );
        let token = told["access_token"].as_str().unwrap();
        let answer = instance.get("/oauth/userinfo").bearer(token).send().await;
        assert_eq!(answer.header("content-type"), Some("application/jwt"));
        let userinfo = opened(&instance, &answer.body);
        assert_eq!(
            (&userinfo["sub"], &userinfo["email"], &userinfo["aud"]),
            (&id_token["sub"], &json!("asha@example.org"), &json!(app.id))
        );
    }
}

/// What is registered holds where a request says nothing: `default_max_age`, `default_acr_values`, `require_auth_time`.
#[tokio::test]
async fn registered_defaults_hold() {
    let instance = instance(&[]).await;
    let acr = "urn:omniport:acr:password";
    let app = rp(
        &instance,
        json!({"default_max_age": 10, "default_acr_values": [acr, "other"], "require_auth_time": true}),
    )
    .await;
    let mut browser = Browser::new(&instance);
    let first = claims(&instance, &tokens(&mut browser, &app, &[]).await);
    assert!(first["acr"] == acr && first["auth_time"].is_i64());
    instance.clock.advance(5);
    tokens(&mut browser, &app, &[]).await;
    assert_eq!(browser.asked, [""; 0]);
    instance.clock.advance(6);
    let again = claims(&instance, &tokens(&mut browser, &app, &[]).await);
    assert_eq!(browser.asked, ["login"]);
    assert!(again["auth_time"].as_i64() > first["auth_time"].as_i64());
}

/// An app's keys by value are changed while its tokens live: the old key is worth nothing at once.
#[tokio::test]
async fn keys_by_value_are_changed_mid_life() {
    let instance = instance(&[]).await;
    let (old, new) = (ClientKey::new("1"), ClientKey::new("2"));
    let by_value = |key: &ClientKey| {
        json!({"client_name": "OIDF conformance", "redirect_uris": [CALLBACK],
            "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.public()]}})
    };
    let registered = register(&instance, by_value(&old)).await;
    let app = TestApp {
        id: registered.member("client_id"),
        secret: String::new(),
        redirect_uri: CALLBACK.to_owned(),
    };
    let back = Browser::new(&instance).callback(&app, &[]).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", back["code"].as_str()),
        ("redirect_uri", CALLBACK),
    ];
    let tokens = by_key(&instance, &app, &old, "a", &form).await;
    let refresh = tokens.member("refresh_token");
    let put = instance.request(http::Method::PUT, &format!("/oauth/register/{}", app.id));
    let put = put
        .bearer(&registered.member("registration_access_token"))
        .raw("application/json", by_value(&new).to_string().into_bytes())
        .send()
        .await;
    assert_eq!(put.status, 200, "{}", put.body);
    let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
    let gone = by_key(&instance, &app, &old, "b", &form).await;
    assert_eq!(gone.member("error"), "invalid_client");
    let fresh = by_key(&instance, &app, &new, "c", &form).await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
}

#[tokio::test]
async fn oidcc_server_rotate_keys() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let mut browser = Browser::new(&instance);
    let kid = |told: &Value| {
        let jws = Jws::parse(told["id_token"].as_str().unwrap()).unwrap();
        jws.header.kid.unwrap()
    };
    let before = tokens(&mut browser, &app, &[]).await;
    let settings = key_settings();
    for algorithm in omniport_engine::keys::KeyAlgorithm::ALL {
        settings.maker.make(algorithm).unwrap();
    }
    instance
        .engine
        .rotate_keys(&settings, RotateHow::Now)
        .await
        .unwrap();
    instance.engine.open_keys(&settings).await.unwrap();
    let after = tokens(&mut browser, &app, &[]).await;
    assert_ne!(kid(&before), kid(&after));
    let published = instance.get("/oauth/jwks").send().await.body;
    assert!(published.contains(&kid(&before)) && published.contains(&kid(&after)));
    claims(&instance, &before);
}

/// One red pixel.
const PNG: [u8; 70] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00,
    0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50, 0x0f, 0x00, 0x03,
    0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42,
    0x60, 0x82,
];

#[tokio::test]
async fn oidcc_registration_logo_uri_policy_uri_and_tos_uri() {
    let site = Site::start().await;
    let instance = instance(&[&site.address]).await;
    let logo = site.put("/logo.png", PNG);
    let (policy, tos) = ("https://rp.example/policy", "https://rp.example/tos");
    let app = rp(
        &instance,
        json!({"logo_uri": logo, "policy_uri": policy, "tos_uri": tos, "client_uri": "https://rp.example/"}),
    )
    .await;
    let mut browser = Browser::new(&instance);
    let first = browser
        .get(&format!("/oauth/authorize?{}", super::query(&app, &[])))
        .await;
    let login = browser.get(first.location().unwrap()).await;
    assert!(login.has_id("login-submit"));
    let cookie = instance.sign_in("asha").await;
    let consent = instance.get(&format!("/oauth/authorize?{}", super::query(&app, &[])));
    let consent = consent.cookie(&cookie).send().await;
    let consent = instance
        .get(consent.location().unwrap())
        .cookie(&cookie)
        .send()
        .await;
    assert!(consent.has_id("consent-allow"));
    for page in [&login, &consent] {
        for uri in [policy, tos] {
            let link = format!("href=\"{uri}\" target=\"_blank\" rel=\"noopener noreferrer");
            assert!(page.body.contains(&link), "{link}: {}", page.body);
        }
        let (_, after) = page.body.split_once("src=\"/logo/").unwrap();
        let picture = format!("/logo/{}", after.split('"').next().unwrap());
        assert_eq!(instance.get(&picture).send().await.status, 200);
    }
    let gone = format!("http://{}/gone.png", site.address);
    let without = register(&instance, json!({"logo_uri": gone})).await;
    assert_eq!(
        without.status, 201,
        "a picture that cannot be had turns nobody away"
    );
    assert_eq!(without.json().get("logo_uri"), None);
    let no_picture = site.put("/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>");
    assert_refused(
        &register(&instance, json!({"logo_uri": no_picture})).await,
        "invalid_client_metadata",
    );
    let inside = register(&instance, json!({"logo_uri": "https://10.0.0.1/logo.png"})).await;
    assert_refused(&inside, "invalid_client_metadata");
}

/// `oidcc-3rdparty-init-login`: the person starts at our home page, and the app is told who we are.
#[tokio::test]
async fn oidcc_3rdparty_init_login() {
    let instance = instance(&[]).await;
    let app = rp(
        &instance,
        json!({"initiate_login_uri": "https://rp.example/start?a=b"}),
    )
    .await;
    let mut browser = Browser::new(&instance);
    tokens(&mut browser, &app, &[]).await;
    let home = browser.get("/").await;
    let link = format!(
        "href=\"https://rp.example/start?a=b&#38;iss={}\"",
        omniport_protocol::vocabulary::encode(ISSUER)
    );
    assert!(home.body.contains(&link), "{link}: {}", home.body);
}

#[tokio::test]
async fn oidcc_3rdparty_init_login_nohttps() {
    let instance = instance(&[]).await;
    for plain in ["http://rp.example/start", "http://localhost:8443/start"] {
        let plain = json!({"initiate_login_uri": plain});
        assert_refused(&register(&instance, plain).await, "invalid_client_metadata");
    }
    let good = json!({"initiate_login_uri": "https://rp.example/start"});
    let answer = register(&instance, good).await;
    assert_eq!(answer.member("initiate_login_uri"), "https://rp.example/start");
}
