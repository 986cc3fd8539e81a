//! The authorisation endpoint as OpenID Connect Core section 3 tests it.

use super::testing::{DRAWN, Scene, deliver, location, minted, query, redirect, refused, request};
use super::{AuthorizeRequest, Delivery, Door, Outcome};
use crate::effect::{Load, Loaded, Operation, Write};
use crate::jose::{JwkSet, SigningAlgorithm};
use crate::records::{GrantOf, NewGrant};
use crate::review::Standing;
use crate::testing::jose::{key, signed, unsigned};
use crate::testing::{CLIENT, ISSUER, NOW, REDIRECT, points};
use crate::vocabulary::Params;
use serde_json::{Value, json};
use std::sync::Arc;

fn grant_of(scene: &Scene, changes: &[(&str, &str)]) -> NewGrant {
    let decision = scene.ask(Door::Standard, request(changes));
    match decision.writes.as_slice() {
        [Write::IssueCode(grant, _) | Write::IssueGrant(grant, _), ..] => grant.clone(),
        other => panic!("nothing issued but {other:?} and {:?}", decision.reply),
    }
}

fn error(scene: &Scene, changes: &[(&str, &str)]) -> String {
    refused(scene.ask(Door::Standard, request(changes)))
}

/// The fragment of an answer, its ID token as claims.
fn fragment(scene: &Scene, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let answer = redirect(scene.ask(Door::Standard, request(changes)).reply);
    let location = location(&answer, &minted()).unwrap();
    assert!(
        location.starts_with("https://app.example.org/callback#"),
        "{location}"
    );
    query(&location.replacen('#', "?", 1))
}

fn legacy() -> Scene {
    let mut scene = Scene::consented();
    scene.client.legacy.implicit = true;
    scene
}

