//! What the profile takes away, one by one.

use super::*;
use crate::authorize::{AuthorizeRequest, Door, Outcome};
use crate::client_auth::{Credentials, authenticate};
use crate::effect::{Decision, Loaded, Operation as _, Write};
use crate::extensions::par_rfc9126::{PushRequest, Pushed};
use crate::extensions::sender::Sender;
use crate::jose::{Jwk, JwkSet};
use crate::testing::jose::{key, signed};
use crate::testing::{
    CHALLENGE, CLIENT, ISSUER, NOW, REDIRECT, REFRESH, World, basic, client, params, public_client,
    refresh_token,
};
use crate::token::{TokenReply, TokenRequest};
use crate::vocabulary::{Certificate, Params, Thumbprint, Timestamp};
use serde_json::{Value, json};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn own_key(algorithm: SigningAlgorithm) -> Jwk {
    key("own", algorithm, 3)
}

/// A client with a key on each kind, held to `profile`.
fn held(profile: Option<Profile>) -> Client {
    let mut client = Client {
        auth_methods: [AuthMethod::PrivateKeyJwt].into(),
        secrets: vec![],
        ..client()
    };
    client.openid.profile = profile;
    client.openid.jwks = Some(JwkSet {
        keys: vec![
            own_key(SigningAlgorithm::Es256),
            key("rsa", SigningAlgorithm::Rs256, 3),
        ],
    });
    client
}

fn fapi() -> Client {
    held(Some(Profile::Fapi2))
}

fn assertion(by: &Jwk, algorithm: SigningAlgorithm, aud: &Value, times: (i64, i64)) -> String {
    let claims = json!({
        "iss": CLIENT, "sub": CLIENT, "aud": aud, "jti": "one", "exp": NOW.plus(60),
        "nbf": NOW.plus(times.0), "iat": NOW.plus(times.1),
    });
    signed(by, algorithm, &json!({}), &claims)
}

fn good_assertion() -> String {
    assertion(
        &own_key(SigningAlgorithm::Es256),
        SigningAlgorithm::Es256,
        &json!(ISSUER),
        (0, 0),
    )
}

fn loaded(client: Client) -> Loaded {
    Loaded {
        client: Some(client.into()),
        ..Loaded::default()
    }
}

fn proves(client: Client, text: &str) -> bool {
    let form = params(&[("client_assertion_type", ASSERTION), ("client_assertion", text)]);
    let credentials = Credentials::from_request(None, &form).unwrap();
    authenticate(&credentials, &loaded(client), &World::new().ctx()).is_ok()
}

#[test]
fn only_keys_and_certificates_of_confidential_clients_prove_anything() {
    let mut with_secret = client();
    with_secret.openid.profile = Some(Profile::Fapi2);
    let by_secret =
        Credentials::from_request(Some(&basic(CLIENT, crate::testing::SECRET)), &params(&[])).unwrap();
    let world = World::new();
    assert!(authenticate(&by_secret, &loaded(with_secret.clone()), &world.ctx()).is_err());
    with_secret.openid.profile = None;
    assert!(authenticate(&by_secret, &loaded(with_secret.clone()), &world.ctx()).is_ok());
    let mut held_by_instance = World::new();
    held_by_instance.sender.profile = Some(Profile::Fapi2);
    assert!(authenticate(&by_secret, &loaded(with_secret), &held_by_instance.ctx()).is_err());
    let nobody = Credentials::from_request(None, &params(&[("client_id", CLIENT)])).unwrap();
    assert!(authenticate(&nobody, &loaded(public_client()), &world.ctx()).is_ok());
    assert!(authenticate(&nobody, &loaded(public_client()), &held_by_instance.ctx()).is_err());
    assert!(proves(fapi(), &good_assertion()));
}

#[test]
fn case_040_an_assertion_is_for_the_issuer_as_a_single_string() {
    let es = own_key(SigningAlgorithm::Es256);
    for (aud, taken_by_all) in [
        (json!([ISSUER]), true),
        (json!([ISSUER, "https://other.example"]), true),
        (json!(format!("{ISSUER}/oauth/token")), true),
        (json!("https://other.example"), false),
    ] {
        let text = assertion(&es, SigningAlgorithm::Es256, &aud, (0, 0));
        assert!(!proves(fapi(), &text), "{aud}");
        assert_eq!(proves(held(None), &text), taken_by_all, "{aud}");
    }
}

#[test]
fn an_assertion_8_s_ahead_is_taken_and_one_60_s_ahead_is_not() {
    let es = own_key(SigningAlgorithm::Es256);
    for (times, taken) in [
        ((8, 0), true),
        ((0, 8), true),
        ((8, 8), true),
        ((60, 0), false),
        ((0, 60), false),
    ] {
        let text = assertion(&es, SigningAlgorithm::Es256, &json!(ISSUER), times);
        assert_eq!(proves(fapi(), &text), taken, "{times:?}");
    }
}

