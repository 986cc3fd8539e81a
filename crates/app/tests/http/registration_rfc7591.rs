//! Apps that register and manage themselves, over HTTP (RFC 7591, RFC 7592).

use omniport_engine::people::PlatformRole;
use omniport_engine::registration::{RegistrationApproval, RegistrationPolicy, RegistrationSettings};
use omniport_protocol::audit::{Act, Actor, Deed, Event, Subject};
use omniport_protocol::review::Verdict;
use omniport_protocol::vocabulary::{ClientId, Secret};
use omniport_store::portal::{AuditFilter, InitialAccessToken};
use omniport_testkit::{Answer, Instance, TestApp};
use serde_json::{Value, json};

async fn world(policy: RegistrationPolicy, approval: RegistrationApproval) -> Instance {
    let instance = Instance::with_registration(RegistrationSettings {
        policy,
        approval,
        owner: Some("dev".to_owned()),
        ..RegistrationSettings::default()
    })
    .await;
    instance.person("dev", &[PlatformRole::Developer]).await;
    instance.person("asha", &[]).await;
    instance
}

async fn open() -> Instance {
    world(RegistrationPolicy::Open, RegistrationApproval::Automatic).await
}

fn document(more: &Value) -> Value {
    let mut document = json!({"client_name": "Self-made", "redirect_uris": ["https://app.example/callback"]});
    document
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap_or_default());
    document
}

async fn register(instance: &Instance, more: &Value) -> Answer {
    let body = document(more).to_string().into_bytes();
    let request = instance.post("/oauth/register");
    request.raw("application/json", body).send().await
}

fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.member("error").as_str()),
        (status, code),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn case_092_registration_is_closed_by_default() {
    let instance = Instance::new().await;
    assert_refused(&register(&instance, &json!({})).await, 403, "access_denied");
    let metadata = instance
        .get("/.well-known/openid-configuration")
        .send()
        .await
        .json();
    assert_eq!(metadata.get("registration_endpoint"), None);
}

#[tokio::test]
async fn an_app_registers_and_signs_people_in() {
    let instance = open().await;
    let metadata = instance
        .get("/.well-known/openid-configuration")
        .send()
        .await
        .json();
    assert!(
        metadata["registration_endpoint"]
            .as_str()
            .unwrap()
            .ends_with("/oauth/register")
    );
    let answer = register(
        &instance,
        &json!({"token_endpoint_auth_method": "client_secret_post"}),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    assert_eq!(body["client_secret_expires_at"], 0);
    assert_eq!(body["redirect_uris"], json!(["https://app.example/callback"]));
    let app = TestApp {
        id: answer.member("client_id"),
        secret: answer.member("client_secret"),
        redirect_uri: "https://app.example/callback".to_owned(),
    };
    let cookie = instance.sign_in("asha").await;
    let params = [
        ("response_type", "code"),
        ("scope", "openid email"),
        ("nonce", "n"),
    ];
    let back = instance.authorize(&app, &cookie, &params).await;
    let tokens = instance.redeem(&app, &back.redirect_param("code").unwrap()).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert!(tokens.json()["id_token"].is_string());
}

#[tokio::test]
async fn an_app_waits_for_review_where_the_policy_says_so() {
    let instance = world(RegistrationPolicy::Open, RegistrationApproval::Review).await;
    let answer = register(&instance, &json!({})).await;
    assert_eq!(answer.status, 201);
    assert_eq!(instance.engine.store().apps_awaiting_review().await.unwrap(), 1);
    let cookie = instance.sign_in("asha").await;
    let query = format!("client_id={}&response_type=code", answer.member("client_id"));
    let page = instance.allow("/oauth/authorize", &cookie, &query).await;
    assert_eq!(page.status, 400, "an outsider does not get in");
}

#[tokio::test]
async fn an_initial_access_token_opens_the_door_as_often_as_it_may() {
    let instance = world(
        RegistrationPolicy::InitialAccessToken,
        RegistrationApproval::Automatic,
    )
    .await;
    let secret = Secret::new("an-initial-access-token");
    let now = instance.engine.now();
    let token = InitialAccessToken {
        name: "suite".to_owned(),
        uses_left: 1,
        created_at: now,
        expires_at: now.plus(60),
    };
    let store = instance.engine.store().telling(Deed {
        doer: Actor::Operator.into(),
        act: Act::RegistrationTokenAdd,
        subject: Subject::instance(),
        before: Value::Null,
        after: Value::Null,
        at: now,
    });
    assert!(
        store
            .add_initial_access_token(secret.hash(), &token)
            .await
            .unwrap()
    );
    let with = async |token: &str, more: Value| {
        let body = document(&more).to_string().into_bytes();
        let request = instance.post("/oauth/register").bearer(token);
        request.raw("application/json", body).send().await
    };
    assert_refused(&register(&instance, &json!({})).await, 401, "invalid_token");
    assert_refused(&with("wrong", json!({})).await, 401, "invalid_token");
    // Nothing is fetched, and no mistake told, for who may not register.
    let inside = json!({"jwks_uri": "https://127.0.0.1/jwks"});
    assert_refused(&with("wrong", inside).await, 401, "invalid_token");
    assert_refused(
        &with(secret.expose(), json!({"subject_type": "x"})).await,
        400,
        "invalid_client_metadata",
    );
    assert_eq!(with(secret.expose(), json!({})).await.status, 201);
    assert_refused(&with(secret.expose(), json!({})).await, 401, "invalid_token");
}

#[tokio::test]
async fn case_093_dangerous_redirect_uris_are_refused() {
    let instance = open().await;
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "http://app.example/cb",
        "https://app.example/cb#f",
        "vbscript:x",
    ] {
        let answer = register(&instance, &json!({"redirect_uris": [uri]})).await;
        assert_refused(&answer, 400, "invalid_redirect_uri");
    }
}

