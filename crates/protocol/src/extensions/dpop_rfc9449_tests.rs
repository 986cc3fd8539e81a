//! Every way in which a proof is refused.

use super::*;
use crate::effect::{Load, Operation as _};
use crate::endpoints::presented_token::PresentedToken;
use crate::endpoints::user_data::UserDataRequest;
use crate::extensions::par_rfc9126::PushRequest;
use crate::extensions::sender::Sender;
use crate::jose::Jwk;
use crate::testing::jose::{key, signed, signed_with_secret};
use crate::testing::{
    ACCESS, CLIENT, CODE, ISSUER, NOW, REDIRECT, REFRESH, SECRET, World, access_token, basic, client, code,
    params, public_client, refresh_token,
};
use crate::token::TokenRequest;
use crate::vocabulary::{Confirmation, Params};
use serde_json::{Value, json};

const ALG: SigningAlgorithm = SigningAlgorithm::Es256;

fn own_key() -> Jwk {
    key("dpop", ALG, 7)
}

fn other_key() -> Jwk {
    key("dpop", ALG, 8)
}

/// A proof by `by` for a POST to the token endpoint at [`NOW`], with `header` and `claims` in place of what is usual.
fn proof_by(by: &Jwk, header: &Value, claims: &Value) -> String {
    let mut public = by.to_object();
    public.remove("kid");
    let mut full = json!({"typ": "dpop+jwt", "jwk": public});
    merge(&mut full, header);
    signed(by, ALG, &full, &full_claims(claims))
}

fn full_claims(more: &Value) -> Value {
    let mut claims = json!({
        "htm": "POST", "htu": format!("{ISSUER}/oauth/token"), "iat": NOW, "jti": "a-name",
    });
    merge(&mut claims, more);
    claims
}

/// Adds members; null takes one away.
fn merge(object: &mut Value, more: &Value) {
    let object = object.as_object_mut().unwrap();
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => object.remove(name),
            other => object.insert(name.clone(), other.clone()),
        };
    }
}

fn proof(claims: &Value) -> String {
    proof_by(&own_key(), &json!({}), claims)
}

fn at_token(proofs: &[&str]) -> Sender {
    let proofs: Vec<&[u8]> = proofs.iter().map(|proof| proof.as_bytes()).collect();
    Sender::of("POST", "/oauth/token", &proofs, None)
}

fn prove(text: &str, world: &World) -> Result<Option<Thumbprint>, Refusal> {
    prove_with(&at_token(&[text]), &Loaded::default(), world)
}

fn prove_with(sender: &Sender, loaded: &Loaded, world: &World) -> Result<Option<Thumbprint>, Refusal> {
    let proven = sender.prove(&client(), loaded, &world.ctx());
    proven.map(|proven| proven.key())
}

/// Asserts that each proof is refused, the good one beside them being taken.
fn refused(texts: &[String]) {
    let world = World::new();
    assert_eq!(prove(&proof(&json!({})), &world), Ok(Some(own_key().sha256())));
    for text in texts {
        let refusal = prove(text, &world).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidDpopProof, "{text}");
        assert!(!refusal.private.is_empty());
    }
}

#[test]
fn case_083_it_is_for_this_method_and_this_url() {
    let htu = |htu: &str| proof(&json!({"htu": htu}));
    refused(&[
        proof(&json!({"htm": "GET"})),
        proof(&json!({"htm": "post"})),
        proof(&json!({"htm": null})),
        proof(&json!({"htu": null})),
        htu("http://id.example.org/oauth/token"),
        htu("https://id.example.org:8443/oauth/token"),
        htu("https://other.example.org/oauth/token"),
        htu("https://id.example.org/oauth/TOKEN"),
        htu("https://id.example.org/oauth/par"),
        htu("https://user@id.example.org/oauth/token"),
        htu("https://id.example.org.evil.example/oauth/token"),
        htu("/oauth/token"),
        htu(""),
        htu(&format!("{ISSUER}/oauth/token?{}", "x".repeat(2_048))),
    ]);
    let world = World::new();
    for same in [
        "https://ID.example.org/oauth/token",
        "HTTPS://id.example.org:443/oauth/token/",
        "https://id.example.org/oauth/../oauth/token",
        "https://id.example.org/oauth/token?a=b#c",
    ] {
        assert!(prove(&htu(same), &world).is_ok(), "{same}");
    }
}

