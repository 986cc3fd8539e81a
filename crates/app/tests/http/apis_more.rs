//! Rich authorisation requests (RFC 9396), signed introspection (RFC 9701), metadata of resources (RFC 9728) and the
//! step-up challenge (RFC 9470) over HTTP.

use crate::apis::{LIBRARY, World, api, approve, claims, world_with};
use crate::{assert_error, pair};
use omniport_protocol::apis::ResourceDraft;
use omniport_protocol::vocabulary::{PersonId, encode};
use omniport_testkit::{Answer, ISSUER};
use serde_json::{Value, json};

const RENEWAL: &str = r#"[{"type":"renewal","copy":"b-7","actions":["read","renew"]}]"#;
const COPIES: &str = "https://copies.example/";

/// The library's world with an API of JWTs that takes details, which the app may use.
async fn world() -> World {
    let world = world_with(json!({
        "scope": "openid person.full_name loans.read loans.renew fines archive.read copies",
        "authorization_details_types": ["renewal", "unheard.of"],
    }))
    .await;
    let copies = ResourceDraft {
        uri: COPIES.into(),
        name: "Copies".into(),
        description: "Copies of books".into(),
        scopes: "copies See your copies".into(),
        format: "jwt".into(),
        introspected_by: world.librarian.id.clone(),
        details: r#"[{"type": "renewal", "description": "Renew one copy", "schema": {"type": "object",
            "properties": {"copy": {"type": "string", "title": "Which copy"}}, "required": ["copy"]}}]"#
            .into(),
        ..ResourceDraft::default()
    };
    let copies = api(&world.instance, PersonId(1), copies).await;
    approve(&world.instance, &copies, &world.app, &["renewal", "copies"], true).await;
    world
}

async fn ask(world: &World, more: &[(&str, &str)]) -> Answer {
    let cookie = world.instance.sign_in("asha").await;
    let params: Vec<_> = [("response_type", "code")].iter().chain(more).copied().collect();
    world.instance.authorize(&world.app, &cookie, &params).await
}

#[tokio::test]
async fn rfc9396_details_come_back_in_the_answer_the_token_and_introspection() {
    let world = world().await;
    let asked = [("scope", "openid copies"), ("authorization_details", RENEWAL)];
    let answer = world.tokens(&asked, &[("resource", COPIES)]).await;
    let (access, refresh) = pair(&answer);
    let expected: Value = serde_json::from_str(RENEWAL).unwrap();
    assert_eq!(answer.json()["authorization_details"], expected);
    assert_eq!(claims(&access).1["authorization_details"], expected);
    let body = world.introspect(&world.librarian, &access).await;
    assert_eq!(body["authorization_details"], expected);
    // Less of it later, and never more.
    let narrower = r#"[{"type":"renewal","copy":"b-7","actions":["read"]}]"#;
    let refresh_with = async |details: &str, token: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("resource", COPIES),
            ("authorization_details", details),
        ];
        world.instance.token(&world.app, &form).await
    };
    let other = r#"[{"type":"renewal","copy":"b-8","actions":["read"]}]"#;
    let refused = refresh_with(other, &refresh).await;
    assert_error(&refused, 400, "invalid_authorization_details");
    let answer = refresh_with(narrower, &refresh).await.json();
    assert_eq!(
        answer["authorization_details"],
        serde_json::from_str::<Value>(narrower).unwrap()
    );
}

