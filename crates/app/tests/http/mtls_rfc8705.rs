//! Clients that prove themselves by a certificate, and tokens that are bound to one (RFC 8705), as the server that asked for
//! it hands it on. Over real TLS: `tests/tls.rs`.

use crate::{assert_error, pair, world_with};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omniport_testkit::{Answer, ClientKey, Instance, TestApp};
use serde_json::json;

/// A self-signed certificate for this name, in DER.
fn certificate(name: &str) -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    made.cert.der().to_vec()
}

async fn token(
    instance: &Instance,
    app: &TestApp,
    shown: Option<(&[u8], bool)>,
    form: &[(&str, &str)],
) -> Answer {
    let mut form = form.to_vec();
    form.push(("client_id", &app.id));
    let request = instance.post("/oauth/token");
    match shown {
        Some((der, verified)) => request.certificate(der, verified).form(&form).send().await,
        None => request.form(&form).send().await,
    }
}

async fn data(instance: &Instance, access: &str, shown: Option<&[u8]>) -> Answer {
    let request = instance.get("/open_auth/get_user_data/").bearer(access);
    match shown {
        Some(der) => request.certificate(der, false).send().await,
        None => request.send().await,
    }
}

const OWN: [(&str, &str); 1] = [("grant_type", "client_credentials")];

#[tokio::test]
async fn a_name_under_an_authority_is_a_client_and_its_tokens_are_its_certificates() {
    let (instance, app) = world_with(json!({
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_san_dns": "app.example.org",
        "tls_client_certificate_bound_access_tokens": true,
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    }))
    .await;
    assert_eq!(app.secret, "");
    let (own, other) = (certificate("App.example.org"), certificate("other.example.org"));
    for nobody in [
        None,
        Some((own.as_slice(), false)),
        Some((other.as_slice(), true)),
    ] {
        assert_error(&token(&instance, &app, nobody, &OWN).await, 401, "invalid_client");
    }
    let code = instance.code(&app, "asha").await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
    ];
    let answer = token(&instance, &app, Some((&own, true)), &form).await;
    assert_eq!(answer.member("token_type"), "Bearer");
    let (access, refresh) = pair(&answer);
    assert_eq!(data(&instance, &access, Some(&own)).await.status, 200);
    for somebody_else in [None, Some(other.as_slice())] {
        let refused = data(&instance, &access, somebody_else).await;
        assert_eq!(refused.status, 401);
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    }
    let userinfo = instance
        .get("/oauth/userinfo")
        .bearer(&access)
        .certificate(&own, true);
    assert_error(&userinfo.send().await, 403, "insufficient_scope");
    // A new certificate of the same name is the same client: only the access tokens stay with the old one.
    let renewed = certificate("app.example.org");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    let (second, _) = pair(&token(&instance, &app, Some((&renewed, true)), &form).await);
    assert_eq!(data(&instance, &second, Some(&own)).await.status, 401);
    assert_eq!(data(&instance, &second, Some(&renewed)).await.status, 200);

    let ask = instance.post("/oauth/introspect").certificate(&renewed, true);
    let told = ask
        .form(&[("client_id", &app.id), ("token", &second)])
        .send()
        .await
        .json();
    assert_eq!(
        (&told["active"], &told["token_type"]),
        (&json!(true), &json!("Bearer"))
    );
    assert_eq!(told["cnf"]["x5t#S256"].as_str().map(str::len), Some(43));
}

#[tokio::test]
async fn a_certificate_of_the_clients_key_set_is_the_client() {
    let own = certificate("whatever");
    let mut key = ClientKey::new("k").public();
    key["x5c"] = json!([STANDARD.encode(&own)]);
    let (instance, app) = world_with(json!({
        "token_endpoint_auth_method": "self_signed_tls_client_auth",
        "jwks": {"keys": [key]},
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
    }))
    .await;
    let answer = token(&instance, &app, Some((&own, false)), &OWN).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let ask = instance.post("/oauth/introspect").certificate(&own, false);
    let form = [
        ("client_id", app.id.as_str()),
        ("token", &answer.member("access_token")),
    ];
    let told = ask.form(&form).send().await.json();
    assert_eq!(
        (&told["active"], told.get("cnf")),
        (&json!(true), None),
        "binding is asked for apart"
    );
    let other = certificate("whatever");
    for nobody in [None, Some((other.as_slice(), true))] {
        assert_error(&token(&instance, &app, nobody, &OWN).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn a_public_client_binds_its_refresh_token_too() {
    let (instance, app) = world_with(json!({
        "token_endpoint_auth_method": "none",
        "tls_client_certificate_bound_access_tokens": true,
    }))
    .await;
    let cookie = instance.sign_in("asha").await;
    let params = [
        ("response_type", "code"),
        ("scope", "read"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];
    let code = instance
        .authorize(&app, &cookie, &params)
        .await
        .redirect_param("code")
        .unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    assert_error(&token(&instance, &app, None, &form).await, 400, "invalid_request");
    let (own, other) = (certificate("a"), certificate("b"));
    let (access, refresh) = pair(&token(&instance, &app, Some((&own, false)), &form).await);
    assert_eq!(data(&instance, &access, Some(&own)).await.status, 200);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    for nobody in [None, Some((other.as_slice(), false))] {
        let refused = token(&instance, &app, nobody, &form).await;
        assert_error(&refused, 400, "invalid_grant");
    }
    assert_eq!(
        token(&instance, &app, Some((&own, false)), &form).await.status,
        200
    );
}

#[tokio::test]
async fn metadata_tell_of_certificates_where_they_can_be_seen() {
    let told = async |instance: &Instance| {
        let answer = instance
            .get("/.well-known/oauth-authorization-server")
            .send()
            .await;
        answer.json()
    };
    let with = told(&Instance::new().await).await;
    let methods = with["token_endpoint_auth_methods_supported"].as_array().unwrap();
    assert!(
        methods.contains(&json!("tls_client_auth"))
            && methods.contains(&json!("self_signed_tls_client_auth"))
    );
    assert_eq!(with["tls_client_certificate_bound_access_tokens"], true);
    assert_eq!(with.get("mtls_endpoint_aliases"), None);
    let apart = Instance::with(|settings| {
        settings.sender.mtls_base = Some("https://mtls.omniport.example".to_owned());
    });
    let aliases = &told(&apart.await).await["mtls_endpoint_aliases"];
    assert_eq!(
        aliases["token_endpoint"],
        "https://mtls.omniport.example/oauth/token"
    );
    assert_eq!(
        aliases["userinfo_endpoint"],
        "https://mtls.omniport.example/oauth/userinfo"
    );
    assert_eq!(aliases.get("authorization_endpoint"), None);
    let without = told(&Instance::with(|settings| settings.sender.certificates = false).await).await;
    assert!(
        !without["token_endpoint_auth_methods_supported"]
            .to_string()
            .contains("tls_client_auth")
    );
    assert_eq!(without.get("tls_client_certificate_bound_access_tokens"), None);
}
