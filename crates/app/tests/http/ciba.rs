//! Apps that ask a person on their own page, over HTTP (OpenID Connect CIBA): the app asks, the person answers, the app
//! fetches.

use crate::{another_app, assert_error, world_with};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use omniport_engine::sessions::SESSION_COOKIE;
use omniport_protocol::jose::{Jws, encode};
use omniport_protocol::vocabulary::sha256;
use omniport_testkit::{Answer, ISSUER, Instance, PASSWORD, TestApp};
use serde_json::{Value, json};

pub(crate) const GRANT: &str = "urn:openid:params:grant-type:ciba";
pub(crate) const ENDPOINT: &str = "/oauth/backchannel_authentication";

/// An app that has nothing but this grant, and so no redirect URL.
async fn world() -> (Instance, TestApp) {
    let grants = json!([GRANT, "refresh_token"]);
    world_with(json!({"grant_types": grants, "redirect_uris": []})).await
}

pub(crate) async fn begin(instance: &Instance, app: &TestApp, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![("scope", "openid read"), ("login_hint", "asha")];
    form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    form.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    let request = instance.post(ENDPOINT);
    request.basic(&app.id, &app.secret).form(&form).send().await
}

pub(crate) async fn poll(instance: &Instance, app: &TestApp, auth_req_id: &str) -> Answer {
    let form = [("grant_type", GRANT), ("auth_req_id", auth_req_id)];
    instance.token(app, &form).await
}

/// By which the page opens a request.
fn name_of(auth_req_id: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(auth_req_id.as_bytes()))
}

