//! People without a password, and with a new one.

use omniport_engine::people::{PersonDraft, SetPasswordError};
use omniport_engine::sessions::SignIn;
use omniport_protocol::vocabulary::Secret;
use omniport_testkit::{Instance, PASSWORD};

async fn may_sign_in(instance: &Instance, username: &str, password: &str) -> bool {
    let answer = instance
        .engine
        .sign_in(username, &Secret::new(password), None, None)
        .await;
    matches!(answer.unwrap(), SignIn::Welcome(_))
}

#[tokio::test]
async fn without_a_password_nobody_signs_in() {
    let instance = Instance::new().await;
    let draft = PersonDraft {
        username: "asha".to_owned(),
        password: None,
        roles: Vec::new(),
        values: Vec::new(),
    };
    instance.engine.add_person(draft).await.unwrap().unwrap();
    for guess in ["", "!", "correct horse"] {
        assert!(!may_sign_in(&instance, "asha", guess).await, "{guess}");
    }
    let set = instance
        .engine
        .set_password("Asha", &Secret::new("correct horse"))
        .await;
    set.unwrap().unwrap();
    assert!(may_sign_in(&instance, "asha", "correct horse").await);
}

#[tokio::test]
async fn a_new_password_ends_sessions_and_the_old_one() {
    let instance = Instance::new().await;
    instance.person("asha", &[]).await;
    let cookie = instance.sign_in("asha").await;
    let home = async || instance.get("/").cookie(&cookie).send().await.body;
    assert!(home().await.contains("asha Rao"));
    let set = async |username, password| {
        let password = Secret::new(password);
        let set = instance.engine.set_password(username, &password).await;
        set.unwrap().map(drop)
    };
    assert_eq!(
        set("nobody", "battery staple").await,
        Err(SetPasswordError::Nobody("nobody".to_owned()))
    );
    assert!(set("asha", "short").await.is_err());
    assert!(home().await.contains("asha Rao"), "nothing has changed");
    assert_eq!(set("asha", "battery staple").await, Ok(()));
    assert!(!home().await.contains("asha Rao"));
    assert!(!may_sign_in(&instance, "asha", PASSWORD).await);
    assert!(may_sign_in(&instance, "asha", "battery staple").await);
}
