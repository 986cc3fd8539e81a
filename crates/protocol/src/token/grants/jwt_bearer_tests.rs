//! RFC 7523 section 3, and what is stricter here.

use super::*;
use crate::effect::{Decision, Operation as _};
use crate::jose::Jwk;
use crate::records::{Allowed, Consent};
use crate::testing::{CLIENT, ISSUER, NOW, SECRET, World, basic, client, holder, jose, params, points};
use crate::token::{TokenReply, TokenRequest};
use crate::vocabulary::ClientId;
use serde_json::{Value, json};
use std::sync::Arc;

const PARTNER: &str = "https://timetable.example.org";

fn key() -> Jwk {
    jose::key("theirs", SigningAlgorithm::Es256, 3)
}

fn claims() -> Value {
    json!({"iss": PARTNER, "sub": "asha", "aud": ISSUER, "jti": "one", "iat": NOW.seconds(),
        "exp": NOW.seconds() + 60})
}

fn signed(changes: &Value) -> String {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let kept: serde_json::Map<_, _> = claims
        .as_object()
        .unwrap()
        .clone()
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    jose::signed(&key(), SigningAlgorithm::Es256, &json!({}), &kept.into())
}

struct Scene {
    client: Client,
    loaded: Loaded,
    world: World,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new();
        world.grants.trusted_issuers = vec![TrustedIssuer {
            issuer: PARTNER.into(),
            keys: IssuerKeys::These(JwkSet { keys: vec![key()] }),
            clients: [ClientId::parse(CLIENT).unwrap()].into(),
            subject: SubjectIs::Username,
            scope: Scope::of(["read"]),
            longest_seconds: 300,
            tells_sign_in: false,
        }];
        let allowed = Allowed {
            data_points: points(["person.full_name"]),
            ..Allowed::default()
        };
        let loaded = Loaded {
            person: Some(holder()),
            consent: Some(Consent {
                allowed,
                version: 1,
                at: NOW,
            }),
            ..Loaded::default()
        };
        Self {
            client: client(),
            loaded,
            world,
        }
    }

    fn trusted(&mut self) -> &mut TrustedIssuer {
        &mut self.world.grants.trusted_issuers[0]
    }

    fn known(&self) -> Loaded {
        Loaded {
            client: Some(self.client.clone().into()),
            ..self.loaded.clone()
        }
    }

    fn request(assertion: &str, more: &[(&str, &str)]) -> TokenRequest {
        let mut form = vec![("grant_type", GrantType::JWT_BEARER), ("assertion", assertion)];
        form.extend(more);
        TokenRequest::parse(Some(&basic(CLIENT, SECRET)), params(&form)).unwrap()
    }

    fn ask(&self, assertion: &str, more: &[(&str, &str)]) -> Decision<Result<TokenReply, Refusal>> {
        Self::request(assertion, more).decide(&self.known(), &self.world.ctx())
    }

    fn refused(&self, assertion: &str, why: &str) {
        let decision = self.ask(assertion, &[]);
        assert_eq!(decision.writes, [], "{why}");
        let refusal = decision.reply.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidGrant, "{refusal:?}");
        assert!(refusal.private.contains(why), "{why}: {refusal:?}");
    }
}

#[test]
fn an_assertion_becomes_what_the_person_allowed_the_app_before() {
    let scene = Scene::new();
    for audience in [json!(ISSUER), json!(["else", format!("{ISSUER}/oauth/token")])] {
        let decision = scene.ask(&signed(&json!({"aud": audience})), &[]);
        let reply = decision.reply.unwrap();
        assert_eq!(
            (reply.scope.to_string().as_str(), reply.refresh_token),
            ("read", false)
        );
        match decision.writes.as_slice() {
            [
                Write::UseJti { expires_at, .. },
                Write::IssueGrant(grant, _),
                Write::IssueAccessToken(_),
            ] => {
                assert_eq!(*expires_at, NOW.plus(60 + LEEWAY + REMEMBERED));
                assert_eq!(grant.data_points, points(["person.full_name"]));
                assert_eq!(grant.person, holder().person);
            }
            other => panic!("{other:?}"),
        }
    }
    let narrower = scene.ask(&signed(&json!({})), &[("scope", "person.full_name")]);
    assert_eq!(narrower.reply.unwrap().scope.to_string(), "person.full_name");
}

