//! The device flow over HTTP (RFC 8628): the device asks, the person answers in a browser, the device fetches.

use crate::{another_app, assert_error, world_with};
use omniport_engine::flow::Ending;
use omniport_protocol::vocabulary::encode;
use omniport_testkit::{Answer, Instance, TestApp};
use serde_json::json;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// An app that has nothing but this grant, and so no redirect URL.
async fn world() -> (Instance, TestApp) {
    let grants = json!([GRANT, "refresh_token"]);
    world_with(json!({"grant_types": grants, "redirect_uris": []})).await
}

async fn begin(instance: &Instance, app: &TestApp, form: &[(&str, &str)]) -> Answer {
    let request = instance.post("/oauth/device_authorization");
    request.basic(&app.id, &app.secret).form(form).send().await
}

/// The codes of a new request: the device's, and the person's.
async fn codes(instance: &Instance, app: &TestApp) -> (String, String) {
    let answer = begin(instance, app, &[]).await;
    (answer.member("device_code"), answer.member("user_code"))
}

async fn poll(instance: &Instance, app: &TestApp, device_code: &str) -> Answer {
    let form = [("grant_type", GRANT), ("device_code", device_code)];
    instance.token(app, &form).await
}

/// A browser's cookies: the session where somebody is signed in, and the one that its forms are tied to.
async fn page(instance: &Instance, cookie: &str, path: &str) -> (Answer, String) {
    let page = instance.get(path).cookie(cookie).send().await;
    let set = page
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(';').next());
    let cookies: Vec<&str> = std::iter::once(cookie)
        .chain(set)
        .filter(|pair| !pair.is_empty())
        .collect();
    let cookies = cookies.join("; ");
    (page, cookies)
}

/// Types a code in.
async fn type_in(instance: &Instance, cookie: &str, code: &str) -> (Answer, String) {
    let (form, cookies) = page(instance, cookie, "/device").await;
    let token = form.field("csrf_token");
    let fields = [("csrf_token", token.as_str()), ("user_code", code)];
    let answer = instance
        .post("/device")
        .cookie(&cookies)
        .form(&fields)
        .send()
        .await;
    (answer, cookies)
}

/// Answers the consent page at `path`.
async fn decide(instance: &Instance, cookie: &str, path: &str, decision: &str) -> Answer {
    let consent = instance.get(path).cookie(cookie).send().await;
    assert_eq!(consent.status, 200, "{}", consent.body);
    let fields = ["csrf_token", "request", "version"].map(|name| (name, consent.field(name)));
    let mut form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    form.push(("decision", decision));
    instance.post("/consent").cookie(cookie).form(&form).send().await
}

/// Asha types a code in and answers.
pub(crate) async fn answer(instance: &Instance, user_code: &str, decision: &str) -> Answer {
    let cookie = instance.sign_in("asha").await;
    let (typed, cookie) = type_in(instance, &cookie, user_code).await;
    let consent = typed
        .location()
        .unwrap_or_else(|| panic!("{}", typed.body))
        .to_owned();
    assert!(consent.starts_with("/consent?request="), "{consent}");
    decide(instance, &cookie, &consent, decision).await
}