#[tokio::test]
async fn case_094_case_095_case_096_bad_metadata_is_refused() {
    let instance = open().await;
    for bad in [
        json!({"jwks": {"keys": []}, "jwks_uri": "https://app.example/jwks"}),
        json!({"jwks_uri": "https://127.0.0.1/jwks"}),
        json!({"backchannel_logout_uri": "https://[::1]/logout"}),
        json!({"scope": "openid person.roles"}),
        json!({"scope": "openid loans:write"}),
        json!({"authorization_details_types": ["payment"]}),
        json!({"contacts": ["x".repeat(600)]}),
        json!({"client_uri": "javascript:alert(1)"}),
        json!({"policy_uri": "data:text/html,x"}),
        json!({"tos_uri": "http://app.example/terms"}),
        json!({"data_points": ["biological_information.blood_group"]}),
        json!({"response_types": ["id_token"], "legacy_implicit": true}),
        json!({"grant_types": ["password"]}),
        // A grant that there is, but not for apps that register themselves.
        json!({"grant_types": ["client_credentials"]}),
        json!({"redirect_uris": "https://app.example/cb"}),
        json!({"token_endpoint_auth_method": "magic"}),
    ] {
        let answer = register(&instance, &bad).await;
        assert_refused(&answer, 400, "invalid_client_metadata");
    }
    let statement = register(&instance, &json!({"software_statement": "e30.e30.e30"})).await;
    assert_refused(&statement, 400, "unapproved_software_statement");
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("text/plain", "{}"),
    ] {
        let request = instance.post("/oauth/register");
        let answer = request.raw(kind, body.as_bytes().to_vec()).send().await;
        assert_refused(&answer, 400, "invalid_client_metadata");
    }
    let deep = "[".repeat(30_000).into_bytes();
    let answer = instance
        .post("/oauth/register")
        .raw("application/json", deep)
        .send()
        .await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn an_app_reads_replaces_and_deletes_itself() {
    let instance = open().await;
    let registered = register(&instance, &json!({})).await;
    let (id, token) = (
        registered.member("client_id"),
        registered.member("registration_access_token"),
    );
    let path = format!("/oauth/register/{id}");
    let read = instance.get(&path).bearer(&token).send().await;
    assert_eq!(
        (read.status.as_u16(), read.member("client_name").as_str()),
        (200, "Self-made")
    );
    assert_eq!(read.json().get("registration_access_token"), None, "told once");
    let put = async |more: Value| {
        let body = document(&more).to_string().into_bytes();
        let request = instance.request(http::Method::PUT, &path).bearer(&token);
        request.raw("application/json", body).send().await
    };
    let replaced = put(json!({"client_id": id, "client_name": "Renamed", "default_max_age": 60})).await;
    assert_eq!(
        (replaced.status.as_u16(), replaced.member("client_name").as_str()),
        (200, "Renamed")
    );
    let again = instance.get(&path).bearer(&token).send().await.json();
    assert_eq!(
        (&again["client_name"], &again["default_max_age"]),
        (&json!("Renamed"), &json!(60))
    );
    for bad in [
        json!({"client_id": "another"}),
        json!({"scope": "openid loans:write"}),
        json!({"token_endpoint_auth_method": "none"}),
        json!({"token_endpoint_auth_method": "client_secret_jwt"}),
    ] {
        assert_refused(&put(bad).await, 400, "invalid_client_metadata");
    }
    let deleted = instance
        .request(http::Method::DELETE, &path)
        .bearer(&token)
        .send()
        .await;
    assert_eq!((deleted.status.as_u16(), deleted.body.as_str()), (204, ""));
    assert_eq!(instance.get(&path).bearer(&token).send().await.status, 401);
}