#[test]
fn an_openid_request_is_remembered_with_its_grant() {
    let grant = grant_of(
        &Scene::consented(),
        &[
            ("scope", "openid profile"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("display", "page"),
            ("ui_locales", "hi en"),
        ],
    );
    assert_eq!(
        grant.data_points,
        points(["person.full_name"]),
        "what of profile is approved"
    );
    let openid = grant.openid.unwrap();
    assert_eq!(openid.nonce.as_deref(), Some("n-0S6_WzA2Mj"));
    assert_eq!(openid.sid.0.len(), 43);
    assert_eq!(
        grant_of(&Scene::consented(), &[("nonce", "n")]).openid,
        None,
        "plain OAuth"
    );
}

#[test]
fn claims_by_name_stand_for_data_points() {
    let asked =
        json!({"userinfo": {"name": {"essential": true}, "email": null}, "id_token": {"auth_time": null}});
    let grant = grant_of(
        &Scene::consented(),
        &[("scope", "openid"), ("claims", &asked.to_string())],
    );
    assert_eq!(
        grant.data_points,
        points(["person.full_name"]),
        "email is not approved"
    );
    assert!(grant.openid.unwrap().claims.userinfo["name"].essential);
    assert_eq!(
        error(&Scene::consented(), &[("scope", "openid"), ("claims", "{")]),
        "invalid_request"
    );
    grant_of(&Scene::consented(), &[("claims", "{")]);
}

#[test]
fn an_answer_is_about_whom_it_is_asked_about_or_not_given() {
    let scene = Scene::consented();
    for (sub, same) in [("7", true), ("8", false)] {
        let claims = json!({"id_token": {"sub": {"value": sub}}}).to_string();
        let changes = [
            ("scope", "openid"),
            ("claims", claims.as_str()),
            ("prompt", "none"),
        ];
        if same {
            grant_of(&scene, &changes);
        } else {
            assert_eq!(error(&scene, &changes), "login_required");
        }
    }
}

#[test]
fn whether_a_guess_at_the_person_is_right_is_told_to_no_app_that_they_allowed_nothing() {
    let mut scene = Scene::consented();
    scene.consent = None;
    for sub in ["7", "8"] {
        let claims = json!({"id_token": {"sub": {"value": sub}}}).to_string();
        let changes = [
            ("scope", "openid"),
            ("claims", claims.as_str()),
            ("prompt", "none"),
        ];
        assert_eq!(error(&scene, &changes), "login_required", "{sub}");
    }
    let nobody_named = [("scope", "openid"), ("prompt", "none")];
    assert_eq!(error(&scene, &nobody_named), "consent_required");
}

#[test]
fn an_id_token_hint_names_the_person() {
    let mut scene = Scene::consented();
    let own = key("ours", SigningAlgorithm::Rs256, 1);
    let mut world = crate::testing::World::new();
    world.crypto.own = Arc::new(JwkSet {
        keys: vec![own.clone()],
    });
    scene.world = world.into();
    let hint = |claims: Value| signed(&own, SigningAlgorithm::Rs256, &json!({}), &claims);
    let of = |sub: &str| hint(json!({"iss": ISSUER, "aud": CLIENT, "sub": sub, "exp": 1}));
    let ask = |hint: &str, prompt: &str| {
        let changes = [("scope", "openid"), ("id_token_hint", hint), ("prompt", prompt)];
        scene.ask(Door::Standard, request(&changes)).reply
    };
    assert!(
        redirect(ask(&of("7"), "none")).refusal().is_none(),
        "an expired one is a hint still"
    );
    assert_eq!(
        redirect(ask(&of("8"), "none")).refusal().unwrap().code.as_str(),
        "login_required"
    );
    assert!(matches!(ask(&of("8"), ""), Outcome::SignIn(_)));
    let foreign = key("ours", SigningAlgorithm::Rs256, 2);
    for bad in [
        signed(
            &foreign,
            SigningAlgorithm::Rs256,
            &json!({}),
            &json!({"iss": ISSUER, "aud": CLIENT, "sub": "7"}),
        ),
        hint(json!({"iss": "https://other.example", "aud": CLIENT, "sub": "7"})),
        hint(json!({"iss": ISSUER, "aud": "another", "sub": "7"})),
        "no.jwt".to_owned(),
    ] {
        assert_eq!(
            error(&scene, &[("scope", "openid"), ("id_token_hint", &bad)]),
            "invalid_request"
        );
    }
}

#[test]
fn an_essential_acr_that_cannot_be_met_is_refused_and_a_wish_is_not() {
    let scene = Scene::consented();
    let acr = |essential: bool| {
        json!({"id_token": {"acr": {"essential": essential, "values": ["urn:other"]}}}).to_string()
    };
    let refused = error(&scene, &[("scope", "openid"), ("claims", &acr(true))]);
    assert_eq!(refused, "unmet_authentication_requirements");
    grant_of(
        &scene,
        &[
            ("scope", "openid"),
            ("claims", &acr(false)),
            ("acr_values", "urn:other"),
        ],
    );
}

#[test]
fn what_is_too_long_or_not_supported_is_refused() {
    let scene = Scene::consented();
    let long = "x".repeat(1_025);
    for name in ["nonce", "login_hint", "acr_values"] {
        assert_eq!(
            error(&scene, &[("scope", "openid"), (name, &long)]),
            "invalid_request",
            "{name}"
        );
    }
    assert_eq!(
        error(&scene, &[("registration", "{}")]),
        "registration_not_supported"
    );
}

#[test]
fn the_front_channel_is_for_legacy_apps_and_travels_in_the_fragment() {
    let scene = legacy();
    let found = fragment(
        &scene,
        &[
            ("response_type", "code id_token token"),
            ("scope", "openid"),
            ("nonce", "n"),
        ],
    );
    let value = |name: &str| found.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    for name in ["code", "access_token"] {
        assert_eq!(value(name), Some(DRAWN), "{name}");
    }
    assert_eq!(
        (value("token_type"), value("expires_in")),
        (Some("Bearer"), Some("36000"))
    );
    let claims: Value = serde_json::from_str(value("id_token").unwrap()).unwrap();
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"], &claims["nonce"]),
        (&json!(ISSUER), &json!("7"), &json!(CLIENT), &json!("n"))
    );
    assert_eq!(claims["auth_time"], NOW.plus(-60).seconds());
    assert_eq!(claims.get("name"), None, "userinfo tells it");
    let writes = scene
        .ask(
            Door::Standard,
            request(&[
                ("response_type", "token"),
                ("code_challenge", ""),
                ("code_challenge_method", ""),
            ]),
        )
        .writes;
    let [Write::IssueGrant(..), Write::IssueAccessToken(token)] = writes.as_slice() else {
        panic!("{writes:?}")
    };
    assert_eq!(token.grant, Some(GrantOf::Fresh));
}

