//! No request hangs: what the store cannot do in time ends in 503.

use super::{pair, world_with};
use omniport_testkit::{Answer, Instance, PASSWORD};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// A sign-in, which changes several things in turn.
async fn sign_in(instance: &Instance) -> Answer {
    let page = instance.get("/login").send().await;
    let cookie = page.headers["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let token = page.field("csrf_token");
    let fields = [
        ("username", "asha"),
        ("password", PASSWORD),
        ("csrf_token", token.as_str()),
    ];
    instance.post("/login").cookie(cookie).form(&fields).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_program_holds_the_database_requests_end_in_503_within_five_seconds() {
    let grants = ["authorization_code", "refresh_token", "client_credentials"];
    let (instance, app) = world_with(json!({"grant_types": grants})).await;
    let code = instance.code(&app, "asha").await;
    let (access, _) = pair(&instance.redeem(&app, &code).await);
    let holder = rusqlite::Connection::open(instance.folder().join("omniport.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let own_token = [("grant_type", "client_credentials")];
    let all = async { tokio::join!(sign_in(&instance), instance.token(&app, &own_token)) };
    let (page, token) = timeout(Duration::from_secs(5), all).await.unwrap();
    assert_eq!((page.status.as_u16(), token.status.as_u16()), (503, 503));
    assert_eq!(
        page.text_of("error-code").as_deref(),
        Some("temporarily_unavailable")
    );
    assert_eq!(token.member("error"), "temporarily_unavailable");
    assert!(token.header("retry-after").is_some());
    // What only reads goes on, and so does everything afterwards.
    assert_eq!(instance.user_data(&access).await.status, 200);
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(sign_in(&instance).await.status, 303);
    assert_eq!(instance.token(&app, &own_token).await.status, 200);
}
