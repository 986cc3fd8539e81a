//! Token exchange over HTTP: a chain of apps, and what kills it.

use crate::{assert_error, pair, world};
use omniport_testkit::{Answer, Instance, TestApp};
use serde_json::json;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// An approved app that exchanges the tokens of `from`.
async fn exchanging(instance: &Instance, name: &str, from: &[&str], more: serde_json::Value) -> TestApp {
    let store = instance.engine.store();
    let dev = store.person_by_username("dev").await.unwrap().unwrap().id;
    let mut metadata = json!({
        "client_name": name,
        "grant_types": ["authorization_code", "refresh_token", "client_credentials", GRANT],
        "token_exchange": {"from": from, "delegation": true},
    });
    let more = more.as_object().unwrap().clone();
    metadata.as_object_mut().unwrap().extend(more);
    instance.app(dev, metadata).await
}

async fn exchange(instance: &Instance, app: &TestApp, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", GRANT),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    form.extend(more);
    instance.token(app, &form).await
}

async fn introspect(instance: &Instance, app: &TestApp, token: &str) -> serde_json::Value {
    let asked = instance.post("/oauth/introspect").basic(&app.id, &app.secret);
    asked.form(&[("token", token)]).send().await.json()
}

#[tokio::test]
async fn a_token_goes_on_from_app_to_app_and_dies_with_its_root() {
    let (instance, first) = world().await;
    let second = exchanging(
        &instance,
        "Second",
        &[&first.id],
        json!({"data_points": ["person.full_name"]}),
    )
    .await;
    let third = exchanging(&instance, "Third", &[&second.id], json!({})).await;
    let (token, refresh) = pair(
        &instance
            .redeem(&first, &instance.code(&first, "asha").await)
            .await,
    );

    // Nobody has allowed the second app anything yet.
    assert_error(
        &exchange(&instance, &second, &token, &[]).await,
        400,
        "invalid_request",
    );
    for app in [&second, &third] {
        instance.code(app, "asha").await;
    }
    let answer = exchange(&instance, &second, &token, &[("scope", "read")]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["issued_token_type"], ACCESS_TOKEN);
    assert_eq!(
        (&body["token_type"], &body["scope"], &body["refresh_token"]),
        (&json!("Bearer"), &json!("read"), &json!(null))
    );
    let exchanged = answer.member("access_token");
    assert_eq!(exchanged.len(), 30);
    let data = instance.user_data(&exchanged).await.json();
    assert_eq!(
        (&data["username"], &data["person"]["roles"]),
        (&json!("asha"), &json!(null))
    );

    // The third one says who acts, and the chain is kept.
    let own = instance
        .token(&third, &[("grant_type", "client_credentials")])
        .await;
    let acting = [
        ("actor_token", own.member("access_token")),
        ("actor_token_type", ACCESS_TOKEN.to_owned()),
    ];
    let acting: Vec<(&str, &str)> = acting
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let last = exchange(&instance, &third, &exchanged, &acting).await;
    assert_eq!(last.status, 200, "{}", last.body);
    let last = last.member("access_token");
    let told = introspect(&instance, &third, &last).await;
    assert_eq!(told["act"], json!({"sub": third.id, "client_id": third.id}));
    assert_eq!(
        (&told["username"], &told["scope"]),
        (&json!("asha"), &json!("read"))
    );
    assert_error(
        &exchange(&instance, &third, &exchanged, &[("scope", "read write")]).await,
        400,
        "invalid_scope",
    );

    // Revoking the root's refresh token ends the whole tree.
    let revoked = instance.post("/oauth/revoke").basic(&first.id, &first.secret);
    assert_eq!(revoked.form(&[("token", &refresh)]).send().await.status, 200);
    for token in [&exchanged, &last] {
        assert_eq!(instance.user_data(token).await.status, 401);
    }
    assert_eq!(
        introspect(&instance, &third, &last).await,
        json!({"active": false})
    );
}

#[tokio::test]
async fn withdrawing_from_the_asking_app_ends_what_it_exchanged() {
    let (instance, first) = world().await;
    let second = exchanging(&instance, "Second", &[&first.id], json!({})).await;
    instance.code(&second, "asha").await;
    let exchanged = async || {
        let (token, _) = pair(
            &instance
                .redeem(&first, &instance.code(&first, "asha").await)
                .await,
        );
        exchange(&instance, &second, &token, &[])
            .await
            .member("access_token")
    };
    let (one, two) = (exchanged().await, exchanged().await);
    assert_eq!(instance.user_data(&one).await.status, 200);
    let store = instance.engine.store();
    let asha = store.person_by_username("asha").await.unwrap().unwrap().id;
    let withdraw = omniport_protocol::authorize::WithdrawConsent {
        person: asha,
        client: omniport_protocol::vocabulary::ClientId::parse(&second.id).unwrap(),
    };
    instance.engine.run(&withdraw).await.unwrap();
    assert_eq!(instance.user_data(&one).await.status, 401);
    assert_eq!(instance.user_data(&two).await.status, 401);
}

#[tokio::test]
async fn an_app_that_did_not_ask_for_the_grant_is_refused() {
    let (instance, app) = world().await;
    let (token, _) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    assert_error(
        &exchange(&instance, &app, &token, &[]).await,
        400,
        "unauthorized_client",
    );
}