#[test]
fn an_id_token_alone_tells_what_the_scope_asks_for() {
    let changes = [
        ("response_type", "id_token"),
        ("scope", "openid profile"),
        ("nonce", "n"),
    ];
    let found = fragment(&legacy(), &changes);
    let id_token = &found.iter().find(|(name, _)| name == "id_token").unwrap().1;
    let claims: Value = serde_json::from_str(id_token).unwrap();
    assert_eq!(claims["name"], "Asha Rao");
    for (without, code) in [
        (("nonce", ""), "invalid_request"),
        (("scope", "read"), "invalid_request"),
    ] {
        let mut changes = changes.to_vec();
        changes.retain(|(name, _)| *name != without.0);
        changes.push(without);
        assert_eq!(error(&legacy(), &changes), code);
    }
    let in_query = [changes[0], changes[1], changes[2], ("response_mode", "query")];
    assert_eq!(error(&legacy(), &in_query), "invalid_request");
}

#[test]
fn an_answer_by_form_holds_the_same() {
    let answer = redirect(
        Scene::consented()
            .ask(Door::Standard, request(&[("response_mode", "form_post")]))
            .reply,
    );
    let Delivery::FormPost { action, fields } = deliver(&answer, &minted()).unwrap() else {
        panic!()
    };
    assert_eq!(action, REDIRECT);
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(
        error(
            &Scene::consented(),
            &[("response_mode", "form_post"), ("scope", "admin")]
        ),
        "invalid_scope"
    );
}

/// A client with a key, and what makes request objects with it.
fn signing() -> (Scene, impl Fn(Value) -> String) {
    let own = key("k1", SigningAlgorithm::Es256, 3);
    let mut scene = Scene::consented();
    scene.client.openid.jwks = Some(JwkSet {
        keys: vec![own.clone()],
    });
    let sign = move |claims: Value| signed(&own, SigningAlgorithm::Es256, &json!({}), &claims);
    (scene, sign)
}

#[test]
fn a_request_objects_parameters_win() {
    let (scene, sign) = signing();
    let object = sign(json!({
        "iss": CLIENT, "aud": ISSUER, "exp": NOW.plus(60).seconds(), "client_id": CLIENT,
        "scope": "openid", "nonce": "inside", "max_age": 600, "redirect_uri": REDIRECT,
        "claims": {"userinfo": {"name": null}},
    }));
    let grant = grant_of(
        &scene,
        &[("request", &object), ("scope", "read"), ("nonce", "outside")],
    );
    assert_eq!(grant.scope.to_string(), "openid");
    let openid = grant.openid.unwrap();
    assert_eq!(openid.nonce.as_deref(), Some("inside"));
    assert!(openid.claims.names("name"));
}

#[test]
fn a_request_object_may_lie_where_the_client_registered_it() {
    let (mut scene, sign) = signing();
    scene.client.openid.request_uris = vec!["https://app.example.org/request.jwt".into()];
    scene.request_object = Some(Ok(sign(json!({"scope": "openid", "nonce": "there"}))));
    let at = |uri: &str| request(&[("request_uri", uri)]);
    let decision = scene.ask(Door::Standard, at("https://app.example.org/request.jwt"));
    assert!(matches!(decision.writes.as_slice(), [Write::IssueCode(grant, _)] if grant.openid.is_some()));
    let refused_at = |scene: &Scene, params: Params| refused(scene.ask(Door::Standard, params));
    let elsewhere = at("https://app.example.org/other.jwt");
    assert_eq!(refused_at(&scene, elsewhere), "invalid_request_uri");
    scene.request_object = Some(Err("it redirects".into()));
    assert_eq!(
        refused_at(&scene, at("https://app.example.org/request.jwt")),
        "invalid_request_uri"
    );
}