#[test]
fn case_083_the_address_for_callers_with_certificates_is_ours_too() {
    let text = proof(&json!({"htu": "https://mtls.example.org/oauth/token"}));
    let mut world = World::new();
    assert!(prove(&text, &world).is_err());
    world.sender.mtls_base = Some("https://mtls.example.org".to_owned());
    assert!(prove(&text, &world).is_ok());
}

#[test]
fn case_084_it_was_made_now() {
    refused(&[
        proof(&json!({"iat": NOW.plus(11)})),
        proof(&json!({"iat": NOW.plus(-11)})),
        proof(&json!({"iat": null})),
        proof(&json!({"iat": "now"})),
    ]);
    let mut world = World::new();
    for at in [-10, 10] {
        assert!(
            prove(&proof(&json!({"iat": NOW.plus(at)})), &world).is_ok(),
            "{at}"
        );
    }
    world.sender.dpop.leeway = 60;
    assert!(prove(&proof(&json!({"iat": NOW.plus(-60)})), &world).is_ok());
}

#[test]
fn case_085_its_name_is_good_once_for_its_key() {
    let world = World::new();
    let sender = at_token(&[&proof(&json!({}))]);
    let Some(Load::UsedJti(jti)) = sender.load() else {
        panic!("it asks whether it was used")
    };
    let used = Loaded {
        used_jtis: vec![jti],
        ..Loaded::default()
    };
    let refusal = prove_with(&sender, &used, &world).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::InvalidDpopProof);
    let by_another = proof_by(&other_key(), &json!({}), &json!({}));
    assert!(prove_with(&at_token(&[&by_another]), &used, &world).is_ok());
    let proven = sender.prove(&client(), &Loaded::default(), &world.ctx()).unwrap();
    let expires_at = NOW.plus(70);
    assert_eq!(proven.note(), Some(Write::UseJti { jti, expires_at }));
    let long = "x".repeat(513);
    refused(&[
        proof(&json!({"jti": null})),
        proof(&json!({"jti": ""})),
        proof(&json!({"jti": long})),
        proof(&json!({"jti": 1})),
    ]);
}

#[test]
fn case_086_only_public_keys_and_signatures() {
    let header = |header: &Value| proof_by(&own_key(), header, &json!({}));
    let mut private = own_key().to_object();
    private.insert("d".to_owned(), "AQ".into());
    let shared = json!({"kty": "oct", "k": "c2VjcmV0"});
    let good = proof(&json!({}));
    let (start, _) = good.rsplit_once('.').unwrap();
    refused(&[
        header(&json!({"jwk": private})),
        header(&json!({"jwk": shared})),
        header(&json!({"jwk": null})),
        header(&json!({"jwk": "key"})),
        header(&json!({"jwk": other_key().to_object()})),
        header(&json!({"alg": "none"})),
        header(&json!({"alg": "HS256"})),
        header(&json!({"typ": "JWT"})),
        header(&json!({"typ": null})),
        header(&json!({"crit": ["x"]})),
        signed_with_secret(
            "secret",
            &json!({"typ": "dpop+jwt", "jwk": own_key().to_object()}),
            &full_claims(&json!({})),
        ),
        format!("{start}."),
        format!("{start}.AAAA"),
        "x".to_owned(),
        String::new(),
        "\u{e9}.\u{e9}.\u{e9}".to_owned(),
        format!("{good}{}", "A".repeat(8_192)),
    ]);
}

#[test]
fn either_name_of_ed25519_will_do() {
    let ed25519 = key("dpop", SigningAlgorithm::EdDsa, 7);
    for name in ["EdDSA", "Ed25519"] {
        let mut public = ed25519.to_object();
        public.remove("kid");
        let header = json!({"typ": "dpop+jwt", "alg": name, "jwk": public});
        let text = signed(
            &ed25519,
            SigningAlgorithm::EdDsa,
            &header,
            &full_claims(&json!({})),
        );
        assert_eq!(prove(&text, &World::new()), Ok(Some(ed25519.sha256())), "{name}");
    }
}

