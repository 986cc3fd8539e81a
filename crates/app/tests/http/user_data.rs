//! The user-data endpoint over HTTP.

use crate::{pair, world};
use serde_json::json;

#[tokio::test]
async fn holds_exactly_what_was_consented_to_in_the_walkthroughs_words() {
    let (instance, app) = world().await;
    let (access, _) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let answer = instance.user_data(&access).await;
    assert_eq!(answer.status, 200);
    let asha = instance
        .engine
        .store()
        .person_by_username("asha")
        .await
        .unwrap()
        .unwrap()
        .id;
    let role = |role: &str| json!({"role": role, "activeStatus": "ActiveStatus.IS_ACTIVE"});
    assert_eq!(
        answer.json(),
        json!({
            "userId": asha.0,
            "username": "asha",
            "person": {"fullName": "asha Rao", "roles": [role("Student"), role("Warden")]},
            "student": {"branch name": "Physics"},
        })
    );
}

#[tokio::test]
async fn case_065_a_token_in_the_query_is_refused_and_case_066_two_ways_too() {
    let (instance, app) = world().await;
    let (access, _) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    let path = format!("/open_auth/get_user_data/?access_token={access}");
    let by_query = instance.get(&path).send().await;
    assert!(
        [400, 401].contains(&by_query.status.as_u16()),
        "{}",
        by_query.status
    );
    assert!(!by_query.body.contains("username"));
    let both = instance.get(&path).bearer(&access).send().await;
    assert_eq!(both.status, 400, "{}", both.body);
}

#[tokio::test]
async fn case_067_expired_or_unknown_and_case_069_none() {
    let (instance, app) = world().await;
    let (access, _) = pair(&instance.redeem(&app, &instance.code(&app, "asha").await).await);
    instance.clock.advance(36_000);
    let detail = json!({"detail": "Authentication credentials were not provided."});
    for token in [access.as_str(), "nothing"] {
        let answer = instance.user_data(token).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (401, detail.clone()));
        assert!(
            answer
                .header("www-authenticate")
                .unwrap()
                .contains("error=\"invalid_token\"")
        );
    }
    let bare = instance.get("/open_auth/get_user_data").send().await;
    assert_eq!((bare.status.as_u16(), bare.json()), (401, detail));
    assert!(!bare.header("www-authenticate").unwrap().contains("error"));
    assert!(bare.header("www-authenticate").unwrap().starts_with("Bearer"));
}
