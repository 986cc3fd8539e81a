//! DPoP over HTTP, with real keys (RFC 9449).

use crate::{assert_error, world_with};
use omniport_protocol::endpoints::presented_token::PresentedToken;
use omniport_protocol::endpoints::userinfo::UserinfoRequest;
use omniport_protocol::extensions::sender::Sender;
use omniport_protocol::jose::encode;
use omniport_protocol::vocabulary::{Params, sha256};
use omniport_testkit::{Answer, ClientKey, ISSUER, Instance, TestApp};
use serde_json::{Value, json};
use std::sync::Arc;

/// A proof by `key`, for a request by this method to this path of the instance.
fn proof(
    instance: &Instance,
    key: &ClientKey,
    (method, path): (&str, &str),
    jti: &str,
    more: &Value,
) -> String {
    let mut public = key.public();
    public.as_object_mut().unwrap().remove("kid");
    let mut claims = json!({
        "htm": method, "htu": format!("{ISSUER}{path}"), "iat": instance.engine.now(), "jti": jti,
    });
    let members = claims.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    key.sign(&json!({"typ": "dpop+jwt", "jwk": public}), &claims)
}

fn ath(token: &str) -> Value {
    json!({"ath": encode(sha256(token.as_bytes()))})
}

async fn token(instance: &Instance, app: &TestApp, proofs: &[&str], form: &[(&str, &str)]) -> Answer {
    let mut request = instance.post("/oauth/token");
    for proof in proofs {
        request = request.header("DPoP", proof);
    }
    if app.secret.is_empty() {
        let mut form = form.to_vec();
        form.push(("client_id", &app.id));
        return request.form(&form).send().await;
    }
    request.basic(&app.id, &app.secret).form(form).send().await
}

async fn userinfo(instance: &Instance, scheme: &str, access: &str, proof: Option<&str>) -> Answer {
    let request = instance
        .get("/oauth/userinfo")
        .header("Authorization", &format!("{scheme} {access}"));
    match proof {
        Some(proof) => request.header("DPoP", proof).send().await,
        None => request.send().await,
    }
}

fn challenges(answer: &Answer) -> Vec<&str> {
    let all = answer.headers.get_all("www-authenticate").iter();
    all.map(|value| value.to_str().unwrap()).collect()
}

const TOKEN: (&str, &str) = ("POST", "/oauth/token");
const USERINFO: (&str, &str) = ("GET", "/oauth/userinfo");

/// An instance and an app with a code for `asha`, which a pushed request with a proof has bound to the key.
async fn with_bound_code(key: &ClientKey) -> (Instance, TestApp, String) {
    let (instance, app) = world_with(json!({})).await;
    let proof = proof(&instance, key, ("POST", "/oauth/par"), "push", &json!({}));
    let form = [
        ("response_type", "code"),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("scope", "openid person.full_name"),
    ];
    let push = instance.post("/oauth/par").basic(&app.id, &app.secret);
    let pushed = push.header("DPoP", &proof).form(&form).send().await;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    let cookie = instance.sign_in("asha").await;
    let query = format!(
        "client_id={}&request_uri={}",
        app.id,
        pushed.member("request_uri")
    );
    let back = instance.allow("/oauth/authorize", &cookie, &query).await;
    let code = back.redirect_param("code").unwrap();
    (instance, app, code)
}

fn redeeming<'a>(app: &'a TestApp, code: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &app.redirect_uri),
    ]
}