#[test]
fn what_is_loaded_is_named_by_the_assertion_and_only_for_apps_that_may_bring_it() {
    let mut scene = Scene::new();
    let asked = |scene: &Scene| {
        let request = Scene::request(&signed(&json!({})), &[]);
        assert_eq!(request.load_more(&scene.known(), &scene.world.ctx()), []);
        request.load_last(&scene.known(), &scene.world.ctx())
    };
    assert!(matches!(
        asked(&scene).as_slice(),
        [Load::PersonNamed(_), Load::UsedJti(_)]
    ));
    scene.trusted().keys = IssuerKeys::At("https://timetable.example.org/jwks".into());
    assert!(matches!(
        asked(&scene).as_slice(),
        [
            Load::PersonNamed(_),
            Load::UsedJti(_),
            Load::IssuerKeys { kid: Some(_), .. }
        ]
    ));
    scene.trusted().subject = SubjectIs::UserId;
    assert!(matches!(
        asked(&scene).as_slice(),
        [Load::UsedJti(_), Load::IssuerKeys { .. }]
    ));
    scene.trusted().clients = [ClientId::parse("else").unwrap()].into();
    assert_eq!(asked(&scene), []);
    let last =
        Scene::request(&signed(&json!({})), &[]).load_keys(&Scene::new().known(), &Scene::new().world.ctx());
    assert!(matches!(
        last.as_slice(),
        [Load::Consent(..), Load::Membership(..)]
    ));
}

#[test]
fn nobody_is_looked_for_and_nothing_fetched_before_the_app_has_proved_itself() {
    let mut scene = Scene::new();
    scene.trusted().keys = IssuerKeys::At("https://timetable.example.org/jwks".into());
    let ctx = scene.world.ctx();
    let assertion = signed(&json!({}));
    let loads = |secret: &str, known: &Loaded| {
        let form = [("grant_type", GrantType::JWT_BEARER), ("assertion", &assertion)];
        let request = TokenRequest::parse(Some(&basic(CLIENT, secret)), params(&form)).unwrap();
        let first = request.load(&ctx);
        assert!(matches!(first.as_slice(), [Load::Client(_), Load::Apis]));
        let mut later = request.load_more(known, &ctx);
        later.extend(request.load_last(known, &ctx));
        later.extend(request.load_keys(known, &ctx));
        later
    };
    assert_eq!(loads("wrong", &scene.known()), []);
    assert_eq!(loads(SECRET, &scene.known()).len(), 5);
    let mut may_not = scene.known();
    Arc::make_mut(may_not.client.as_mut().unwrap())
        .grant_types
        .clear();
    assert_eq!(
        loads(SECRET, &may_not),
        [],
        "an app that is not registered for the grant"
    );
}

/// How the person signed in, as the grant has it that came of an assertion with these claims.
fn sign_in_of(scene: &Scene, changes: &Value) -> SignIn {
    let decision = scene.ask(&signed(changes), &[]);
    match decision.writes.as_slice() {
        [_, Write::IssueGrant(grant, _), _] => grant.sign_in.clone(),
        other => panic!("{other:?} {:?}", decision.reply),
    }
}

