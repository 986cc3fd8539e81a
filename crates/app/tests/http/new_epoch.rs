//! What `omniport restore` ends, over HTTP: everything issued is dead, everything else is as it was.

use crate::{assert_error, pair, world_with};
use serde_json::json;

#[tokio::test]
async fn what_was_issued_is_dead_and_signing_in_is_enough() {
    let grants = json!({"grant_types": ["authorization_code", "refresh_token", "client_credentials"]});
    let (instance, app) = world_with(grants).await;
    let (access, refresh) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let waiting = instance.code(&app, "asha").await;
    let own = [("grant_type", "client_credentials")];
    let own = instance.token(&app, &own).await.member("access_token");
    let cookie = instance.sign_in("asha").await;
    let query = format!("client_id={}&state=s", app.id);
    let before = instance
        .get(&format!("/oauth/authorise?{query}"))
        .cookie(&cookie)
        .send()
        .await;
    assert!(before.redirect_param("code").is_some(), "consent is remembered");

    let now = instance.engine.now();
    let ended = instance.engine.store().end_everything_issued(now).await.unwrap();
    assert_eq!((ended.grants, ended.client_tokens), (3, 1));

    assert_eq!(instance.user_data(&access).await.status, 401);
    assert_error(&instance.refresh(&app, &refresh).await, 400, "invalid_grant");
    assert_error(&instance.redeem(&app, &waiting).await, 400, "invalid_grant");
    for token in [&access, &refresh, &own] {
        let introspected = instance
            .post("/oauth/introspect")
            .basic(&app.id, &app.secret)
            .form(&[("token", token)])
            .send()
            .await;
        assert_eq!(introspected.json(), json!({"active": false}));
    }
    let after = instance
        .get(&format!("/oauth/authorise?{query}"))
        .cookie(&cookie)
        .send()
        .await;
    assert!(
        after.location().unwrap().starts_with("/login"),
        "the browser is signed out"
    );

    // Signing in is enough: the consent, the person, the app and its secret are there.
    let cookie = instance.sign_in("asha").await;
    let again = instance
        .get(&format!("/oauth/authorise?{query}"))
        .cookie(&cookie)
        .send()
        .await;
    let code = again.redirect_param("code").unwrap();
    let (access, refresh) = pair(&instance.redeem(&app, &code).await);
    assert_eq!(instance.user_data(&access).await.status, 200);
    assert_eq!(instance.refresh(&app, &refresh).await.status, 200);
}