#[tokio::test]
async fn case_088_case_089_a_token_is_its_keys_from_the_pushed_request_to_userinfo() {
    let (key, other) = (ClientKey::new("own"), ClientKey::new("other"));
    let (instance, app, code) = with_bound_code(&key).await;
    let form = redeeming(&app, &code);
    assert_error(&token(&instance, &app, &[], &form).await, 400, "invalid_grant");
    let anothers = proof(&instance, &other, TOKEN, "1", &json!({}));
    assert_error(
        &token(&instance, &app, &[&anothers], &form).await,
        400,
        "invalid_grant",
    );
    let own = proof(&instance, &key, TOKEN, "1", &json!({}));
    let answer = token(&instance, &app, &[&own], &form).await;
    assert_eq!(
        (answer.status.as_u16(), answer.member("token_type").as_str()),
        (200, "DPoP")
    );
    let access = answer.member("access_token");

    let good = proof(&instance, &key, USERINFO, "2", &ath(&access));
    let told = userinfo(&instance, "DPoP", &access, Some(&good)).await;
    assert_eq!(
        (told.status.as_u16(), told.json()["name"].as_str()),
        (200, Some("asha Rao"))
    );

    let as_bearer = userinfo(&instance, "Bearer", &access, None).await;
    assert_error(&as_bearer, 401, "invalid_token");
    let anothers = proof(&instance, &other, USERINFO, "3", &ath(&access));
    let refused = userinfo(&instance, "DPoP", &access, Some(&anothers)).await;
    assert_error(&refused, 401, "invalid_token");
    let without_ath = proof(&instance, &key, USERINFO, "4", &json!({}));
    let refused = userinfo(&instance, "DPoP", &access, Some(&without_ath)).await;
    assert_error(&refused, 401, "invalid_dpop_proof");
    let told = challenges(&refused)[0];
    assert!(
        told.starts_with("DPoP error=\"invalid_dpop_proof\"")
            && told.contains("algs=\"RS256 PS256 ES256 EdDSA\""),
        "{told}"
    );
    let none = instance.get("/oauth/userinfo").send().await;
    let metadata =
        format!("resource_metadata=\"{ISSUER}/.well-known/oauth-protected-resource/oauth/userinfo\"");
    assert_eq!(
        challenges(&none),
        [
            format!("Bearer realm=\"omniport\", {metadata}"),
            format!("DPoP algs=\"RS256 PS256 ES256 EdDSA\", {metadata}"),
        ]
    );

    let data = proof(
        &instance,
        &key,
        ("GET", "/open_auth/get_user_data"),
        "5",
        &ath(&access),
    );
    let request = instance.get("/open_auth/get_user_data/");
    let request = request
        .header("Authorization", &format!("DPoP {access}"))
        .header("DPoP", &data);
    assert_eq!(request.send().await.status, 200);

    let ask = instance.post("/oauth/introspect").basic(&app.id, &app.secret);
    let told = ask.form(&[("token", &access)]).send().await.json();
    assert_eq!(
        (&told["active"], &told["token_type"]),
        (&json!(true), &json!("DPoP"))
    );
    assert_eq!(told["cnf"]["jkt"].as_str().map(str::len), Some(43));
}

