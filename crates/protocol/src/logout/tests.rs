//! Who may end a session, and where the browser goes then.

use super::{LogoutOutcome, LogoutQuestion, LogoutRequest};
use crate::effect::{Load, Loaded, Operation, Write};
use crate::error::{ErrorCode, Refusal};
use crate::jose::{Jwk, JwkSet, SigningAlgorithm};
use crate::openid::SessionId;
use crate::records::{Holder, Session};
use crate::review::Standing;
use crate::testing::jose::{key, signed, unsigned};
use crate::testing::{CLIENT, ISSUER, NOW, World, client, holder, other_client, params};
use crate::vocabulary::{Client, PersonId, SecretHash};
use serde_json::{Value, json};
use std::sync::Arc;

const AFTERWARDS: &str = "https://app.example.org/bye?a=%20b";

/// Asha signed in, an app with an address for afterwards, and our key.
struct Scene {
    world: World,
    clients: Vec<Client>,
    session: Option<Session>,
    on_team: bool,
    key: Jwk,
}

impl Scene {
    fn new() -> Self {
        let key = key("own", SigningAlgorithm::Rs256, 1);
        let mut world = World::new();
        world.crypto.own = Arc::new(JwkSet {
            keys: vec![key.clone()],
        });
        let mut app = client();
        app.openid.post_logout_redirect_uris =
            vec!["https://app.example.org/other".into(), AFTERWARDS.into()];
        Self {
            world,
            clients: vec![app, other_client()],
            session: Some(Session {
                hash: SecretHash::of("second cookie"),
                root: SecretHash::of("cookie"),
                holder: holder(),
                auth_time: NOW,
                expires_at: NOW.plus(60),
            }),
            on_team: false,
            key,
        }
    }

    fn claims(&self) -> Value {
        let sid = SessionId::of(SecretHash::of("cookie"), &self.clients[0].id).0;
        json!({"iss": ISSUER, "sub": "7", "aud": CLIENT, "sid": sid, "exp": NOW.seconds() - 90_000})
    }

    /// The ID token of this session, long expired, with `changes`.
    fn hint(&self, changes: &Value) -> String {
        let mut claims = self.claims();
        let members = claims.as_object_mut().unwrap();
        members.extend(changes.as_object().unwrap().clone());
        members.retain(|_, value| !value.is_null());
        signed(&self.key, SigningAlgorithm::Rs256, &json!({}), &claims)
    }

    fn decide(&self, pairs: &[(&str, &str)], confirmed: bool) -> LogoutOutcome {
        let request = LogoutRequest {
            params: params(pairs),
            session: self.session.as_ref().map(|session| session.hash),
            confirmed,
        };
        let ctx = self.world.ctx();
        let mut loaded = Loaded::default();
        let first = request.load(&ctx);
        for load in &first {
            match load {
                Load::Client(id) => {
                    loaded.client = self.clients.iter().find(|c| c.id == *id).cloned().map(Arc::new);
                }
                Load::Session(_) => loaded.session.clone_from(&self.session),
                other => panic!("no use for {other:?}"),
            }
        }
        for load in request.load_more(&loaded, &ctx) {
            assert!(matches!(load, Load::Membership(..)));
            loaded.on_team = self.on_team;
        }
        let decision = request.decide(&loaded, &ctx);
        let ends = [Write::EndSession {
            session: SecretHash::of("second cookie"),
            at: NOW,
        }];
        let expected: &[Write] = match decision.reply {
            LogoutOutcome::Ended { .. } => &ends,
            _ => &[],
        };
        assert_eq!(decision.writes, expected, "nothing ends but where it is said");
        decision.reply
    }

    fn ask(&self, pairs: &[(&str, &str)]) -> LogoutOutcome {
        self.decide(pairs, false)
    }

    fn refused(&self, pairs: &[(&str, &str)]) -> Refusal {
        match (self.ask(pairs), self.decide(pairs, true)) {
            (LogoutOutcome::Refused(asked), LogoutOutcome::Refused(confirmed)) => {
                assert_eq!(asked, confirmed);
                asked
            }
            other => panic!("{pairs:?}: {other:?}"),
        }
    }
}

fn ended(go_to: Option<&str>) -> LogoutOutcome {
    LogoutOutcome::Ended {
        root: SecretHash::of("cookie"),
        go_to: go_to.map(ToOwned::to_owned),
    }
}

fn question(app_name: Option<&str>, go_to: Option<&str>) -> LogoutOutcome {
    LogoutOutcome::Ask(LogoutQuestion {
        app_name: app_name.map(ToOwned::to_owned),
        go_to: go_to.map(ToOwned::to_owned),
    })
}

#[test]
fn case_098_without_a_hint_the_person_is_asked() {
    let scene = Scene::new();
    assert_eq!(scene.ask(&[]), question(None, None));
    assert_eq!(scene.decide(&[], true), ended(None));
    let asked = [
        ("client_id", CLIENT),
        ("post_logout_redirect_uri", AFTERWARDS),
        ("logout_hint", "asha"),
        ("ui_locales", "hi"),
    ];
    assert_eq!(scene.ask(&asked), question(Some("Library"), Some(AFTERWARDS)));
    assert_eq!(scene.decide(&asked, true), ended(Some(AFTERWARDS)));
    assert_eq!(
        scene.decide(&[("post_logout_redirect_uri", AFTERWARDS)], true),
        ended(None),
        "nobody vouches for the address"
    );
}

