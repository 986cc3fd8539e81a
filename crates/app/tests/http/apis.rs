//! APIs over HTTP: resource indicators (RFC 8707), JWT access tokens (RFC 9068), introspection by those that tokens are for.

use crate::{assert_error, pair};
use omniport_engine::apis::{ApiDecision, ApiEditor};
use omniport_engine::people::PlatformRole;
use omniport_protocol::apis::{Resource, ResourceDraft};
use omniport_protocol::jose::Jws;
use omniport_protocol::vocabulary::{ClientId, PersonId};
use omniport_testkit::{Answer, ISSUER, Instance, TestApp};
use serde_json::{Value, json};

pub(crate) const LIBRARY: &str = "https://library.example/api";
const ARCHIVE: &str = "https://archive.example/";

/// An instance with a library (opaque tokens) that `librarian` owns and asks introspection for, an archive (JWTs), and
/// an app that may use some of both.
pub(crate) struct World {
    pub(crate) instance: Instance,
    pub(crate) app: TestApp,
    pub(crate) librarian: TestApp,
    pub(crate) library: Resource,
}

pub(crate) async fn api(instance: &Instance, owner: PersonId, draft: ResourceDraft) -> Resource {
    let added = instance.engine.add_api(&draft, owner, ApiEditor::Operator).await;
    added.unwrap().unwrap()
}

pub(crate) async fn approve(
    instance: &Instance,
    api: &Resource,
    app: &TestApp,
    names: &[&str],
    approved: bool,
) {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let decision = ApiDecision {
        api: &api.id,
        client: &ClientId::parse(&app.id).unwrap(),
        names: &names,
        approved,
        comment: "",
        by: None,
    };
    instance.engine.decide_api(decision).await.unwrap().unwrap();
}

pub(crate) async fn world_with(metadata: Value) -> World {
    let instance = Instance::new().await;
    let dev = instance.person("dev", &[PlatformRole::Developer]).await;
    instance.person("asha", &[]).await;
    let service =
        json!({"client_name": "Library desk", "grant_types": ["client_credentials"], "redirect_uris": []});
    let librarian = instance.app(dev, service).await;
    let library = ResourceDraft {
        uri: LIBRARY.into(),
        name: "Library".into(),
        description: "Loans and fines".into(),
        scopes: "loans.read See your loans\nloans.renew Renew your loans\nfines See your fines".into(),
        token_seconds: "600".into(),
        introspected_by: librarian.id.clone(),
        ..ResourceDraft::default()
    };
    let archive = ResourceDraft {
        uri: ARCHIVE.into(),
        name: "Archive".into(),
        scopes: "archive.read Read the archive".into(),
        format: "jwt".into(),
        signing_alg: "ES256".into(),
        token_seconds: "300".into(),
        introspected_by: String::new(),
        ..library.clone()
    };
    let library = api(&instance, dev, library).await;
    let archive = api(&instance, dev, archive).await;
    let mut document = json!({
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "scope": "openid person.full_name loans.read loans.renew fines archive.read",
    });
    let more = metadata.as_object().cloned().unwrap_or_default();
    document.as_object_mut().unwrap().extend(more);
    let app = instance.app(dev, document).await;
    approve(&instance, &library, &app, &["loans.read", "loans.renew"], true).await;
    approve(&instance, &archive, &app, &["archive.read"], true).await;
    World {
        instance,
        app,
        librarian,
        library,
    }
}

async fn world() -> World {
    world_with(json!({})).await
}

impl World {
    /// A token answer for Asha, who allows what is asked.
    pub(crate) async fn tokens(&self, authorize: &[(&str, &str)], token: &[(&str, &str)]) -> Answer {
        let code = self.authorize(authorize).await.redirect_param("code").unwrap();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &self.app.redirect_uri),
        ];
        form.extend(token);
        self.instance.token(&self.app, &form).await
    }

    async fn authorize(&self, more: &[(&str, &str)]) -> Answer {
        let cookie = self.instance.sign_in("asha").await;
        let params: Vec<_> = [("response_type", "code"), ("state", "s")]
            .iter()
            .chain(more)
            .copied()
            .collect();
        self.instance.authorize(&self.app, &cookie, &params).await
    }

    pub(crate) async fn introspect(&self, by: &TestApp, token: &str) -> Value {
        let asked = self.instance.post("/oauth/introspect").basic(&by.id, &by.secret);
        asked.form(&[("token", token)]).send().await.json()
    }
}

