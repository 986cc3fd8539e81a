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

/// The form of the page that asks for the password, as a browser sends it: its hidden fields, and the password.
fn sent_again(page: &Answer, password: &str) -> Vec<(String, String)> {
    let form = page.body.split_once("class=\"stack\"").unwrap().1;
    let hidden = form.split("<input type=\"hidden\" name=\"").skip(1);
    let mut fields: Vec<(String, String)> = hidden
        .map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            let value = rest.split_once('"').unwrap().0;
            (name.to_owned(), value.replace("&#34;", "\""))
        })
        .collect();
    fields.push(("password".into(), password.into()));
    fields
}

async fn post(instance: &Instance, cookie: &str, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    instance.post(path).cookie(cookie).form(&fields).send().await
}

const KEYS: &str = r#"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "theirs",
"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

#[tokio::test]
async fn whatever_lets_somebody_act_as_the_app_asks_for_a_fresh_sign_in() {
    let (instance, app) = world().await;
    let mut cookie = instance.sign_in("dev").await;
    let dashboard = format!("/developer/apps/{}", app.id);
    let dev = instance
        .engine
        .store()
        .person_by_username("dev")
        .await
        .unwrap()
        .unwrap()
        .id;
    let id = omniport_protocol::vocabulary::ClientId::parse(&app.id).unwrap();
    let asha = instance
        .engine
        .store()
        .person_by_username("asha")
        .await
        .unwrap()
        .unwrap()
        .id;
    let name = instance.engine.store().app(&id).await.unwrap().unwrap();
    let name = name.live.unwrap().manifest.name;
    let acts: [(&str, &[(&str, &str)]); 6] = [
        ("/secret", &[("grace_hours", "7")]),
        ("/secret/revoke", &[("secret", "1")]),
        (
            "/protocol",
            &[
                ("grant_types", "authorization_code"),
                ("grant_types", "refresh_token"),
                ("jwks", KEYS),
                ("token_endpoint_auth_method", "private_key_jwt"),
            ],
        ),
        ("/team", &[("username", "mai")]),
        ("/team/give", &[("username", "asha"), ("confirm_name", &name)]),
        ("/delete", &[("confirm_name", &name)]),
    ];
    instance
        .engine
        .invite_to_team(&id, dev, "asha")
        .await
        .unwrap()
        .unwrap();
    instance
        .engine
        .answer_invitation(&id, asha, true)
        .await
        .unwrap()
        .unwrap();
    for (to, typed) in acts {
        instance.clock.advance(601);
        let path = format!("{dashboard}{to}");
        let page = instance.get(&dashboard).cookie(&cookie).send().await;
        let mut fields = vec![("csrf_token".to_owned(), page.field("csrf_token"))];
        fields.extend(typed.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let before = instance.engine.store().app(&id).await.unwrap();
        let asked = post(&instance, &cookie, &path, &fields).await;
        assert_eq!(asked.status, 403, "{to}: {}", asked.body);
        assert!(
            asked.has_id("proof-password") && asked.has_id("proof-submit"),
            "{to}"
        );
        assert!(asked.body.contains("You signed in a while ago."), "{to}");
        let wrong = post(&instance, &cookie, &path, &sent_again(&asked, "wrong")).await;
        assert_eq!(wrong.status, 403, "{to}");
        assert!(wrong.body.contains("This is not your password"), "{to}");
        assert!(wrong.body.contains("aria-invalid=\"true\""), "{to}");
        assert_eq!(instance.engine.store().app(&id).await.unwrap(), before, "{to}");
        // Nothing that was typed is lost on the way, and the session goes on under another cookie.
        let again = sent_again(&wrong, PASSWORD);
        for field in fields.iter().skip(1) {
            assert!(again.contains(field), "{to}: {field:?} in {again:?}");
        }
        let done = post(&instance, &cookie, &path, &again).await;
        assert_eq!(done.status, 303, "{to}: {}", done.body);
        let renewed = done.set_cookie("__Host-omniport-session").unwrap();
        cookie = renewed.split(';').next().unwrap().to_owned();
    }
    assert_eq!(instance.engine.store().app(&id).await.unwrap(), None);
}

#[tokio::test]
async fn a_form_that_is_refused_after_the_password_keeps_the_session() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("dev").await;
    instance.clock.advance(601);
    let dashboard = format!("/developer/apps/{}", app.id);
    let page = instance.get(&dashboard).cookie(&cookie).send().await;
    let fields = [
        ("csrf_token".to_owned(), page.field("csrf_token")),
        ("confirm_name".to_owned(), "Another".to_owned()),
        ("password".to_owned(), PASSWORD.to_owned()),
    ];
    let refused = post(&instance, &cookie, &format!("{dashboard}/delete"), &fields).await;
    assert_eq!(refused.status, 422);
    let renewed = refused.set_cookie("__Host-omniport-session").unwrap();
    let renewed = renewed.split(';').next().unwrap();
    assert!(!refused.has_id("redirects-password"), "they proved it just now");
    // The forms on the page are those of the session as it goes on.
    let fields = [
        ("csrf_token".to_owned(), refused.field("csrf_token")),
        ("contact".to_owned(), "planner@example.org".to_owned()),
    ];
    let saved = post(&instance, renewed, &format!("{dashboard}/publisher"), &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
}
