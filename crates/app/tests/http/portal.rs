//! Sign-in and the developer's pages over HTTP.

use crate::world;
use omniport_testkit::{Answer, Instance, PASSWORD};

const SESSION: &str = "__Host-omniport-session";

/// Opens a page as somebody and posts its form back with these fields.
async fn submit(instance: &Instance, cookie: &str, page: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
    let opened = instance.get(page).cookie(cookie).send().await;
    let token = opened.field("csrf_token");
    let mut form = vec![("csrf_token", token.as_str())];
    form.extend(fields);
    instance.post(to).cookie(cookie).form(&form).send().await
}

fn registration(description: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("name", "Mess menu"),
        (
            "redirect_uris",
            "https://menu.example/cb http://127.0.0.1:9000/cb",
        ),
        ("client_type", "confidential"),
        ("description", description),
        ("data_points", "person.full_name"),
        ("data_points", "contact_information.email_address"),
        ("agrees_to_terms", "on"),
    ]
}

async fn sign_in_page(instance: &Instance) -> (String, String) {
    let page = instance.get("/login").send().await;
    let visit = page
        .set_cookie("__Host-omniport-visit")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    (visit, page.field("csrf_token"))
}

#[tokio::test]
async fn case_102_a_csrf_token_is_required() {
    let (instance, _) = world().await;
    let (visit, token) = sign_in_page(&instance).await;
    let fields = [("username", "asha"), ("password", PASSWORD)];
    let missing = instance.post("/login").cookie(&visit).form(&fields).send().await;
    assert_eq!(missing.status, 403);
    let mut wrong = fields.to_vec();
    wrong.push(("csrf_token", "wrong"));
    assert_eq!(
        instance
            .post("/login")
            .cookie(&visit)
            .form(&wrong)
            .send()
            .await
            .status,
        403
    );
    let mut right = fields.to_vec();
    right.push(("csrf_token", &token));
    assert_eq!(
        instance.post("/login").form(&right).send().await.status,
        403,
        "without its cookie"
    );
    assert_eq!(
        instance
            .post("/login")
            .cookie(&visit)
            .form(&right)
            .send()
            .await
            .status,
        303
    );

    let cookie = instance.sign_in("dev").await;
    let description = "word ".repeat(130);
    let bare = instance
        .post("/developer/add")
        .cookie(&cookie)
        .form(&registration(&description))
        .send()
        .await;
    assert_eq!(bare.status, 403);
}

#[tokio::test]
async fn case_103_a_cross_site_post_is_refused() {
    let (instance, _) = world().await;
    let (visit, token) = sign_in_page(&instance).await;
    let fields = [
        ("username", "asha"),
        ("password", PASSWORD),
        ("csrf_token", token.as_str()),
    ];
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = instance
            .post("/login")
            .cookie(&visit)
            .header(name, value)
            .form(&fields)
            .send()
            .await;
        assert_eq!(answer.status, 403, "{name}: {value}");
    }
}