pub(crate) fn claims(jwt: &str) -> (Jws, Value) {
    let jws = Jws::parse(jwt).unwrap();
    let claims = Value::Object(jws.claims_unverified().as_map().clone());
    (jws, claims)
}

#[tokio::test]
async fn case_011_only_registered_scopes_exist_and_only_approved_ones_are_given() {
    let world = world().await;
    for (scope, why) in [
        ("openid nothing.registered", "registered nowhere"),
        ("openid fines", "asked for, but its owner has not approved it"),
    ] {
        let answer = world.authorize(&[("scope", scope)]).await;
        assert_eq!(
            answer.redirect_param("error").as_deref(),
            Some("invalid_scope"),
            "{why}"
        );
    }
    approve(&world.instance, &world.library, &world.app, &["fines"], true).await;
    let answer = world.tokens(&[("scope", "openid fines")], &[]).await.json();
    assert_eq!(answer["scope"], "fines", "what is ours is had by naming us");
    assert!(answer["id_token"].is_string());
    // What is asked of the client's own is no different.
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "loans.read nothing.registered"),
    ];
    assert_error(
        &world.instance.token(&world.app, &form).await,
        400,
        "invalid_scope",
    );
}

#[tokio::test]
async fn rfc8707_a_token_is_for_the_resources_it_names() {
    let world = world().await;
    let both = [
        ("scope", "openid loans.read archive.read"),
        ("resource", LIBRARY),
        ("resource", ARCHIVE),
    ];
    let answer = world.tokens(&both, &[("resource", LIBRARY)]).await;
    let (access, refresh) = pair(&answer);
    assert_eq!(answer.json()["scope"], "loans.read");
    assert_eq!(answer.json()["expires_in"], 600);
    assert_eq!(access.len(), 30, "opaque");
    let body = world.introspect(&world.librarian, &access).await;
    assert_eq!((&body["active"], &body["aud"]), (&json!(true), &json!(LIBRARY)));
    // The other one by the refresh token; and not what was never granted.
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("resource", ARCHIVE),
    ];
    let answer = world.instance.token(&world.app, &form).await.json();
    assert_eq!(answer["scope"], "archive.read");
    let (_, told) = claims(answer["access_token"].as_str().unwrap());
    assert_eq!(told["aud"], ARCHIVE);
    // Both at once are of two forms.
    let answer = world.tokens(&both, &[]).await;
    assert_error(&answer, 400, "invalid_target");
}

#[tokio::test]
async fn rfc8707_what_is_unknown_or_not_granted_is_invalid_target() {
    let world = world().await;
    for bad in [
        "https://unknown.example/",
        "no-uri",
        "https://library.example/api#part",
    ] {
        let answer = world.authorize(&[("scope", "openid"), ("resource", bad)]).await;
        assert_eq!(
            answer.redirect_param("error").as_deref(),
            Some("invalid_target"),
            "{bad}"
        );
        let form = [("grant_type", "client_credentials"), ("resource", bad)];
        assert_error(
            &world.instance.token(&world.app, &form).await,
            400,
            "invalid_target",
        );
        let pushed = world
            .instance
            .post("/oauth/par")
            .basic(&world.app.id, &world.app.secret)
            .form(&[
                ("response_type", "code"),
                ("client_id", &world.app.id),
                ("resource", bad),
            ])
            .send()
            .await;
        assert_error(&pushed, 400, "invalid_target");
    }
    let only_library = [("scope", "loans.read"), ("resource", LIBRARY)];
    assert_error(
        &world.tokens(&only_library, &[("resource", ARCHIVE)]).await,
        400,
        "invalid_target",
    );
    let other_scope = world
        .authorize(&[("scope", "archive.read"), ("resource", LIBRARY)])
        .await;
    assert_eq!(
        other_scope.redirect_param("error").as_deref(),
        Some("invalid_scope")
    );
    let wild = [("scope", "read"), ("resource", LIBRARY), ("client_id", "two")];
    assert_eq!(
        world.authorize(&wild).await.status,
        400,
        "only resource may be repeated"
    );
}

