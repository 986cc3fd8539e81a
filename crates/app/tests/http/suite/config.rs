//! The plan `oidcc-config`: the discovery document, and the keys that it leads to.

use super::instance;
use omniport_testkit::ISSUER;
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let instance = instance(&[]).await;
    let answer = instance.get("/.well-known/openid-configuration").send().await;
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("application/json")
    );
    let document = answer.json();
    assert_eq!(document["issuer"], ISSUER);
    let list = |name: &str| -> Vec<String> { serde_json::from_value(document[name].clone()).unwrap() };
    for (name, value) in [
        ("response_types_supported", "code"),
        ("subject_types_supported", "public"),
        ("subject_types_supported", "pairwise"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("scopes_supported", "openid"),
        ("claims_supported", "sub"),
        ("grant_types_supported", "authorization_code"),
        ("response_modes_supported", "form_post"),
        ("token_endpoint_auth_methods_supported", "client_secret_basic"),
    ] {
        assert!(list(name).iter().any(|one| one == value), "{name} {value}");
    }
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "registration_endpoint",
        "end_session_endpoint",
    ] {
        assert!(
            document[endpoint].as_str().unwrap().starts_with("https://"),
            "{endpoint}"
        );
    }
    // The suite's words for what it leaves out when they are not said.
    for (name, said) in [
        ("claims_parameter_supported", true),
        ("request_parameter_supported", true),
        ("request_uri_parameter_supported", true),
        ("require_request_uri_registration", true),
        ("frontchannel_logout_supported", true),
        ("backchannel_logout_supported", true),
    ] {
        assert_eq!(document[name], said, "{name}");
    }
    assert_eq!(document.get("check_session_iframe"), None);
    // Claims with no elements are left out (RFC 8414 section 3.2).
    for (name, value) in document.as_object().unwrap() {
        assert!(value.as_array().is_none_or(|list| !list.is_empty()), "{name}");
    }
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let same = instance
        .get("/.well-known/oauth-authorization-server")
        .send()
        .await;
    assert_eq!(same.json(), document);
}

/// `CheckForKeyIdInServerJWKs`, `CheckDistinctKeyIdValueInServerJWKs`, `EnsureServerJwksDoesNotContainPrivateOrSymmetricKeys`.
#[tokio::test]
async fn the_key_set_is_public_and_each_key_says_what_it_is_for() {
    let instance = instance(&[]).await;
    let answer = instance.get("/oauth/jwks").send().await.json();
    let keys = answer["keys"].as_array().unwrap();
    let names: BTreeSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(names.len(), keys.len(), "each has a name of its own");
    for key in keys {
        assert!(matches!(key["use"].as_str(), Some("sig" | "enc")), "{key}");
        assert!(key["alg"].is_string() && key["kty"] != "oct", "{key}");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert_eq!(key.get(private), None::<&Value>);
        }
    }
}
