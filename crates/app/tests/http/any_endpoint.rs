//! What holds at every endpoint: bounds, malformed bytes, trailing slashes, no secret in a log.

use crate::{assert_error, world};
use omniport_testkit::TestApp;

const PATHS: [&str; 6] = [
    "/oauth/token",
    "/open_auth/token",
    "/oauth/revoke",
    "/open_auth/revoke_token",
    "/oauth/introspect",
    "/oauth/device_authorization",
];

#[tokio::test]
async fn a_body_over_64_kib_is_413() {
    let (instance, _) = world().await;
    let cookie = instance.sign_in("dev").await;
    let body = format!("grant_type={}", "x".repeat(70_000)).into_bytes();
    for path in PATHS
        .into_iter()
        .chain(["/login", "/consent", "/developer/add", "/oauth/authorize"])
    {
        let sent = instance
            .post(path)
            .cookie(&cookie)
            .raw("application/x-www-form-urlencoded", body.clone());
        assert_eq!(sent.send().await.status, 413, "{path}");
    }
}

#[tokio::test]
async fn malformed_bytes_are_400() {
    let (instance, app) = world().await;
    for path in PATHS {
        for body in [&b"grant_type=%FF"[..], b"grant_type=\xff\xfe", b"token=a%00b"] {
            let answer = instance
                .post(path)
                .raw("application/x-www-form-urlencoded", body.to_vec())
                .send()
                .await;
            assert_error(&answer, 400, "invalid_request");
        }
    }
    for door in ["/oauth/authorise", "/oauth/authorize"] {
        let answer = instance
            .get(&format!("{door}?client_id={}&state=%FF", app.id))
            .send()
            .await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.text_of("error-code").as_deref(), Some("invalid_request"));
    }
    for header in ["Basic", "Basic !!!", "Basic Zm9v", "Bearer", "Digest x=y"] {
        let answer = instance
            .post("/oauth/token")
            .header("authorization", header)
            .form(&[("grant_type", "refresh_token"), ("refresh_token", "x")])
            .send()
            .await;
        assert!(
            [400, 401].contains(&answer.status.as_u16()),
            "{header}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn every_path_answers_with_and_without_its_slash() {
    let (instance, _) = world().await;
    for path in [
        "/login",
        "/logout/done",
        "/developer",
        "/health/live",
        "/health/ready",
        "/legal/developer_terms_of_use",
        "/oauth/authorise",
        "/open_auth/get_user_data",
    ] {
        let plain = instance.get(path).send().await;
        let slashed = instance.get(&format!("{path}/")).send().await;
        assert_ne!(plain.status, 404, "{path}");
        assert_eq!(plain.status, slashed.status, "{path}");
    }
    assert_eq!(instance.get("/nowhere").send().await.status, 404);
    assert_eq!(instance.get("//evil.example/").send().await.status, 404);
}

#[tokio::test]
async fn names_with_many_characters_find_nothing_and_break_nothing() {
    let (instance, app) = world().await;
    for id in ["x".repeat(300), "\u{e9}".to_owned(), "a b".to_owned()] {
        let odd = TestApp { id, ..app.clone() };
        let answer = instance
            .token(&odd, &[("grant_type", "refresh_token"), ("refresh_token", "x")])
            .await;
        assert!([400, 401].contains(&answer.status.as_u16()), "{}", answer.body);
    }
}

#[tokio::test]
async fn answers_bear_a_name_for_the_log() {
    let (instance, _) = world().await;
    let (one, two) = (
        instance.get("/login").send().await,
        instance.get("/login").send().await,
    );
    assert!(one.header("x-request-id").is_some());
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
    assert_eq!(one.header("x-content-type-options"), Some("nosniff"));
}
