//! A person who is disabled, from every side.

use crate::{assert_error, pair, world};
use omniport_engine::sessions::SignIn;
use omniport_protocol::vocabulary::Secret;
use omniport_testkit::PASSWORD;

#[tokio::test]
async fn a_disabled_person_is_out_at_once_and_back_when_enabled() {
    let (instance, app) = world().await;
    let cookie = instance.sign_in("asha").await;
    let (access, refresh) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let authorise = format!("/oauth/authorise?client_id={}", app.id);
    let where_to = async |cookie: &str| {
        let answer = instance.get(&authorise).cookie(cookie).send().await;
        answer.location().unwrap_or_default().to_owned()
    };
    assert!(!where_to(&cookie).await.starts_with("/login"));

    let asha = instance.engine.set_disabled("Asha", true).await.unwrap().unwrap();
    assert!(asha.disabled);
    assert!(
        where_to(&cookie).await.starts_with("/login"),
        "the session has ended"
    );
    let password = Secret::new(PASSWORD);
    let sign_in = async || {
        instance
            .engine
            .sign_in("asha", &password, None, None)
            .await
            .unwrap()
    };
    assert!(!matches!(sign_in().await, SignIn::Welcome(_)));
    assert_eq!(instance.user_data(&access).await.status, 401);
    assert_error(&instance.refresh(&app, &refresh).await, 400, "invalid_grant");

    let asha = instance
        .engine
        .set_disabled("asha", false)
        .await
        .unwrap()
        .unwrap();
    assert!(!asha.disabled);
    assert!(
        where_to(&cookie).await.starts_with("/login"),
        "an ended session stays so"
    );
    assert!(matches!(sign_in().await, SignIn::Welcome(_)));
    assert_eq!(instance.user_data(&access).await.status, 200);
    pair(&instance.refresh(&app, &refresh).await);
}

#[tokio::test]
async fn nobody_is_disabled_under_a_name_that_nobody_has() {
    let (instance, _) = world().await;
    assert!(
        instance
            .engine
            .set_disabled("nobody", true)
            .await
            .unwrap()
            .is_none()
    );
}
