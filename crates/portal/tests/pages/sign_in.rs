//! Signing in and out, and what protects the forms.

use crate::browser::{ISSUER, PASSWORD, Site};
use axum::body::Body;
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderName, HeaderValue, Request, StatusCode};

const SESSION: &str = "__Host-omniport-session";

#[tokio::test]
async fn a_right_password_leads_on_and_a_wrong_one_tells_nothing() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let page = browser.get("/login?next=%2Fdeveloper").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.hidden("next"), "/developer");
    let wrong = browser
        .post("/login", &[("username", "asha"), ("password", "not it, surely")])
        .await;
    let nobody = browser
        .post(
            "/login",
            &[("username", "nobody"), ("password", "not it, surely")],
        )
        .await;
    assert_eq!(
        (wrong.status, nobody.status),
        (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED)
    );
    assert!(wrong.body.contains("value=\"asha\""));
    assert!(!wrong.body.contains("not it, surely"));
    assert_eq!(
        wrong.body.replace("asha", "X"),
        nobody.body.replace("nobody", "X")
    );
    let right = browser
        .post(
            "/login",
            &[
                ("username", "asha"),
                ("password", PASSWORD),
                ("next", "/developer"),
            ],
        )
        .await;
    assert_eq!(
        (right.status, right.location()),
        (StatusCode::SEE_OTHER, "/developer")
    );
    assert_eq!(browser.get("/login").await.location(), "/");
    let home = browser.get("/").await;
    assert!(home.body.contains("Asha Rao") && home.body.contains("Student"));
}

#[tokio::test]
async fn a_sign_in_never_leads_to_another_site() {
    let site = Site::new().await;
    for next in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
    ] {
        let mut browser = site.browser();
        browser.get("/login").await;
        let fields = [("username", "asha"), ("password", PASSWORD), ("next", next)];
        assert_eq!(browser.post("/login", &fields).await.location(), "/", "{next:?}");
    }
}

#[tokio::test]
async fn too_many_attempts_wait() {
    let site = Site::new().await;
    let mut browser = site.browser();
    for _ in 0..10 {
        browser
            .post("/login", &[("username", "asha"), ("password", "wrong wrong")])
            .await;
    }
    let answer = browser
        .post("/login", &[("username", "asha"), ("password", PASSWORD)])
        .await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "30");
    assert!(answer.body.contains("30 seconds"));
}

#[tokio::test]
async fn case_104_the_session_changes_at_sign_in() {
    let site = Site::new().await;
    let mut browser = site.browser();
    browser.jar.insert(SESSION.to_owned(), "planted".to_owned());
    browser.get("/login").await;
    browser
        .post("/login", &[("username", "asha"), ("password", PASSWORD)])
        .await;
    let first = browser.jar[SESSION].clone();
    assert_ne!(first, "planted");
    let handle = site
        .parked(
            &site.app("Planner", true).await,
            omniport_protocol::authorize::Door::Standard,
        )
        .await;
    let fields = [
        ("username", "dev"),
        ("password", PASSWORD),
        ("request", handle.as_str()),
    ];
    let answer = browser.post("/login", &fields).await;
    assert_eq!(answer.location(), format!("/consent?request={handle}"));
    assert_ne!(browser.jar[SESSION], first);
    let mut old = site.browser();
    old.jar.insert(SESSION.to_owned(), first);
    assert_eq!(old.get("/developer").await.location(), "/login?next=%2Fdeveloper");
}