#[test]
fn case_087_two_headers_are_refused() {
    let (one, two) = (proof(&json!({})), proof(&json!({"jti": "b"})));
    let refusal = prove_with(&at_token(&[&one, &two]), &Loaded::default(), &World::new()).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.code.status()),
        (ErrorCode::InvalidDpopProof, 400)
    );
}

#[test]
fn case_091_a_nonce_is_asked_for_where_it_is_wanted() {
    let mut world = World::new();
    world.sender.dpop.require_nonce = true;
    let given = nonce(&world.ctx());
    let good = proof(&json!({"nonce": given}));
    assert!(prove(&good, &world).is_ok());
    for bad in [
        json!({}),
        json!({"nonce": "old"}),
        json!({"nonce": 1}),
        json!({"nonce": "nonce-0"}),
    ] {
        let refusal = prove(&proof(&bad), &world).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.code.status()),
            (ErrorCode::UseDpopNonce, 400)
        );
    }
    // What else is wrong is told first: a nonce would not help.
    let wrong = proof(&json!({"htm": "GET"}));
    assert_eq!(
        prove(&wrong, &world).unwrap_err().code,
        ErrorCode::InvalidDpopProof
    );
    // It is taken a little longer than it is given out, and by nodes whose clocks are not quite the same.
    for (later, taken) in [(NONCE_SLOT, true), (-NONCE_SLOT, true), (2 * NONCE_SLOT, false)] {
        let mut world = World::after(later);
        world.sender.dpop.require_nonce = true;
        let proof = proof(&json!({"nonce": given, "iat": world.now}));
        assert_eq!(prove(&proof, &world).is_ok(), taken, "{later}");
    }
    let mut wanting = client();
    wanting.openid.sender.dpop_require_nonce = true;
    let world = World::new();
    let refusal = at_token(&[&proof(&json!({}))]).prove(&wanting, &Loaded::default(), &world.ctx());
    assert_eq!(refusal.unwrap_err().code, ErrorCode::UseDpopNonce);
}

/// A token request of a client, with these proofs, decided on these facts.
fn token(
    authorization: Option<&str>,
    form: &[(&str, &str)],
    sender: Sender,
    loaded: &Loaded,
) -> Result<(Vec<Write>, Option<Confirmation>), ErrorCode> {
    let mut request = TokenRequest::parse(authorization, params(form)).unwrap();
    request.credentials_mut().seen(sender);
    let decision = request.decide(loaded, &World::new().ctx());
    let writes = decision.writes;
    match decision.reply {
        Ok(reply) => Ok((writes, reply.confirmation)),
        Err(refusal) => {
            assert_eq!(writes, [], "a refusal leaves nothing behind");
            Err(refusal.code)
        }
    }
}

const CODE_FORM: [(&str, &str); 3] = [
    ("grant_type", "authorization_code"),
    ("code", CODE),
    ("redirect_uri", REDIRECT),
];

fn with_code(client: crate::vocabulary::Client, bound: Option<Confirmation>) -> Loaded {
    let mut code = code();
    code.code.confirmation = bound;
    Loaded {
        client: Some(client.into()),
        code: Some(code),
        ..Loaded::default()
    }
}

fn bound_refresh(writes: &[Write]) -> Option<Confirmation> {
    writes.iter().find_map(|write| match write {
        Write::IssueRefreshToken(new) => Some(new.confirmation),
        _ => None,
    })?
}

#[test]
fn a_proof_binds_the_tokens_to_its_key() {
    let basic = basic(CLIENT, SECRET);
    let key = Some(Confirmation::Key(own_key().sha256()));
    let good = at_token(&[&proof(&json!({}))]);
    let loaded = with_code(client(), None);
    let (writes, confirmation) = token(Some(&basic), &CODE_FORM, good.clone(), &loaded).unwrap();
    assert_eq!(confirmation, key);
    let access = writes.iter().find_map(|write| match write {
        Write::IssueAccessToken(new) => new.confirmation,
        _ => None,
    });
    assert_eq!(access, key);
    assert_eq!(
        bound_refresh(&writes),
        None,
        "a confidential client's is bound to the client"
    );
    assert!(matches!(writes.last(), Some(Write::UseJti { .. })));
    let (writes, confirmation) = token(Some(&basic), &CODE_FORM, Sender::default(), &loaded).unwrap();
    assert_eq!(
        (writes.len(), confirmation),
        (3, None),
        "nothing is asked or written of a bearer's"
    );
}

