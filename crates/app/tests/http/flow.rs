//! The flow debugger: the team sees what came of its app's requests and exactly why, and nobody else sees anything.

use crate::{another_app, pair, world, world_with};
use omniport_store::portal::FlowFilter;
use omniport_testkit::{Answer, Instance, TestApp};
use serde_json::json;

async fn page(instance: &Instance, app: &TestApp, cookie: &str, query: &str) -> Answer {
    let path = format!("/developer/apps/{}/requests{query}", app.id);
    instance.get(&path).cookie(cookie).send().await
}

/// The rows of the page, as text without tags.
async fn rows(instance: &Instance, app: &TestApp, query: &str) -> Vec<String> {
    let cookie = instance.sign_in("dev").await;
    let page = page(instance, app, &cookie, query).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let rows = page.body.split("<li class=\"row request\">").skip(1);
    rows.map(|row| text(row.split("</li>").next().unwrap())).collect()
}

fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push(' ');
        text.push_str(part.split_once('>').map_or(part, |(_, after)| after));
    }
    let text = text.replace("&#34;", "\"").replace("&#39;", "'");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_whole_sign_in_is_listed_newest_first() {
    let (instance, app) = world().await;
    let code = instance.code(&app, "dev").await;
    let (access, refresh) = pair(&instance.redeem(&app, &code).await);
    instance.user_data(&access).await;
    instance.refresh(&app, &refresh).await;
    let rows = rows(&instance, &app, "").await;
    let expected = [
        "Answered Token Tokens issued",
        "Answered User data Data read",
        "Answered Token Tokens issued",
        "Answered Consent Code issued",
        "Answered Authorise Asked for consent",
    ];
    assert_eq!(rows.len(), expected.len(), "{rows:?}");
    for (row, start) in rows.iter().zip(expected) {
        assert!(row.starts_with(start), "{row} / {start}");
        assert!(row.contains("dev"), "the team's own person is named: {row}");
    }
}

