//! Apps that are known by the address of a document about them (draft-ietf-oauth-client-id-metadata-document), over HTTP.

mod host;
mod refused;

use host::Host;
use omniport_engine::registration::ClientIdDocuments;
use omniport_protocol::review::{Standing, Verdict};
use omniport_protocol::vocabulary::{ClientId, encode};
use omniport_testkit::{Answer, ClientKey, ISSUER, Instance, TestApp};
use serde_json::json;

const PATH: &str = "/client.json";
const SCOPE: &str = "openid profile";
const GRANTS: &str = "authorization_code refresh_token";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn app(host: &Host) -> TestApp {
    TestApp {
        id: host.id(PATH),
        secret: String::new(),
        redirect_uri: format!("https://{}/callback", host.authority),
    }
}

/// A request at a door, as `who`.
async fn ask(instance: &Instance, door: &str, app: &TestApp, who: Option<&str>) -> Answer {
    let query = format!(
        "client_id={}&redirect_uri={}&response_type=code&scope=openid&code_challenge={CHALLENGE}&code_challenge_method=S256",
        encode(&app.id),
        encode(&app.redirect_uri)
    );
    match who {
        Some(username) => {
            let cookie = instance.sign_in(username).await;
            instance.allow(door, &cookie, &query).await
        }
        None => instance.get(&format!("{door}?{query}")).send().await,
    }
}

const DOOR: &str = "/oauth/authorize";

async fn redeem(instance: &Instance, app: &TestApp, code: &str) -> Answer {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", &app.id),
        ("code", code),
        ("redirect_uri", &app.redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    instance.post("/oauth/token").form(&form).send().await
}

async fn standing(instance: &Instance, app: &TestApp) -> Option<Standing> {
    let id = ClientId::parse(&app.id).unwrap();
    let found = instance.engine.store().app(&id).await.unwrap();
    found.map(|app| app.standing)
}

async fn rule(instance: &Instance, app: &TestApp, verdict: Verdict) {
    let id = ClientId::parse(&app.id).unwrap();
    let ruled = instance
        .engine
        .review_app(&id, None, verdict, "because", None)
        .await;
    ruled.unwrap().unwrap();
}

#[tokio::test]
async fn closed_by_default_and_nothing_is_fetched() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({})));
    let instance = host.instance(ClientIdDocuments::Closed, SCOPE, GRANTS).await;
    let page = ask(&instance, DOOR, &app(&host), Some("asha")).await;
    assert_eq!(page.status, 400);
    assert_eq!(page.text_of("error-code").unwrap(), "invalid_client");
    assert_eq!((host.asked(), standing(&instance, &app(&host)).await), (0, None));
    let metadata = instance
        .get("/.well-known/oauth-authorization-server")
        .send()
        .await
        .json();
    assert_eq!(metadata.get("client_id_metadata_document_supported"), None);
}

#[tokio::test]
async fn where_the_maintainer_says_so_it_signs_people_in_at_once_at_both_doors() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({"logo_uri": null})));
    let instance = host.instance(ClientIdDocuments::Automatic, SCOPE, GRANTS).await;
    let metadata = instance
        .get("/.well-known/oauth-authorization-server")
        .send()
        .await
        .json();
    assert_eq!(metadata["client_id_metadata_document_supported"], true);
    let app = app(&host);
    for door in [DOOR, "/oauth/authorise"] {
        let back = ask(&instance, door, &app, Some("asha")).await;
        let code = back.redirect_param("code").unwrap();
        let tokens = redeem(&instance, &app, &code).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        assert!(tokens.json()["id_token"].is_string());
        let again = [
            ("grant_type", "refresh_token"),
            ("client_id", &app.id),
            ("refresh_token", &tokens.member("refresh_token")),
        ];
        assert_eq!(
            instance.post("/oauth/token").form(&again).send().await.status,
            200
        );
    }
    // Without a session the sign-in page comes, not an error.
    assert!(
        ask(&instance, DOOR, &app, None)
            .await
            .location()
            .unwrap()
            .starts_with("/login")
    );
    assert_eq!(host.asked(), 1, "all of it was one fetch");
}