#[test]
fn nothing_is_signed_with_rs256() {
    let rsa = key("rsa", SigningAlgorithm::Rs256, 3);
    for (algorithm, left) in [(SigningAlgorithm::Rs256, false), (SigningAlgorithm::Ps256, true)] {
        let text = assertion(&rsa, algorithm, &json!(ISSUER), (0, 0));
        assert_eq!(proves(fapi(), &text), left);
        assert!(proves(held(None), &text));
        assert_eq!(allows(algorithm), left);
    }
    let world = World::new();
    let ours = |client: &Client, algorithm| signing(client, algorithm, &world.ctx());
    assert_eq!(ours(&fapi(), SigningAlgorithm::Rs256), SigningAlgorithm::Ps256);
    assert_eq!(ours(&fapi(), SigningAlgorithm::EdDsa), SigningAlgorithm::EdDsa);
    assert_eq!(
        ours(&held(None), SigningAlgorithm::Rs256),
        SigningAlgorithm::Rs256
    );
}

fn request(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = vec![
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "read"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    all.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    all.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    all.into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn push(client: Client, changes: &[(&str, &str)]) -> Result<(Pushed, Params), ErrorCode> {
    let assertion = good_assertion();
    let mut form = request(changes);
    form.push(("client_assertion_type".to_owned(), ASSERTION.to_owned()));
    form.push(("client_assertion".to_owned(), assertion));
    let asked = PushRequest::parse(None, Params::from_pairs(form)).unwrap();
    let mut world = World::new();
    world.policy.pushed_request_seconds = 600;
    let decision = asked.decide(&loaded(client), &world.ctx());
    let pushed = decision.reply.map_err(|refusal| refusal.code)?;
    match decision.writes.into_iter().next() {
        Some(Write::PushRequest(request)) => Ok((pushed, request.params)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn case_081_requests_are_pushed_with_pkce_and_for_a_code() {
    let (pushed, _) = push(fapi(), &[]).unwrap();
    assert_eq!(pushed.expires_in, 599, "less than 600");
    assert_eq!(push(held(None), &[]).unwrap().0.expires_in, 600);
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    assert!(push(held(None), &without).is_ok());
    assert_eq!(push(fapi(), &without).err(), Some(ErrorCode::InvalidRequest));
    let nowhere = [("redirect_uri", "")];
    assert!(push(held(None), &nowhere).is_ok(), "one URL is registered");
    assert_eq!(push(fapi(), &nowhere).err(), Some(ErrorCode::InvalidRequest));
    let mut legacy = fapi();
    legacy.legacy.plain_pkce = true;
    legacy.legacy.implicit = true;
    let plain = [("code_challenge_method", "plain")];
    assert_eq!(
        push(legacy.clone(), &plain).err(),
        Some(ErrorCode::InvalidRequest)
    );
    let implicit = [("response_type", "token")];
    assert_eq!(push(legacy, &implicit).err(), Some(ErrorCode::UnauthorizedClient));

    let around = AuthorizeRequest::new(Door::Standard, Params::from_pairs(request(&[])), None);
    let answer = |client: Client| around.decide(&loaded(client), &World::new().ctx()).reply;
    let Outcome::Redirect(refused) = answer(fapi()) else {
        panic!("it goes back to the app")
    };
    assert_eq!(refused.refusal().unwrap().code, ErrorCode::InvalidRequest);
    assert!(matches!(answer(held(None)), Outcome::SignIn(_)));
}

#[test]
fn codes_live_60_s_at_most() {
    let mut world = World::new();
    world.policy.code_seconds = 600;
    assert_eq!(code_seconds(&fapi(), &world.ctx()), 60);
    assert_eq!(code_seconds(&held(None), &world.ctx()), 600);
    world.policy.code_seconds = 30;
    assert_eq!(code_seconds(&fapi(), &world.ctx()), 30);
}

fn refresh(client: Client, sender: Sender, now: Timestamp) -> Decision<Result<TokenReply, Refusal>> {
    let text = {
        let claims = json!({
            "iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "one", "exp": now.plus(60),
        });
        signed(
            &own_key(SigningAlgorithm::Es256),
            SigningAlgorithm::Es256,
            &json!({}),
            &claims,
        )
    };
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", REFRESH),
        ("client_assertion_type", ASSERTION),
        ("client_assertion", &text),
    ];
    let mut request = TokenRequest::parse(None, params(&form)).unwrap();
    request.credentials_mut().seen(sender);
    let facts = Loaded {
        refresh_token: Some(refresh_token()),
        ..loaded(client)
    };
    let mut world = World::new();
    world.now = now;
    request.decide(&facts, &world.ctx())
}

fn with_certificate() -> Sender {
    let certificate = Certificate {
        thumbprint: Thumbprint::of(b"certificate"),
        verified: false,
        names: vec![],
    };
    Sender::of("POST", "/oauth/token", &[], Some(certificate))
}

#[test]
fn tokens_are_bound_to_something() {
    let refused = refresh(fapi(), Sender::default(), NOW).reply.unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidRequest);
    let bound = refresh(fapi(), with_certificate(), NOW).reply.unwrap();
    assert!(bound.confirmation.is_some());
    assert_eq!(
        refresh(held(None), with_certificate(), NOW)
            .reply
            .unwrap()
            .confirmation,
        None
    );
}

#[test]
fn case_056_refresh_tokens_are_not_rotated() {
    for later in [0, 30, 86_400] {
        let decision = refresh(fapi(), with_certificate(), NOW.plus(later));
        assert!(!decision.reply.unwrap().refresh_token, "it keeps the one it has");
        let rotates = |write: &Write| {
            matches!(
                write,
                Write::RotateRefreshToken { .. } | Write::IssueRefreshToken(_)
            )
        };
        assert!(!decision.writes.iter().any(rotates));
        let guards = |write: &Write| matches!(write, Write::ExpectGeneration { .. });
        assert!(
            decision.writes.iter().any(guards),
            "a revocation at the same time wins"
        );
    }
    assert!(
        refresh(held(None), Sender::default(), NOW)
            .reply
            .unwrap()
            .refresh_token
    );
}

#[test]
fn the_grant_of_passwords_is_nobodys() {
    let world = World::new();
    assert!(check_grant(&fapi(), "password", &world.ctx()).is_err());
    assert!(check_grant(&held(None), "password", &world.ctx()).is_ok());
    assert!(check_grant(&fapi(), "client_credentials", &world.ctx()).is_ok());
}

fn object(claims: &Value) -> String {
    let mut all = json!({
        "iss": CLIENT, "aud": ISSUER, "nbf": NOW, "exp": NOW.plus(300), "client_id": CLIENT, "scope": "read",
        "redirect_uri": REDIRECT, "response_type": "code", "code_challenge": CHALLENGE,
        "code_challenge_method": "S256", "response_mode": "jwt",
    });
    let members = all.as_object_mut().unwrap();
    members.extend(claims.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    signed(
        &own_key(SigningAlgorithm::Es256),
        SigningAlgorithm::Es256,
        &json!({}),
        &all,
    )
}

#[test]
fn case_020_message_signing_wants_signed_requests_and_signed_answers() {
    let strict = || held(Some(Profile::Fapi2MessageSigning));
    let ask = |client: Client, object: &str| {
        push(client, &[("request", object), ("state", "outside")]).map(|(_, params)| params)
    };
    let good = ask(strict(), &object(&json!({}))).unwrap();
    assert_eq!(
        good.get("state"),
        None,
        "what stands around the object is not read"
    );
    assert_eq!(good.get("response_mode"), Some("jwt"));
    assert_eq!(
        push(strict(), &[("response_mode", "jwt")]).err(),
        Some(ErrorCode::InvalidRequest)
    );
    let mut asked = held(None);
    asked.openid.require_signed_request_object = true;
    assert_eq!(push(asked.clone(), &[]).err(), Some(ErrorCode::InvalidRequest));
    let alone = ask(asked, &object(&json!({}))).unwrap();
    assert_eq!(alone.get("state"), None, "nor of whoever signs by itself");
    let merged = ask(held(None), &object(&json!({}))).unwrap();
    assert_eq!(merged.get("state"), Some("outside"));
    for unsigned_answer in [json!({"response_mode": null}), json!({"response_mode": "query"})] {
        let refused = ask(strict(), &object(&unsigned_answer));
        assert_eq!(refused.err(), Some(ErrorCode::InvalidRequest));
        assert!(ask(fapi(), &object(&unsigned_answer)).is_ok());
    }
    for bad in [
        json!({"nbf": null}),
        json!({"exp": null}),
        json!({"aud": null}),
        json!({"aud": "https://other.example"}),
        json!({"nbf": NOW.plus(-3_601)}),
        json!({"exp": NOW.plus(3_601)}),
        json!({"nbf": NOW.plus(60), "exp": NOW.plus(90)}),
        json!({"iss": "other"}),
    ] {
        let refused = ask(strict(), &object(&bad));
        assert_eq!(refused.err(), Some(ErrorCode::InvalidRequestObject), "{bad}");
    }
    assert!(ask(strict(), &object(&json!({"nbf": NOW.plus(8)}))).is_ok());
}

#[test]
fn names_of_profiles_are_read_and_the_stricter_one_holds() {
    for profile in Profile::ALL {
        assert_eq!(Profile::parse(profile.as_str()), Some(profile));
    }
    assert_eq!(Profile::parse("FAPI2"), None);
    let mut world = World::new();
    world.sender.profile = Some(Profile::Fapi2MessageSigning);
    assert!(signs_messages(&fapi(), &world.ctx()));
    world.sender.profile = Some(Profile::Fapi2);
    assert!(signs_messages(
        &held(Some(Profile::Fapi2MessageSigning)),
        &world.ctx()
    ));
}