#[tokio::test]
async fn case_104_case_105_sessions() {
    let (instance, _) = world().await;
    let (visit, token) = sign_in_page(&instance).await;
    let fields = [
        ("username", "asha"),
        ("password", PASSWORD),
        ("csrf_token", token.as_str()),
    ];
    let first = instance.post("/login").cookie(&visit).form(&fields).send().await;
    let cookie = first.set_cookie(SESSION).unwrap();
    for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let name = cookie.split(';').next().unwrap().to_owned();
    assert_eq!(
        instance
            .get("/")
            .cookie(&name)
            .send()
            .await
            .body
            .matches("asha")
            .count()
            .min(1),
        1
    );

    // A planted session does not survive the sign-in.
    let planted = format!("{SESSION}=planted");
    let again = instance
        .post("/login")
        .cookie(&format!("{visit}; {planted}"))
        .form(&fields)
        .send()
        .await;
    let token_of_planted = instance.get("/login").cookie(&planted).send().await;
    assert!(!token_of_planted.body.contains("asha"));
    if again.status == 303 {
        assert!(!again.set_cookie(SESSION).unwrap().contains("planted"));
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_told_alike_and_the_name_is_kept() {
    let (instance, _) = world().await;
    let (visit, token) = sign_in_page(&instance).await;
    let mut told = Vec::new();
    for username in ["asha", "nobody"] {
        let fields = [
            ("username", username),
            ("password", "not this one"),
            ("csrf_token", token.as_str()),
        ];
        let answer = instance.post("/login").cookie(&visit).form(&fields).send().await;
        assert!(answer.status.is_client_error() || answer.status == 200);
        assert!(answer.set_cookie(SESSION).is_none());
        assert_eq!(answer.field("username"), username);
        assert!(!answer.body.contains("not this one"));
        told.push((answer.status, answer.body.replace(username, "")));
    }
    let mut rest = told.into_iter();
    let (first, second) = (rest.next().unwrap(), rest.next().unwrap());
    assert_eq!(first.0, second.0);
    assert_eq!(first.1.len(), second.1.len());
}

#[tokio::test]
async fn guessing_is_slowed() {
    let (instance, _) = world().await;
    let (visit, token) = sign_in_page(&instance).await;
    let mut last = None;
    for _ in 0..11 {
        let fields = [
            ("username", "asha"),
            ("password", "not this one"),
            ("csrf_token", token.as_str()),
        ];
        last = Some(instance.post("/login").cookie(&visit).form(&fields).send().await);
    }
    let last = last.unwrap();
    assert_eq!(last.status, 429);
    assert!(last.header("retry-after").is_some());
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let (instance, _) = world().await;
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let (visit, token) = sign_in_page(&instance).await;
        let fields = [
            ("username", "asha"),
            ("password", PASSWORD),
            ("csrf_token", token.as_str()),
            ("next", next),
        ];
        let answer = instance.post("/login").cookie(&visit).form(&fields).send().await;
        assert_eq!(answer.location(), Some("/"), "{next}");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let (instance, _) = world().await;
    let cookie = instance.sign_in("asha").await;
    let answer = submit(&instance, &cookie, "/logout", "/logout", &[]).await;
    assert_eq!(answer.location(), Some("/logout/done"));
    let home = instance.get("/developer").cookie(&cookie).send().await;
    assert!(home.location().unwrap().starts_with("/login"), "{}", home.body);
}

#[tokio::test]
async fn case_107_the_secret_is_shown_once() {
    let (instance, _) = world().await;
    let cookie = instance.sign_in("dev").await;
    let description = "word ".repeat(127);
    let added = submit(
        &instance,
        &cookie,
        "/developer/add",
        "/developer/add",
        &registration(&description),
    )
    .await;
    assert_eq!(added.status, 303, "{}", added.body);
    let dashboard = added.location().unwrap().to_owned();
    assert!(dashboard.starts_with("/developer/apps/"));
    let reveal = added
        .set_cookie("__Host-omniport-reveal")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let first = instance
        .get(&dashboard)
        .cookie(&format!("{cookie}; {reveal}"))
        .send()
        .await;
    assert_eq!(first.status, 200, "{}", first.body);
    let secret = first.text_of("client-secret").unwrap();
    assert!(secret.len() >= 30, "{secret}");
    assert!(first.has_id("client-id") && first.has_id("app-status"));
    assert!(
        first
            .set_cookie("__Host-omniport-reveal")
            .unwrap()
            .contains("Max-Age=0")
    );
    let second = instance.get(&dashboard).cookie(&cookie).send().await;
    assert!(!second.has_id("client-secret") && !second.body.contains(&secret));
}

#[tokio::test]
async fn mistakes_stand_beside_their_fields_and_nothing_typed_is_lost() {
    let (instance, _) = world().await;
    let cookie = instance.sign_in("dev").await;
    let fields = [
        ("name", "Menu <b>"),
        ("redirect_uris", "http://far.example/cb"),
        ("client_type", "public"),
        ("description", "too short & sweet"),
        ("data_points", "student.branch.name"),
    ];
    let answer = submit(&instance, &cookie, "/developer/add", "/developer/add", &fields).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(answer.field("name"), "Menu <b>");
    assert!(answer.body.contains("http://far.example/cb"));
    assert!(answer.body.contains("too short &#38; sweet"));
    assert!(answer.body.contains("uses http to another machine"));
    assert!(
        answer
            .body
            .contains("The description has 3 words; it needs at least 127. Write 124 more.")
    );
    for refused in [
        "https://a.example/#f",
        "https://*.example/",
        "https://u:p@a.example/",
        "javascript:alert(1)",
    ] {
        let fields = [("redirect_uris", refused)];
        let answer = submit(&instance, &cookie, "/developer/add", "/developer/add", &fields).await;
        assert_eq!(answer.status, 422, "{refused}");
    }
}

#[tokio::test]
async fn only_developers_add_apps() {
    let (instance, _) = world().await;
    let asha = instance.sign_in("asha").await;
    assert_eq!(
        instance.get("/developer/add").cookie(&asha).send().await.status,
        403
    );
    let stranger = instance.get("/developer/add").send().await;
    assert!(stranger.location().unwrap().starts_with("/login?next="));
}

#[tokio::test]
async fn the_team_edits_and_is_told() {
    let (instance, app) = world().await;
    let dev = instance.sign_in("dev").await;
    let page = format!("/developer/apps/{}", app.id);
    let added = submit(
        &instance,
        &dev,
        &page,
        &format!("{page}/team"),
        &[("username", "asha")],
    )
    .await;
    assert_eq!(added.status, 303, "{}", added.body);
    let asha = instance.sign_in("asha").await;
    let home = instance.get("/").cookie(&asha).send().await;
    assert!(home.body.contains("invites you to the team of"));
    let invitation = format!("/account/invitations/{}", app.id);
    let accept = [("answer", "accept")];
    let joined = submit(&instance, &asha, "/", &invitation, &accept).await;
    assert_eq!(joined.status, 303, "{}", joined.body);
    assert_eq!(instance.get(&page).cookie(&asha).send().await.status, 200);
    let unknown = submit(
        &instance,
        &dev,
        &page,
        &format!("{page}/team"),
        &[("username", "ghost")],
    )
    .await;
    assert_eq!(unknown.status, 422);
    assert!(unknown.body.contains("ghost"));

    let renamed = submit(
        &instance,
        &dev,
        &page,
        &format!("{page}/name"),
        &[("name", "Tram times")],
    )
    .await;
    assert_eq!(renamed.status, 303);
    let dashboard = instance.get(&page).cookie(&dev).send().await;
    assert!(
        dashboard.body.contains("Tram times") && dashboard.body.contains("Bus times"),
        "the change waits"
    );
}

#[tokio::test]
async fn rotating_keeps_the_old_secret_for_a_day() {
    let (instance, app) = world().await;
    let dev = instance.sign_in("dev").await;
    let page = format!("/developer/apps/{}", app.id);
    let rotated = submit(&instance, &dev, &page, &format!("{page}/secret"), &[]).await;
    assert_eq!(rotated.status, 303, "{}", rotated.body);
    let reveal = rotated
        .set_cookie("__Host-omniport-reveal")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let shown = instance
        .get(&page)
        .cookie(&format!("{dev}; {reveal}"))
        .send()
        .await;
    let secret = shown.text_of("client-secret").unwrap();
    let new = omniport_testkit::TestApp {
        secret,
        ..app.clone()
    };
    let form = [("grant_type", "refresh_token"), ("refresh_token", "nothing")];
    for app in [&app, &new] {
        crate::assert_error(&instance.token(app, &form).await, 400, "invalid_grant");
    }
    instance.clock.advance(86_400);
    crate::assert_error(&instance.token(&app, &form).await, 401, "invalid_client");
    crate::assert_error(&instance.token(&new, &form).await, 400, "invalid_grant");
}

#[tokio::test]
async fn deleting_needs_the_name() {
    let (instance, app) = world().await;
    let dev = instance.sign_in("dev").await;
    let page = format!("/developer/apps/{}", app.id);
    let wrong = submit(
        &instance,
        &dev,
        &page,
        &format!("{page}/delete"),
        &[("confirm_name", "bus times")],
    )
    .await;
    assert_eq!(wrong.status, 422);
    let right = submit(
        &instance,
        &dev,
        &page,
        &format!("{page}/delete"),
        &[("confirm_name", "Bus times")],
    )
    .await;
    assert_eq!(
        (right.status.as_u16(), right.location()),
        (303, Some("/developer?saved=deleted")),
        "{}",
        right.body
    );
    assert_eq!(instance.get(&page).cookie(&dev).send().await.status, 404);
}

#[tokio::test]
async fn withdrawing_kills_the_apps_tokens() {
    let (instance, app) = world().await;
    let (access, refresh) = crate::pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let asha = instance.sign_in("asha").await;
    assert!(
        instance
            .get("/")
            .cookie(&asha)
            .send()
            .await
            .body
            .contains("Bus times")
    );
    let withdraw = format!("/account/apps/{}/withdraw", app.id);
    assert_eq!(submit(&instance, &asha, "/", &withdraw, &[]).await.status, 303);
    assert_eq!(instance.user_data(&access).await.status, 401);
    crate::assert_error(&instance.refresh(&app, &refresh).await, 400, "invalid_grant");
    assert!(
        !instance
            .get("/")
            .cookie(&asha)
            .send()
            .await
            .body
            .contains("Bus times")
    );
}

#[tokio::test]
async fn the_terms_are_served() {
    let (instance, _) = world().await;
    let terms = instance.get("/legal/developer_terms_of_use").send().await;
    assert_eq!(terms.status, 200);
    assert!(terms.body.contains("Be kind."));
}
