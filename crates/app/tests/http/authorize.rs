//! The authorisation endpoint's cases over HTTP, at both doors.

use crate::{world, world_with};
use omniport_engine::people::PlatformRole;
use omniport_testkit::{Answer, ISSUER, Instance, TestApp};
use serde_json::json;

const DOORS: [&str; 2] = ["/oauth/authorise", "/oauth/authorize"];
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An error page on our own site: no redirect, the code and the explanation in their elements.
fn assert_page(answer: &Answer, code: &str) {
    assert_eq!(answer.status, 400, "{:?} {}", answer.location(), answer.body);
    assert_eq!(answer.location(), None);
    assert_eq!(
        answer.text_of("error-code").as_deref(),
        Some(code),
        "{}",
        answer.body
    );
    assert!(answer.has_id("error-detail") && !answer.has_id("consent-allow"));
}

/// An error that goes back to the app, with the state and the issuer.
fn assert_redirect(answer: &Answer, app: &TestApp, code: &str) {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let location = answer.location().unwrap();
    assert!(
        location.starts_with(&format!("{}?", app.redirect_uri)),
        "{location}"
    );
    assert_eq!(
        answer.redirect_param("error").as_deref(),
        Some(code),
        "{location}"
    );
    assert_eq!(
        answer.redirect_param("state").as_deref(),
        Some("x y"),
        "{location}"
    );
    assert_eq!(
        answer.redirect_param("iss").as_deref(),
        Some(ISSUER),
        "{location}"
    );
    assert_eq!(answer.redirect_param("code"), None);
}

/// Asks at each door, as asha.
async fn at_both_doors(instance: &Instance, query: &str) -> [Answer; 2] {
    let cookie = instance.sign_in("asha").await;
    let [first, second] = DOORS.map(|door| instance.get(&format!("{door}?{query}")).cookie(&cookie).send());
    [first.await, second.await]
}

#[tokio::test]
async fn case_001_unknown_client() {
    let (instance, _) = world().await;
    let query = "client_id=nobody&redirect_uri=https://app.example/callback&response_type=code";
    for answer in at_both_doors(&instance, query).await {
        assert_page(&answer, "invalid_client");
    }
    for answer in at_both_doors(&instance, "response_type=code").await {
        assert_page(&answer, "invalid_request");
    }
}

#[tokio::test]
async fn case_002_unapproved_app_serves_its_team_only() {
    let instance = Instance::new().await;
    let dev = instance.person("dev", &[PlatformRole::Developer]).await;
    instance.person("asha", &[]).await;
    let app = instance.app_in(dev, json!({}), false).await;
    let query = format!("client_id={}&response_type=code", app.id);
    for answer in at_both_doors(&instance, &query).await {
        assert_page(&answer, "unauthorized_client");
    }
    for door in DOORS {
        let stranger = instance.get(&format!("{door}?{query}")).send().await;
        assert_page(&stranger, "unauthorized_client");
        let team = instance
            .get(&format!("{door}?{query}"))
            .cookie(&instance.sign_in("dev").await)
            .send()
            .await;
        assert!(
            team.location().unwrap().starts_with("/consent?request="),
            "{}",
            team.body
        );
    }
}

#[tokio::test]
async fn case_003_case_004_redirect_uri_must_be_the_registered_one() {
    let (instance, app) = world().await;
    for other in [
        "https://evil.example/callback",
        "https://app.example/callback/",
        "https://app.example/Callback",
        "https://app.example:443/callback",
        "https://app.example/callback?x=1",
        "https://app.example/c%61llback",
        "HTTPS://app.example/callback",
        "https://app.example/callback#x",
        "http://app.example/callback",
    ] {
        let other = omniport_protocol::vocabulary::encode(other);
        let query = format!("client_id={}&response_type=code&redirect_uri={other}", app.id);
        for answer in at_both_doors(&instance, &query).await {
            assert_page(&answer, "invalid_request");
        }
    }
}

#[tokio::test]
async fn case_007_on_loopback_only_the_port_varies() {
    let (instance, app) = world_with(json!({"redirect_uris": ["http://127.0.0.1:1/cb"]})).await;
    let ask = |uri: &str| format!("client_id={}&response_type=code&redirect_uri={uri}", app.id);
    for answer in at_both_doors(&instance, &ask("http://127.0.0.1:51234/cb")).await {
        assert!(answer.location().unwrap().starts_with("/consent?"));
    }
    for other in [
        "http://127.0.0.1:51234/other",
        "http://localhost:51234/cb",
        "https://127.0.0.1:51234/cb",
    ] {
        for answer in at_both_doors(&instance, &ask(other)).await {
            assert_page(&answer, "invalid_request");
        }
    }
}

