//! What whoever finds a browser open could misuse asks for a fresh sign-in, or the password once more.

use crate::world;
use omniport_testkit::{Answer, Instance, PASSWORD, TestApp};

/// Saves other redirect URLs with what the dashboard's form has.
async fn save(instance: &Instance, app: &TestApp, cookie: &str, password: Option<&str>) -> Answer {
    let dashboard = format!("/developer/apps/{}", app.id);
    let page = instance.get(&dashboard).cookie(cookie).send().await;
    let token = page.field("csrf_token");
    let mut form = vec![
        ("csrf_token", token.as_str()),
        (
            "redirect_uris",
            "https://app.example/callback https://app.example/second",
        ),
    ];
    form.extend(password.map(|password| ("password", password)));
    let path = format!("{dashboard}/redirect-uris");
    instance.post(&path).cookie(cookie).form(&form).send().await
}

async fn count(instance: &Instance, app: &TestApp) -> usize {
    let id = omniport_protocol::vocabulary::ClientId::parse(&app.id).unwrap();
    let app = instance.engine.store().app(&id).await.unwrap().unwrap();
    app.live.unwrap().manifest.redirect_uris.len()
}

#[tokio::test]
async fn case_108_changing_redirect_urls_asks_for_a_fresh_sign_in() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("dev").await;
    instance.clock.advance(601);
    let dashboard = format!("/developer/apps/{}", app.id);
    let page = instance.get(&dashboard).cookie(&cookie).send().await;
    assert!(page.has_id("redirects-password"));
    for (password, told) in [
        (None, "Type your password"),
        (Some(""), "Type your password"),
        (Some("wrong"), "This is not your password"),
    ] {
        let refused = save(&instance, &app, &cookie, password).await;
        assert_eq!(refused.status, 403);
        assert!(
            refused.body.contains(told) && refused.body.contains("https://app.example/second"),
            "{told}"
        );
        assert_eq!(count(&instance, &app).await, 1);
    }
    let saved = save(&instance, &app, &cookie, Some(PASSWORD)).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    assert_eq!(count(&instance, &app).await, 2);
    // The session goes on under another cookie (case 104), and is fresh for a while.
    let renewed = saved.set_cookie("__Host-omniport-session").unwrap();
    let renewed = renewed.split(';').next().unwrap().to_owned();
    assert_ne!(renewed, cookie);
    let old = instance.get(&dashboard).cookie(&cookie).send().await;
    assert!(old.location().unwrap().starts_with("/login"));
    let page = instance.get(&dashboard).cookie(&renewed).send().await;
    assert!(page.status == 200 && !page.has_id("redirects-password"));
}

#[tokio::test]
async fn a_fresh_sign_in_saves_redirect_urls_at_once() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("dev").await;
    instance.clock.advance(599);
    assert_eq!(save(&instance, &app, &cookie, None).await.status, 303);
    assert_eq!(count(&instance, &app).await, 2);
}

#[tokio::test]
async fn guessing_at_the_dashboard_is_throttled_as_at_the_door() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("dev").await;
    instance.clock.advance(601);
    let mut last = 0;
    for _ in 0..40 {
        last = save(&instance, &app, &cookie, Some("guess"))
            .await
            .status
            .as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
}