#[test]
fn a_sign_in_that_nobody_speaks_of_was_at_no_known_time_in_no_known_way() {
    let mut scene = Scene::new();
    let unknown = SignIn::Elsewhere(SignedInElsewhere::default());
    assert_eq!(sign_in_of(&scene, &json!({})), unknown);
    let told = json!({"auth_time": NOW.seconds() - 90, "acr": "two", "amr": ["otp", "pwd"]});
    let time_only = SignedInElsewhere {
        at: Some(NOW.plus(-90)),
        ..SignedInElsewhere::default()
    };
    assert_eq!(sign_in_of(&scene, &told), SignIn::Elsewhere(time_only.clone()));
    // How is told by whom the operator lets tell it.
    scene.trusted().tells_sign_in = true;
    let all = SignedInElsewhere {
        acr: Some("two".into()),
        amr: vec!["otp".into(), "pwd".into()],
        ..time_only
    };
    assert_eq!(sign_in_of(&scene, &told), SignIn::Elsewhere(all));
    assert_eq!(sign_in_of(&scene, &json!({})), unknown);
    // An app that speaks for itself says nothing of when, either.
    scene.trusted().tells_sign_in = false;
    scene.trusted().keys = IssuerKeys::Client;
    scene.client.openid.jwks = Some(JwkSet { keys: vec![key()] });
    assert_eq!(sign_in_of(&scene, &told), unknown);
}

#[test]
fn a_sign_in_told_of_wrongly_is_refused() {
    let mut scene = Scene::new();
    scene.trusted().tells_sign_in = true;
    let (now, long) = (NOW.seconds(), "x".repeat(MAX_METHOD + 1));
    for (changes, why) in [
        (json!({"auth_time": now.to_string()}), "auth_time is no number"),
        (json!({"auth_time": [now]}), "auth_time is no number"),
        (json!({"auth_time": now + LEEWAY + 1}), "in the future"),
        (json!({"acr": 2}), "acr"),
        (json!({"acr": ""}), "acr"),
        (json!({"acr": long}), "acr"),
        (json!({"amr": "pwd"}), "amr"),
        (json!({"amr": [1]}), "amr"),
        (json!({"amr": [long]}), "amr"),
        (json!({"amr": vec!["pwd"; MOST_METHODS + 1]}), "amr"),
    ] {
        scene.refused(&signed(&changes), why);
    }
    let ahead = sign_in_of(&scene, &json!({"auth_time": now + LEEWAY}));
    assert_eq!(ahead.at(), Some(NOW.plus(LEEWAY)), "clocks may differ as much");
}

#[test]
fn case_038_times_case_039_replay_and_case_040_the_audience() {
    let mut scene = Scene::new();
    let now = NOW.seconds();
    for (changes, why) in [
        (json!({"exp": now - 10}), "expired"),
        (json!({"exp": null}), "exp"),
        (json!({"exp": now + 400}), "exp"),
        (json!({"nbf": now + 60}), "not valid yet"),
        (json!({"iat": now + 60}), "not valid yet"),
        (json!({"jti": null}), "no jti"),
        (json!({"jti": ""}), "no jti"),
        (json!({"aud": "https://else.example.org"}), "aud"),
        (json!({"aud": format!("{ISSUER}/oauth/introspect")}), "aud"),
        (json!({"aud": null}), "no aud"),
        (json!({"iss": "https://else.example.org"}), "not trusted"),
        (json!({"iss": null}), "no iss"),
    ] {
        scene.refused(&signed(&changes), why);
    }
    let jti = name_of(
        &scene.world.grants.trusted_issuers[0],
        &Claims::new(claims().as_object().unwrap().clone()).unwrap(),
    );
    scene.loaded.used_jtis = vec![jti.unwrap()];
    scene.refused(&signed(&json!({})), "used before");
    assert!(scene.ask(&signed(&json!({"jti": "two"})), &[]).reply.is_ok());
}

