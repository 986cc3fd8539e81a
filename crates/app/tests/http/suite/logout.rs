//! The plans `oidcc-rp-initiated-logout`, `oidcc-backchannel-rp-initiated-logout` and
//! `oidcc-frontchannel-rp-initiated-logout`.

use super::{Browser, Site, assert_page, claims, instance, rp, tokens};
use omniport_protocol::jose::Jws;
use omniport_protocol::vocabulary::encode;
use omniport_testkit::{Answer, ISSUER, TestApp};
use serde_json::{Value, json};

const BYE: &str = "https://rp.example/test/a/omniport/post_logout_redirect";

async fn ask(browser: &mut Browser<'_>, params: &[(&str, &str)]) -> Answer {
    let query: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    browser.get(&format!("/logout?{}", query.join("&"))).await
}

/// Whether the browser is still known: the suite asks by `prompt=none`.
async fn is_signed_in(browser: &mut Browser<'_>, app: &TestApp) -> bool {
    let back = browser.callback(app, &[("prompt", "none")]).await;
    match back.get("error").map(String::as_str) {
        None => true,
        Some("login_required") => false,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_and_no_state() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({"post_logout_redirect_uris": [BYE]})).await;
    for state in [Some("y".repeat(128)), None] {
        let mut browser = Browser::new(&instance);
        let told = tokens(&mut browser, &app, &[]).await;
        let mut asked = vec![
            ("id_token_hint", told["id_token"].as_str().unwrap()),
            ("post_logout_redirect_uri", BYE),
        ];
        asked.extend(state.as_deref().map(|state| ("state", state)));
        let answer = ask(&mut browser, &asked).await;
        let expected = state
            .as_ref()
            .map_or(BYE.to_owned(), |state| format!("{BYE}?state={state}"));
        assert_eq!(answer.location(), Some(expected.as_str()));
        assert!(!is_signed_in(&mut browser, &app).await);
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_requests_end_at_an_error_page() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({"post_logout_redirect_uris": [BYE]})).await;
    let mut browser = Browser::new(&instance);
    let told = tokens(&mut browser, &app, &[]).await;
    let hint = told["id_token"].as_str().unwrap();
    let (body, signature) = hint.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let modified = format!("{body}.{flipped}{}", &signature[1..]);
    let query_added = format!("{BYE}?foo=bar");
    for asked in [
        // -bad-post-logout-redirect-uri, -query-added-to-post-logout-redirect-uri
        vec![
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", "https://rp.example/other"),
        ],
        vec![
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", &query_added),
        ],
        // -modified-id-token-hint, -bad-id-token-hint
        vec![("id_token_hint", &modified), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", "bad"), ("post_logout_redirect_uri", BYE)],
    ] {
        let asked = [asked, vec![("state", "s")]].concat();
        assert_page(&ask(&mut browser, &asked).await, "invalid_request");
        assert!(is_signed_in(&mut browser, &app).await);
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params_only_state_no_id_token_hint_no_post_logout_redirect_uri() {
    let instance = instance(&[]).await;
    let app = rp(&instance, json!({"post_logout_redirect_uris": [BYE]})).await;
    let mut browser = Browser::new(&instance);
    for asked in [
        vec![],
        vec![("state", "s")],
        vec![("post_logout_redirect_uri", BYE), ("state", "s")],
    ] {
        tokens(&mut browser, &app, &[]).await;
        let page = ask(&mut browser, &asked).await;
        assert!(page.has_id("logout-confirm"), "{}", page.body);
        assert!(is_signed_in(&mut browser, &app).await, "a person is asked first");
        let done = browser.submit(&page, "/logout", &["csrf_token"], &[]).await;
        assert_eq!(
            done.location(),
            Some("/logout/done"),
            "no app vouches for another place"
        );
        assert!(!is_signed_in(&mut browser, &app).await);
    }
    let told = tokens(&mut browser, &app, &[]).await;
    let hint = [("id_token_hint", told["id_token"].as_str().unwrap())];
    let done = ask(&mut browser, &hint).await;
    assert_eq!(done.location(), Some("/logout/done"));
    assert!(!is_signed_in(&mut browser, &app).await);
}

#[tokio::test]
async fn oidcc_backchannel_rp_initiated_logout() {
    let site = Site::start().await;
    let instance = instance(&[&site.address]).await;
    let uri = site.put("/backchannel", "");
    let app = rp(
        &instance,
        json!({"post_logout_redirect_uris": [BYE], "backchannel_logout_uri": uri,
            "backchannel_logout_session_required": true}),
    )
    .await;
    let mut browser = Browser::new(&instance);
    let told = tokens(&mut browser, &app, &[]).await;
    let id_token = claims(&instance, &told);
    let asked = [
        ("id_token_hint", told["id_token"].as_str().unwrap()),
        ("post_logout_redirect_uri", BYE),
    ];
    assert_eq!(ask(&mut browser, &asked).await.location(), Some(BYE));
    instance.engine.tell_apps_of_logouts().await.unwrap();
    let posted = site.asked("/backchannel");
    assert_eq!(posted.len(), 1);
    assert!(posted[0].starts_with("POST "));
    let (_, body) = posted[0].split_once("\r\n\r\n").unwrap();
    let jws = Jws::parse(body.strip_prefix("logout_token=").unwrap()).unwrap();
    let logout = Value::Object(jws.verify_own(&*instance.engine.keys()).unwrap().as_map().clone());
    for same in ["iss", "aud", "sid", "sub"] {
        assert_eq!(logout[same], id_token[same], "{same}");
    }
    assert_eq!(jws.header.typ.as_deref(), Some("logout+jwt"));
    assert!(logout.get("nonce").is_none() && logout["jti"].is_string() && logout["iat"].is_i64());
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(logout["events"], json!({event: {}}));
}

#[tokio::test]
async fn oidcc_frontchannel_rp_initiated_logout() {
    let instance = instance(&[]).await;
    let app = rp(
        &instance,
        json!({"post_logout_redirect_uris": [BYE], "frontchannel_logout_uri": "https://rp.example/frontchannel",
            "frontchannel_logout_session_required": true}),
    )
    .await;
    let mut browser = Browser::new(&instance);
    let told = tokens(&mut browser, &app, &[]).await;
    let asked = [
        ("id_token_hint", told["id_token"].as_str().unwrap()),
        ("post_logout_redirect_uri", BYE),
        ("state", "s"),
    ];
    let page = ask(&mut browser, &asked).await;
    let frame = format!(
        " src=\"https://rp.example/frontchannel?iss={}&#38;sid={}\"",
        encode(ISSUER),
        claims(&instance, &told)["sid"].as_str().unwrap()
    );
    assert!(page.body.contains(&frame), "{frame}: {}", page.body);
    assert!(page.body.contains(&format!("{BYE}?state=s")));
    assert!(!is_signed_in(&mut browser, &app).await);
}