#[tokio::test]
async fn a_redirect_mismatch_has_both_values_side_by_side_and_the_error_pages_reference() {
    let (instance, app) = world().await;
    let wrong = "https://app.example/callback/";
    let query = format!("client_id={}&redirect_uri={wrong}", app.id);
    let page = instance.get(&format!("/oauth/authorise?{query}")).send().await;
    assert_eq!(page.status, 400);
    let reference = page.header("x-request-id").unwrap().to_owned();
    assert!(
        page.body.contains(&reference),
        "the reference is on the error page"
    );
    let found = rows(&instance, &app, &format!("?reference={reference}")).await;
    assert_eq!(found.len(), 1, "{found:?}");
    for part in [
        "Refused Authorise invalid_request",
        "sent \"https://app.example/callback/\"",
        "registered \"https://app.example/callback\"",
        &reference,
    ] {
        assert!(found[0].contains(part), "{part} in {}", found[0]);
    }
    let code = instance.code(&app, "asha").await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", "https://app.example/x"),
    ];
    let answer = instance.token(&app, &form).await;
    let query = format!("?reference={}", answer.header("x-request-id").unwrap());
    let found = rows(&instance, &app, &query).await;
    assert!(
        found[0].contains(
            "sent \"https://app.example/x\" authorisation request \"https://app.example/callback\""
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn every_kind_of_refusal_says_why() {
    let (instance, app) = world_with(json!({"grant_types": ["authorization_code"]})).await;
    let mut stranger = app.clone();
    "wrong-secret".clone_into(&mut stranger.secret);
    instance.refresh(&stranger, "x").await;
    instance.refresh(&app, "x").await;
    instance.token(&app, &[("grant_type", "made_up")]).await;
    instance.token(&app, &[]).await;
    let basic = instance.post("/oauth/token").basic(&app.id, &app.secret);
    basic.form(&[("code", "x")]).send().await;
    instance
        .token(&app, &[("grant_type", "authorization_code"), ("code", "unknown")])
        .await;
    let rows = rows(&instance, &app, "?result=refused&endpoint=token").await;
    let reasons = [
        "There is no such code",
        "'grant_type' is missing",
        "'grant_type' is missing",
        "The grant_type \"made_up\" is not supported",
        "is registered for authorization_code",
        "The client_secret is wrong",
    ];
    assert_eq!(rows.len(), reasons.len(), "{rows:?}");
    for (row, reason) in rows.iter().zip(reasons) {
        assert!(row.contains(reason), "{reason} in {row}");
    }
}

#[tokio::test]
async fn a_request_can_be_filtered_and_strange_filters_do_nothing() {
    let (instance, app) = world().await;
    pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    instance.refresh(&app, "x").await;
    assert_eq!(rows(&instance, &app, "").await.len(), 4);
    assert_eq!(rows(&instance, &app, "?result=refused").await.len(), 1);
    assert_eq!(rows(&instance, &app, "?result=answered").await.len(), 3);
    assert_eq!(rows(&instance, &app, "?endpoint=consent").await.len(), 1);
    assert_eq!(
        rows(&instance, &app, "?endpoint=%3Cb%3E&result=x&before=x")
            .await
            .len(),
        4
    );
    assert_eq!(rows(&instance, &app, "?before=-1").await.len(), 0);
    assert_eq!(rows(&instance, &app, "?reference=nothing").await.len(), 0);
}

#[tokio::test]
async fn many_requests_come_in_pages() {
    let (instance, app) = world().await;
    for _ in 0..4 {
        for _ in 0..15 {
            instance.refresh(&app, "x").await;
        }
        instance.engine.write_flow().await.unwrap();
    }
    let cookie = instance.sign_in("dev").await;
    let first = page(&instance, &app, &cookie, "?result=refused").await;
    assert_eq!(first.body.matches("class=\"row request\"").count(), 50);
    let (_, rest) = first.body.split_once("class=\"button\" href=\"").unwrap();
    let next = rest.split('"').next().unwrap().replace("&#38;", "&");
    let second = instance.get(&next).cookie(&cookie).send().await;
    assert_eq!(second.body.matches("class=\"row request\"").count(), 10);
    assert!(!second.body.contains("Older requests"));
}

/// No outsider's data: neither who they are nor which other app it was.
#[tokio::test]
async fn an_outsider_is_neither_named_nor_numbered() {
    let (instance, app) = world().await;
    let code = instance.code(&app, "asha").await;
    let (access, refresh) = pair(&instance.redeem(&app, &code).await);
    instance.user_data(&access).await;
    let other = another_app(&instance).await;
    instance.refresh(&other, &refresh).await;
    let cookie = instance.sign_in("asha").await;
    let dev = instance.sign_in("dev").await;
    let standing = json!({"client_name": "Sandbox"});
    let owner = instance
        .engine
        .store()
        .person_by_username("dev")
        .await
        .unwrap()
        .unwrap();
    let sandbox = instance.app_in(owner.id, standing, false).await;
    let query = format!("/oauth/authorise?client_id={}", sandbox.id);
    assert_eq!(instance.get(&query).cookie(&cookie).send().await.status, 400);
    let asha = instance
        .engine
        .store()
        .person_by_username("asha")
        .await
        .unwrap()
        .unwrap();
    for id in [&app, &other, &sandbox] {
        let page = page(&instance, id, &dev, "").await;
        assert!(page.body.contains("class=\"row request\""));
        assert!(!page.body.contains("asha"), "{}", text(&page.body));
        for row in rows(&instance, id, "").await {
            assert!(!row.contains(&format!("person {}", asha.id)), "{row}");
        }
    }
    let events = instance.engine.store();
    let id = omniport_protocol::vocabulary::ClientId::parse(&other.id).unwrap();
    let told = events.flow(&id, &FlowFilter::default(), None, 9).await.unwrap();
    assert!(
        !told.iter().any(|event| event.reason.contains(&app.id)),
        "another app is not named"
    );
}

#[tokio::test]
async fn nothing_secret_is_kept_whatever_parameter_it_comes_in() {
    let (instance, app) = world().await;
    let code = instance.code(&app, "asha").await;
    let (access, refresh) = pair(&instance.redeem(&app, &code).await);
    let verifier = "v".repeat(60);
    for (name, value) in [
        ("code", code.as_str()),
        ("refresh_token", &refresh),
        ("token", &access),
        ("code_verifier", &verifier),
    ] {
        for grant in ["authorization_code", "refresh_token", "client_credentials"] {
            instance
                .token(&app, &[("grant_type", grant), (name, value)])
                .await;
        }
    }
    let mut wrong = app.clone();
    "a-secret-that-is-almost-right".clone_into(&mut wrong.secret);
    instance.refresh(&wrong, &refresh).await;
    instance.user_data(&refresh).await;
    instance
        .get(&format!(
            "/oauth/authorise?client_id={}&state=s3cretstate",
            app.id
        ))
        .send()
        .await;
    instance.engine.flush_flow().await.unwrap();
    let id = omniport_protocol::vocabulary::ClientId::parse(&app.id).unwrap();
    let events = instance
        .engine
        .store()
        .flow(&id, &FlowFilter::default(), None, 99)
        .await
        .unwrap();
    assert!(events.len() > 10);
    let all = format!("{events:?}");
    for secret in [
        &code,
        &access,
        &refresh,
        &verifier,
        &app.secret,
        &wrong.secret,
        "s3cretstate",
    ] {
        assert!(!all.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn another_teams_app_is_not_found_and_a_stranger_signs_in_first() {
    let (instance, app) = world().await;
    let (asha, mai) = (instance.sign_in("asha").await, instance.sign_in("mai").await);
    for rest in ["requests", "usage"] {
        let path = format!("/developer/apps/{}/{rest}", app.id);
        for cookie in [&asha, &mai] {
            assert_eq!(instance.get(&path).cookie(cookie).send().await.status, 404);
        }
        assert_eq!(instance.get(&path).send().await.status, 303);
        assert_eq!(instance.post(&path).cookie(&asha).send().await.status, 404);
    }
}

#[tokio::test]
async fn usage_is_counted_by_day_and_people_once() {
    let (instance, app) = world().await;
    for _ in 0..2 {
        let (access, _) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
        instance.user_data(&access).await;
        instance.user_data(&access).await;
    }
    pair(&instance.redeem(&app, &instance.code(&app, "dev").await).await);
    instance.refresh(&app, "x").await;
    instance.engine.flush_flow().await.unwrap();
    instance.clock.advance(86_400);
    instance.refresh(&app, "x").await;
    instance.engine.flush_flow().await.unwrap();
    let cookie = instance.sign_in("dev").await;
    let path = format!("/developer/apps/{}/usage?days=7", app.id);
    let page = instance.get(&path).cookie(&cookie).send().await;
    let table = page.body.split("<tbody>").nth(1).unwrap();
    let days: Vec<String> = table.split("</tr>").take(3).map(text).collect();
    assert!(days[0].ends_with(" 0 0 0 1"), "{days:?}");
    assert!(days[1].ends_with(" 3 2 4 1"), "{days:?}");
    assert!(days[2].ends_with(" 0 0 0 0"), "{days:?}");
    assert_eq!(page.body.matches("<svg viewBox").count(), 4);
}

#[tokio::test]
async fn a_secrets_last_use_and_a_last_read_are_noted() {
    let (instance, app) = world().await;
    let id = omniport_protocol::vocabulary::ClientId::parse(&app.id).unwrap();
    let store = instance.engine.store();
    let used = async || store.secrets(&id).await.unwrap()[0].last_used_at;
    let mut wrong = app.clone();
    "wrong".clone_into(&mut wrong.secret);
    instance.refresh(&wrong, "x").await;
    instance.engine.flush_flow().await.unwrap();
    assert_eq!(used().await, None, "a wrong secret is no use of the right one");
    let (access, _) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    instance.user_data(&access).await;
    instance.engine.flush_flow().await.unwrap();
    let now = instance.engine.now();
    assert_eq!(used().await, Some(now));
    let asha = store.person_by_username("asha").await.unwrap().unwrap();
    assert_eq!(
        store.connected_apps(asha.id, None, 50).await.unwrap()[0].last_read,
        Some(now)
    );
}

/// A store that cannot be written to costs the debugger its lines, and the requests nothing.
#[tokio::test]
async fn a_full_list_is_never_in_the_way() {
    let (instance, app) = world().await;
    for _ in 0..200 {
        instance.refresh(&app, "x").await;
    }
    let gathered = instance.engine.flow_gathered();
    assert!(gathered.waiting <= 70 && gathered.left_out >= 130, "{gathered:?}");
    let code = instance.code(&app, "asha").await;
    assert_eq!(instance.redeem(&app, &code).await.status, 200);
}
