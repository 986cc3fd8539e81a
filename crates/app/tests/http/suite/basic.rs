//! The plans `oidcc-basic` and `oidcc-formpost-basic`: every flow both by redirect and by form.

use super::{Browser, assert_page, callback, claims, instance, query, redeem, rp, tokens, userinfo};
use omniport_testkit::{ClientKey, ISSUER};
use serde_json::{Value, json};

const MODES: [&str; 2] = ["query", "form_post"];

#[tokio::test]
async fn oidcc_server() {
    let instance = instance(&[]).await;
    for method in ["client_secret_basic", "client_secret_post"] {
        let app = rp(&instance, json!({"token_endpoint_auth_method": method})).await;
        for mode in MODES {
            let mut browser = Browser::new(&instance);
            let state = "x".repeat(128);
            let asked = [
                ("response_mode", mode),
                ("state", &state),
                ("scope", "openid email"),
            ];
            let back = browser.callback(&app, &asked).await;
            assert_eq!(
                (back["state"].as_str(), back["iss"].as_str()),
                (state.as_str(), ISSUER)
            );
            let answer = redeem(&instance, &app, &back["code"], method == "client_secret_post").await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let tokens = answer.json();
            assert_eq!(tokens["token_type"], "Bearer");
            assert!(tokens["expires_in"].as_i64().unwrap() > 0);
            let claims = claims(&instance, &tokens);
            assert_eq!(
                (&claims["iss"], &claims["aud"], &claims["nonce"]),
                (&json!(ISSUER), &json!(app.id), &json!("the nonce"))
            );
            let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
            assert!(iat == instance.engine.now().seconds() && exp > iat);
            assert!(
                claims["sub"]
                    .as_str()
                    .is_some_and(|sub| sub.len() <= 255 && sub.is_ascii())
            );
            assert_eq!(
                claims.get("email"),
                None,
                "what a scope asks for is told at userinfo"
            );
            assert_eq!(userinfo(&instance, &tokens).await["sub"], claims["sub"]);
        }
    }
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let back = Browser::new(&instance)
        .callback(&app, &[("response_type", "")])
        .await;
    assert_eq!(
        (back["error"].as_str(), back["state"].as_str()),
        ("invalid_request", "the state")
    );
}

#[tokio::test]
async fn oidcc_userinfo_get_post_header_and_post_body() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let tokens = tokens(&mut Browser::new(&instance), &app, &[("scope", "openid profile")]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let get = instance.get("/oauth/userinfo").bearer(token).send().await;
    let header = instance.post("/oauth/userinfo").bearer(token).send().await;
    let body = instance.post("/oauth/userinfo");
    let body = body.form(&[("access_token", token)]).send().await;
    assert_eq!(get.json()["name"], "Asha Devi Rao");
    for answer in [&header, &body] {
        assert_eq!((answer.status.as_u16(), answer.json()), (200, get.json()));
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with("application/json")
        );
    }
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    for mode in MODES {
        let asked = [("nonce", ""), ("response_mode", mode)];
        let tokens = tokens(&mut Browser::new(&instance), &app, &asked).await;
        assert_eq!(claims(&instance, &tokens).get("nonce"), None);
    }
}

#[tokio::test]
async fn oidcc_scope_profile_email_address_phone_all_and_other_order() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let profile = json!({
        "name": "Asha Devi Rao", "given_name": "Asha", "middle_name": "Devi", "family_name": "Rao", "nickname": "Asha",
        "preferred_username": "asha", "profile": "https://people.example/asha", "website": "https://asha.example/",
        "picture": format!("{ISSUER}/pictures/asha.png"), "gender": "female", "birthdate": "2004-02-29",
        "zoneinfo": "Asia/Kolkata", "locale": "en-IN", "updated_at": 1_795_000_000,
    });
    let email = json!({"email": "asha@example.org", "email_verified": true});
    let address = json!({"address": {"formatted": "Hostel 7, Roorkee", "locality": "Roorkee", "region": "Uttarakhand",
        "postal_code": "247667", "country": "India"}});
    let phone = json!({"phone_number": "+91 1332 285311", "phone_number_verified": false});
    let mut browser = Browser::new(&instance);
    for (scope, parts) in [
        ("openid profile", vec![&profile]),
        ("openid email", vec![&email]),
        ("openid address", vec![&address]),
        ("openid phone", vec![&phone]),
        ("email openid", vec![&email]),
        (
            "openid profile email address phone",
            vec![&profile, &email, &address, &phone],
        ),
    ] {
        let tokens = tokens(&mut browser, &app, &[("scope", scope)]).await;
        let mut told = userinfo(&instance, &tokens).await;
        let sub = told.as_object_mut().unwrap().remove("sub").unwrap();
        assert_eq!(sub, claims(&instance, &tokens)["sub"]);
        let mut expected = json!({});
        for part in parts {
            let members = part.as_object().unwrap().clone();
            expected.as_object_mut().unwrap().extend(members);
        }
        assert_eq!(told, expected, "{scope}");
    }
}

