//! Each refusal of the endpoint, and what a good request leaves.

use super::*;
use crate::jose::{Jwk, JwkSet, SigningAlgorithm};
use crate::openid::SubjectType;
use crate::review::Standing;
use crate::testing::jose::{key, signed};
use crate::testing::{
    CLIENT, ISSUER, NOW, SECRET, World, api_client, apis, basic, client, holder, other_client, params,
    public_client,
};
use crate::vocabulary::{AuthMethod, PersonId, Profile, SecretHash};
use serde_json::{Value, json};
use std::sync::Arc;

const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";
const ALG: SigningAlgorithm = SigningAlgorithm::Es256;

/// What a test changes of a good request of a good client.
struct Scene {
    world: World,
    loaded: Loaded,
    authorization: Option<String>,
    form: Vec<(String, String)>,
}

fn ours() -> Jwk {
    key("ours", SigningAlgorithm::Rs256, 1)
}

fn theirs() -> Jwk {
    key("theirs", ALG, 3)
}

impl Scene {
    fn of(client: Client) -> Self {
        let mut world = World::new();
        world.crypto.own = Arc::new(JwkSet { keys: vec![ours()] });
        Self {
            world,
            loaded: Loaded {
                client: Some(Arc::new(client)),
                person: Some(holder()),
                ..Loaded::default()
            },
            authorization: Some(basic(CLIENT, SECRET)),
            form: [("scope", "openid read"), ("login_hint", "asha")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }
    }

    fn new() -> Self {
        Self::of(client())
    }

    fn pinged() -> Self {
        let mut client = client();
        client.openid.ciba.delivery_mode = Some(DeliveryMode::Ping);
        client.openid.ciba.notification_endpoint = Some("https://app.example.org/ping".into());
        Self::of(client).with("client_notification_token", TOKEN)
    }

    /// A client that signs its requests, and its request in place of the parameters.
    fn signed(change: impl FnOnce(&mut Value)) -> Self {
        let mut client = client();
        client.openid.ciba.request_signing_alg = Some(ALG);
        client.openid.jwks = Some(JwkSet { keys: vec![theirs()] });
        let mut scene = Self::of(client);
        scene.form = vec![("request".to_owned(), request(change))];
        scene
    }

    /// The same, held to the profile.
    fn fapi(change: impl FnOnce(&mut Value)) -> Self {
        let mut scene = Self::signed(change);
        let client = scene.client_mut();
        client.openid.profile = Some(Profile::Fapi2);
        client.auth_methods = [AuthMethod::PrivateKeyJwt].into();
        let claims = json!({
            "iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "proof", "iat": NOW, "nbf": NOW, "exp": NOW.plus(60),
        });
        scene.authorization = None;
        scene
            .with("client_assertion", &signed(&theirs(), ALG, &json!({}), &claims))
            .with(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.form.retain(|(known, _)| known != name);
        self.form.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.form.retain(|(known, _)| known != name);
        self
    }

    fn client_mut(&mut self) -> &mut Client {
        Arc::make_mut(self.loaded.client.as_mut().unwrap())
    }

    fn request(&self) -> BackchannelRequest {
        let params = Params::from_pairs(self.form.clone());
        BackchannelRequest::parse(self.authorization.as_deref(), params).unwrap()
    }

    fn ask(&self) -> Decision<Result<BackchannelReply, Refusal>> {
        self.request().decide(&self.loaded, &self.world.ctx())
    }

    /// What is kept of a good one.
    fn kept(&self) -> NewDecoupled {
        let decision = self.ask();
        assert_eq!(decision.reply.as_ref().err(), None);
        match decision.writes.into_iter().next() {
            Some(Write::AskElsewhere(new)) => new,
            other => panic!("{other:?}"),
        }
    }

    /// The code and the private reason of one that is refused, and leaves nothing.
    fn why(&self) -> (ErrorCode, String) {
        let decision = self.ask();
        let others = decision
            .writes
            .iter()
            .filter(|write| !matches!(write, Write::UseJti { .. }));
        assert_eq!(others.count(), 0);
        let refusal = decision.reply.unwrap_err();
        (refusal.code, refusal.private.into_owned())
    }

    fn refused(&self) -> ErrorCode {
        self.why().0
    }
}

/// A signed request.
fn request(change: impl FnOnce(&mut Value)) -> String {
    let mut claims = json!({
        "iss": CLIENT, "aud": ISSUER, "iat": NOW, "nbf": NOW, "exp": NOW.plus(300), "jti": "one",
        "scope": "openid read", "login_hint": "asha", "binding_message": "W4SCT",
    });
    change(&mut claims);
    let claims: serde_json::Map<_, _> = claims
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    signed(&theirs(), ALG, &json!({}), &Value::Object(claims))
}

#[test]
fn a_good_request_waits_for_its_person_and_only_what_matters_is_kept() {
    let scene = Scene::new()
        .with("binding_message", "Till 4: W4SCT")
        .with("acr_values", "urn:omniport:acr:password")
        .with("unknown", "x")
        .with("redirect_uri", "https://evil.example/")
        .with("client_notification_token", TOKEN);
    let new = scene.kept();
    let request = &new.request;
    assert_eq!(
        (request.door, request.person, request.poll_seconds),
        (Door::Backchannel, Some(PersonId(7)), 5)
    );
    assert_eq!(
        (request.client.as_str(), request.expires_at),
        (CLIENT, NOW.plus(600))
    );
    let kept: Vec<_> = request.params.iter().collect();
    assert_eq!(
        kept,
        [
            ("client_id", CLIENT),
            ("scope", "openid read"),
            ("acr_values", "urn:omniport:acr:password"),
            ("binding_message", "Till 4: W4SCT"),
        ]
    );
    // It polls, and is told of nothing.
    assert_eq!(new.notification_token, None);
}

#[test]
fn nobody_is_looked_up_for_whoever_has_not_proved_who_asks() {
    let mut scene = Scene::new();
    let looks = |scene: &Scene| scene.request().load_last(&scene.loaded, &scene.world.ctx());
    assert_eq!(looks(&scene), [Load::PersonNamed("asha".into())]);
    scene.authorization = Some(basic(CLIENT, "wrong"));
    assert_eq!(looks(&scene), []);
    assert_eq!(scene.refused(), ErrorCode::InvalidClient);
    // And what is refused anyway says nothing either.
    assert_eq!(looks(&Scene::new().with("scope", "read")), []);
    let scene = Scene::new();
    let more = scene.request().load_keys(&scene.loaded, &scene.world.ctx());
    assert_eq!(more, [Load::Membership(PersonId(7), client().id)]);
}

#[test]
fn only_an_app_that_proves_itself_is_registered_for_it_and_may_act() {
    let mut public = Scene::of(public_client()).with("client_id", CLIENT);
    public.authorization = None;
    assert_eq!(public.refused(), ErrorCode::UnauthorizedClient);
    let mut without = client();
    without.grant_types = [GrantType(GrantType::AUTHORIZATION_CODE.into())].into();
    assert_eq!(Scene::of(without).refused(), ErrorCode::UnauthorizedClient);
    let mut suspended = client();
    suspended.standing = Standing::Suspended;
    assert_eq!(Scene::of(suspended).refused(), ErrorCode::UnauthorizedClient);
}

#[test]
fn the_scope_is_needed_and_has_openid() {
    assert_eq!(Scene::new().without("scope").refused(), ErrorCode::InvalidRequest);
    for scope in ["read", "openid admin", "openid a\"b"] {
        let scene = Scene::new().with("scope", scope);
        assert_eq!(scene.refused(), ErrorCode::InvalidScope, "{scope}");
    }
}

#[test]
fn exactly_one_hint_that_can_be_read() {
    let none = Scene::new().without("login_hint");
    let long = Scene::new().with("login_hint", &"x".repeat(1_025));
    let token = Scene::new().with("login_hint_token", "x");
    let only_token = Scene::new().without("login_hint").with("login_hint_token", "x");
    let both = Scene::new().with("id_token_hint", &id_token(CLIENT, "7"));
    for scene in [&none, &long, &token, &only_token, &both] {
        assert_eq!(scene.refused(), ErrorCode::InvalidRequest);
    }
    for hint in ["x".to_owned(), "x".repeat(20_000), id_token("app-2", "7")] {
        let scene = Scene::new().without("login_hint").with("id_token_hint", &hint);
        assert_eq!(scene.refused(), ErrorCode::InvalidRequest);
    }
}

fn id_token(aud: &str, sub: &str) -> String {
    // Long ended: it says who, and no more.
    let claims = json!({"iss": ISSUER, "aud": aud, "sub": sub, "exp": 1});
    signed(&ours(), SigningAlgorithm::Rs256, &json!({}), &claims)
}

#[test]
fn an_id_token_names_its_subject_whichever_way_the_client_knows_people() {
    let hinted = |sub: &str| {
        let scene = Scene::new().without("login_hint");
        scene.with("id_token_hint", &id_token(CLIENT, sub))
    };
    let looks = |scene: &Scene| scene.request().load_last(&scene.loaded, &scene.world.ctx());
    assert_eq!(looks(&hinted("7")), [Load::Person(PersonId(7))]);
    assert_eq!(hinted("7").kept().request.person, Some(PersonId(7)));
    assert_eq!(looks(&hinted("x")), [Load::Person(PersonId(-1))]);
    let mut pairwise = hinted("abc");
    let client = pairwise.client_mut();
    client.openid.subject_type = SubjectType::Pairwise;
    let id = client.id.clone();
    assert_eq!(looks(&pairwise), [Load::PersonOfSubject(id, "abc".into())]);
}

#[test]
fn whoever_is_not_there_is_disabled_or_not_the_apps_to_ask_is_nobody() {
    let mut nobody = Scene::new();
    nobody.loaded.person = None;
    let mut disabled = Scene::new();
    disabled.loaded.person.as_mut().unwrap().disabled = true;
    let mut anothers = Scene::new();
    anothers.loaded.person.as_mut().unwrap().test_of = Some(other_client().id);
    let said = [&nobody, &disabled, &anothers].map(Scene::ask);
    for decision in &said {
        let refusal = decision.reply.as_ref().unwrap_err();
        assert_eq!(refusal.code, ErrorCode::UnknownUserId);
        // To the app and to its team: word for word the same. It is counted like a question to somebody who is there.
        assert_eq!(decision, &said[0]);
        let client = client().id;
        assert_eq!(decision.writes, [Write::AskedNobody { client }]);
    }
}

#[test]
fn the_sandbox_asks_its_team_and_its_test_people_only() {
    for standing in Standing::ALL.into_iter().filter(|standing| standing.is_sandbox()) {
        let mut scene = Scene::new();
        scene.client_mut().standing = standing;
        let stranger = scene.ask().reply.unwrap_err();
        assert_eq!(stranger.code, ErrorCode::UnknownUserId, "{standing:?}");
        let person = scene.loaded.person.take();
        assert_eq!(scene.ask().reply.unwrap_err(), stranger, "{standing:?}");
        scene.loaded.person = person;
        scene.loaded.on_team = true;
        assert!(scene.ask().reply.is_ok(), "{standing:?}");
        scene.loaded.on_team = false;
        scene.loaded.person.as_mut().unwrap().test_of = Some(client().id);
        assert!(scene.ask().reply.is_ok(), "{standing:?}");
    }
}

#[test]
fn a_binding_message_is_short_and_seen() {
    for good in [
        "W4SCT",
        "Caf\u{e9}, 3,50 \u{20ac}",
        &"x".repeat(100),
        "\u{928}\u{92e}\u{938}\u{94d}\u{200d}\u{924}\u{947}",
    ] {
        let kept = Scene::new().with("binding_message", good).kept();
        assert_eq!(kept.request.params.get("binding_message"), Some(good));
    }
    for bad in [
        " ",
        "a\nb",
        "a\u{202e}b",
        "a\u{200b}b",
        "a\u{2028}b",
        "\u{e0041}",
        &"x".repeat(101),
    ] {
        let scene = Scene::new().with("binding_message", bad);
        assert_eq!(scene.refused(), ErrorCode::InvalidBindingMessage, "{bad:?}");
    }
}

#[test]
fn what_is_not_offered_is_refused_and_not_passed_over() {
    for name in ["user_code", "request_uri", "request"] {
        let scene = Scene::new().with(name, "x");
        assert_eq!(scene.refused(), ErrorCode::InvalidRequest, "{name}");
    }
}

#[test]
fn the_wished_life_is_taken_up_to_the_usual_one() {
    for (wish, seconds) in [("120", 120), ("600", 600), ("999999999", 600)] {
        let scene = Scene::new().with("requested_expiry", wish);
        assert_eq!(scene.ask().reply.unwrap().expires_in, seconds);
        assert_eq!(scene.kept().request.expires_at, NOW.plus(seconds));
    }
    for bad in ["0", "-5", "x", "1.5", "9999999999"] {
        let scene = Scene::new().with("requested_expiry", bad);
        assert_eq!(scene.refused(), ErrorCode::InvalidRequest, "{bad}");
    }
}

#[test]
fn who_is_pinged_brings_a_token_for_it() {
    for good in [TOKEN, &"x".repeat(1_024), "abcdefghijklmnopqrstuvw=="] {
        let new = Scene::pinged().with("client_notification_token", good).kept();
        assert_eq!(new.notification_token, Some(NotificationToken::new(good)));
    }
    assert_eq!(
        Scene::pinged().without("client_notification_token").refused(),
        ErrorCode::InvalidRequest
    );
    for bad in [
        "short",
        &"x".repeat(1_025),
        "8d67dc78 7faa 4d41 aabd 67707b374255",
        "8d67dc78\r\n7faa4d41aabd67707b374255",
        "caf\u{e9}-7faa-4d41-aabd-67707b374255",
        "======================",
    ] {
        let scene = Scene::pinged().with("client_notification_token", bad);
        assert_eq!(scene.refused(), ErrorCode::InvalidRequest, "{bad:?}");
    }
    // It is a secret, and never printed.
    let printed = format!("{:?}", Scene::pinged().ask());
    assert!(!printed.contains(TOKEN), "{printed}");
}

#[test]
fn apis_may_be_asked_for_as_at_the_other_doors() {
    let mut scene = Scene::of(api_client())
        .with("scope", "openid loans.read")
        .with("resource", "https://library.example/api")
        .with("authorization_details", r#"[{"type": "renewal", "copy": "c1"}]"#);
    scene.loaded.apis = Arc::new(apis());
    let kept = scene.kept().request.params;
    assert_eq!(kept.get("resource"), Some("https://library.example/api"));
    assert!(kept.get("authorization_details").is_some());
    let target = scene.with("resource", "https://closed.example/");
    assert_eq!(target.refused(), ErrorCode::InvalidTarget);
    let details = Scene::new().with("authorization_details", "[]x");
    assert_eq!(details.refused(), ErrorCode::InvalidAuthorizationDetails);
}

#[test]
fn a_signed_request_is_read_and_used_once() {
    let mut scene = Scene::signed(|claims| claims["requested_expiry"] = json!(120));
    let decision = scene.ask();
    assert_eq!(decision.reply.as_ref().unwrap().expires_in, 120);
    let [Write::AskElsewhere(new), Write::UseJti { jti, expires_at }] = decision.writes.as_slice() else {
        panic!("{:?}", decision.writes)
    };
    assert_eq!(new.request.params.get("binding_message"), Some("W4SCT"));
    assert_eq!(*expires_at, NOW.plus(370));
    let asked = scene.request().load_more(&scene.loaded, &scene.world.ctx());
    assert_eq!(asked, [Load::UsedJti(*jti)]);
    scene.loaded.used_jtis = vec![*jti];
    assert!(scene.why().1.contains("used before"));
    assert_ne!(*jti, SecretHash::of("one"));
}

#[test]
fn a_signed_request_that_cannot_be_believed_is_refused() {
    let changed = |name: &'static str, value: Value| Scene::signed(move |claims| claims[name] = value);
    for name in ["iss", "aud", "iat", "nbf", "exp", "jti"] {
        let (code, why) = changed(name, Value::Null).why();
        assert_eq!(
            (code, why),
            (ErrorCode::InvalidRequest, format!("it has no {name}"))
        );
    }
    for (name, value, why) in [
        ("iss", json!("app-2"), "iss"),
        ("aud", json!("https://other.example"), "aud"),
        ("aud", json!(format!("{ISSUER}/oauth/token")), "aud"),
        ("exp", json!(NOW.plus(-11)), "ended"),
        ("exp", json!(NOW.plus(3_700)), "exp"),
        ("nbf", json!(NOW.plus(60)), "yet"),
        ("jti", json!(""), "jti"),
        ("sub", json!(CLIENT), "assertion"),
        ("client_id", json!("app-2"), "client_id"),
        ("request", json!("x"), "another"),
    ] {
        let (code, private) = changed(name, value.clone()).why();
        assert_eq!(code, ErrorCode::InvalidRequest, "{name} {value}");
        assert!(
            private.contains(why) || why == "ended" || why == "yet",
            "{private}"
        );
    }
}

#[test]
fn a_signed_request_is_signed_as_registered_and_stands_alone() {
    let good = || Scene::signed(|_| {});
    assert!(good().ask().reply.is_ok());
    assert_eq!(
        good().with("scope", "openid").refused(),
        ErrorCode::InvalidRequest
    );
    let mut unsigned = good();
    unsigned.form = Scene::new().form;
    assert!(unsigned.ask().reply.unwrap_err().public.contains("sign"));
    let claims = json!({"iss": CLIENT});
    let others = [
        signed(&key("theirs", ALG, 4), ALG, &json!({}), &claims),
        signed(&theirs(), ALG, &json!({"typ": "at+jwt"}), &claims),
        signed(
            &key("rsa", SigningAlgorithm::Rs256, 3),
            SigningAlgorithm::Rs256,
            &json!({}),
            &claims,
        ),
        "x.y.z".to_owned(),
    ];
    for text in others {
        assert_eq!(good().with("request", &text).refused(), ErrorCode::InvalidRequest);
    }
    let mut without_keys = good();
    without_keys.client_mut().openid.jwks = None;
    assert_eq!(without_keys.refused(), ErrorCode::InvalidRequest);
    let mut never = good();
    never.client_mut().openid.ciba.request_signing_alg = None;
    assert!(
        never
            .why()
            .1
            .contains("backchannel_authentication_request_signing_alg")
    );
}

#[test]
fn keys_are_fetched_where_they_are_published() {
    let mut scene = Scene::signed(|_| {});
    let openid = &mut scene.client_mut().openid;
    openid.jwks = None;
    openid.jwks_uri = Some("https://app.example.org/jwks".into());
    let asked = scene.request().load_more(&scene.loaded, &scene.world.ctx());
    assert!(matches!(&asked[0], Load::RemoteKeys { kid: Some(kid), .. } if kid == "theirs"));
    scene.loaded.remote_keys = Some(Err("gone".into()));
    assert!(scene.why().1.contains("gone"));
    scene.loaded.remote_keys = Some(Ok(Arc::new(JwkSet { keys: vec![theirs()] })));
    assert!(scene.ask().reply.is_ok());
}

#[test]
fn the_profile_asks_for_a_signed_request_of_the_hour_that_says_what_it_is_about() {
    let good = Scene::fapi(|_| {});
    assert_eq!(good.ask().reply.err(), None);
    let mut by_secret = Scene::fapi(|_| {})
        .without("client_assertion")
        .without("client_assertion_type");
    by_secret.authorization = Some(basic(CLIENT, SECRET));
    assert_eq!(by_secret.refused(), ErrorCode::InvalidClient);
    let unsigned = Scene::fapi(|_| {})
        .without("request")
        .with("scope", "openid")
        .with("login_hint", "asha");
    assert_eq!(unsigned.refused(), ErrorCode::InvalidRequest);
    let silent = Scene::fapi(|claims| claims["binding_message"] = Value::Null);
    assert!(silent.ask().reply.unwrap_err().public.contains("binding_message"));
    let old = Scene::fapi(|claims| claims["nbf"] = json!(NOW.plus(-3_601)));
    assert_eq!(old.refused(), ErrorCode::InvalidRequest);
    let long = Scene::fapi(|claims| {
        claims["nbf"] = json!(NOW.plus(-600));
        claims["exp"] = json!(NOW.plus(3_001));
    });
    assert_eq!(long.refused(), ErrorCode::InvalidRequest);
    let mut detailed = Scene::fapi(|claims| {
        claims["binding_message"] = Value::Null;
        claims["scope"] = json!("openid");
        claims["authorization_details"] = json!([{"type": "renewal", "copy": "c1"}]);
    });
    detailed.loaded.apis = Arc::new(apis());
    let client = detailed.client_mut();
    client.details_types = api_client().details_types;
    client.api_scopes = api_client().api_scopes;
    client.approved_by_owners = api_client().approved_by_owners;
    assert_eq!(detailed.ask().reply.err(), None);
}

#[test]
fn a_repeated_parameter_is_refused_around_and_inside() {
    let twice = params(&[("scope", "openid"), ("scope", "openid"), ("login_hint", "asha")]);
    let refused = BackchannelRequest::parse(Some(&basic(CLIENT, SECRET)), twice);
    assert_eq!(refused.unwrap_err().code, ErrorCode::InvalidRequest);
    assert_eq!(
        BackchannelRequest::parse(None, params(&[("scope", "openid")]))
            .unwrap_err()
            .code,
        ErrorCode::InvalidClient
    );
}