#[tokio::test]
async fn rfc8707_a_service_gets_all_it_may_use_of_what_it_names() {
    let world = world().await;
    let form = [("grant_type", "client_credentials"), ("resource", LIBRARY)];
    let answer = world.instance.token(&world.app, &form).await.json();
    assert_eq!(answer["scope"], "loans.read loans.renew");
    let body = world
        .introspect(&world.librarian, answer["access_token"].as_str().unwrap())
        .await;
    assert_eq!(
        (&body["sub"], &body["client_id"]),
        (&json!(world.app.id), &json!(world.app.id))
    );
    assert!(body.get("auth_time").is_none() && body.get("username").is_none());
}

#[tokio::test]
async fn rfc9068_a_jwt_says_what_the_token_is() {
    let world = world().await;
    let (access, _) = pair(&world.tokens(&[("scope", "archive.read")], &[]).await);
    let (jws, told) = claims(&access);
    assert!(jws.header.is_typ("at+jwt"));
    assert!(jws.verify_own(&*world.instance.engine.keys()).is_ok());
    assert_eq!(told["iss"], ISSUER);
    assert_eq!(told["aud"], ARCHIVE);
    assert_eq!(told["client_id"], world.app.id);
    assert_eq!(told["scope"], "archive.read");
    assert_eq!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap(), 300);
    assert!(told["jti"].is_string() && told["auth_time"].is_i64() && told["acr"].is_string());
    assert!(told["sub"].is_string() && told["sub"] != world.app.id);
    // It is one of ours all the same: introspected and revoked like any other.
    assert_eq!(world.introspect(&world.app, &access).await["active"], true);
    let revoked = world
        .instance
        .post("/oauth/revoke")
        .basic(&world.app.id, &world.app.secret);
    assert_eq!(revoked.form(&[("token", &access)]).send().await.status, 200);
    assert_eq!(
        world.introspect(&world.app, &access).await,
        json!({"active": false})
    );
}

#[tokio::test]
async fn rfc9068_what_was_tampered_with_or_is_a_name_alone_is_no_token() {
    let world = world().await;
    let both = [("resource", ISSUER), ("resource", ARCHIVE)];
    let (access, _) = pair(&world.tokens(&[("scope", "openid archive.read")], &both).await);
    let (_, told) = claims(&access);
    let jti = told["jti"].as_str().unwrap();
    let signed = access.rsplit_once('.').unwrap().0;
    for bad in [
        jti.to_owned(),
        format!("{signed}.AAAA"),
        format!("{signed}."),
        format!("{access}A"),
    ] {
        assert_eq!(
            world.introspect(&world.app, &bad).await,
            json!({"active": false}),
            "{bad}"
        );
        let answer = world.instance.get("/oauth/userinfo").bearer(&bad).send().await;
        assert_eq!(answer.status, 401, "{bad}");
    }
    let answer = world.instance.get("/oauth/userinfo").bearer(&access).send().await;
    assert_eq!(answer.status, 200, "it is for us too: {}", answer.body);
}