#[tokio::test]
async fn the_consent_page_names_the_host_and_no_approval_that_nobody_gave() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({})));
    let instance = host.instance(ClientIdDocuments::Automatic, SCOPE, GRANTS).await;
    let cookie = instance.sign_in("asha").await;
    let app = app(&host);
    let query = format!(
        "client_id={}&redirect_uri={}&response_type=code&scope=openid&code_challenge={CHALLENGE}&code_challenge_method=S256",
        encode(&app.id),
        encode(&app.redirect_uri)
    );
    let first = instance
        .get(&format!("{DOOR}?{query}"))
        .cookie(&cookie)
        .send()
        .await;
    let page = instance
        .get(first.location().unwrap())
        .cookie(&cookie)
        .send()
        .await;
    assert_eq!(page.text_of("client-host").unwrap(), host.authority);
    assert!(!page.body.contains("Approved by"), "{}", page.body);
    assert!(
        !page.body.contains("dev Rao"),
        "whoever answers for such apps here has not made it"
    );
}

#[tokio::test]
async fn in_review_it_works_for_its_team_and_then_for_everybody() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({})));
    let instance = host.instance(ClientIdDocuments::Review, SCOPE, GRANTS).await;
    let app = app(&host);
    let page = ask(&instance, DOOR, &app, Some("asha")).await;
    assert_eq!(page.text_of("error-code").unwrap(), "unauthorized_client");
    assert_eq!(instance.engine.store().apps_awaiting_review().await.unwrap(), 1);
    assert!(
        ask(&instance, DOOR, &app, Some("dev"))
            .await
            .redirect_param("code")
            .is_some()
    );
    rule(&instance, &app, Verdict::Approve).await;
    assert!(
        ask(&instance, DOOR, &app, Some("asha"))
            .await
            .redirect_param("code")
            .is_some()
    );
    assert_eq!(host.asked(), 1);
    // Its pages are found although its identifier holds slashes.
    let cookie = instance.sign_in("mai").await;
    let review = format!("/maintainer/review/{}", encode(&app.id));
    assert_eq!(instance.get(&review).cookie(&cookie).send().await.status, 200);
}

#[tokio::test]
async fn a_changed_document_waits_for_review_and_what_needs_none_is_live() {
    let host = Host::new().await;
    host.serve_with("cache-control: max-age=600\r\n", &host.document(PATH, &json!({})));
    let instance = host.instance(ClientIdDocuments::Review, SCOPE, GRANTS).await;
    let app = app(&host);
    ask(&instance, DOOR, &app, Some("asha")).await;
    rule(&instance, &app, Verdict::Approve).await;
    let read = async || {
        let id = ClientId::parse(&app.id).unwrap();
        instance.engine.store().app(&id).await.unwrap().unwrap()
    };
    let reworded = json!({"description": "What it does."});
    host.serve_with("cache-control: max-age=600\r\n", &host.document(PATH, &reworded));
    // Not before the host's own time is over.
    instance.clock.advance(599);
    ask(&instance, DOOR, &app, Some("asha")).await;
    assert_eq!((host.asked(), read().await.last_version), (1, 1));
    instance.clock.advance(1);
    ask(&instance, DOOR, &app, Some("asha")).await;
    let found = read().await;
    assert_eq!((host.asked(), found.proposed), (2, None));
    assert_eq!(found.live.unwrap().manifest.description, "What it does.");
    let renamed = json!({"client_name": "Another name", "redirect_uris": ["https://elsewhere.example/cb"]});
    host.serve(&host.document(PATH, &renamed));
    instance.clock.advance(600);
    let back = ask(&instance, DOOR, &app, Some("asha")).await;
    assert!(
        back.redirect_param("code").is_some(),
        "what was approved goes on: {}",
        back.body
    );
    let found = read().await;
    assert_eq!(found.live.unwrap().manifest.name, "Agent");
    assert_eq!(found.proposed.unwrap().manifest.name, "Another name");
    assert_eq!(instance.engine.store().apps_awaiting_review().await.unwrap(), 1);
    rule(&instance, &app, Verdict::Approve).await;
    let gone = ask(&instance, DOOR, &app, Some("asha")).await;
    assert_eq!(
        gone.text_of("error-code").unwrap(),
        "invalid_request",
        "the old address is no longer its own"
    );
}

