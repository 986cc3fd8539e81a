//! Every page there is, by the table that the router is made from: who is let in, whom it tells nothing.

use crate::apis::api;
use crate::world;
use http::Method;
use omniport_engine::people::PlatformRole;
use omniport_portal::{MAINTAINER_ROUTES, OWNER_ROUTES, PERSONAL_ROUTES, TEAM_ROUTES};
use omniport_protocol::apis::ResourceDraft;
use omniport_testkit::{Answer, Instance};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A browser that is signed in, with the token for its forms.
async fn browser(instance: &Instance, username: &str) -> (String, String) {
    let cookie = instance.sign_in(username).await;
    let form = instance.get("/logout").cookie(&cookie).send().await;
    let token = form.field("csrf_token");
    (cookie, token)
}

async fn ask(instance: &Instance, method: &str, path: &str, (cookie, token): &(String, String)) -> Answer {
    let method: Method = method.parse().unwrap();
    let request = instance.request(method.clone(), path).cookie(cookie);
    let fields = [
        ("csrf_token", token.as_str()),
        ("name", "Bus times"),
        ("confirm_name", "Bus times"),
        ("username", "eve"),
        ("secret", "1"),
        ("person", "1"),
    ];
    match method {
        Method::GET | Method::HEAD | Method::OPTIONS => request.send().await,
        _ => request.form(&fields).send().await,
    }
}

#[tokio::test]
async fn case_109_another_teams_app_is_not_there_on_any_route_in_any_verb() {
    let (instance, app) = world().await;
    instance.person("eve", &[PlatformRole::Developer]).await;
    for username in ["eve", "asha", "mai"] {
        let browser = browser(&instance, username).await;
        for (_, route) in TEAM_ROUTES {
            for method in METHODS {
                let at = |id: &str| route.replace("{client_id}", id);
                let theirs = ask(&instance, method, &at(&app.id), &browser).await;
                let nobodys = ask(&instance, method, &at("nobody"), &browser).await;
                assert_eq!(theirs.status, 404, "{username}: {method} {route}");
                let told = |answer: &Answer| {
                    (
                        answer.status,
                        answer.text_of("error-code"),
                        answer.text_of("error-detail"),
                        answer.headers.get("allow").cloned(),
                    )
                };
                assert_eq!(told(&theirs), told(&nobodys), "{username}: {method} {route}");
                assert!(!theirs.body.contains("Bus times"), "{method} {route}");
            }
        }
    }
    let dev = browser(&instance, "dev").await;
    for (method, route) in TEAM_ROUTES.iter().filter(|(method, _)| *method == "get") {
        let path = format!("{}?number=1", route.replace("{client_id}", &app.id));
        let shown = ask(&instance, &method.to_uppercase(), &path, &dev).await;
        assert_eq!(shown.status, 200, "{route}: {}", shown.body);
        let wrong = ask(&instance, "DELETE", &path, &dev).await;
        assert_eq!(wrong.status, 405, "its team is told that it does not work so");
    }
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_sent_to_sign_in_from_every_page_of_an_app_or_api() {
    let (instance, app) = world().await;
    let all = TEAM_ROUTES.iter().chain(MAINTAINER_ROUTES).chain(OWNER_ROUTES);
    for (method, route) in all {
        let path = route.replace("{client_id}", &app.id).replace("{api}", "k3J");
        let method: Method = method.to_uppercase().parse().unwrap();
        let answer = instance.request(method.clone(), &path).send().await;
        assert_eq!(answer.status, 303, "{method} {route}");
        assert!(
            answer.location().unwrap().starts_with("/login?next="),
            "{method} {route}"
        );
    }
}

#[tokio::test]
async fn only_maintainers_are_let_in_to_any_of_their_routes() {
    let (instance, app) = world().await;
    for username in ["asha", "dev"] {
        let browser = browser(&instance, username).await;
        for (method, route) in MAINTAINER_ROUTES {
            let path = route.replace("{client_id}", &app.id);
            let answer = ask(&instance, &method.to_uppercase(), &path, &browser).await;
            assert_eq!(answer.status, 403, "{username}: {method} {route}");
            assert!(!answer.body.contains("Bus times"), "{username}: {method} {route}");
        }
    }
}

#[tokio::test]
async fn case_102_no_form_of_any_route_is_taken_without_its_token() {
    let (instance, app) = world().await;
    let dev = instance.engine.store().person_by_username("dev").await;
    let draft = ResourceDraft {
        uri: "https://library.example/api".into(),
        name: "Library".into(),
        description: "Loans and fines".into(),
        scopes: "loans.read See your loans".into(),
        token_seconds: "600".into(),
        ..ResourceDraft::default()
    };
    let api = api(&instance, dev.unwrap().unwrap().id, draft).await;
    let forms = [PERSONAL_ROUTES, TEAM_ROUTES, OWNER_ROUTES, MAINTAINER_ROUTES].concat();
    let of_dev = [TEAM_ROUTES, OWNER_ROUTES].concat();
    for username in ["dev", "mai"] {
        let (cookie, _) = browser(&instance, username).await;
        for (_, route) in forms.iter().filter(|(method, _)| *method == "post") {
            // Each as whoever may send it.
            if of_dev.iter().any(|(_, one)| one == route) != (username == "dev") {
                continue;
            }
            let path = route
                .replace("{client_id}", &app.id)
                .replace("{api}", api.id.as_str())
                .replace("{id}", "1");
            let bare = instance.post(&path).cookie(&cookie);
            let answer = if route.ends_with("/logo") {
                let body =
                    b"--b\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\nx\r\n--b--\r\n"
                        .to_vec();
                bare.raw("multipart/form-data; boundary=b", body).send().await
            } else {
                bare.form(&[("csrf_token", "x"), ("name", "y")]).send().await
            };
            assert_eq!(answer.status, 403, "{route}: {}", answer.body);
            assert_eq!(answer.text_of("error-code").as_deref(), Some("csrf"), "{route}");
        }
    }
}
