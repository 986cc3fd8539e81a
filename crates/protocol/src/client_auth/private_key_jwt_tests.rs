use super::*;
use crate::client_auth::{Authenticated, authenticate, decide_for};
use crate::effect::Load;
use crate::error::ErrorCode;
use crate::jose::JwkSet;
use crate::jose::SigningAlgorithm;
use crate::testing::jose::{key, signed, signed_with_secret};
use crate::testing::{CLIENT, ISSUER, NOW, SECRET, World, client, params};
use serde_json::{Value, json};
use std::sync::Arc;

/// A client that proves itself by one key.
fn keyed() -> Client {
    let mut keyed = client();
    keyed.auth_methods = [AuthMethod::PrivateKeyJwt].into();
    keyed.secrets.clear();
    keyed.openid.jwks = Some(JwkSet {
        keys: vec![key("k1", SigningAlgorithm::Es256, 1)],
    });
    keyed
}

/// A good assertion's claims, with `more` in place of some; null takes one away.
fn claims(more: &Value) -> Value {
    let mut claims = json!({
        "iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "once", "exp": NOW.plus(60), "iat": NOW,
    });
    let members = claims.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    claims
}

fn assertion(header: &Value, more: &Value) -> String {
    signed(
        &key("k1", SigningAlgorithm::Es256, 1),
        SigningAlgorithm::Es256,
        header,
        &claims(more),
    )
}

fn credentials(assertion: &str) -> Result<Credentials, Refusal> {
    let form = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ];
    Credentials::from_request(None, &params(&form))
}

fn loaded(client: Client) -> Loaded {
    Loaded {
        client: Some(client.into()),
        ..Loaded::default()
    }
}

fn attempt(assertion: &str, loaded: &Loaded) -> Result<Write, String> {
    let private = |refusal: Refusal| {
        assert_eq!(refusal.code, ErrorCode::InvalidClient);
        refusal.private.into_owned()
    };
    let credentials = credentials(assertion).map_err(private)?;
    let world = World::new();
    let Authenticated { client, used } = authenticate(&credentials, loaded, &world.ctx()).map_err(private)?;
    assert_eq!(client.id.as_str(), CLIENT);
    Ok(used.unwrap())
}

fn refused(header: &Value, more: &Value) -> String {
    attempt(&assertion(header, more), &loaded(keyed())).unwrap_err()
}

#[test]
fn a_good_assertion_proves_its_client_and_is_used_then() {
    let text = assertion(&json!({}), &json!({}));
    let Write::UseJti { jti, expires_at } = attempt(&text, &loaded(keyed())).unwrap() else {
        panic!("another write")
    };
    assert_eq!(expires_at, NOW.plus(60 + LEEWAY + REMEMBERED));
    let credentials = credentials(&text).unwrap();
    assert_eq!(credentials.load(), [Load::Client(keyed().id), Load::UsedJti(jti)]);
    assert_eq!(credentials.load_more(&loaded(keyed())), None);
    assert!(!format!("{credentials:?}").contains("once"));
}

#[test]
fn case_040_its_audience_is_the_issuer_or_an_endpoint() {
    let endpoint = |path: &str| format!("{ISSUER}{path}");
    for aud in [
        json!(ISSUER),
        json!([ISSUER]),
        json!(endpoint("/oauth/token")),
        json!(endpoint("/oauth/par")),
        json!(["https://other.example", endpoint("/oauth/token")]),
    ] {
        assert!(attempt(&assertion(&json!({}), &json!({"aud": aud})), &loaded(keyed())).is_ok());
    }
    for aud in [
        Value::Null,
        json!([]),
        json!("https://other.example"),
        json!(endpoint("/")),
        json!(endpoint("/oauth/tokens")),
        json!(endpoint(".evil.example")),
    ] {
        assert!(refused(&json!({}), &json!({"aud": aud})).contains("aud"), "{aud}");
    }
}

#[test]
fn case_038_an_assertion_out_of_its_time_is_refused() {
    let at = |more: &Value| attempt(&assertion(&json!({}), more), &loaded(keyed()));
    assert!(at(&json!({"nbf": NOW.plus(8), "iat": NOW.plus(8)})).is_ok());
    assert!(at(&json!({"exp": NOW.plus(-9), "iat": null})).is_ok());
    assert!(at(&json!({"exp": NOW.plus(3_600)})).is_ok());
    for more in [
        json!({"exp": NOW.plus(-10)}),
        json!({"exp": NOW.plus(-600)}),
        json!({"exp": null}),
        json!({"exp": NOW.plus(4_000)}),
        json!({"nbf": NOW.plus(60)}),
        json!({"iat": NOW.plus(60)}),
    ] {
        assert!(at(&more).is_err(), "{more}");
    }
}

#[test]
fn case_039_an_assertion_is_good_once() {
    let text = assertion(&json!({}), &json!({}));
    let Ok(Write::UseJti { jti, .. }) = attempt(&text, &loaded(keyed())) else {
        panic!("refused")
    };
    let mut after = loaded(keyed());
    after.used_jtis = vec![jti];
    assert!(attempt(&text, &after).unwrap_err().contains("used before"));
    let other = assertion(&json!({}), &json!({"jti": "other"}));
    assert!(attempt(&other, &after).is_ok());
    for jti in [Value::Null, json!("")] {
        assert!(refused(&json!({}), &json!({"jti": jti})).contains("no jti"));
    }
}

#[test]
fn case_039_it_is_used_also_where_the_request_is_refused() {
    let text = assertion(&json!({}), &json!({}));
    let (world, facts) = (World::new(), loaded(keyed()));
    let asker = authenticate(&credentials(&text).unwrap(), &facts, &world.ctx());
    let no = Refusal::new(ErrorCode::InvalidRequest, "No.");
    let decision = decide_for(asker, |_| Err::<(Vec<Write>, ()), _>(no));
    assert!(matches!(decision.writes.as_slice(), [Write::UseJti { .. }]));
}