#[tokio::test]
async fn case_085_a_proof_is_good_once_on_all_nodes() {
    let key = ClientKey::new("own");
    let (instance, app, code) = with_bound_code(&key).await;
    let own = proof(&instance, &key, TOKEN, "once", &json!({}));
    let answer = token(&instance, &app, &[&own], &redeeming(&app, &code)).await;
    let access = answer.member("access_token");
    let refresh = answer.member("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    assert_error(
        &token(&instance, &app, &[&own], &form).await,
        400,
        "invalid_dpop_proof",
    );

    let shown = proof(&instance, &key, USERINFO, "shown", &ath(&access));
    assert_eq!(
        userinfo(&instance, "DPoP", &access, Some(&shown)).await.status,
        200
    );
    let again = userinfo(&instance, "DPoP", &access, Some(&shown)).await;
    assert_error(&again, 401, "invalid_dpop_proof");
    let sender = Sender::of("GET", "/oauth/userinfo", &[shown.as_bytes()], None);
    let header = format!("DPoP {access}");
    let presented = PresentedToken::from_request(Some(&header), &Params::default(), None, sender).unwrap();
    let elsewhere = instance.another_node();
    let (reply, _) = elsewhere
        .run(&UserinfoRequest { token: presented })
        .await
        .unwrap();
    assert!(reply.is_err_and(|refusal| refusal.private.contains("used before")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_085_of_twenty_at_once_one_is_answered() {
    let key = ClientKey::new("own");
    let (instance, app, code) = with_bound_code(&key).await;
    let own = proof(&instance, &key, TOKEN, "1", &json!({}));
    let access = token(&instance, &app, &[&own], &redeeming(&app, &code))
        .await
        .member("access_token");
    let shown = proof(&instance, &key, USERINFO, "raced", &ath(&access));
    let shared = Arc::new((instance, access, shown));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let shared = shared.clone();
            tokio::spawn(async move {
                let (instance, access, shown) = &*shared;
                userinfo(instance, "DPoP", access, Some(shown))
                    .await
                    .status
                    .as_u16()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    let good = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!((good, statuses.len()), (1, 20), "{statuses:?}");
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 401)),
        "{statuses:?}"
    );
}

#[tokio::test]
async fn case_090_a_public_clients_refresh_token_needs_its_key() {
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let (instance, app) = world_with(json!({"token_endpoint_auth_method": "none"})).await;
    let (key, other) = (ClientKey::new("own"), ClientKey::new("other"));
    let cookie = instance.sign_in("asha").await;
    let params = [
        ("response_type", "code"),
        ("scope", "read"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ];
    let code = instance
        .authorize(&app, &cookie, &params)
        .await
        .redirect_param("code")
        .unwrap();
    let mut form = redeeming(&app, &code).to_vec();
    form.push(("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    let first = token(
        &instance,
        &app,
        &[&proof(&instance, &key, TOKEN, "1", &json!({}))],
        &form,
    )
    .await;
    let refresh = first.member("refresh_token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    assert_error(&token(&instance, &app, &[], &form).await, 400, "invalid_grant");
    let anothers = proof(&instance, &other, TOKEN, "2", &json!({}));
    assert_error(
        &token(&instance, &app, &[&anothers], &form).await,
        400,
        "invalid_grant",
    );
    let own = proof(&instance, &key, TOKEN, "3", &json!({}));
    let second = token(&instance, &app, &[&own], &form).await;
    assert_eq!(
        (second.status.as_u16(), second.member("token_type").as_str()),
        (200, "DPoP")
    );
}

#[tokio::test]
async fn case_083_case_084_case_086_case_087_bad_proofs_at_the_token_endpoint() {
    let (instance, app) =
        world_with(json!({"grant_types": ["client_credentials"], "redirect_uris": []})).await;
    let key = ClientKey::new("own");
    let form = [("grant_type", "client_credentials")];
    let good = |jti: &str| proof(&instance, &key, TOKEN, jti, &json!({}));
    let two = token(&instance, &app, &[&good("a"), &good("b")], &form).await;
    assert_error(&two, 400, "invalid_dpop_proof");
    for bad in [
        proof(&instance, &key, ("GET", "/oauth/token"), "c", &json!({})),
        proof(&instance, &key, ("POST", "/oauth/par"), "d", &json!({})),
        proof(
            &instance,
            &key,
            TOKEN,
            "e",
            &json!({"iat": instance.engine.now().plus(-60)}),
        ),
        proof(
            &instance,
            &key,
            TOKEN,
            "f",
            &json!({"iat": instance.engine.now().plus(60)}),
        ),
        key.sign(
            &json!({"typ": "dpop+jwt", "alg": "HS256", "jwk": key.public()}),
            &json!({}),
        ),
        key.sign(
            &json!({"typ": "dpop+jwt", "jwk": {"kty": "EC", "d": "x"}}),
            &json!({}),
        ),
        "x".repeat(10_000),
        "x.y.z".to_owned(),
    ] {
        assert_error(
            &token(&instance, &app, &[&bad], &form).await,
            400,
            "invalid_dpop_proof",
        );
    }
    let walkthrough = proof(&instance, &key, ("POST", "/open_auth/token"), "g", &json!({}));
    let request = instance.post("/open_auth/token/").basic(&app.id, &app.secret);
    let answer = request.header("DPoP", &walkthrough).form(&form).send().await;
    assert_eq!(answer.member("token_type"), "DPoP");
}

#[tokio::test]
async fn case_091_a_nonce_is_given_and_asked_for() {
    let (instance, app) = world_with(json!({
        "grant_types": ["authorization_code", "client_credentials"],
        "dpop_bound_access_tokens": true,
        "dpop_require_nonce": true,
    }))
    .await;
    let key = ClientKey::new("own");
    let form = [("grant_type", "client_credentials")];
    assert_error(&token(&instance, &app, &[], &form).await, 400, "invalid_request");
    let without = proof(&instance, &key, TOKEN, "1", &json!({}));
    let refused = token(&instance, &app, &[&without], &form).await;
    assert_error(&refused, 400, "use_dpop_nonce");
    let nonce = json!({"nonce": refused.header("dpop-nonce").unwrap()});
    let with = proof(&instance, &key, TOKEN, "1", &nonce);
    let answer = token(&instance, &app, &[&with], &form).await;
    assert_eq!(answer.member("token_type"), "DPoP");
    assert!(answer.header("dpop-nonce").is_some());
    assert!(
        answer
            .header("access-control-expose-headers")
            .unwrap()
            .contains("DPoP-Nonce")
    );
    let access = answer.member("access_token");
    let without = proof(&instance, &key, USERINFO, "2", &ath(&access));
    let refused = userinfo(&instance, "DPoP", &access, Some(&without)).await;
    assert_error(&refused, 401, "use_dpop_nonce");
    assert!(challenges(&refused)[0].starts_with("DPoP error=\"use_dpop_nonce\""));
    assert_eq!(refused.header("dpop-nonce"), nonce["nonce"].as_str());
    instance.clock.advance(600);
    let late = proof(&instance, &key, TOKEN, "3", &nonce);
    assert_error(
        &token(&instance, &app, &[&late], &form).await,
        400,
        "use_dpop_nonce",
    );
}