/// `display`, `ui_locales`, `claims_locales`, `acr_values`, what is not known, a nonce of another alphabet: none of them
/// stands in the way.
#[tokio::test]
async fn oidcc_display_page_popup_ui_locales_claims_locales_acr_values_unknown_parameter() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let mut browser = Browser::new(&instance);
    let metadata = browser.get("/.well-known/openid-configuration").await.json();
    let acr = metadata["acr_values_supported"][0].as_str().unwrap();
    for asked in [
        ("display", "page"),
        ("display", "popup"),
        ("ui_locales", "se"),
        ("claims_locales", "se"),
        ("acr_values", acr),
        ("acr_values", "1 2"),
        ("extra", "foobar"),
        ("login_hint", "buffy@op.example"),
    ] {
        for mode in MODES {
            let tokens = tokens(&mut browser, &app, &[asked, ("response_mode", mode)]).await;
            assert_eq!(claims(&instance, &tokens)["acr"], acr, "{asked:?}");
        }
    }
}

#[tokio::test]
async fn oidcc_login_hint() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let mut browser = Browser::new(&instance);
    let query = query(&app, &[("login_hint", "buffy@op.example")]);
    let first = browser.get(&format!("/oauth/authorize?{query}")).await;
    let page = browser.get(first.location().unwrap()).await;
    assert_eq!(page.field("username"), "buffy@op.example");
}

#[tokio::test]
async fn oidcc_prompt_login() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    for mode in MODES {
        let mut browser = Browser::new(&instance);
        let first = tokens(&mut browser, &app, &[("response_mode", mode)]).await;
        instance.clock.advance(2);
        let asked = [("prompt", "login"), ("response_mode", mode)];
        let second = tokens(&mut browser, &app, &asked).await;
        assert_eq!(browser.asked, ["login"]);
        let (first, second) = (claims(&instance, &first), claims(&instance, &second));
        assert_eq!(first["sub"], second["sub"]);
        assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64());
    }
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    for mode in MODES {
        let asked = [("prompt", "none"), ("response_mode", mode)];
        let back = Browser::new(&instance).callback(&app, &asked).await;
        assert_eq!(
            (back["error"].as_str(), back["state"].as_str()),
            ("login_required", "the state")
        );
    }
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in_max_age_10000_and_id_token_hint() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    for mode in MODES {
        let mut browser = Browser::new(&instance);
        let first = tokens(&mut browser, &app, &[("response_mode", mode)]).await;
        let known = claims(&instance, &first);
        instance.clock.advance(2);
        for more in [
            vec![("prompt", "none")],
            vec![("max_age", "10000")],
            vec![
                ("prompt", "none"),
                ("id_token_hint", first["id_token"].as_str().unwrap()),
            ],
        ] {
            let asked = [more, vec![("response_mode", mode)]].concat();
            let again = claims(&instance, &tokens(&mut browser, &app, &asked).await);
            assert_eq!(browser.asked, [""; 0], "{asked:?}");
            for same in ["sub", "auth_time", "acr", "sid"] {
                assert_eq!(again[same], known[same], "{same} {asked:?}");
            }
            assert_eq!(again["nonce"], "the nonce");
        }
    }
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let mut browser = Browser::new(&instance);
    let first = claims(&instance, &tokens(&mut browser, &app, &[]).await);
    instance.clock.advance(2);
    let second = claims(&instance, &tokens(&mut browser, &app, &[("max_age", "1")]).await);
    assert_eq!(browser.asked, ["login"]);
    let (before, after) = (first["auth_time"].as_i64(), second["auth_time"].as_i64());
    assert!(after > before && after == Some(instance.engine.now().seconds()));
}