#[tokio::test]
async fn an_agent_with_a_key_pushes_and_asks_for_itself() {
    let host = Host::new().await;
    let key = ClientKey::new("k1");
    let keyed = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.public()]},
        "grant_types": ["client_credentials", "authorization_code", "unknown"]});
    host.serve(&host.document(PATH, &keyed));
    let grants = "authorization_code client_credentials";
    let instance = host.instance(ClientIdDocuments::Automatic, SCOPE, grants).await;
    let app = app(&host);
    let post = async |path: &str, jti: &str, key: &ClientKey, form: &[(&str, &str)]| {
        let now = instance.engine.now();
        let claims =
            json!({"iss": app.id, "sub": app.id, "aud": ISSUER, "jti": jti, "iat": now, "exp": now.plus(60)});
        let assertion = key.sign(&json!({}), &claims);
        let own = [
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ];
        instance.post(path).form(&[&own[..], form].concat()).send().await
    };
    let own = [("grant_type", "client_credentials")];
    let token = post("/oauth/token", "1", &key, &own).await;
    assert_eq!(token.status, 200, "{}", token.body);
    let pushed = [
        ("response_type", "code"),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let pushed = post("/oauth/par", "2", &key, &pushed).await;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    // Another's key, and nothing at all, prove nothing.
    let stranger = post("/oauth/token", "3", &ClientKey::new("k1"), &own).await;
    assert_eq!(stranger.member("error"), "invalid_client");
    let nothing = [("grant_type", "client_credentials"), ("client_id", &app.id)];
    let nothing = instance.post("/oauth/token").form(&nothing).send().await;
    assert_eq!(nothing.member("error"), "invalid_client");
    assert_eq!(host.asked(), 1);
    // A new key is known once the document is read again.
    let newer = ClientKey::new("k2");
    let renewed = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [newer.public()]},
        "grant_types": ["client_credentials", "authorization_code", "unknown"]});
    host.serve(&host.document(PATH, &renewed));
    instance.clock.advance(3_600);
    let token = post("/oauth/token", "4", &newer, &own).await;
    assert_eq!(token.status, 200, "{}", token.body);
    let old = post("/oauth/token", "5", &key, &own).await;
    assert_eq!(old.member("error"), "invalid_client");
}

#[tokio::test]
async fn a_public_agent_pushes_and_is_found_by_that() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({})));
    let instance = host.instance(ClientIdDocuments::Automatic, SCOPE, GRANTS).await;
    let app = app(&host);
    let form = [
        ("client_id", app.id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", "http://127.0.0.1:5123/callback"),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let pushed = instance.post("/oauth/par").form(&form).send().await;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    let cookie = instance.sign_in("asha").await;
    let query = format!(
        "client_id={}&request_uri={}",
        encode(&app.id),
        encode(&pushed.member("request_uri"))
    );
    let back = instance.allow(DOOR, &cookie, &query).await;
    assert!(
        back.location()
            .unwrap()
            .starts_with("http://127.0.0.1:5123/callback?code=")
    );
    assert_eq!(host.asked(), 1);
}

#[tokio::test]
async fn an_app_goes_on_for_a_week_without_its_document_and_no_longer() {
    let host = Host::new().await;
    host.serve(&host.document(PATH, &json!({})));
    let instance = host.instance(ClientIdDocuments::Automatic, SCOPE, GRANTS).await;
    let app = app(&host);
    ask(&instance, DOOR, &app, Some("asha")).await;
    host.answer("404 Not Found", "", b"");
    instance.clock.advance(7 * 86_400 - 60);
    assert!(
        ask(&instance, DOOR, &app, Some("asha"))
            .await
            .redirect_param("code")
            .is_some()
    );
    assert_eq!(host.asked(), 2);
    // The host is left alone for a minute meanwhile.
    instance.clock.advance(59);
    assert!(
        ask(&instance, DOOR, &app, Some("asha"))
            .await
            .redirect_param("code")
            .is_some()
    );
    assert_eq!(host.asked(), 2);
    instance.clock.advance(60);
    let page = ask(&instance, DOOR, &app, Some("asha")).await;
    assert_eq!(page.text_of("error-code").unwrap(), "invalid_client");
    // Back again, it is the same app.
    host.serve(&host.document(PATH, &json!({})));
    instance.clock.advance(60);
    assert!(
        ask(&instance, DOOR, &app, Some("asha"))
            .await
            .redirect_param("code")
            .is_some()
    );
}
