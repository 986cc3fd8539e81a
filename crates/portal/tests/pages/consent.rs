//! Consent, home, and taking it back.

use crate::browser::{Browser, CALLBACK, PASSWORD, Site};
use http::StatusCode;
use omniport_protocol::authorize::Door;
use omniport_protocol::review::Edit;

/// A consent page for `asha`, who has just signed in.
async fn asked(site: &Site, door: Door) -> (Browser, String) {
    let app = site.app("Planner", true).await;
    let handle = site.parked(&app, door).await;
    let mut browser = site.browser();
    let path = format!("/consent?request={handle}");
    assert_eq!(
        browser.get(&path).await.location(),
        format!("/login?request={handle}")
    );
    let login = browser.get(&format!("/login?request={handle}")).await;
    assert!(login.body.contains("Planner"));
    assert!(
        login
            .header("content-security-policy")
            .ends_with("form-action 'self' https:")
    );
    let fields = [
        ("username", "asha"),
        ("password", PASSWORD),
        ("request", handle.as_str()),
    ];
    assert_eq!(browser.post("/login", &fields).await.location(), path);
    (browser, handle)
}

#[tokio::test]
async fn the_page_shows_who_asks_whom_for_what() {
    let site = Site::new().await;
    let (mut browser, handle) = asked(&site, Door::Standard).await;
    let page = browser.get(&format!("/consent?request={handle}")).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "Planner",
        "Devika Nair",
        "app.example.org",
        "Asha Rao",
        "Student",
        "Joining date",
        "nothing on file",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    assert!(page.body.contains("id=\"consent-allow\"") && page.body.contains("id=\"consent-deny\""));
    assert!(
        page.header("content-security-policy")
            .ends_with("form-action 'self' https:")
    );
    assert_eq!(
        (page.header("cache-control"), page.header("referrer-policy")),
        ("no-store", "no-referrer")
    );
}

#[tokio::test]
async fn case_021_allow_leads_to_the_app_once() {
    let site = Site::new().await;
    let (mut browser, handle) = asked(&site, Door::Standard).await;
    let page = browser.get(&format!("/consent?request={handle}")).await;
    let version = page.hidden("version");
    let fields = [
        ("request", handle.as_str()),
        ("version", version.as_str()),
        ("decision", "allow"),
    ];
    let answer = browser.post("/consent", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        answer.location().starts_with(&format!("{CALLBACK}?code=")),
        "{}",
        answer.location()
    );
    assert!(
        answer
            .location()
            .contains("&state=s&iss=https%3A%2F%2Fid.example.edu")
    );
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let again = browser.post("/consent", &fields).await;
    assert_eq!(
        (again.status, again.text_of("error-code").as_str()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );
}

#[tokio::test]
async fn case_019_deny_answers_as_the_door_says() {
    let site = Site::new().await;
    for (door, expected) in [
        (
            Door::Standard,
            "https://app.example.org/callback?error=access_denied",
        ),
        (Door::Walkthrough, "/"),
    ] {
        let (mut browser, handle) = asked(&site, door).await;
        let version = browser
            .get(&format!("/consent?request={handle}"))
            .await
            .hidden("version");
        let fields = [
            ("request", handle.as_str()),
            ("version", version.as_str()),
            ("decision", "deny"),
        ];
        let answer = browser.post("/consent", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(answer.location().starts_with(expected), "{}", answer.location());
    }
}

#[tokio::test]
async fn case_112_an_answer_to_a_page_from_before_a_change_is_refused() {
    let site = Site::new().await;
    let (mut browser, handle) = asked(&site, Door::Standard).await;
    let version = browser
        .get(&format!("/consent?request={handle}"))
        .await
        .hidden("version");
    let dev = site.id_of("dev").await;
    let app = site
        .engine
        .store()
        .apps_of(dev, "", None, 50)
        .await
        .unwrap()
        .remove(0)
        .0;
    let edit = Edit::Description(crate::browser::words(140));
    site.engine.edit_app(&app.id, dev, &edit).await.unwrap().unwrap();
    let fields = [
        ("request", handle.as_str()),
        ("version", version.as_str()),
        ("decision", "allow"),
    ];
    let answer = browser.post("/consent", &fields).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(
        answer
            .text_of("error-detail")
            .contains("changed while this page was open")
    );
    // The request still waits, and its page shows what the app is now.
    let again = format!("/consent?request={handle}");
    assert!(
        answer.body.contains(&format!("href=\"{again}\"")),
        "{}",
        answer.body
    );
    let shown = browser.get(&again).await;
    assert_ne!(shown.hidden("version"), version);
}

#[tokio::test]
async fn odd_answers_are_refused() {
    let site = Site::new().await;
    let (mut browser, handle) = asked(&site, Door::Standard).await;
    for fields in [
        [
            ("request", handle.as_str()),
            ("version", "1"),
            ("decision", "maybe"),
        ],
        [
            ("request", handle.as_str()),
            ("version", "one"),
            ("decision", "allow"),
        ],
        [("request", ""), ("version", "1"), ("decision", "allow")],
        [("request", "gone"), ("version", "1"), ("decision", "allow")],
    ] {
        assert_eq!(
            browser.post("/consent", &fields).await.status,
            StatusCode::BAD_REQUEST,
            "{fields:?}"
        );
    }
    let bare = [
        ("request", handle.as_str()),
        ("version", "1"),
        ("decision", "allow"),
    ];
    assert_eq!(
        browser.post_bare("/consent", &bare).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn what_was_allowed_stands_on_the_home_page_until_it_is_withdrawn() {
    let site = Site::new().await;
    let (mut browser, handle) = asked(&site, Door::Standard).await;
    let version = browser
        .get(&format!("/consent?request={handle}"))
        .await
        .hidden("version");
    let fields = [
        ("request", handle.as_str()),
        ("version", version.as_str()),
        ("decision", "allow"),
    ];
    browser.post("/consent", &fields).await;
    let home = browser.get("/").await;
    assert!(
        home.body.contains("Planner") && home.body.contains("3 facts about you"),
        "{}",
        home.body
    );
    let asha = site.id_of("asha").await;
    let client = site
        .engine
        .store()
        .connected_apps(asha, None, 50)
        .await
        .unwrap()
        .remove(0)
        .client;
    let path = format!("/account/apps/{client}/withdraw");
    assert_eq!(browser.post_bare(&path, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.post(&path, &[]).await.location(), "/?saved=withdrawn");
    assert!(
        site.engine
            .store()
            .connected_apps(asha, None, 50)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(browser.get("/?saved=withdrawn").await.body.contains("Withdrawn."));
    assert_eq!(site.browser().post(&path, &[]).await.location(), "/login");
}

#[tokio::test]
async fn an_app_in_the_sandbox_offers_its_team_to_sign_in() {
    let site = Site::new().await;
    let app = site.app("Planner", false).await;
    let path = format!("/oauth/authorise?client_id={app}");
    let next = format!("/login?next={}", omniport_protocol::vocabulary::encode(&path));
    let page = site.browser().get(&next).await;
    assert_eq!(page.hidden("next"), path);
    assert!(
        page.header("content-security-policy")
            .ends_with("form-action 'self' https:")
    );
}