fn many(members: usize) -> serde_json::Map<String, Value> {
    (0..members).map(|n| (format!("x{n}"), Value::from(n))).collect()
}

#[test]
fn what_only_openid_says_is_measured_always_and_kept_for_openid_only() {
    let of_openid = ["nonce", "claims", "id_token_hint"];
    for scope in ["read", "openid"] {
        for (name, longest) in [("nonce", 1_024), ("claims", 8_192), ("id_token_hint", 16_384)] {
            let long = "x".repeat(longest + 1);
            assert_eq!(
                error(&Scene::new(), &[("scope", scope), (name, &long)]),
                "invalid_request"
            );
        }
    }
    let mut scene = Scene::new();
    let small = of_openid.map(|name| (name, "{}"));
    scene.park(
        Door::Standard,
        request(&[&[("scope", "read")], &small[..]].concat()),
    );
    let kept = scene.parked.take().unwrap().params;
    assert!(of_openid.iter().all(|name| kept.get(name).is_none()));
    scene.park(
        Door::Standard,
        request(&[&[("scope", "openid")], &small[..2]].concat()),
    );
    let kept = scene.parked.unwrap().params;
    assert_eq!([kept.get("nonce"), kept.get("claims")], [Some("{}"); 2]);
}

#[test]
fn a_marked_client_that_says_which_tokens_it_wants_has_no_others() {
    let mut scene = legacy();
    let asked = [("response_type", "token")];
    fragment(&scene, &asked);
    scene.client.openid.response_types = [super::ResponseType::IdToken].into();
    assert_eq!(error(&scene, &asked), "unauthorized_client");
}

/// What is fetched for a request, and then with what was found.
fn fetched(scene: &Scene, known: &Loaded, changes: &[(&str, &str)]) -> [Vec<Load>; 2] {
    let asked = AuthorizeRequest::new(Door::Standard, request(changes), None);
    let known = Loaded {
        client: Some(scene.client.clone().into()),
        session: scene.session.clone(),
        on_team: scene.on_team,
        ..known.clone()
    };
    let ctx = scene.world.ctx();
    assert!(!asked.load_more(&known, &ctx).iter().any(Load::is_remote));
    [asked.load_last(&known, &ctx), asked.load_keys(&known, &ctx)]
}

#[test]
fn nothing_is_fetched_for_whoever_would_get_a_page_whatever_it_says() {
    let uri = "https://app.example.org/request.jwt";
    let at = [("request_uri", uri)];
    let mut scene = Scene::new();
    scene.client.openid.request_uris = vec![uri.into()];
    let object = |scene: &Scene, changes: &[(&str, &str)]| {
        let [last, _] = fetched(scene, &Loaded::default(), changes);
        !last.is_empty()
    };
    assert!(object(&scene, &at), "somebody may sign in");
    assert!(!object(
        &scene,
        &[at[0], ("redirect_uri", "https://evil.example/")]
    ));
    assert!(!object(
        &scene,
        &[("request_uri", "https://app.example.org/other.jwt")]
    ));
    for standing in [Standing::Pending, Standing::Rejected, Standing::Suspended] {
        let mut scene = scene.clone();
        scene.client.standing = standing;
        assert!(!object(&scene, &at), "a stranger and {standing:?}");
        scene.sign_in();
        assert!(!object(&scene, &at), "no member and {standing:?}");
        scene.on_team = true;
        assert_eq!(
            object(&scene, &at),
            standing != Standing::Suspended,
            "{standing:?}"
        );
    }
}