#[tokio::test]
async fn case_008_duplicate_client_id_or_redirect_uri() {
    let (instance, app) = world().await;
    for query in [
        format!("client_id={0}&client_id={0}&response_type=code", app.id),
        format!(
            "client_id={0}&redirect_uri={1}&redirect_uri={1}&response_type=code",
            app.id, app.redirect_uri
        ),
    ] {
        for answer in at_both_doors(&instance, &query).await {
            assert_page(&answer, "invalid_request");
        }
    }
}

#[tokio::test]
async fn case_009_response_type_is_required_at_the_strict_door_only() {
    let (instance, app) = world().await;
    let [walkthrough, strict] = at_both_doors(&instance, &format!("client_id={}&state=x+y", app.id)).await;
    assert!(walkthrough.location().unwrap().starts_with("/consent?request="));
    assert_redirect(&strict, &app, "invalid_request");
}

#[tokio::test]
async fn case_010_case_011_case_012_errors_go_back_to_the_app() {
    let (instance, app) = world().await;
    for (more, code) in [
        ("response_type=magic", "unsupported_response_type"),
        (
            "response_type=code&scope=read+student.enrolment_number",
            "invalid_scope",
        ),
        ("response_type=code&scope=%22", "invalid_scope"),
        ("response_type=code&nonce=1&nonce=2", "invalid_request"),
        ("response_type=code&response_type=code", "invalid_request"),
        ("response_type=code&prompt=none+login", "invalid_request"),
        ("response_type=code&prompt=none", "consent_required"),
    ] {
        for answer in at_both_doors(&instance, &format!("client_id={}&state=x+y&{more}", app.id)).await {
            assert_redirect(&answer, &app, code);
        }
    }
    let no_session = instance
        .get(&format!(
            "/oauth/authorize?client_id={}&state=x+y&response_type=code&prompt=none",
            app.id
        ))
        .send()
        .await;
    assert_redirect(&no_session, &app, "login_required");
}

#[tokio::test]
async fn case_013_case_014_case_015_pkce() {
    let (instance, app) = world_with(json!({"token_endpoint_auth_method": "none"})).await;
    for more in [
        String::new(),
        format!("&code_challenge={CHALLENGE}"),
        format!("&code_challenge={CHALLENGE}&code_challenge_method=plain"),
        "&code_challenge=short&code_challenge_method=S256".to_owned(),
        format!("&code_challenge={CHALLENGE}&code_challenge_method=S512"),
    ] {
        let query = format!("client_id={}&state=x+y&response_type=code{more}", app.id);
        for answer in at_both_doors(&instance, &query).await {
            assert_redirect(&answer, &app, "invalid_request");
        }
    }
    let good = format!(
        "client_id={}&response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256",
        app.id
    );
    for answer in at_both_doors(&instance, &good).await {
        assert!(
            answer.location().unwrap().starts_with("/consent?"),
            "{:?}",
            answer.location()
        );
    }
}

#[tokio::test]
async fn case_019_deny_answers_the_app_or_goes_home() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    let query = format!("client_id={}&state=x+y&response_type=code", app.id);
    let strict = instance
        .answer_consent("/oauth/authorize", &cookie, &query, "deny")
        .await;
    assert_redirect(&strict, &app, "access_denied");
    let home = instance
        .answer_consent("/oauth/authorise", &cookie, &query, "deny")
        .await;
    assert_eq!((home.status.as_u16(), home.location()), (303, Some("/")));
}