/// Opens a request on the home page, in a browser that is signed in.
pub(crate) async fn open(instance: &Instance, cookie: &str, auth_req_id: &str) -> Answer {
    // A page that has a form for everybody.
    let page = instance.get("/device").cookie(cookie).send().await;
    let token = page.field("csrf_token");
    let name = name_of(auth_req_id);
    let form = [("csrf_token", token.as_str()), ("request", name.as_str())];
    let request = instance.post("/account/requests/open").cookie(cookie);
    request.form(&form).send().await
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

/// Somebody who is signed in opens a request and answers it.
pub(crate) async fn answer_in(
    instance: &Instance,
    cookie: &str,
    auth_req_id: &str,
    decision: &str,
) -> Answer {
    let opened = open(instance, cookie, auth_req_id).await;
    let consent = opened
        .location()
        .unwrap_or_else(|| panic!("{}", opened.body))
        .to_owned();
    assert!(consent.starts_with("/consent?request="), "{consent}");
    decide(instance, cookie, &consent, decision).await
}

/// The same, by Asha.
pub(crate) async fn answer(instance: &Instance, auth_req_id: &str, decision: &str) -> Answer {
    let cookie = instance.sign_in("asha").await;
    answer_in(instance, &cookie, auth_req_id, decision).await
}

#[tokio::test]
async fn a_person_signs_in_to_an_app_from_their_own_page() {
    let (instance, app) = world().await;
    let begun = begin(&instance, &app, &[("binding_message", "Till 4: W4SCT")]).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    assert_eq!(begun.header("cache-control"), Some("no-store"));
    let body = begun.json();
    assert_eq!((&body["expires_in"], &body["interval"]), (&json!(600), &json!(5)));
    let id = begun.member("auth_req_id");
    assert!(
        id.len() >= 27 && !begun.body.contains("user_code"),
        "{}",
        begun.body
    );
    assert_error(&poll(&instance, &app, &id).await, 400, "authorization_pending");
    // Both of her pages tell her of it, and nobody else's do.
    let cookie = instance.sign_in("asha").await;
    let home = instance.get("/").cookie(&cookie).send().await;
    assert!(
        home.has_id("asked-title") && home.body.contains("Till 4: W4SCT"),
        "{}",
        home.body
    );
    assert!(
        instance
            .get("/account")
            .cookie(&cookie)
            .send()
            .await
            .has_id("asked-notice")
    );
    let other = instance.sign_in("dev").await;
    assert!(
        !instance
            .get("/")
            .cookie(&other)
            .send()
            .await
            .has_id("asked-title")
    );
    let opened = open(&instance, &cookie, &id).await;
    let consent = opened.location().unwrap().to_owned();
    let shown = instance.get(&consent).cookie(&cookie).send().await;
    let message = shown.text_of("binding-message").unwrap();
    assert_eq!(message, "<bdi>Till 4: W4SCT");
    assert!(shown.body.contains("Asked by the app itself"));
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.ends_with("form-action 'self'"), "{policy}");
    let done = decide(&instance, &cookie, &consent, "allow").await;
    assert_eq!(done.location(), Some("/?saved=allowed"));
    assert!(
        !instance
            .get("/")
            .cookie(&cookie)
            .send()
            .await
            .has_id("asked-title")
    );
    let tokens = poll(&instance, &app, &id).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(tokens.member("scope"), "openid read");
    let data = instance.user_data(&tokens.member("access_token")).await.json();
    assert_eq!(data["person"]["fullName"], "asha Rao");
    id_token_is_of(&instance, &app, &tokens);
    let refreshed = instance.refresh(&app, &tokens.member("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    // Once.
    assert_error(&poll(&instance, &app, &id).await, 400, "invalid_grant");
    assert_eq!(open(&instance, &cookie, &id).await.status, 409);
}

/// Bound to its access token; `auth_req_id` is named in it only where tokens are pushed.
fn id_token_is_of(instance: &Instance, app: &TestApp, tokens: &Answer) {
    let jws = Jws::parse(&tokens.member("id_token")).unwrap();
    let claims = jws.verify_own(&*instance.engine.keys()).unwrap();
    assert_eq!(claims.iss(), Some(ISSUER));
    assert_eq!(claims.get("aud"), Some(&json!(app.id)));
    let half = encode(&sha256(tokens.member("access_token").as_bytes())[..16]);
    assert_eq!(claims.text("at_hash"), Some(half.as_str()));
    let own = ["nonce", "urn:openid:params:jwt:claim:auth_req_id"];
    assert!(own.iter().all(|name| claims.get(name).is_none()));
}

#[tokio::test]
async fn denied_is_told_for_good() {
    let (instance, app) = world().await;
    let id = begin(&instance, &app, &[]).await.member("auth_req_id");
    let done = answer(&instance, &id, "deny").await;
    assert_eq!(done.location(), Some("/?saved=denied"));
    for _ in 0..2 {
        assert_error(&poll(&instance, &app, &id).await, 400, "access_denied");
    }
}

#[tokio::test]
async fn too_soon_is_slower_and_too_late_is_over() {
    let (instance, app) = world().await;
    let begun = begin(&instance, &app, &[("requested_expiry", "60")]).await;
    assert_eq!(begun.json()["expires_in"], 60);
    let id = begun.member("auth_req_id");
    assert_error(&poll(&instance, &app, &id).await, 400, "authorization_pending");
    assert_error(&poll(&instance, &app, &id).await, 400, "slow_down");
    instance.clock.advance(9);
    assert_error(&poll(&instance, &app, &id).await, 400, "slow_down");
    instance.clock.advance(15);
    assert_error(&poll(&instance, &app, &id).await, 400, "authorization_pending");
    instance.clock.advance(40);
    assert_error(&poll(&instance, &app, &id).await, 400, "expired_token");
    let cookie = instance.sign_in("asha").await;
    assert!(
        !instance
            .get("/")
            .cookie(&cookie)
            .send()
            .await
            .has_id("asked-title")
    );
    assert_eq!(open(&instance, &cookie, &id).await.status, 409);
}

#[tokio::test]
async fn case_076_another_clients_auth_req_id() {
    let (instance, app) = world().await;
    let id = begin(&instance, &app, &[]).await.member("auth_req_id");
    answer(&instance, &id, "allow").await;
    let without = another_app(&instance).await;
    assert_error(&poll(&instance, &without, &id).await, 400, "unauthorized_client");
    let store = instance.engine.store();
    let dev = store.person_by_username("dev").await.unwrap().unwrap().id;
    let document = json!({"client_name": "Third", "grant_types": [GRANT], "redirect_uris": []});
    let other = instance.app(dev, document).await;
    assert_error(&poll(&instance, &other, &id).await, 400, "invalid_grant");
    assert_error(&poll(&instance, &app, "nothing").await, 400, "invalid_grant");
    let missing = instance.token(&app, &[("grant_type", GRANT)]).await;
    assert_error(&missing, 400, "invalid_request");
    assert_eq!(poll(&instance, &app, &id).await.status, 200);
}

#[tokio::test]
async fn only_the_one_who_is_asked_can_open_it() {
    let (instance, app) = world().await;
    let id = begin(&instance, &app, &[]).await.member("auth_req_id");
    let other = instance.sign_in("dev").await;
    assert_eq!(open(&instance, &other, &id).await.status, 409);
    assert_eq!(open(&instance, &other, "made up").await.status, 409);
    let page = instance.get("/device").cookie(&other).send().await;
    let token = page.field("csrf_token");
    for request in ["", "x", &"A".repeat(43_000)] {
        let form = [("csrf_token", token.as_str()), ("request", request)];
        let sent = instance.post("/account/requests/open").cookie(&other);
        assert_eq!(sent.form(&form).send().await.status, 400);
    }
    let name = name_of(&id);
    let stranger = instance.post("/account/requests/open");
    let stranger = stranger.form(&[("request", &name)]).send().await;
    assert_ne!(stranger.status, 200);
    // What Asha opened in her browser, somebody else's does not answer.
    let cookie = instance.sign_in("asha").await;
    let consent = open(&instance, &cookie, &id).await.location().unwrap().to_owned();
    let shown = instance.get(&consent).cookie(&other).send().await;
    assert!(shown.location().unwrap().starts_with("/login?request="));
    assert_error(&poll(&instance, &app, &id).await, 400, "authorization_pending");
}

#[tokio::test]
async fn whoever_signed_in_long_ago_signs_in_again_before_they_answer() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    instance.clock.advance(601);
    let id = begin(&instance, &app, &[]).await.member("auth_req_id");
    let login = open(&instance, &cookie, &id).await.location().unwrap().to_owned();
    assert!(login.starts_with("/login?request="), "{login}");
    let page = instance.get(&login).cookie(&cookie).send().await;
    let fields = ["csrf_token", "request"].map(|name| (name, page.field(name)));
    let mut form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    form.extend([("username", "asha"), ("password", PASSWORD)]);
    let welcome = instance.post("/login").cookie(&cookie).form(&form).send().await;
    let set = welcome.set_cookie(SESSION_COOKIE).unwrap();
    let session = set.split(';').next().unwrap();
    let consent = welcome.location().unwrap();
    assert!(consent.starts_with("/consent?request="), "{consent}");
    decide(&instance, session, consent, "allow").await;
    assert_eq!(poll(&instance, &app, &id).await.status, 200);
}

#[tokio::test]
async fn who_is_asked_however_much_was_allowed_before() {
    let (instance, app) = world().await;
    for _ in 0..2 {
        let id = begin(&instance, &app, &[]).await.member("auth_req_id");
        let done = answer(&instance, &id, "allow").await;
        assert_eq!(done.location(), Some("/?saved=allowed"));
        assert_eq!(poll(&instance, &app, &id).await.status, 200);
    }
}

#[tokio::test]
async fn an_id_token_names_the_person_again_also_where_only_the_app_knows_the_name() {
    for subject_type in ["public", "pairwise"] {
        let (instance, app) = world_with(json!({
            "grant_types": [GRANT], "redirect_uris": [], "subject_type": subject_type,
        }))
        .await;
        let first = begin(&instance, &app, &[("login_hint", "ASHA")]).await;
        answer(&instance, &first.member("auth_req_id"), "allow").await;
        let tokens = poll(&instance, &app, &first.member("auth_req_id")).await;
        let hint = tokens.member("id_token");
        instance.clock.advance(86_400);
        let by_token = [("login_hint", ""), ("id_token_hint", hint.as_str())];
        let again = begin(&instance, &app, &by_token).await;
        assert_eq!(again.status, 200, "{subject_type}: {}", again.body);
        answer(&instance, &again.member("auth_req_id"), "allow").await;
        let both = begin(&instance, &app, &[("id_token_hint", hint.as_str())]).await;
        assert_error(&both, 400, "invalid_request");
        let other = another_app(&instance).await;
        assert_error(
            &begin(&instance, &other, &by_token).await,
            400,
            "unauthorized_client",
        );
    }
}

#[tokio::test]
async fn bad_requests_are_refused_in_the_standards_words() {
    let (instance, app) = world().await;
    let long = "x".repeat(101);
    for (more, error) in [
        (("scope", ""), "invalid_request"),
        (("scope", "read"), "invalid_scope"),
        (("scope", "openid admin"), "invalid_scope"),
        (("login_hint", ""), "invalid_request"),
        (("login_hint", "nobody"), "unknown_user_id"),
        (("login_hint_token", "x"), "invalid_request"),
        (("id_token_hint", "x"), "invalid_request"),
        (("user_code", "1234"), "invalid_request"),
        (("binding_message", "a\nb"), "invalid_binding_message"),
        (("binding_message", &long), "invalid_binding_message"),
        (("requested_expiry", "0"), "invalid_request"),
        (("request", "x"), "invalid_request"),
        (("request_uri", "https://app.example/r"), "invalid_request"),
        (("resource", "https://nowhere.example/"), "invalid_target"),
        (("authorization_details", "x"), "invalid_authorization_details"),
        (("claims", "x"), "invalid_request"),
    ] {
        let refused = begin(&instance, &app, &[more]).await;
        assert_error(&refused, 400, error);
    }
    let twice = begin(
        &instance,
        &app,
        &[("binding_message", "a"), ("binding_message", "b")],
    )
    .await;
    assert_error(&twice, 400, "invalid_request");
    // Whoever does not prove who asks learns nothing of people.
    for hint in ["asha", "nobody"] {
        let form = [("scope", "openid"), ("login_hint", hint)];
        let wrong = instance.post(ENDPOINT).basic(&app.id, "wrong");
        let told = wrong.form(&form).send().await;
        assert_error(&told, 401, "invalid_client");
        let nameless = instance.post(ENDPOINT).form(&form).send().await;
        assert_error(&nameless, 401, "invalid_client");
    }
    assert_eq!(instance.get(ENDPOINT).send().await.status, 405);
    let public = json!({"grant_types": [GRANT], "token_endpoint_auth_method": "none"});
    let metadata: omniport_protocol::review::ClientMetadata = serde_json::from_value(public).unwrap();
    let catalogue = &instance.engine.settings().catalogue;
    let refused = metadata.check(catalogue, &[GRANT]).unwrap_err();
    assert!(
        refused.iter().any(|error| error.field == "grant_types"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn nobody_is_flooded_and_nobody_is_found_by_trying() {
    let (instance, app) = world().await;
    for _ in 0..5 {
        assert_eq!(begin(&instance, &app, &[]).await.status, 200);
    }
    let refused = begin(&instance, &app, &[]).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (429, Some("60"))
    );
    // Others are asked meanwhile, and other apps may ask her: up to a bound for all of them.
    assert_eq!(begin(&instance, &app, &[("login_hint", "dev")]).await.status, 200);
    let store = instance.engine.store();
    let dev = store.person_by_username("dev").await.unwrap().unwrap().id;
    let mut let_through = 5;
    for n in 0..5 {
        let name = format!("App {n}");
        let document = json!({"client_name": name, "grant_types": [GRANT], "redirect_uris": []});
        let other = instance.app(dev, document).await;
        for _ in 0..5 {
            let_through += u32::from(begin(&instance, &other, &[]).await.status == 200);
        }
    }
    assert_eq!(let_through, 20);
    // What is refused is counted with what is asked: 600 at once, whoever is there.
    for n in 0..594 {
        let hint = format!("nobody-{n}");
        let told = begin(&instance, &app, &[("login_hint", &hint)]).await;
        assert_error(&told, 400, "unknown_user_id");
    }
    for hint in ["nobody", "dev"] {
        let told = begin(&instance, &app, &[("login_hint", hint)]).await;
        assert_eq!(told.status, 429, "{hint}");
    }
}

#[tokio::test]
async fn withdrawal_between_yes_and_tokens_is_a_no() {
    let (instance, app) = world().await;
    let id = begin(&instance, &app, &[]).await.member("auth_req_id");
    answer(&instance, &id, "allow").await;
    let store = instance.engine.store();
    let asha = store.person_by_username("asha").await.unwrap().unwrap().id;
    let withdraw = omniport_protocol::authorize::WithdrawConsent {
        person: asha,
        client: omniport_protocol::vocabulary::ClientId::parse(&app.id).unwrap(),
    };
    instance.engine.run(&withdraw).await.unwrap();
    assert_error(&poll(&instance, &app, &id).await, 400, "invalid_grant");
}

#[tokio::test]
async fn metadata_tell_what_is_offered_and_nothing_else() {
    let (instance, _) = world().await;
    let told = instance
        .get("/.well-known/openid-configuration")
        .send()
        .await
        .json();
    assert_eq!(
        told["backchannel_authentication_endpoint"],
        format!("{ISSUER}{ENDPOINT}")
    );
    assert_eq!(
        told["backchannel_token_delivery_modes_supported"],
        json!(["ping", "poll"])
    );
    assert_eq!(told["backchannel_user_code_parameter_supported"], false);
    let signing = &told["backchannel_authentication_request_signing_alg_values_supported"];
    assert!(signing.as_array().unwrap().contains(&json!("ES256")), "{signing}");
    let grants = told["grant_types_supported"].as_array().unwrap();
    assert!(grants.contains(&Value::from(GRANT)));
}