#[tokio::test]
async fn oidcc_codereuse_and_codereuse_30seconds() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    for seconds in [0, 30, 120] {
        let back = Browser::new(&instance).callback(&app, &[]).await;
        let first = redeem(&instance, &app, &back["code"], false).await.json();
        instance.clock.advance(seconds);
        let again = redeem(&instance, &app, &back["code"], false).await;
        assert_eq!(
            (again.status.as_u16(), again.member("error").as_str()),
            (400, "invalid_grant")
        );
        let token = first["access_token"].as_str().unwrap();
        let dead = instance.get("/oauth/userinfo").bearer(token).send().await;
        assert_eq!(dead.status, 401, "after {seconds} s");
    }
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let mut browser = Browser::new(&instance);
    for other in [
        "https://rp.example/test/a/omniport/callback/other",
        "https://evil.example/",
        "https://rp.example/test/a/omniport/callback?x=1",
    ] {
        let answer = browser.authorize(&app, &[("redirect_uri", other)]).await;
        assert_page(&answer, "invalid_request");
    }
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let mut browser = Browser::new(&instance);
    let body = query(&app, &[]).into_bytes();
    let posted = instance.post("/oauth/authorize");
    let posted = posted.raw("application/x-www-form-urlencoded", body).send().await;
    let back = callback(&browser.walk(posted).await);
    assert_eq!(browser.asked, ["login", "consent"]);
    assert_eq!(redeem(&instance, &app, &back["code"], false).await.status, 200);
}

/// An object of the request's own parameters.
fn object(app: &str, more: &Value) -> Value {
    let mut claims = json!({
        "iss": app, "aud": ISSUER, "client_id": app, "response_type": "code", "redirect_uri": super::CALLBACK,
        "scope": "openid", "state": "inside", "nonce": "inside",
    });
    claims
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    claims
}

fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| omniport_protocol::jose::encode(value.to_string());
    format!("{}.{}.", part(&json!({"alg": "none"})), part(claims))
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let instance = instance(&[]).await;
    let key = ClientKey::new("one");
    for (metadata, code) in [
        (json!({}), "request_not_supported"),
        // Whoever said how it signs has sent a bad one (RFC 9101 section 6.2).
        (
            json!({"jwks": {"keys": [key.public()]}, "request_object_signing_alg": "ES256"}),
            "invalid_request_object",
        ),
    ] {
        let app = rp(&instance, metadata).await;
        let request = unsigned(&object(&app.id, &json!({})));
        let back = Browser::new(&instance)
            .callback(&app, &[("request", &request)])
            .await;
        assert_eq!(
            (back["error"].as_str(), back["state"].as_str()),
            (code, "the state")
        );
    }
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let instance = instance(&[]).await;
    let key = ClientKey::new("one");
    let app = rp(&instance, json!({"jwks": {"keys": [key.public()]}})).await;
    let request = key.sign(&json!({}), &object(&app.id, &json!({})));
    // What stands outside is another one, and does not count.
    let asked = [
        ("request", request.as_str()),
        ("redirect_uri", "https://evil.example/"),
    ];
    let back = Browser::new(&instance).callback(&app, &asked).await;
    assert_eq!(back["state"], "inside");
    let tokens = redeem(&instance, &app, &back["code"], false).await.json();
    assert_eq!(claims(&instance, &tokens)["nonce"], "inside");
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let asked = json!({"userinfo": {"name": {"essential": true}}}).to_string();
    let tokens = tokens(&mut Browser::new(&instance), &app, &[("claims", &asked)]).await;
    assert_eq!(claims(&instance, &tokens).get("name"), None);
    let told = userinfo(&instance, &tokens).await;
    assert_eq!(
        (told["name"].as_str(), told.get("email")),
        (Some("Asha Devi Rao"), None)
    );
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let instance = instance(&[]).await;
    let (app, second) = (rp(&instance, json!({})).await, rp(&instance, json!({})).await);
    let asked = [("scope", "openid offline_access"), ("prompt", "consent")];
    let mut browser = Browser::new(&instance);
    let tokens = tokens(&mut browser, &app, &asked).await;
    assert_eq!(browser.asked, ["login", "consent"]);
    let refresh = |app: &omniport_testkit::TestApp| {
        let request = instance.post("/oauth/token").basic(&app.id, &app.secret);
        let token = tokens["refresh_token"].as_str().unwrap();
        request.form(&[("grant_type", "refresh_token"), ("refresh_token", token)])
    };
    let stolen = refresh(&second).send().await;
    assert_eq!(
        (stolen.status.as_u16(), stolen.member("error").as_str()),
        (400, "invalid_grant")
    );
    instance.clock.advance(5);
    let fresh = refresh(&app).send().await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    let (before, after) = (claims(&instance, &tokens), claims(&instance, &fresh.json()));
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after["iat"].as_i64() > before["iat"].as_i64());
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({})).await;
    let asked = [
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    let back = Browser::new(&instance).callback(&app, &asked).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", back["code"].as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    let request = instance.post("/oauth/token").basic(&app.id, &app.secret);
    assert_eq!(request.form(&form).send().await.status, 200);
}