#[tokio::test]
async fn case_102_a_form_without_its_token_does_nothing() {
    let site = Site::new().await;
    let mut stranger = site.browser();
    let answer = stranger
        .post_bare("/login", &[("username", "asha"), ("password", PASSWORD)])
        .await;
    assert_eq!(
        (answer.status, answer.text_of("error-code").as_str()),
        (StatusCode::FORBIDDEN, "csrf")
    );
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", false).await;
    let path = format!("/developer/apps/{app}/name");
    for fields in [
        &[("name", "Other")][..],
        &[("name", "Other"), ("csrf_token", "wrong")],
    ] {
        assert_eq!(dev.post_bare(&path, fields).await.status, StatusCode::FORBIDDEN);
    }
    let stale = stranger.get("/login").await.hidden("csrf_token");
    let answer = dev
        .post_bare(&path, &[("name", "Other"), ("csrf_token", &stale)])
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        dev.get(&format!("/developer/apps/{app}"))
            .await
            .body
            .contains("value=\"Planner\"")
    );
    assert_eq!(
        dev.post(&path, &[("name", "Other")]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn case_103_a_form_from_another_site_does_nothing() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", false).await;
    let path = format!("/developer/apps/{app}/name");
    let site_header = HeaderName::from_static("sec-fetch-site");
    for (name, value) in [
        (site_header.clone(), "cross-site"),
        (site_header.clone(), "same-site"),
        (ORIGIN, "https://evil.example"),
        (ORIGIN, "null"),
    ] {
        dev.says.insert(name, HeaderValue::from_static(value));
        let answer = dev.post(&path, &[("name", "Other")]).await;
        assert_eq!(
            (answer.status, answer.text_of("error-code").as_str()),
            (StatusCode::FORBIDDEN, "cross_site")
        );
        dev.says.clear();
    }
    dev.says
        .insert(site_header, HeaderValue::from_static("same-origin"));
    dev.says.insert(ORIGIN, HeaderValue::from_static(ISSUER));
    assert_eq!(
        dev.post(&path, &[("name", "Other")]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn cases_098_and_100_a_session_ends_only_when_asked_for() {
    let site = Site::new().await;
    let mut browser = site.signed_in("asha").await;
    let page = browser.get("/logout").await;
    assert!(page.body.contains("id=\"logout-confirm\""));
    assert_eq!(browser.get("/developer").await.status, StatusCode::OK);
    assert_eq!(
        browser.post_bare("/logout", &[]).await.status,
        StatusCode::FORBIDDEN
    );
    let session = browser.jar[SESSION].clone();
    assert_eq!(browser.post("/logout", &[]).await.location(), "/logout/done");
    assert!(!browser.jar.contains_key(SESSION));
    browser.jar.insert(SESSION.to_owned(), session);
    assert_eq!(browser.get("/developer").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.post_bare("/logout", &[]).await.location(), "/logout/done");
    assert_eq!(browser.get("/logout/done").await.status, StatusCode::OK);
}

#[tokio::test]
async fn case_105_cookies_are_host_secure_httponly_samesite() {
    let site = Site::new().await;
    let mut browser = site.browser();
    let visit = browser.get("/login").await;
    let session = browser
        .post("/login", &[("username", "asha"), ("password", PASSWORD)])
        .await;
    for answer in [visit, session] {
        let cookie = answer.header("set-cookie");
        for part in ["__Host-omniport-", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}

#[tokio::test]
async fn bad_requests_become_pages() {
    let site = Site::new().await;
    let mut browser = site.signed_in("dev").await;
    for (path, status, code) in [
        ("/nowhere", 404, "not_found"),
        ("/developer/apps/none", 404, "not_found"),
        ("/developer/apps/caf%C3%A9", 404, "not_found"),
        ("/developer/apps/%FF", 404, "not_found"),
        ("/assets/none.css", 404, "not_found"),
        ("/logo/none.png", 404, "not_found"),
        ("/login?next=%FF", 400, "invalid_request"),
        ("/login?request=gone", 400, "invalid_request"),
        ("/consent?request=gone", 400, "invalid_request"),
        ("/consent", 400, "invalid_request"),
        ("/account/apps/x/withdraw", 405, "method_not_allowed"),
        ("/maintainer/review", 403, "forbidden"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.text_of("error-code"), code, "{path}");
        assert!(!answer.text_of("error-detail").is_empty(), "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{path}"
        );
    }
    for (kind, body, status) in [
        ("application/json", "{}".to_owned(), 415),
        ("application/x-www-form-urlencoded", "name=%FF".to_owned(), 400),
        (
            "application/x-www-form-urlencoded",
            "name=a&name=b".to_owned(),
            400,
        ),
        (
            "application/x-www-form-urlencoded",
            format!("name={}", "x".repeat(70_000)),
            413,
        ),
    ] {
        let request = Request::post("/developer/add").header(CONTENT_TYPE, kind);
        let answer = browser.send(request, Body::from(body)).await;
        assert_eq!(answer.status.as_u16(), status, "{kind}");
        assert!(!answer.text_of("error-code").is_empty());
    }
}

#[tokio::test]
async fn the_terms_are_text() {
    let site = Site::new().await;
    let page = site.browser().get("/legal/developer_terms_of_use").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("<h1>Terms</h1>"));
    assert!(page.body.contains("&lt;script&gt;alert(1)"));
}