#[tokio::test]
async fn the_log_tells_what_an_app_does_with_its_own_registration() {
    let instance = open().await;
    let registered = register(&instance, &json!({})).await;
    let (id, token) = (
        registered.member("client_id"),
        registered.member("registration_access_token"),
    );
    let path = format!("/oauth/register/{id}");
    let put = async |more: Value| {
        let body = document(&more).to_string().into_bytes();
        let request = instance
            .request(http::Method::PUT, &path)
            .bearer(&token)
            .from("192.0.2.7");
        request.raw("application/json", body).send().await.status.as_u16()
    };
    assert_eq!(put(json!({"client_id": id, "client_name": "Renamed"})).await, 200);
    // What is refused, and what is only read, is no act.
    assert_eq!(put(json!({"client_id": "another"})).await, 400);
    assert_eq!(instance.get(&path).bearer(&token).send().await.status, 200);
    assert_eq!(instance.get(&path).bearer("wrong").send().await.status, 401);
    let deleted = instance.request(http::Method::DELETE, &path).bearer(&token);
    assert_eq!(deleted.send().await.status, 204);

    let store = instance.engine.store();
    let all = store
        .audit_events(&AuditFilter::default(), None, 50)
        .await
        .unwrap();
    let of_app: Vec<&Event> = all
        .iter()
        .map(|entry| &entry.event)
        .filter(|event| event.subject.id == id)
        .collect();
    let acts: Vec<_> = of_app.iter().rev().map(|event| event.act.as_str()).collect();
    assert_eq!(acts, ["app.register", "app.manifest.edit", "app.delete"]);
    for event in &of_app {
        assert_eq!(
            (event.actor.kind.as_str(), event.actor.id.as_str()),
            ("app", id.as_str())
        );
        let said = format!("{}{}", event.before, event.after);
        for secret in [&token, &registered.member("client_secret")] {
            assert!(!said.contains(secret.as_str()), "no secret is in the log: {said}");
        }
    }
    let [gone, changed, made] = of_app.as_slice() else {
        panic!("{of_app:?}")
    };
    assert!(made.after.to_string().contains("Self-made") && made.before.is_null());
    assert!(changed.before.to_string().contains("Self-made"));
    assert!(changed.after.to_string().contains("Renamed"));
    assert_eq!(changed.address.as_deref(), Some("192.0.2.7"));
    assert!(gone.before.to_string().contains("Renamed") && gone.after.is_null());
}

#[tokio::test]
async fn too_many_registrations_from_one_address_are_told_to_wait() {
    let instance = open().await;
    for _ in 0..30 {
        assert_eq!(register(&instance, &json!({})).await.status, 201);
    }
    let answer = register(&instance, &json!({})).await;
    assert_eq!(answer.status, 429, "{}", answer.body);
    assert!(answer.header("retry-after").is_some());
    instance.clock.advance(30);
    assert_eq!(register(&instance, &json!({})).await.status, 201);
}