#[tokio::test]
async fn a_device_signs_its_person_in() {
    let (instance, app) = world().await;
    let begun = begin(&instance, &app, &[("scope", "openid read")]).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    assert_eq!(begun.header("cache-control"), Some("no-store"));
    let (device_code, user_code) = (begun.member("device_code"), begun.member("user_code"));
    let body = begun.json();
    assert_eq!(
        (body["expires_in"].as_i64(), body["interval"].as_i64()),
        (Some(600), Some(5))
    );
    assert_eq!(body["verification_uri"], "https://omniport.example/device");
    assert_eq!(
        body["verification_uri_complete"],
        format!("https://omniport.example/device?user_code={user_code}")
    );
    assert_eq!((user_code.len(), &user_code[4..5]), (9, "-"));
    let done = answer(&instance, &user_code.to_lowercase().replace('-', " "), "allow").await;
    assert_eq!(done.location(), Some("/device/done?answer=allowed"));
    let tokens = poll(&instance, &app, &device_code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(tokens.member("scope"), "openid read");
    assert_eq!(tokens.member("id_token").split('.').count(), 3);
    let data = instance.user_data(&tokens.member("access_token")).await.json();
    assert_eq!(data["person"]["fullName"], "asha Rao");
    let refreshed = instance.refresh(&app, &tokens.member("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    // Once.
    assert_error(&poll(&instance, &app, &device_code).await, 400, "invalid_grant");
    let (again, _) = type_in(&instance, &instance.sign_in("asha").await, &user_code).await;
    assert_eq!(again.status, 404);
}

#[tokio::test]
async fn case_070_case_071_pending_and_slower_on_every_node() {
    let (instance, app) = world().await;
    let (device_code, _) = codes(&instance, &app).await;
    assert_error(
        &poll(&instance, &app, &device_code).await,
        400,
        "authorization_pending",
    );
    instance.clock.advance(4);
    assert_error(&poll(&instance, &app, &device_code).await, 400, "slow_down");
    instance.clock.advance(9);
    assert_error(&poll(&instance, &app, &device_code).await, 400, "slow_down");
    instance.clock.advance(15);
    assert_error(
        &poll(&instance, &app, &device_code).await,
        400,
        "authorization_pending",
    );
    // Another node knows of it.
    let (id, secret) = (app.id.as_str(), app.secret.as_str());
    let form = [
        ("grant_type", GRANT),
        ("device_code", device_code.as_str()),
        ("client_id", id),
        ("client_secret", secret),
    ];
    let params = omniport_protocol::vocabulary::Params::from_pairs(form);
    let request = omniport_protocol::token::TokenRequest::parse(None, params).unwrap();
    let (reply, _) = instance.another_node().run(&request).await.unwrap();
    assert_eq!(reply.unwrap_err().code.as_str(), "slow_down");
}

#[tokio::test]
async fn case_072_denied() {
    let (instance, app) = world().await;
    let (device_code, user_code) = codes(&instance, &app).await;
    let done = answer(&instance, &user_code, "deny").await;
    assert_eq!(done.location(), Some("/device/done?answer=denied"));
    for _ in 0..2 {
        assert_error(&poll(&instance, &app, &device_code).await, 400, "access_denied");
    }
}

#[tokio::test]
async fn case_073_expired() {
    let (instance, app) = world().await;
    let (device_code, user_code) = codes(&instance, &app).await;
    instance.clock.advance(600);
    assert_error(&poll(&instance, &app, &device_code).await, 400, "expired_token");
    let (typed, _) = type_in(&instance, &instance.sign_in("asha").await, &user_code).await;
    assert_eq!(typed.status, 404);
    assert!(typed.has_id("user-code-error"));
}

#[tokio::test]
async fn case_074_guessing_is_throttled_by_address_and_by_session() {
    let (instance, app) = world().await;
    let (_, user_code) = codes(&instance, &app).await;
    let cookie = instance.sign_in("asha").await;
    let guess = async |code: &str, address: &str| {
        let (form, cookies) = page(&instance, &cookie, "/device").await;
        let token = form.field("csrf_token");
        let fields = [("csrf_token", token.as_str()), ("user_code", code)];
        let request = instance.post("/device").cookie(&cookies).from(address);
        request.form(&fields).send().await
    };
    // A text that cannot be a code costs nothing.
    for _ in 0..20 {
        assert_eq!(guess("AAAA-AAAA", "192.0.2.1").await.status, 422);
    }
    let other = if user_code.starts_with("BBBB") {
        "CCCC"
    } else {
        "BBBB"
    };
    for n in 0..10 {
        let last = "BCDFGHJKLM".chars().nth(n).unwrap();
        let wrong = guess(&format!("{other}-BBB{last}"), &format!("192.0.2.{n}")).await;
        assert_eq!(wrong.status, 404, "{n}");
    }
    // From anywhere: it is the same browser. Even the right one has to wait now.
    let refused = guess(&user_code, "198.51.100.1").await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (429, Some("30"))
    );
    instance.clock.advance(30);
    assert_eq!(guess(&user_code, "198.51.100.1").await.status, 303);
}

#[tokio::test]
async fn case_074_strangers_are_counted_by_their_address() {
    let (instance, _) = world().await;
    let guess = async |n: u8, address: &str| {
        let (form, cookies) = page(&instance, "", "/device").await;
        let token = form.field("csrf_token");
        let code = format!("BBBB-BBB{}", char::from(b"BCDFGHJKLMN"[usize::from(n)]));
        let fields = [("csrf_token", token.as_str()), ("user_code", code.as_str())];
        let request = instance.post("/device").cookie(&cookies).from(address);
        request.form(&fields).send().await.status.as_u16()
    };
    for n in 0..10 {
        assert_eq!(guess(n, "192.0.2.1").await, 404);
    }
    assert_eq!(guess(10, "192.0.2.1").await, 429);
    assert_eq!(guess(10, "192.0.2.2").await, 404);
}

#[tokio::test]
async fn case_075_the_complete_address_still_asks_twice() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    for _ in 0..2 {
        let begun = begin(&instance, &app, &[]).await;
        let complete = begun.member("verification_uri_complete");
        let path = complete.strip_prefix("https://omniport.example").unwrap();
        let (form, _) = page(&instance, &cookie, path).await;
        assert_eq!(form.status, 200);
        assert_eq!(form.field("user_code"), begun.member("user_code"));
        assert!(form.body.contains("Is this code on your device now?"));
        assert_eq!(form.header("referrer-policy"), Some("no-referrer"));
        // To open it did nothing.
        assert_error(
            &poll(&instance, &app, &begun.member("device_code")).await,
            400,
            "authorization_pending",
        );
        // And however often she allows: every time she is asked.
        let done = answer(&instance, &begun.member("user_code"), "allow").await;
        assert_eq!(done.location(), Some("/device/done?answer=allowed"));
    }
}

#[tokio::test]
async fn case_076_another_clients_device_code() {
    let (instance, app) = world().await;
    let (device_code, user_code) = codes(&instance, &app).await;
    answer(&instance, &user_code, "allow").await;
    let mut other = another_app(&instance).await;
    assert_error(
        &poll(&instance, &other, &device_code).await,
        400,
        "unauthorized_client",
    );
    let dev = instance
        .engine
        .store()
        .person_by_username("dev")
        .await
        .unwrap()
        .unwrap()
        .id;
    other = instance
        .app(dev, json!({"client_name": "Third", "grant_types": [GRANT]}))
        .await;
    assert_error(&poll(&instance, &other, &device_code).await, 400, "invalid_grant");
    assert_eq!(poll(&instance, &app, &device_code).await.status, 200);
}

#[tokio::test]
async fn who_is_not_signed_in_signs_in_on_the_way() {
    let (instance, app) = world().await;
    let (device_code, user_code) = codes(&instance, &app).await;
    let (typed, cookies) = type_in(&instance, "", &user_code).await;
    let login = typed.location().unwrap().to_owned();
    assert!(login.starts_with("/login?request="), "{login}");
    let sign_in = instance.get(&login).cookie(&cookies).send().await;
    assert!(sign_in.body.contains("Bus times"));
    let fields = ["csrf_token", "request"].map(|name| (name, sign_in.field(name)));
    let mut form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    form.extend([("username", "asha"), ("password", omniport_testkit::PASSWORD)]);
    let welcome = instance.post("/login").cookie(&cookies).form(&form).send().await;
    let session = welcome
        .set_cookie(omniport_engine::sessions::SESSION_COOKIE)
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let consent = welcome.location().unwrap();
    let shown = instance.get(consent).cookie(session).send().await;
    assert!(shown.body.contains("Asked on another device"), "{}", shown.body);
    assert!(
        shown
            .header("content-security-policy")
            .unwrap()
            .ends_with("form-action 'self'")
    );
    decide(&instance, session, consent, "allow").await;
    assert_eq!(poll(&instance, &app, &device_code).await.status, 200);
}

#[tokio::test]
async fn an_app_in_the_sandbox_serves_its_team_only() {
    let (instance, _) = world().await;
    let store = instance.engine.store();
    let dev = store.person_by_username("dev").await.unwrap().unwrap().id;
    let document = json!({"client_name": "Fresh", "grant_types": [GRANT], "redirect_uris": []});
    let app = instance.app_in(dev, document, false).await;
    let (device_code, user_code) = codes(&instance, &app).await;
    let (refused, _) = type_in(&instance, &instance.sign_in("asha").await, &user_code).await;
    assert_eq!(
        refused.text_of("error-code").as_deref(),
        Some("unauthorized_client")
    );
    let (stranger, _) = type_in(&instance, "", &user_code).await;
    assert_eq!(stranger.status, 400);
    assert!(
        stranger
            .body
            .contains(&encode(&format!("/device?user_code={user_code}")))
    );
    let cookie = instance.sign_in("dev").await;
    let (typed, cookie) = type_in(&instance, &cookie, &user_code).await;
    let consent = typed.location().unwrap().to_owned();
    let shown = instance.get(&consent).cookie(&cookie).send().await;
    assert!(shown.body.contains("Sandbox"));
    decide(&instance, &cookie, &consent, "allow").await;
    assert_eq!(poll(&instance, &app, &device_code).await.status, 200);
}

#[tokio::test]
async fn withdrawal_between_yes_and_tokens_is_a_no() {
    let (instance, app) = world().await;
    let (device_code, user_code) = codes(&instance, &app).await;
    answer(&instance, &user_code, "allow").await;
    let store = instance.engine.store();
    let asha = store.person_by_username("asha").await.unwrap().unwrap().id;
    let withdraw = omniport_protocol::authorize::WithdrawConsent {
        person: asha,
        client: omniport_protocol::vocabulary::ClientId::parse(&app.id).unwrap(),
    };
    instance.engine.run(&withdraw).await.unwrap();
    assert_error(&poll(&instance, &app, &device_code).await, 400, "invalid_grant");
}

#[tokio::test]
async fn signing_out_here_does_not_sign_the_device_out() {
    let (instance, app) = world().await;
    let begun = begin(&instance, &app, &[("scope", "openid read")]).await;
    let cookie = instance.sign_in("asha").await;
    let (typed, cookies) = type_in(&instance, &cookie, &begun.member("user_code")).await;
    decide(&instance, &cookies, typed.location().unwrap(), "allow").await;
    let tokens = poll(&instance, &app, &begun.member("device_code")).await;
    let logout = instance.get("/logout").cookie(&cookie).send().await;
    let form = [("csrf_token", logout.field("csrf_token"))];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(
        instance
            .post("/logout")
            .cookie(&cookie)
            .form(&form)
            .send()
            .await
            .status,
        303
    );
    assert_eq!(
        instance.user_data(&tokens.member("access_token")).await.status,
        200
    );
}

#[tokio::test]
async fn bad_requests_are_refused_in_the_standards_words() {
    let (instance, app) = world().await;
    assert_error(
        &begin(&instance, &app, &[("scope", "admin")]).await,
        400,
        "invalid_scope",
    );
    let scope = vec!["read"; 5_000].join(" ");
    assert_error(
        &begin(&instance, &app, &[("scope", &scope)]).await,
        400,
        "invalid_scope",
    );
    assert_error(
        &begin(&instance, &app, &[("scope", "read"), ("scope", "read")]).await,
        400,
        "invalid_request",
    );
    let wrong = instance
        .post("/oauth/device_authorization")
        .basic(&app.id, "wrong");
    assert_error(&wrong.form(&[]).send().await, 401, "invalid_client");
    let get = instance.get("/oauth/device_authorization").send().await;
    assert_eq!(get.status, 405);
    let missing = instance.token(&app, &[("grant_type", GRANT)]).await;
    assert_error(&missing, 400, "invalid_request");
    assert_error(&poll(&instance, &app, "nothing").await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_public_device_needs_no_secret() {
    let metadata = json!({
        "grant_types": [GRANT], "redirect_uris": [], "token_endpoint_auth_method": "none",
    });
    let (instance, app) = world_with(metadata).await;
    let request = instance.post("/oauth/device_authorization");
    let begun = request.form(&[("client_id", &app.id)]).send().await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    answer(&instance, &begun.member("user_code"), "allow").await;
    let code = begun.member("device_code");
    let form = [
        ("grant_type", GRANT),
        ("device_code", code.as_str()),
        ("client_id", app.id.as_str()),
    ];
    let tokens = instance.post("/oauth/token").form(&form).send().await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
}

#[test]
fn waiting_is_no_failure() {
    let pending = omniport_protocol::error::Refusal::new(
        omniport_protocol::error::ErrorCode::AuthorizationPending,
        "Not yet.",
    );
    assert!(matches!(Ending::from(&pending), Ending::Well(_)));
}

#[tokio::test]
async fn a_device_that_cannot_draw_gets_a_picture_of_the_address() {
    let (instance, app) = world().await;
    let (_, user_code) = codes(&instance, &app).await;
    let picture = async |code: &str| {
        let path = format!("/device/qr?user_code={code}");
        instance.get(&path).send().await
    };
    let answer = picture(&user_code).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), Some("image/svg+xml"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(answer.body.contains("<svg") && !answer.body.contains("<script"));
    // A code that no device waits with is drawn as well: whoever asks learns nothing.
    assert_eq!(picture("BCDF-BCDF").await.status, 200);
    for bad in ["", "AAAA-AAAA", "%3Cscript%3E", &"B".repeat(100)] {
        assert_eq!(picture(bad).await.status, 404, "{bad}");
    }
}