#[tokio::test]
async fn rfc9396_the_consent_page_shows_them_and_asks_every_time() {
    let world = world().await;
    let cookie = world.instance.sign_in("asha").await;
    let asked = [("scope", "openid copies"), ("authorization_details", RENEWAL)];
    let allowed = ask(&world, &asked).await;
    assert!(
        allowed.redirect_param("code").is_some(),
        "{:?} {}",
        allowed.location(),
        allowed.body
    );
    let query = format!(
        "client_id={}&response_type=code&scope=openid&redirect_uri={}&authorization_details={}",
        world.app.id,
        encode(&world.app.redirect_uri),
        encode(RENEWAL)
    );
    let first = world.instance.get(&format!("/oauth/authorize?{query}"));
    let first = first.cookie(&cookie).send().await;
    let page = world
        .instance
        .get(first.location().unwrap())
        .cookie(&cookie)
        .send()
        .await;
    for words in ["Renew one copy", "Which copy", "b-7", "read, renew"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let silent = ask(
        &world,
        &[
            ("scope", "openid"),
            ("prompt", "none"),
            ("authorization_details", RENEWAL),
        ],
    )
    .await;
    assert_eq!(
        silent.redirect_param("error").as_deref(),
        Some("consent_required")
    );
}

#[tokio::test]
async fn rfc9396_what_is_malformed_unknown_or_too_large_is_refused() {
    let world = world().await;
    let large = format!(r#"[{{"type":"renewal","copy":"{}"}}]"#, "x".repeat(20_000));
    let deep = format!(
        r#"[{{"type":"renewal","copy":"b","x":{}1{}}}]"#,
        "[".repeat(30),
        "]".repeat(30)
    );
    for bad in [
        "{}",
        "[]",
        r#"[{"type":"unheard.of"}]"#,
        r#"[{"type":"renewal"}]"#,
        &deep,
        &large,
    ] {
        let answer = ask(&world, &[("scope", "openid"), ("authorization_details", bad)]).await;
        let code = answer.redirect_param("error");
        assert_eq!(
            code.as_deref(),
            Some("invalid_authorization_details"),
            "{}",
            &bad[..bad.len().min(60)]
        );
        let form = [
            ("grant_type", "client_credentials"),
            ("authorization_details", bad),
        ];
        let refused = world.instance.token(&world.app, &form).await;
        assert_error(&refused, 400, "invalid_authorization_details");
    }
}

#[tokio::test]
async fn rfc9701_a_signed_answer_is_signed_for_its_asker() {
    let world = world().await;
    let (access, _) = pair(&world.tokens(&[("scope", "loans.read")], &[]).await);
    let ask = async |accept: &str, token: &str| {
        let asked = world.instance.post("/oauth/introspect");
        let asked = asked
            .basic(&world.librarian.id, &world.librarian.secret)
            .header("accept", accept);
        asked.form(&[("token", token)]).send().await
    };
    let answer = ask("application/token-introspection+jwt", &access).await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/token-introspection+jwt")
    );
    let (jws, told) = claims(&answer.body);
    assert!(jws.header.is_typ("token-introspection+jwt"));
    assert!(jws.verify_own(&*world.instance.engine.keys()).is_ok());
    assert_eq!(
        (&told["iss"], &told["aud"]),
        (&json!(ISSUER), &json!(world.librarian.id))
    );
    assert_eq!(told["token_introspection"]["aud"], LIBRARY);
    assert!(
        told.get("sub").is_none() && told.get("exp").is_none(),
        "it passes for no token"
    );
    let dead = claims(
        &ask("application/token-introspection+jwt;q=1", "nothing")
            .await
            .body,
    )
    .1;
    assert_eq!(dead["token_introspection"], json!({"active": false}));
    assert_eq!(ask("application/json, */*", &access).await.json()["active"], true);
}

#[tokio::test]
async fn rfc9728_resources_say_where_their_tokens_come_from() {
    let world = world().await;
    let get = async |path: &str| world.instance.get(path).send().await;
    for path in ["", "/oauth/userinfo", "/open_auth/get_user_data"] {
        let document = get(&format!("/.well-known/oauth-protected-resource{path}"))
            .await
            .json();
        assert_eq!(document["resource"], format!("{ISSUER}{path}"));
        assert_eq!(document["authorization_servers"], json!([ISSUER]));
    }
    let hosted = format!("/.well-known/oauth-protected-resource/apis/{}", world.library.id);
    let document = get(&hosted).await.json();
    assert_eq!(document["resource"], LIBRARY);
    assert_eq!(
        document["scopes_supported"],
        json!(["loans.read", "loans.renew", "fines"])
    );
    assert_eq!(
        get("/.well-known/oauth-protected-resource/apis/nobody")
            .await
            .status,
        404
    );
    for path in ["/oauth/userinfo", "/open_auth/get_user_data"] {
        let challenge = get(path).await.header("www-authenticate").unwrap().to_owned();
        let expected = format!("resource_metadata=\"{ISSUER}/.well-known/oauth-protected-resource{path}\"");
        assert!(challenge.contains(&expected), "{challenge}");
    }
    let metadata = get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(
        metadata["authorization_details_types_supported"],
        json!(["renewal"])
    );
    assert!(
        metadata["protected_resources"]
            .as_array()
            .unwrap()
            .contains(&json!(LIBRARY))
    );
    assert!(
        metadata["scopes_supported"]
            .as_array()
            .unwrap()
            .contains(&json!("loans.read"))
    );
}

#[tokio::test]
async fn rfc9470_an_old_sign_in_is_not_enough_where_the_resource_says_so() {
    let world = world().await;
    let ours = ResourceDraft {
        uri: format!("{ISSUER}/oauth/userinfo"),
        name: "Userinfo".into(),
        description: "Claims".into(),
        max_age: "300".into(),
        ..ResourceDraft::default()
    };
    api(&world.instance, PersonId(1), ours).await;
    let (access, _) = pair(&world.tokens(&[("scope", "openid")], &[]).await);
    let read = async || world.instance.get("/oauth/userinfo").bearer(&access).send().await;
    assert_eq!(read().await.status, 200);
    world.instance.clock.advance(301);
    let refused = read().await;
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").unwrap();
    for part in [
        "error=\"insufficient_user_authentication\"",
        "max_age=\"300\"",
        "acr_values=",
    ] {
        assert!(challenge.contains(part), "{challenge}");
    }
    // A new sign-in, as the challenge asks for it.
    let (access, _) = pair(
        &world
            .tokens(&[("scope", "openid"), ("max_age", "300")], &[])
            .await,
    );
    assert_eq!(
        world
            .instance
            .get("/oauth/userinfo")
            .bearer(&access)
            .send()
            .await
            .status,
        200
    );
}