#[test]
fn a_client_that_registered_bound_tokens_gets_no_others() {
    let basic = basic(CLIENT, SECRET);
    let mut bound = client();
    bound.openid.sender.dpop_bound_access_tokens = true;
    let loaded = with_code(bound, None);
    let ask = |sender| token(Some(&basic), &CODE_FORM, sender, &loaded).map(|_| ());
    assert_eq!(ask(Sender::default()), Err(ErrorCode::InvalidRequest));
    assert_eq!(ask(at_token(&[&proof(&json!({}))])), Ok(()));
}

#[test]
fn a_code_that_is_bound_is_redeemed_by_its_key_alone() {
    let basic = basic(CLIENT, SECRET);
    let loaded = with_code(client(), Some(Confirmation::Key(own_key().sha256())));
    let ask = |sender| token(Some(&basic), &CODE_FORM, sender, &loaded).map(|_| ());
    assert_eq!(ask(Sender::default()), Err(ErrorCode::InvalidGrant));
    let anothers = proof_by(&other_key(), &json!({}), &json!({}));
    assert_eq!(ask(at_token(&[&anothers])), Err(ErrorCode::InvalidGrant));
    assert_eq!(ask(at_token(&[&proof(&json!({}))])), Ok(()));
}

#[test]
fn case_090_a_public_clients_refresh_token_is_its_keys() {
    let form = [
        ("client_id", CLIENT),
        ("grant_type", "refresh_token"),
        ("refresh_token", REFRESH),
    ];
    let key = Some(Confirmation::Key(own_key().sha256()));
    let mut loaded = Loaded {
        client: Some(public_client().into()),
        refresh_token: Some(refresh_token()),
        ..Loaded::default()
    };
    let good = at_token(&[&proof(&json!({}))]);
    let (writes, _) = token(None, &form, good.clone(), &loaded).unwrap();
    assert_eq!(
        bound_refresh(&writes),
        key,
        "one that was not bound is from now on"
    );
    loaded.refresh_token.as_mut().unwrap().confirmation = key;
    let (writes, _) = token(None, &form, good, &loaded).unwrap();
    assert_eq!(bound_refresh(&writes), key);
    let anothers = proof_by(&other_key(), &json!({}), &json!({}));
    for sender in [Sender::default(), at_token(&[&anothers])] {
        assert_eq!(
            token(None, &form, sender, &loaded).err(),
            Some(ErrorCode::InvalidGrant)
        );
    }
}

#[test]
fn an_unauthenticated_client_hears_nothing_of_its_proof() {
    let wrong = basic(CLIENT, "wrong");
    let loaded = with_code(client(), None);
    let refused = token(Some(&wrong), &CODE_FORM, at_token(&["x"]), &loaded);
    assert_eq!(refused.err(), Some(ErrorCode::InvalidClient));
    let known = basic(CLIENT, SECRET);
    let refused = token(Some(&known), &CODE_FORM, at_token(&["x"]), &loaded);
    assert_eq!(refused.err(), Some(ErrorCode::InvalidDpopProof));
}

