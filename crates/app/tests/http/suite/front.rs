//! The plans `oidcc-implicit`, `oidcc-hybrid` and their `formpost` siblings: tokens from the authorisation endpoint, for
//! an app that a maintainer has marked as legacy.

use super::{Browser, CALLBACK, claims, instance, redeem, userinfo};
use omniport_protocol::jose::encode;
use omniport_protocol::vocabulary::{Params, SecretHash};
use omniport_testkit::{Answer, ISSUER, Instance, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TYPES: [&str; 5] = [
    "id_token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
];
const MODES: [&str; 2] = ["", "form_post"];

async fn marked(instance: &Instance) -> TestApp {
    let owner = instance.engine.store().person_by_username("suite").await;
    let types: Vec<&str> = TYPES.into_iter().chain(["code"]).collect();
    let metadata = json!({
        "redirect_uris": [CALLBACK], "legacy_implicit": true, "response_types": types, "data_points": [],
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "scope": "openid profile email address phone",
    });
    instance.app(owner.unwrap().unwrap().id, metadata).await
}

/// What an answer brings, in the fragment or by a form, and never in the query.
fn brought(answer: &Answer) -> BTreeMap<String, String> {
    let Some(location) = answer.location() else {
        let names = [
            "code",
            "id_token",
            "access_token",
            "token_type",
            "expires_in",
            "scope",
            "state",
            "iss",
            "error",
        ];
        assert!(
            answer.body.contains(&format!("action=\"{CALLBACK}\"")),
            "{}",
            answer.body
        );
        let there = names
            .iter()
            .filter(|name| answer.body.contains(&format!("name=\"{name}\"")));
        return there
            .map(|name| ((*name).to_owned(), answer.field(name)))
            .collect();
    };
    let (at, fragment) = location.split_once('#').unwrap_or_else(|| panic!("{location}"));
    assert_eq!(at, CALLBACK, "nothing in the query");
    let params = Params::parse(fragment.as_bytes()).unwrap();
    params
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// `at_hash` and `c_hash` of RS256 (Core section 3.3.2.11).
fn half(text: &str) -> Value {
    encode(&SecretHash::of(text).as_bytes()[..16]).into()
}

fn told(instance: &Instance, token: &str) -> Value {
    claims(instance, &json!({"id_token": token}))
}

#[tokio::test]
async fn oidcc_server_of_each_response_type() {
    let instance = instance(&[]).await;
    let app = marked(&instance).await;
    for asked in TYPES {
        for mode in MODES {
            let mut browser = Browser::new(&instance);
            let state = "s".repeat(128);
            let params = [
                ("response_type", asked),
                ("response_mode", mode),
                ("state", &state),
            ];
            let back = brought(&browser.authorize(&app, &params).await);
            let parts: Vec<&str> = asked.split(' ').collect();
            let there = |name: &str| back.contains_key(name);
            assert_eq!(
                (there("code"), there("id_token"), there("access_token")),
                (
                    parts.contains(&"code"),
                    parts.contains(&"id_token"),
                    parts.contains(&"token")
                ),
                "{asked} {mode}"
            );
            assert_eq!(
                (back["state"].as_str(), back["iss"].as_str()),
                (state.as_str(), ISSUER)
            );
            let front = back.get("id_token").map(|token| told(&instance, token));
            if let Some(front) = &front {
                assert_eq!(
                    (&front["nonce"], &front["aud"]),
                    (&json!("the nonce"), &json!(app.id))
                );
                assert_eq!(
                    front.get("at_hash"),
                    back.get("access_token").map(|token| half(token)).as_ref()
                );
                assert_eq!(
                    front.get("c_hash"),
                    back.get("code").map(|code| half(code)).as_ref()
                );
            }
            if let Some(token) = back.get("access_token") {
                assert_eq!(back["token_type"], "Bearer");
                assert!(back["expires_in"].parse::<u32>().unwrap() > 0);
                let info = userinfo(&instance, &json!({"access_token": token})).await;
                assert!(front.as_ref().is_none_or(|front| front["sub"] == info["sub"]));
            }
            if let Some(code) = back.get("code") {
                let tokens = redeem(&instance, &app, code, false).await.json();
                let second = claims(&instance, &tokens);
                assert_eq!(second["nonce"], "the nonce");
                assert!(
                    front
                        .as_ref()
                        .is_none_or(|front| front["sub"] == second["sub"] && front["iss"] == second["iss"])
                );
            }
        }
    }
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_fails_where_an_id_token_comes_in_front() {
    let instance = instance(&[]).await;
    let app = marked(&instance).await;
    let mut browser = Browser::new(&instance);
    for asked in TYPES {
        for mode in MODES {
            let params = [("response_type", asked), ("response_mode", mode), ("nonce", "")];
            let back = brought(&browser.authorize(&app, &params).await);
            if asked.contains("id_token") {
                assert_eq!(
                    (back["error"].as_str(), back["state"].as_str()),
                    ("invalid_request", "the state"),
                    "{asked}"
                );
                assert!(!back.contains_key("code") && !back.contains_key("id_token"));
            } else {
                assert!(back.contains_key("code"), "{back:?}");
            }
        }
    }
}

/// Errors come where tokens would have come; a query never carries them (OAuth 2.0 Multiple Response Types section 5).
#[tokio::test]
async fn oidcc_prompt_none_and_response_mode_query() {
    let instance = instance(&[]).await;
    let app = marked(&instance).await;
    for asked in TYPES {
        for mode in MODES {
            let mut browser = Browser::new(&instance);
            let params = [
                ("response_type", asked),
                ("response_mode", mode),
                ("prompt", "none"),
            ];
            let back = brought(&browser.authorize(&app, &params).await);
            assert_eq!(back["error"], "login_required", "{asked}");
            browser
                .authorize(&app, &[("response_type", asked), ("response_mode", mode)])
                .await;
            let back = brought(&browser.authorize(&app, &params).await);
            assert!(
                !back.contains_key("error") && browser.asked.is_empty(),
                "{back:?}"
            );
        }
        let params = [("response_type", asked), ("response_mode", "query")];
        let back = brought(&Browser::new(&instance).authorize(&app, &params).await);
        assert_eq!(back["error"], "invalid_request", "{asked}");
    }
}

/// Claims of a scope are in the ID token only where nothing leads to userinfo (Core section 5.4).
#[tokio::test]
async fn oidcc_scope_all_and_claims_essential() {
    let instance = instance(&[]).await;
    let app = marked(&instance).await;
    let mut browser = Browser::new(&instance);
    for asked in TYPES {
        let params = [("response_type", asked), ("scope", "openid email profile")];
        let back = brought(&browser.authorize(&app, &params).await);
        let Some(token) = back.get("id_token") else {
            continue;
        };
        let alone = asked == "id_token";
        let front = told(&instance, token);
        for claim in ["email", "name", "birthdate"] {
            assert_eq!(front.get(claim).is_some(), alone, "{claim} {asked}");
        }
        let wish = json!({"id_token": {"name": {"essential": true}}}).to_string();
        let params = [("response_type", asked), ("claims", &wish)];
        let back = brought(&browser.authorize(&app, &params).await);
        assert_eq!(
            told(&instance, &back["id_token"])["name"],
            "Asha Devi Rao",
            "{asked}"
        );
    }
}

#[tokio::test]
async fn oidcc_codereuse_also_kills_the_token_that_came_in_front() {
    let instance = instance(&[]).await;
    let app = marked(&instance).await;
    let params = [("response_type", "code token")];
    let back = brought(&Browser::new(&instance).authorize(&app, &params).await);
    let first = redeem(&instance, &app, &back["code"], false).await.json();
    instance.clock.advance(30);
    let again = redeem(&instance, &app, &back["code"], false).await;
    assert_eq!(
        (again.status.as_u16(), again.member("error").as_str()),
        (400, "invalid_grant")
    );
    for token in [first["access_token"].as_str().unwrap(), &back["access_token"]] {
        let dead = instance.get("/oauth/userinfo").bearer(token).send().await;
        assert_eq!(dead.status, 401);
    }
}

/// Without the mark none of them, whatever an app registers.
#[tokio::test]
async fn an_app_without_the_mark_has_the_code_only() {
    let instance = instance(&[]).await;
    let app = super::rp(&instance, json!({})).await;
    for asked in TYPES {
        let back = brought(
            &Browser::new(&instance)
                .authorize(&app, &[("response_type", asked)])
                .await,
        );
        assert_eq!(back["error"], "unauthorized_client", "{asked}");
        let answer = super::register(
            &instance,
            json!({"response_types": [asked], "grant_types": ["implicit"]}),
        )
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.member("error").as_str()),
            (400, "invalid_client_metadata")
        );
    }
}