#[tokio::test]
async fn case_097_another_clients_token_manages_nothing() {
    let instance = open().await;
    let (mine, other) = (
        register(&instance, &json!({})).await,
        register(&instance, &json!({})).await,
    );
    let path = format!("/oauth/register/{}", mine.member("client_id"));
    for token in [other.member("registration_access_token"), "nothing".to_owned()] {
        let answer = instance.get(&path).bearer(&token).send().await;
        assert_refused(&answer, 401, "invalid_token");
        let answer = instance
            .request(http::Method::DELETE, &path)
            .bearer(&token)
            .send()
            .await;
        assert_eq!(answer.status, 401);
    }
    assert_eq!(instance.get(&path).send().await.status, 401);
    let unknown = instance.get("/oauth/register/nobody");
    assert_eq!(
        unknown
            .bearer(&mine.member("registration_access_token"))
            .send()
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_change_of_what_was_approved_waits_for_review() {
    let instance = world(RegistrationPolicy::Open, RegistrationApproval::Review).await;
    let registered = register(&instance, &json!({})).await;
    let (id, token) = (
        registered.member("client_id"),
        registered.member("registration_access_token"),
    );
    let body = document(&json!({"client_name": "Other"}))
        .to_string()
        .into_bytes();
    let request = instance.request(http::Method::PUT, &format!("/oauth/register/{id}"));
    let put = request.bearer(&token).raw("application/json", body).send().await;
    assert_eq!(put.status, 200, "{}", put.body);
    let id = ClientId::parse(&id).unwrap();
    let app = instance.engine.store().app(&id).await.unwrap().unwrap();
    assert_eq!(app.live, None);
    assert_eq!(app.proposed.unwrap().manifest.name, "Other");
}

/// What the operator names may be asked for.
#[tokio::test]
async fn case_096_the_operator_widens_what_may_be_registered() {
    let instance = Instance::with_registration(RegistrationSettings {
        policy: RegistrationPolicy::Open,
        approval: RegistrationApproval::Automatic,
        owner: Some("dev".to_owned()),
        scope: "openid loans:write".to_owned(),
        grant_types: "authorization_code client_credentials".to_owned(),
        ..RegistrationSettings::default()
    })
    .await;
    instance.person("dev", &[PlatformRole::Developer]).await;
    let asked = json!({"scope": "openid loans:write", "grant_types": ["client_credentials"]});
    let registered = register(&instance, &asked).await;
    assert_eq!(registered.status, 201, "{}", registered.body);
    assert_eq!(registered.member("scope"), "openid loans:write");
    let beyond = json!({"scope": "openid loans:write loans:delete"});
    assert_refused(
        &register(&instance, &beyond).await,
        400,
        "invalid_client_metadata",
    );
}

#[tokio::test]
async fn a_flood_of_replacements_is_refused() {
    let instance = open().await;
    let registered = register(&instance, &json!({})).await;
    let path = format!("/oauth/register/{}", registered.member("client_id"));
    let token = registered.member("registration_access_token");
    let put = async |name: String| {
        let body = document(&json!({"client_name": name})).to_string().into_bytes();
        let request = instance.request(http::Method::PUT, &path).bearer(&token);
        request.raw("application/json", body).send().await
    };
    let mut last = 200;
    for turn in 0..31 {
        last = put(format!("Name {turn}")).await.status.as_u16();
    }
    assert_eq!(last, 429);
    instance.clock.advance(30);
    assert_eq!(put("Later".to_owned()).await.status, 200);
}

#[tokio::test]
async fn a_suspended_app_does_not_delete_what_is_looked_into() {
    let instance = open().await;
    let registered = register(&instance, &json!({})).await;
    let id = ClientId::parse(&registered.member("client_id")).unwrap();
    let suspended = instance
        .engine
        .review_app(&id, None, Verdict::Suspend, "for the test", None)
        .await;
    suspended.unwrap().unwrap();
    let request = instance.request(http::Method::DELETE, &format!("/oauth/register/{id}"));
    let answer = request
        .bearer(&registered.member("registration_access_token"))
        .send()
        .await;
    assert_refused(&answer, 403, "access_denied");
    assert!(instance.engine.store().app(&id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_stranger_does_not_hear_how_a_host_answers() {
    let instance = open().await;
    let mut told = Vec::new();
    // A private address, a port of a database, one where nobody is.
    for uri in ["https://127.0.0.1/", "https://1.1.1.1:5432/", "https://intranet/"] {
        let metadata = json!({"subject_type": "pairwise", "sector_identifier_uri": uri});
        let answer = register(&instance, &metadata).await;
        assert_refused(&answer, 400, "invalid_client_metadata");
        told.push(answer.member("error_description"));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}