fn pushed(more: &[(&str, &str)], proof: Option<&str>) -> Result<Params, ErrorCode> {
    let mut form = vec![
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "read"),
    ];
    form.extend(more);
    let mut request = PushRequest::parse(Some(&basic(CLIENT, SECRET)), params(&form)).unwrap();
    let proofs: Vec<&[u8]> = proof.iter().map(|proof| proof.as_bytes()).collect();
    request
        .credentials_mut()
        .seen(Sender::of("POST", "/oauth/par", &proofs, None));
    let loaded = Loaded {
        client: Some(client().into()),
        ..Loaded::default()
    };
    let decision = request.decide(&loaded, &World::new().ctx());
    decision.reply.map_err(|refusal| refusal.code)?;
    match decision.writes.into_iter().next() {
        Some(Write::PushRequest(pushed)) => Ok(pushed.params),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pushed_request_with_a_proof_binds_its_code() {
    let text = proof(&json!({"htu": format!("{ISSUER}/oauth/par")}));
    let jkt = own_key().thumbprint();
    assert_eq!(pushed(&[], Some(&text)).unwrap().get("dpop_jkt"), Some(&*jkt));
    let named = [("dpop_jkt", &*jkt)];
    assert_eq!(pushed(&named, Some(&text)).unwrap().get("dpop_jkt"), Some(&*jkt));
    assert_eq!(pushed(&named, None).unwrap().get("dpop_jkt"), Some(&*jkt));
    let other = other_key().thumbprint();
    let differing = pushed(&[("dpop_jkt", &*other)], Some(&text));
    assert_eq!(differing.err(), Some(ErrorCode::InvalidDpopProof));
    let malformed = pushed(&[("dpop_jkt", "short")], None);
    assert_eq!(malformed.err(), Some(ErrorCode::InvalidRequest));
    let elsewhere = pushed(&[], Some(&proof(&json!({}))));
    assert_eq!(elsewhere.err(), Some(ErrorCode::InvalidDpopProof));
}

/// What user data says to a token that is bound to `bound`, presented by `scheme` with this proof.
fn read(scheme: &str, bound: Option<Confirmation>, proof: Option<&str>) -> Result<Vec<Write>, ErrorCode> {
    let proofs: Vec<&[u8]> = proof.iter().map(|proof| proof.as_bytes()).collect();
    let sender = Sender::of("GET", "/open_auth/get_user_data", &proofs, None);
    let header = format!("{scheme} {ACCESS}");
    let token = PresentedToken::from_request(Some(&header), &params(&[]), None, sender).unwrap();
    let mut access = access_token();
    access.confirmation = bound;
    let loaded = Loaded {
        client: Some(client().into()),
        access_token: Some(access),
        ..Loaded::default()
    };
    let decision = UserDataRequest { token }.decide(&loaded, &World::new().ctx());
    decision
        .reply
        .map(|_| decision.writes)
        .map_err(|refusal| refusal.code)
}

fn at_resource(by: &Jwk, more: &Value) -> String {
    let ath = encode(sha256(ACCESS.as_bytes()));
    let mut claims = json!({"htm": "GET", "htu": format!("{ISSUER}/open_auth/get_user_data/"), "ath": ath});
    merge(&mut claims, more);
    proof_by(by, &json!({}), &claims)
}

#[test]
fn case_088_a_bound_token_is_no_bearer_token() {
    let key = Some(Confirmation::Key(own_key().sha256()));
    let good = at_resource(&own_key(), &json!({}));
    assert_eq!(read("Bearer", key, None), Err(ErrorCode::InvalidToken));
    assert_eq!(read("Bearer", key, Some(&good)), Err(ErrorCode::InvalidToken));
    assert!(matches!(
        read("DPoP", key, Some(&good)).as_deref(),
        Ok([Write::UseJti { .. }])
    ));
    assert!(matches!(
        read("dpop", key, Some(&good)).as_deref(),
        Ok([Write::UseJti { .. }])
    ));
    assert_eq!(read("Bearer", None, None), Ok(vec![]));
    assert_eq!(read("DPoP", None, Some(&good)), Err(ErrorCode::InvalidToken));
}

#[test]
fn case_089_a_proof_is_for_this_token_and_of_its_key() {
    let key = Some(Confirmation::Key(own_key().sha256()));
    let ask = |proof: Option<&str>| read("DPoP", key, proof).err();
    assert_eq!(ask(None), Some(ErrorCode::InvalidDpopProof));
    for ath in [json!(null), json!("x"), json!(encode(sha256(b"another token")))] {
        let text = at_resource(&own_key(), &json!({"ath": ath}));
        assert_eq!(ask(Some(&text)), Some(ErrorCode::InvalidDpopProof));
    }
    let anothers = at_resource(&other_key(), &json!({}));
    assert_eq!(ask(Some(&anothers)), Some(ErrorCode::InvalidToken));
    let elsewhere = at_resource(&own_key(), &json!({"htu": format!("{ISSUER}/oauth/userinfo")}));
    assert_eq!(ask(Some(&elsewhere)), Some(ErrorCode::InvalidDpopProof));
}