#[tokio::test]
async fn rfc9068_one_token_is_not_for_everybody_unless_the_app_says_so() {
    let world = world().await;
    // Of two APIs, the app says which; the code is not spent on the question.
    let scope = [("scope", "openid person.full_name loans.read archive.read")];
    let code = world.authorize(&scope).await.redirect_param("code").unwrap();
    let redeem = async |more: &[(&str, &str)]| {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &world.app.redirect_uri),
        ];
        form.extend(more);
        world.instance.token(&world.app, &form).await
    };
    let refused = redeem(&[]).await;
    assert_error(&refused, 400, "invalid_target");
    assert!(refused.body.contains("'resource'"), "{}", refused.body);
    let (first, refresh) = pair(&redeem(&[("resource", LIBRARY)]).await);
    assert_eq!(world.introspect(&world.librarian, &first).await["aud"], LIBRARY);
    // So does a service, and whoever refreshes.
    for form in [
        vec![
            ("grant_type", "client_credentials"),
            ("scope", "loans.read archive.read"),
        ],
        vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
        ],
    ] {
        assert_error(
            &world.instance.token(&world.app, &form).await,
            400,
            "invalid_target",
        );
    }
    // Of one API and us, a token is for the API: it reads nothing here with what it is shown.
    let scope = [("scope", "openid person.full_name loans.read")];
    let answer = world.tokens(&scope, &[]).await;
    let (access, refresh) = pair(&answer);
    let told = answer.json();
    assert!(
        told["scope"] == "loans.read" && told["id_token"].is_string(),
        "{told}"
    );
    assert_eq!(world.instance.user_data(&access).await.status, 401);
    let userinfo = world.instance.get("/oauth/userinfo").bearer(&access);
    assert_eq!(userinfo.send().await.status, 401);
    let ours = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("resource", ISSUER),
    ];
    let own = world.instance.token(&world.app, &ours).await;
    assert_eq!(own.json()["scope"], "openid person.full_name");
    assert_eq!(
        world.instance.user_data(&own.member("access_token")).await.status,
        200
    );
    // What asks for nothing of APIs is as it was.
    let plain = world.tokens(&[("scope", "read")], &[]).await;
    assert_eq!(plain.json()["scope"], "read");
    assert_eq!(
        world
            .instance
            .user_data(&plain.member("access_token"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_token_for_an_api_is_none_at_our_own_endpoints() {
    let world = world().await;
    for (scope, resource) in [("archive.read", ARCHIVE), ("loans.read", LIBRARY)] {
        let scope = format!("openid person.full_name {scope}");
        let both = [("scope", scope.as_str()), ("resource", resource)];
        let (access, refresh) = pair(&world.tokens(&both, &[]).await);
        assert_eq!(world.instance.user_data(&access).await.status, 401);
        assert_eq!(
            world
                .instance
                .get("/oauth/userinfo")
                .bearer(&access)
                .send()
                .await
                .status,
            401
        );
        // What the scope holds of ours is had by naming us.
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
            ("resource", ISSUER),
        ];
        let own = world.instance.token(&world.app, &form).await.json();
        let userinfo = world
            .instance
            .get("/oauth/userinfo")
            .bearer(own["access_token"].as_str().unwrap());
        assert_eq!(userinfo.send().await.status, 200);
    }
}

#[tokio::test]
async fn case_064_introspection_answers_the_api_that_a_token_is_for() {
    let world = world().await;
    let scope = [("scope", "openid person.full_name loans.read")];
    let (access, _) = pair(&world.tokens(&scope, &[]).await);
    let body = world.introspect(&world.librarian, &access).await;
    assert_eq!(body["scope"], "loans.read", "nothing that is another's");
    assert_eq!(body["aud"], LIBRARY);
    assert_eq!(body["client_id"], world.app.id);
    assert!(body["auth_time"].is_i64() && body["acr"].is_string() && body["sub"].is_string());
    assert!(body.get("username").is_none());
    let (plain, _) = pair(&world.tokens(&[("scope", "openid")], &[]).await);
    assert_eq!(
        world.introspect(&world.librarian, &plain).await,
        json!({"active": false})
    );
    let (archive, _) = pair(&world.tokens(&[("scope", "archive.read")], &[]).await);
    assert_eq!(
        world.introspect(&world.librarian, &archive).await,
        json!({"active": false})
    );
    // The owner takes it back: at once.
    approve(
        &world.instance,
        &world.library,
        &world.app,
        &["loans.read"],
        false,
    )
    .await;
    assert_eq!(
        world.introspect(&world.librarian, &access).await,
        json!({"active": false})
    );
}

#[tokio::test]
async fn what_an_api_gives_up_is_gone_at_the_next_refresh() {
    let world = world().await;
    let scope = [("scope", "openid loans.read")];
    let (access, refresh) = pair(&world.tokens(&scope, &[]).await);
    assert!(
        world
            .instance
            .engine
            .remove_api(&world.library.id, ApiEditor::Operator)
            .await
            .unwrap()
    );
    assert_eq!(
        world.introspect(&world.librarian, &access).await,
        json!({"active": false})
    );
    let answer = world.instance.refresh(&world.app, &refresh).await.json();
    assert_eq!(answer["scope"], "openid");
}

#[tokio::test]
async fn the_consent_page_says_it_in_the_owners_words() {
    let world = world().await;
    let cookie = world.instance.sign_in("asha").await;
    let query = format!(
        "client_id={}&response_type=code&scope=openid%20loans.read&redirect_uri={}",
        world.app.id, "https%3A%2F%2Fapp.example%2Fcallback"
    );
    let first = world
        .instance
        .get(&format!("/oauth/authorize?{query}"))
        .cookie(&cookie)
        .send()
        .await;
    let page = world
        .instance
        .get(first.location().unwrap())
        .cookie(&cookie)
        .send()
        .await;
    assert!(page.body.contains("See your loans"), "{}", page.body);
    assert!(page.body.contains("Library"));
    assert!(!page.body.contains("Renew your loans"));
}