#[tokio::test]
async fn case_021_case_022_case_023_case_024_success() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    let state = "a b&c=d%25\u{e9}~\"<>";
    let encoded = omniport_protocol::vocabulary::encode(state);
    for door in DOORS {
        let query = format!("client_id={}&response_type=code&shoe=1&state={encoded}", app.id);
        let answer = instance.allow(door, &cookie, &query).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(answer.redirect_param("state").as_deref(), Some(state));
        assert_eq!(answer.redirect_param("iss").as_deref(), Some(ISSUER));
        let code = answer.redirect_param("code").unwrap();
        assert!(
            code.len() == 30 && code.bytes().all(|b| b.is_ascii_alphanumeric()),
            "{code}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_remembered_consent_passes_silently() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    let query = format!("client_id={}&response_type=code&state=s", app.id);
    instance.allow(DOORS[0], &cookie, &query).await;
    for door in DOORS {
        let again = instance
            .get(&format!("{door}?{query}&prompt=none"))
            .cookie(&cookie)
            .send()
            .await;
        assert!(again.redirect_param("code").is_some(), "{:?}", again.location());
    }
}

#[tokio::test]
async fn a_state_over_4096_bytes_is_an_error_page() {
    let (instance, app) = world().await;
    let ask = |n: usize| format!("client_id={}&response_type=code&state={}", app.id, "s".repeat(n));
    for answer in at_both_doors(&instance, &ask(4_097)).await {
        assert_page(&answer, "invalid_request");
    }
    let cookie = instance.sign_in("asha").await;
    let whole = instance.allow(DOORS[0], &cookie, &ask(4_096)).await;
    assert_eq!(
        whole.redirect_param("state").map(|state| state.len()),
        Some(4_096)
    );
}

#[tokio::test]
async fn the_redirect_uris_own_query_is_kept() {
    let (instance, app) = world_with(json!({"redirect_uris": ["https://app.example/cb?tenant=1"]})).await;
    let cookie = instance.sign_in("asha").await;
    let answer = instance
        .allow(
            DOORS[1],
            &cookie,
            &format!("client_id={}&response_type=code", app.id),
        )
        .await;
    assert!(
        answer
            .location()
            .unwrap()
            .starts_with("https://app.example/cb?tenant=1&"),
        "{:?}",
        answer.location()
    );
}

#[tokio::test]
async fn case_025_case_026_no_cors_and_safe_headers() {
    let (instance, app) = world().await;
    let query = format!("client_id={}&response_type=code", app.id);
    let cookie = instance.sign_in("asha").await;
    for door in DOORS {
        let answer = instance
            .get(&format!("{door}?{query}"))
            .cookie(&cookie)
            .header("origin", "https://evil.example")
            .send()
            .await;
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let page = instance
            .get(answer.location().unwrap())
            .cookie(&cookie)
            .send()
            .await;
        assert!(
            page.header("content-security-policy")
                .unwrap()
                .contains("frame-ancestors 'none'")
        );
        assert!(
            page.header("content-security-policy")
                .unwrap()
                .ends_with("form-action 'self' https:")
        );
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn case_112_a_consent_page_opened_before_the_app_changed_is_refused() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    let query = format!("client_id={}&response_type=code", app.id);
    let first = instance
        .get(&format!("/oauth/authorize?{query}"))
        .cookie(&cookie)
        .send()
        .await;
    let page = instance
        .get(first.location().unwrap())
        .cookie(&cookie)
        .send()
        .await;
    let fields = ["csrf_token", "request", "version"].map(|name| (name, page.field(name)));

    let id = omniport_protocol::vocabulary::ClientId::parse(&app.id).unwrap();
    let dev = instance
        .engine
        .store()
        .person_by_username("dev")
        .await
        .unwrap()
        .unwrap()
        .id;
    let edit = omniport_protocol::review::Edit::Description("Other words.".into());
    instance.engine.edit_app(&id, dev, &edit).await.unwrap().unwrap();

    let mut form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    form.push(("decision", "allow"));
    let answer = instance.post("/consent").cookie(&cookie).form(&form).send().await;
    assert_page(&answer, "invalid_request");
}

#[tokio::test]
async fn signing_in_comes_back_to_the_same_request() {
    let (instance, app) = world().await;
    let query = format!("client_id={}&state=s", app.id);
    let first = instance.get(&format!("/oauth/authorise/?{query}")).send().await;
    let login = first.location().unwrap().to_owned();
    assert!(login.starts_with("/login?request="), "{login}");
    let page = instance.get(&login).send().await;
    let visit = page
        .set_cookie("__Host-omniport-visit")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let fields = [
        ("csrf_token", page.field("csrf_token")),
        ("request", page.field("request")),
        ("username", "asha".to_owned()),
        ("password", omniport_testkit::PASSWORD.to_owned()),
    ];
    let form: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let signed_in = instance.post("/login").cookie(&visit).form(&form).send().await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.body);
    assert!(signed_in.location().unwrap().starts_with("/consent?request="));
    let session = signed_in
        .set_cookie("__Host-omniport-session")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let consent = instance
        .get(signed_in.location().unwrap())
        .cookie(&session)
        .send()
        .await;
    for shown in ["asha Rao", "Physics", "Bus times", "Institute of Tests"] {
        assert!(consent.body.contains(shown), "{shown}: {}", consent.body);
    }
    assert!(consent.has_id("consent-allow") && consent.has_id("consent-deny"));
}

#[tokio::test]
async fn the_sign_in_page_does_not_vouch_for_an_app_that_is_not_approved() {
    let links = json!({"client_name": "Student mail", "client_uri": "https://links.example/"});
    let (instance, app) = world_with(links.clone()).await;
    let found = instance.engine.store().person_by_username("dev").await;
    let dev = found.unwrap().unwrap().id;
    let unapproved = instance.app_in(dev, links, false).await;
    // One of its team gets such a page's address, and sends it to others.
    let cookie = instance.sign_in("dev").await;
    for (app, is_told) in [(&app, false), (&unapproved, true)] {
        let query = format!(
            "/oauth/authorize?client_id={}&state=x&response_type=code&prompt=login",
            app.id
        );
        let first = instance.get(&query).cookie(&cookie).send().await;
        let login = instance.get(first.location().unwrap()).send().await;
        assert!(login.has_id("login-submit"), "{}", login.body);
        assert_eq!(login.has_id("sandbox-badge"), is_told, "{}", login.body);
        assert_eq!(login.body.contains("https://links.example/"), !is_told);
    }
}