#[test]
fn a_key_is_looked_for_by_the_name_that_an_object_gives_it_wherever_it_lay() {
    let (mut scene, sign) = signing();
    let uri = "https://app.example.org/request.jwt";
    scene.client.openid.jwks = None;
    scene.client.openid.jwks_uri = Some("https://app.example.org/jwks".into());
    scene.client.openid.request_uris = vec![uri.into()];
    let object = sign(json!({"scope": "openid"}));
    let found = Loaded {
        request_object: Some(Ok(object.clone())),
        ..Loaded::default()
    };
    let key = Load::RemoteKeys {
        client: scene.client.id.clone(),
        uri: "https://app.example.org/jwks".into(),
        kid: Some("k1".into()),
    };
    let at = Load::RequestObject {
        client: scene.client.id.clone(),
        uri: uri.into(),
    };
    let by_reference = [("request_uri", uri)];
    assert_eq!(fetched(&scene, &Loaded::default(), &by_reference)[0], [at]);
    assert_eq!(
        fetched(&scene, &found, &by_reference)[1],
        std::slice::from_ref(&key)
    );
    let by_value = [("request", object.as_str())];
    assert_eq!(fetched(&scene, &Loaded::default(), &by_value)[0], [key]);
}

#[test]
fn case_020_a_bad_request_object_is_refused() {
    let (scene, sign) = signing();
    let stranger = key("k1", SigningAlgorithm::Es256, 4);
    let none = format!(
        "{}.",
        unsigned(
            &mut json!({"alg": "none"}),
            &json!({}),
            &json!({"scope": "openid"})
        )
    );
    for (object, code) in [
        (none, "request_not_supported"),
        (
            signed(&stranger, SigningAlgorithm::Es256, &json!({}), &json!({})),
            "invalid_request_object",
        ),
        (sign(json!({"iss": "another"})), "invalid_request_object"),
        (sign(json!({"sub": CLIENT})), "invalid_request_object"),
        (sign(json!({"state": "a\0b"})), "invalid_request_object"),
        (sign(Value::Object(many(201))), "invalid_request_object"),
        (
            signed(
                &key("k1", SigningAlgorithm::Es256, 3),
                SigningAlgorithm::Es256,
                &json!({"typ": "logout+jwt"}),
                &json!({"scope": "openid"}),
            ),
            "invalid_request_object",
        ),
        (
            sign(json!({"aud": "https://other.example"})),
            "invalid_request_object",
        ),
        (
            sign(json!({"exp": NOW.plus(-60).seconds()})),
            "invalid_request_object",
        ),
        (
            sign(json!({"nbf": NOW.plus(60).seconds()})),
            "invalid_request_object",
        ),
        (sign(json!({"client_id": "another"})), "invalid_request_object"),
        (sign(json!({"response_type": "token"})), "invalid_request_object"),
        (
            sign(json!({"request_uri": "https://x.example/"})),
            "invalid_request_object",
        ),
        ("e30.e30.".to_owned(), "invalid_request_object"),
        ("x".repeat(70_000), "invalid_request_object"),
    ] {
        assert_eq!(error(&scene, &[("request", &object)]), code, "{object:.60}");
    }
    let good = sign(json!({"scope": "openid"}));
    grant_of(&scene, &[("request", &good)]);
    assert_eq!(
        error(&scene, &[("request", &good), ("request", "x")]),
        "invalid_request"
    );
    let both = [("request", "a.b.c"), ("request_uri", "https://x.example/")];
    assert_eq!(error(&scene, &both), "invalid_request");
    let mut other_alg = scene.clone();
    other_alg.client.openid.request_object_signing_alg = Some(SigningAlgorithm::Rs256);
    assert_eq!(
        error(&other_alg, &[("request", &sign(json!({})))]),
        "invalid_request_object"
    );
}

#[test]
fn a_bad_request_object_goes_nowhere_that_is_not_registered() {
    let (scene, sign) = signing();
    let object = sign(json!({"redirect_uri": "https://evil.example/", "state": "s"}));
    let decision = scene.ask(Door::Standard, request(&[("request", &object)]));
    assert!(matches!(decision.reply, Outcome::Page(_)));
    let evil = request(&[("request", "x"), ("redirect_uri", "https://evil.example/")]);
    assert!(matches!(scene.ask(Door::Standard, evil).reply, Outcome::Page(_)));
}

#[test]
fn a_clients_default_max_age_holds_where_the_request_says_nothing() {
    let mut scene = Scene::consented();
    scene.client.openid.default_max_age = Some(30);
    assert_eq!(error(&scene, &[("prompt", "none")]), "login_required");
    grant_of(&scene, &[("prompt", "none"), ("max_age", "600")]);
}