#[test]
fn a_signature_by_somebody_else_is_refused() {
    let scene = Scene::new();
    let stranger = jose::key("theirs", SigningAlgorithm::Es256, 4);
    let forged = jose::signed(&stranger, SigningAlgorithm::Es256, &json!({}), &claims());
    scene.refused(&forged, "signature");
    let other = jose::signed(
        &key(),
        SigningAlgorithm::Es256,
        &json!({"typ": "at+jwt"}),
        &claims(),
    );
    scene.refused(&other, "another kind");
    let shared = jose::signed_with_secret(SECRET, &json!({}), &claims());
    scene.refused(&shared, "refused");
    for garbage in ["x", "a.b.c", "e30.e30."] {
        scene.refused(garbage, "refused");
    }
    let missing = scene.ask("", &[]).reply.unwrap_err();
    assert_eq!(missing.code, ErrorCode::InvalidRequest);
}

#[test]
fn keys_come_from_the_file_from_their_address_or_from_the_app_itself() {
    let mut scene = Scene::new();
    let good = signed(&json!({}));
    scene.trusted().keys = IssuerKeys::At("https://timetable.example.org/jwks".into());
    scene.refused(&good, "published no keys");
    scene.loaded.issuer_keys = Some(Err("it is down".into()));
    scene.refused(&good, "it is down");
    scene.loaded.issuer_keys = Some(Ok(Arc::new(JwkSet { keys: vec![key()] })));
    assert!(scene.ask(&good, &[]).reply.is_ok());
    // The app's own keys, where the operator says so: the issuer is the app.
    scene.loaded.issuer_keys = None;
    scene.trusted().keys = IssuerKeys::Client;
    scene.trusted().issuer = CLIENT.into();
    let own = signed(&json!({"iss": CLIENT}));
    scene.refused(&own, "published no keys");
    scene.client.openid.jwks = Some(JwkSet { keys: vec![key()] });
    assert!(scene.ask(&own, &[]).reply.is_ok());
}

#[test]
fn an_app_that_may_not_bring_it_an_unknown_person_and_no_consent_are_one_answer() {
    let good = signed(&json!({}));
    let refused = |change: fn(&mut Scene), why| {
        let mut scene = Scene::new();
        change(&mut scene);
        scene.refused(&good, why);
        scene.ask(&good, &[]).reply.unwrap_err().public
    };
    let answers = [
        refused(
            |scene| scene.trusted().clients = [ClientId::parse("else").unwrap()].into(),
            "does not let this app",
        ),
        refused(|scene| scene.loaded.person = None, "nobody"),
        refused(|scene| scene.loaded.consent = None, "has not allowed"),
    ];
    assert!(answers.iter().all(|told| *told == answers[0]));
    let mut disabled = Scene::new();
    disabled.loaded.person.as_mut().unwrap().disabled = true;
    disabled.refused(&good, "disabled");
}

#[test]
fn its_scope_is_bounded_by_the_operator_and_it_is_no_grant_without_issuers() {
    let mut scene = Scene::new();
    let good = signed(&json!({}));
    for beyond in ["write", "read write", "person.roles", "a\"b"] {
        let refusal = scene.ask(&good, &[("scope", beyond)]).reply.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidScope, "{beyond}");
    }
    scene.world.grants.trusted_issuers.clear();
    let refusal = scene.ask(&good, &[]).reply.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::UnsupportedGrantType);
}

#[test]
fn read_stands_for_no_scope_of_an_api_whatever_its_name() {
    let mut scene = Scene::new();
    scene.client = crate::testing::api_client();
    scene.loaded.apis = Arc::new(crate::testing::apis());
    let allowed = &mut scene.loaded.consent.as_mut().unwrap().allowed;
    allowed.scopes = ["loans.read".to_owned()].into();
    let good = signed(&json!({}));
    let refusal = scene.ask(&good, &[("scope", "loans.read")]).reply.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::InvalidScope);
    scene.trusted().scope = Scope::of(["read", "loans.read"]);
    let reply = scene.ask(&good, &[("scope", "loans.read")]).reply.unwrap();
    assert_eq!(reply.scope.to_string(), "loans.read");
}