#[test]
fn the_apps_own_hint_of_this_session_ends_it_and_the_state_comes_back_whole() {
    let scene = Scene::new();
    let hint = scene.hint(&json!({}));
    assert_eq!(scene.ask(&[("id_token_hint", &hint)]), ended(None));
    let state = format!("{}&=\u{e9} ", "x".repeat(128));
    let asked = [
        ("id_token_hint", hint.as_str()),
        ("client_id", CLIENT),
        ("post_logout_redirect_uri", AFTERWARDS),
        ("state", state.as_str()),
    ];
    let expected = format!("{AFTERWARDS}&state={}%26%3D%C3%A9%20", "x".repeat(128));
    assert_eq!(scene.ask(&asked), ended(Some(&expected)));
    let mut nobody = Scene::new();
    nobody.session = None;
    assert_eq!(nobody.ask(&asked), LogoutOutcome::NobodyThere(Some(expected)));
    assert_eq!(nobody.ask(&[]), LogoutOutcome::NobodyThere(None));
}

#[test]
fn case_100_a_hint_of_another_session_or_person_only_asks() {
    let scene = Scene::new();
    let other_sid = SessionId::of(SecretHash::of("another"), &scene.clients[0].id).0;
    for changes in [
        json!({"sid": other_sid}),
        json!({"sid": null}),
        json!({"sub": "8"}),
    ] {
        let hint = scene.hint(&changes);
        let asked = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", AFTERWARDS),
        ];
        assert_eq!(
            scene.ask(&asked),
            question(Some("Library"), Some(AFTERWARDS)),
            "{changes}"
        );
    }
    let mut other = Scene::new();
    other.session = other.session.map(|session| Session {
        holder: Holder {
            person: PersonId(8),
            ..holder()
        },
        ..session
    });
    let hint = other.hint(&json!({}));
    assert_eq!(
        other.ask(&[("id_token_hint", &hint)]),
        question(Some("Library"), None)
    );
    let mut gone = Scene::new();
    let hint = gone.hint(&json!({}));
    gone.clients.clear();
    let asked = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", AFTERWARDS),
    ];
    assert_eq!(gone.ask(&asked), question(None, None), "the app was deleted");
}

#[test]
fn case_099_an_unregistered_address_is_an_error_and_nobody_is_signed_out() {
    let scene = Scene::new();
    let hint = scene.hint(&json!({}));
    for uri in [
        "https://evil.example/",
        "https://app.example.org/bye",
        "https://app.example.org/bye?a=%20b&c=d",
        "https://app.example.org/BYE?a=%20b",
        "https://app.example.org/bye?a= b",
        "https://app.example.org/callback",
    ] {
        for by in [("id_token_hint", hint.as_str()), ("client_id", CLIENT)] {
            let refusal = scene.refused(&[by, ("post_logout_redirect_uri", uri)]);
            assert_eq!(refusal.code, ErrorCode::InvalidRequest);
            assert!(!refusal.public.contains(uri));
            assert!(refusal.private.contains(uri) && refusal.private.contains(AFTERWARDS));
        }
    }
}

#[test]
fn a_hint_that_is_not_ours_is_an_error() {
    let scene = Scene::new();
    let (claims, none) = (scene.claims(), json!({}));
    let stranger = key("own", SigningAlgorithm::Rs256, 2);
    let mut header = json!({"alg": "none"});
    let typed = |typ: &str| signed(&scene.key, SigningAlgorithm::Rs256, &json!({"typ": typ}), &claims);
    for hint in [
        "x".to_owned(),
        "a.b.c".to_owned(),
        "a.b.c.d.e".to_owned(),
        signed(&stranger, SigningAlgorithm::Rs256, &none, &claims),
        format!("{}.", unsigned(&mut header, &none, &claims)),
        typed("logout+jwt"),
        typed("at+jwt"),
        scene.hint(&json!({"iss": "https://other.example"})),
        scene.hint(&json!({"aud": [CLIENT, "app-2"]})),
        scene.hint(&json!({"aud": null})),
        scene.hint(&json!({"sub": null})),
        scene.hint(&json!({"exp": null})),
    ] {
        let refusal = scene.refused(&[("id_token_hint", &hint)]);
        assert_eq!(refusal.code, ErrorCode::InvalidRequest, "{hint}");
        assert!(refusal.private.starts_with("id_token_hint: "), "{refusal}");
    }
    assert_eq!(scene.ask(&[("id_token_hint", &typed("JWT"))]), ended(None));
}

#[test]
fn a_client_id_must_be_the_hints_and_exist() {
    let scene = Scene::new();
    let hint = scene.hint(&json!({}));
    let refusal = scene.refused(&[("id_token_hint", &hint), ("client_id", "app-2")]);
    assert_eq!(refusal.code, ErrorCode::InvalidRequest);
    for unknown in ["app-3", "not\u{e9}an id"] {
        let refusal = scene.refused(&[("client_id", unknown), ("id_token_hint", &hint)]);
        assert_eq!(refusal.code, ErrorCode::InvalidClient);
    }
    let long = "x".repeat(4_097);
    assert_eq!(scene.refused(&[("state", &long)]).code, ErrorCode::InvalidRequest);
}

#[test]
fn an_app_that_serves_nobody_here_leads_nobody_anywhere() {
    let asked = [("client_id", CLIENT), ("post_logout_redirect_uri", AFTERWARDS)];
    for (standing, on_team, with_hint, leads) in [
        (Standing::Pending, false, false, false),
        (Standing::Pending, true, false, true),
        (Standing::Rejected, false, true, false),
        (Standing::Suspended, true, true, false),
    ] {
        let mut scene = Scene::new();
        scene.clients[0].standing = standing;
        scene.on_team = on_team;
        let hint = scene.hint(&json!({}));
        let mut asked = asked.to_vec();
        if with_hint {
            asked.push(("id_token_hint", &hint));
        }
        assert_eq!(
            scene.decide(&asked, true),
            ended(leads.then_some(AFTERWARDS)),
            "{standing:?}"
        );
    }
}