#[test]
fn an_assertion_of_or_about_another_is_refused() {
    assert!(refused(&json!({}), &json!({"iss": "other"})).contains("iss and sub"));
    assert!(refused(&json!({}), &json!({"iss": null})).contains("iss and sub"));
    assert!(refused(&json!({}), &json!({"sub": null})).contains("no sub"));
    let form = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion(&json!({}), &json!({}))),
        ("client_id", "other"),
    ];
    let refusal = Credentials::from_request(None, &params(&form)).unwrap_err();
    assert!(refusal.private.contains("client_id of the form"));
}

#[test]
fn only_the_clients_own_key_and_algorithm_count() {
    let stranger = key("k1", SigningAlgorithm::Es256, 2);
    let embedded = json!({"jwk": stranger.to_object()});
    let forged = signed(&stranger, SigningAlgorithm::Es256, &embedded, &claims(&json!({})));
    assert!(attempt(&forged, &loaded(keyed())).is_err());
    let mut exact = keyed();
    exact.openid.token_endpoint_auth_signing_alg = Some("PS256".to_owned());
    let text = assertion(&json!({}), &json!({}));
    assert!(
        attempt(&text, &loaded(exact.clone()))
            .unwrap_err()
            .contains("registered one")
    );
    exact.openid.token_endpoint_auth_signing_alg = Some("ES256".to_owned());
    assert!(attempt(&text, &loaded(exact)).is_ok());
    let shared = signed_with_secret(SECRET, &json!({}), &claims(&json!({})));
    assert!(attempt(&shared, &loaded(client())).is_err());
    assert!(refused(&json!({"typ": "oauth-authz-req+jwt"}), &json!({})).contains("typ"));
    for typ in ["JWT", "client-authentication+jwt"] {
        assert!(attempt(&assertion(&json!({"typ": typ}), &json!({})), &loaded(keyed())).is_ok());
    }
}

#[test]
fn case_037_a_client_with_a_secret_is_not_proved_by_a_key() {
    let mut both = keyed();
    both.auth_methods = client().auth_methods;
    let why = attempt(&assertion(&json!({}), &json!({})), &loaded(both)).unwrap_err();
    assert!(why.contains("method private_key_jwt"), "{why}");
}

#[test]
fn published_keys_are_asked_for_by_name_and_must_be_had() {
    let mut published = keyed();
    published.openid.jwks = None;
    published.openid.jwks_uri = Some("https://app.example/jwks".to_owned());
    let text = assertion(&json!({}), &json!({}));
    let mut facts = loaded(published);
    assert_eq!(
        credentials(&text).unwrap().load_more(&facts),
        Some(Load::RemoteKeys {
            client: crate::testing::client().id,
            uri: "https://app.example/jwks".to_owned(),
            kid: Some("k1".to_owned()),
        })
    );
    facts.remote_keys = Some(Err("it timed out".to_owned()));
    assert!(attempt(&text, &facts).unwrap_err().contains("timed out"));
    facts.remote_keys = Some(Ok(keyed().openid.jwks.unwrap().into()));
    assert!(attempt(&text, &facts).is_ok());
    // Nobody is asked for the keys of a client that does not prove itself by them.
    Arc::make_mut(facts.client.as_mut().unwrap()).auth_methods = client().auth_methods;
    assert_eq!(credentials(&text).unwrap().load_more(&facts), None);
}

#[test]
fn a_shared_secret_proves_a_client_that_is_registered_for_it() {
    let sign = |secret: &str| signed_with_secret(secret, &json!({}), &claims(&json!({})));
    let mut shared = client();
    shared.auth_methods = [AuthMethod::ClientSecretJwt].into();
    shared.secrets[0].sealed = Some(format!("{CLIENT}:{SECRET}").into_bytes());
    let facts = loaded(shared.clone());
    assert!(matches!(attempt(&sign(SECRET), &facts), Ok(Write::UseJti { .. })));
    let used = credentials(&sign(SECRET)).unwrap();
    let hash = shared.secrets[0].hash;
    assert_eq!(used.secret_used(&shared, &World::new().ctx()), Some(hash));
    assert!(
        attempt(&sign("wrong"), &facts)
            .unwrap_err()
            .contains("not made with")
    );
    // Neither is a secret that expired, nor another client's seal, nor one that is not kept.
    let mut expired = shared.clone();
    expired.secrets[0].expires_at = Some(NOW);
    let mut moved = shared.clone();
    moved.secrets[0].sealed = Some(format!("other:{SECRET}").into_bytes());
    let mut bare = shared.clone();
    bare.secrets[0].sealed = None;
    for refused in [expired, moved, bare] {
        assert!(attempt(&sign(SECRET), &loaded(refused)).is_err());
    }
    // A key does not stand for it, nor the secret in the clear, nor an algorithm that is not the registered one.
    let mut keyed = keyed();
    keyed.auth_methods = shared.auth_methods.clone();
    assert!(attempt(&assertion(&json!({}), &json!({})), &loaded(keyed)).is_err());
    let basic = crate::testing::basic(CLIENT, SECRET);
    let basic = Credentials::from_request(Some(&basic), &params(&[])).unwrap();
    assert!(authenticate(&basic, &facts, &World::new().ctx()).is_err());
    shared.openid.token_endpoint_auth_signing_alg = Some("RS256".to_owned());
    assert!(attempt(&sign(SECRET), &loaded(shared)).is_err());
}
