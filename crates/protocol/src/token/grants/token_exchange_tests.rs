//! RFC 8693 by its sections, and what is stricter here.

use super::*;
use crate::effect::{Decision, Operation as _, Write};
use crate::records::{AccessTokenFacts, Allowed, Consent, Grant as StoredGrant, GrantOf, Holder};
use crate::review::Standing;
use crate::testing::{
    ACCESS, CLIENT, NOW, SECRET, World, access_token, apis, basic, client, grant, other_client, params,
    points,
};
use crate::token::{TokenReply, TokenRequest};
use crate::vocabulary::{ClientId, ExchangePolicy, GrantId, PersonId};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

const ACTOR: &str = "the-actors-token";

/// [`other_client`] asks for a token of [`client`]'s, whose person has allowed it one of the two data points.
struct Scene {
    asker: Client,
    loaded: Loaded,
    world: World,
}

impl Scene {
    fn new() -> Self {
        let asker = Client {
            token_exchange: Some(ExchangePolicy {
                from: [ClientId::parse(CLIENT).unwrap()].into(),
                delegation: true,
            }),
            ..other_client()
        };
        let allowed = Allowed {
            data_points: points(["person.full_name", "student.branch.name"]),
            ..Allowed::default()
        };
        let loaded = Loaded {
            access_token: Some(access_token()),
            subject_client: Some(client().into()),
            consent: Some(Consent {
                allowed,
                version: 1,
                at: NOW,
            }),
            ..Loaded::default()
        };
        Self {
            asker,
            loaded,
            world: World::new(),
        }
    }

    /// The app exchanges its own token.
    fn own() -> Self {
        let mut scene = Self::new();
        scene.asker = client();
        scene.loaded.consent = None;
        scene
    }

    fn subject(&mut self) -> &mut AccessTokenFacts {
        self.loaded.access_token.as_mut().unwrap()
    }

    fn subjects_grant(&mut self) -> &mut StoredGrant {
        self.subject().grant.as_mut().unwrap()
    }

    /// With an actor: a token of the asking app on its own behalf.
    fn with_actor(mut self) -> Self {
        self.loaded.actor_token = Some(AccessTokenFacts {
            hash: SecretHash::of(ACTOR),
            client: self.asker.id.clone(),
            grant: None,
            ..access_token()
        });
        self
    }

    fn ask(&self, changes: &[(&str, &str)]) -> Decision<Result<TokenReply, Refusal>> {
        let mut form = vec![
            ("grant_type", GrantType::TOKEN_EXCHANGE),
            ("subject_token", ACCESS),
            ("subject_token_type", ACCESS_TOKEN),
        ];
        for (name, value) in changes {
            form.retain(|(other, _)| other != name);
            form.push((name, value));
        }
        let header = basic(self.asker.id.as_str(), SECRET);
        let request = TokenRequest::parse(Some(&header), params(&form)).unwrap();
        let loaded = Loaded {
            client: Some(self.asker.clone().into()),
            ..self.loaded.clone()
        };
        request.decide(&loaded, &self.world.ctx())
    }

    fn granted(&self, changes: &[(&str, &str)]) -> (NewGrant, TokenReply) {
        let decision = self.ask(changes);
        let reply = decision.reply.unwrap();
        match decision.writes.as_slice() {
            [Write::IssueGrant(grant, dies_at), Write::IssueAccessToken(token)] => {
                assert_eq!((token.grant, token.expires_at), (Some(GrantOf::Fresh), *dies_at));
                assert_eq!(token.client, self.asker.id);
                assert_eq!(token.scope, reply.scope);
                assert_eq!(dies_at.seconds() - self.world.now.seconds(), reply.expires_in);
                (grant.clone(), reply)
            }
            other => panic!("{other:?}"),
        }
    }

    fn refused(&self, changes: &[(&str, &str)]) -> Refusal {
        let decision = self.ask(changes);
        assert_eq!(decision.writes, []);
        decision.reply.unwrap_err()
    }

    /// Refused with RFC 8693's `invalid_request`, for this reason.
    fn invalid(&self, changes: &[(&str, &str)], why: &str) {
        let refusal = self.refused(changes);
        assert_eq!(refusal.code, ErrorCode::InvalidRequest, "{refusal:?}");
        assert!(refusal.private.contains(why), "{refusal:?}");
    }
}

const ACTING: [(&str, &str); 2] = [("actor_token", ACTOR), ("actor_token_type", ACCESS_TOKEN)];

#[test]
fn another_apps_token_becomes_one_below_it_that_may_no_more() {
    let (grant, reply) = Scene::new().granted(&[]);
    assert_eq!(reply.issued_token_type, Some(ACCESS_TOKEN));
    assert!(!reply.refresh_token && reply.id_token.is_none());
    assert_eq!(grant.client, other_client().id);
    assert_eq!(grant.person, PersonId(7));
    // The subject's two, as far as the person allowed them to this app.
    assert_eq!(grant.data_points, points(["person.full_name"]));
    let (above, how) = grant.exchange.unwrap();
    assert_eq!(above, crate::testing::grant().id);
    assert_eq!((how.depth, how.act), (1, None));
}

#[test]
fn an_app_narrows_its_own_token_without_being_asked_for_more_consent() {
    let scene = Scene::own();
    let (all, _) = scene.granted(&[]);
    assert_eq!(all.data_points, points(["person.full_name", "person.roles"]));
    let (_, reply) = scene.granted(&[("scope", "person.roles")]);
    assert_eq!(reply.scope.to_string(), "person.roles");
    let (_, reply) = scene.granted(&[("audience", CLIENT)]);
    assert_eq!(reply.expires_in, 36_000);
}

#[test]
fn it_lives_no_longer_than_the_subject() {
    let mut scene = Scene::new();
    scene.world = World::after(35_000);
    let (_, reply) = scene.granted(&[]);
    assert_eq!(reply.expires_in, 1_000);
}

#[test]
fn its_scope_never_exceeds_the_subjects_nor_what_the_app_is_approved_for() {
    let mut scene = Scene::new();
    scene.subject().scope = Scope::of([
        "read",
        "openid",
        "offline_access",
        "person.full_name",
        "loans.read",
    ]);
    let (_, reply) = scene.granted(&[]);
    assert_eq!(reply.scope.to_string(), "read openid person.full_name");
    for beyond in ["write", "profile", "student.branch.name", "read admin"] {
        assert_eq!(
            scene.refused(&[("scope", beyond)]).code,
            ErrorCode::InvalidScope,
            "{beyond}"
        );
    }
    assert_eq!(scene.refused(&[("scope", "a\"b")]).code, ErrorCode::InvalidScope);
    // All that is left out is left out, and nothing is no scope.
    assert_eq!(
        scene.refused(&[("scope", "loans.read")]).code,
        ErrorCode::InvalidScope
    );
    // An API's scope needs the app's approval, its owner's, and the person's consent.
    scene.loaded.apis = apis().into();
    scene.asker.api_scopes = ["loans.read".to_owned()].into();
    assert_eq!(
        scene.refused(&[("scope", "loans.read")]).code,
        ErrorCode::InvalidScope
    );
    let consent = scene.loaded.consent.as_mut().unwrap();
    consent.allowed.scopes = ["loans.read".to_owned()].into();
    assert_eq!(
        scene.refused(&[("scope", "loans.read")]).code,
        ErrorCode::InvalidScope
    );
    scene.asker.approved_by_owners = ["loans.read".to_owned()].into();
    let (_, reply) = scene.granted(&[("scope", "loans.read")]);
    assert_eq!(reply.scope.to_string(), "loans.read");
    // Approval is asked too: of the app's data points, nothing is left.
    scene.asker.data_points.clear();
    assert_eq!(scene.granted(&[]).0.data_points, points([]));
}

#[test]
fn whoever_acts_is_named_and_whoever_acted_before_is_not_forgotten() {
    let scene = Scene::new().with_actor();
    let act = |scene: &Scene, changes: &[(&str, &str)]| scene.granted(changes).0.exchange.unwrap().1.act;
    let app = act(&scene, &ACTING).unwrap();
    assert_eq!((app.sub.as_str(), app.client_id.as_str()), ("app-2", "app-2"));
    let mut by_person = scene;
    let helper = by_person.loaded.actor_token.as_mut().unwrap();
    helper.grant = Some(StoredGrant {
        client: by_person.asker.id.clone(),
        holder: Holder {
            person: PersonId(9),
            ..grant().holder
        },
        ..grant()
    });
    by_person.subjects_grant().exchange = Some(Exchange {
        depth: 1,
        act: Some(app.clone()),
    });
    let both = act(&by_person, &ACTING).unwrap();
    assert_eq!((both.sub.as_str(), both.act.as_deref()), ("9", Some(&app)));
    assert_eq!(act(&by_person, &[]), Some(app));
}

#[test]
fn who_acted_before_is_named_only_where_people_have_the_same_names() {
    use crate::openid::SubjectType;
    let at = |id: &str, kind, host: &str| {
        let mut app = other_client();
        app.id = ClientId::parse(id).unwrap();
        app.openid.subject_type = kind;
        app.openid.sector = Some(host.to_owned());
        app
    };
    let (public, pairwise) = (SubjectType::Public, SubjectType::Pairwise);
    let by = |app: &Client, sub: &str, before: Option<&Actor>| Actor {
        sub: sub.into(),
        known_in: KnownIn::of(app),
        client_id: app.id.clone(),
        act: before.map(|before| Box::new(before.clone())),
    };
    let (first, second) = (
        at("first", pairwise, "one.example"),
        at("second", public, "two.example"),
    );
    let before = by(&first, "secret-of-one", None);
    let chain = by(&second, "9", Some(&before));
    let told = |reader: Client| chain.told(&reader).to_string();
    let of_second = json!({"sub": "9", "client_id": "second", "act": {"client_id": "first"}});
    assert_eq!(chain.told(&second), of_second);
    assert_eq!(chain.told(&at("third", public, "x.example")), of_second);
    assert!(told(at("third", pairwise, "three.example")).find("sub").is_none());
    let of_sector = told(at("sibling", pairwise, "one.example"));
    assert!(
        of_sector.contains("secret-of-one") && !of_sector.contains("\"9\""),
        "{of_sector}"
    );
    // What was stored before this was known is told to its own app.
    let old: Actor = serde_json::from_value(json!({"sub": "x", "client_id": "first"})).unwrap();
    assert_eq!(old.told(&first)["sub"], "x");
    assert!(old.told(&second).get("sub").is_none());
    // An app's own name is no person's.
    let app = by(&first, "first", None);
    assert_eq!(app.told(&second), json!({"sub": "first", "client_id": "first"}));
}

#[test]
fn a_chain_is_bounded() {
    let mut scene = Scene::new();
    let chain = |depth| Some(Exchange { depth, act: None });
    scene.subjects_grant().exchange = chain(2);
    assert_eq!(scene.granted(&[]).0.exchange.unwrap().1.depth, 3);
    scene.subjects_grant().exchange = chain(3);
    scene.invalid(&[], "too often");
}

#[test]
fn an_app_that_is_not_named_gets_nothing_and_hears_the_same_as_of_a_wrong_token() {
    let mut scene = Scene::new();
    for policy in [None, Some(ExchangePolicy::default())] {
        scene.asker.token_exchange = policy;
        scene.invalid(&[], "token_exchange does not name");
    }
    let unknown = Scene::new().refused(&[("subject_token", "no-such-token")]);
    assert_eq!(unknown.public, scene.refused(&[]).public);
}

#[test]
fn without_the_persons_consent_to_the_asking_app_there_is_nothing() {
    let mut scene = Scene::new();
    scene.loaded.consent = None;
    scene.invalid(&[], "has not allowed this app");
}

#[test]
fn a_dead_subject_is_refused_for_every_reason() {
    let refused = |change: fn(&mut Scene), why| {
        let mut scene = Scene::new();
        change(&mut scene);
        scene.invalid(&[], why);
    };
    refused(|scene| scene.loaded.access_token = None, "no such token");
    refused(|scene| scene.subject().grant = None, "no person");
    refused(|scene| scene.subjects_grant().revoked = true, "revoked");
    refused(|scene| scene.subjects_grant().holder.disabled = true, "disabled");
    refused(|scene| scene.world = World::after(36_000), "expired");
    refused(|scene| scene.loaded.subject_client = None, "not there");
    refused(
        |scene| Arc::make_mut(scene.loaded.subject_client.as_mut().unwrap()).standing = Standing::Suspended,
        "suspended",
    );
}

#[test]
fn case_054_approval_of_the_asking_app_is_asked_too() {
    let mut scene = Scene::new();
    for standing in [Standing::Suspended, Standing::Pending, Standing::Rejected] {
        scene.asker.standing = standing;
        assert_eq!(scene.refused(&[]).code, ErrorCode::InvalidGrant);
    }
    // The sandbox serves the app's own team.
    scene.loaded.on_team = true;
    scene.granted(&[]);
    scene.asker.standing = Standing::Suspended;
    assert_eq!(scene.refused(&[]).code, ErrorCode::InvalidGrant);
}

#[test]
fn an_actor_must_be_allowed_alive_and_the_apps_own() {
    let scene = Scene::new().with_actor();
    scene.granted(&ACTING);
    let refused = |change: fn(&mut Scene), why| {
        let mut scene = Scene::new().with_actor();
        change(&mut scene);
        scene.invalid(&ACTING, why);
    };
    refused(
        |scene| scene.asker.token_exchange.as_mut().unwrap().delegation = false,
        "delegation",
    );
    refused(|scene| scene.loaded.actor_token = None, "no such token");
    refused(
        |scene| scene.loaded.actor_token.as_mut().unwrap().client = client().id,
        "another client",
    );
    refused(
        |scene| scene.loaded.actor_token.as_mut().unwrap().expires_at = NOW,
        "expired",
    );
}

#[test]
fn a_malformed_request_is_refused() {
    let scene = Scene::new().with_actor();
    for (changes, why) in [
        (&[("subject_token", "")][..], "subject_token"),
        (&[("subject_token_type", "")], "subject_token_type"),
        (
            &[("subject_token_type", "urn:ietf:params:oauth:token-type:saml2")],
            "not supported",
        ),
        (
            &[(
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:refresh_token",
            )],
            "not supported",
        ),
        (
            &[(
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:refresh_token",
            )],
            "Only access tokens",
        ),
        (&[("requested_token_type", ID_TOKEN)], "Only access tokens"),
        (&[ACTING[0]], "go together"),
        (&[ACTING[1]], "go together"),
        (
            &[ACTING[0], ("actor_token_type", ID_TOKEN)],
            "actor_token_type is not supported",
        ),
    ] {
        scene.invalid(changes, why);
    }
    scene.granted(&[("requested_token_type", ACCESS_TOKEN)]);
}

#[test]
fn what_is_bound_does_not_become_a_bearers() {
    let mut scene = Scene::new();
    let key = crate::vocabulary::Thumbprint::of(b"a certificate");
    scene.subject().confirmation = Some(crate::vocabulary::Confirmation::Certificate(key));
    scene.invalid(&[], "bound");
    // Nor does what is issued to an app that wants all of its tokens bound.
    let mut scene = Scene::new();
    let issued_to = Arc::make_mut(scene.loaded.subject_client.as_mut().unwrap());
    issued_to.openid.sender.tls_client_certificate_bound_access_tokens = true;
    scene.invalid(&[], "bound");
}

#[test]
fn an_audience_is_this_app_or_this_server() {
    let scene = Scene::new();
    let elsewhere = scene.refused(&[("audience", "https://elsewhere.example")]);
    assert_eq!(elsewhere.code, ErrorCode::InvalidTarget);
    scene.granted(&[("audience", "https://id.example.org")]);
}

#[test]
fn a_public_client_is_refused() {
    let mut scene = Scene::own();
    scene.asker = crate::testing::public_client();
    let form = [
        ("grant_type", GrantType::TOKEN_EXCHANGE),
        ("client_id", CLIENT),
        ("subject_token", ACCESS),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    let request = TokenRequest::parse(None, params(&form)).unwrap();
    let loaded = Loaded {
        client: Some(scene.asker.clone().into()),
        ..scene.loaded
    };
    let decision = request.decide(&loaded, &scene.world.ctx());
    assert_eq!(decision.reply.unwrap_err().code, ErrorCode::UnauthorizedClient);
}

mod id_tokens {
    use super::*;
    use crate::jose::{Jwk, JwkSet, SigningAlgorithm};
    use crate::testing::{ISSUER, jose};
    use serde_json::Value;

    fn own_key() -> Jwk {
        jose::key("ours", SigningAlgorithm::Rs256, 1)
    }

    fn claims() -> Value {
        json!({"iss": ISSUER, "sub": "7", "aud": CLIENT, "exp": NOW.seconds() + 3600, "iat": NOW.seconds(),
            "auth_time": NOW.seconds()})
    }

    fn scene() -> Scene {
        let mut scene = Scene::new();
        scene.loaded.access_token = None;
        scene.loaded.grant = Some(grant());
        scene.world.crypto.own = Arc::new(JwkSet {
            keys: vec![own_key()],
        });
        scene
    }

    fn signed(header: &Value, changes: &Value) -> String {
        let mut claims = claims();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        jose::signed(&own_key(), SigningAlgorithm::Rs256, header, &claims)
    }

    #[test]
    fn one_of_ours_stands_for_what_its_app_was_granted() {
        let token = signed(&json!({}), &json!({}));
        let form = [
            ("subject_token", token.as_str()),
            ("subject_token_type", ID_TOKEN),
        ];
        let (new, reply) = scene().granted(&form);
        assert_eq!(new.exchange.unwrap().0, GrantId(Uuid::from_u128(1)));
        assert_eq!(reply.expires_in, 3_600);
        let mut pairs = vec![("grant_type", GrantType::TOKEN_EXCHANGE)];
        pairs.extend(form);
        let asked = TokenExchange.load(&params(&pairs));
        let client = ClientId::parse(CLIENT).unwrap();
        assert_eq!(asked, [Load::GrantBetween((PersonId(7), client))]);
    }

    #[test]
    fn one_of_an_app_whose_tokens_are_bound_becomes_no_bearers() {
        let token = signed(&json!({}), &json!({}));
        let form = [
            ("subject_token", token.as_str()),
            ("subject_token_type", ID_TOKEN),
        ];
        let changes: [fn(&mut Client); 3] = [
            |app| app.openid.sender.dpop_bound_access_tokens = true,
            |app| app.openid.sender.tls_client_certificate_bound_access_tokens = true,
            |app| app.openid.profile = Some(crate::vocabulary::Profile::Fapi2),
        ];
        for change in changes {
            let mut scene = scene();
            change(Arc::make_mut(scene.loaded.subject_client.as_mut().unwrap()));
            scene.invalid(&form, "bound");
            assert!(scene.refused(&form).public.contains("send a DPoP proof"));
        }
        scene().granted(&form);
    }

    #[test]
    fn a_wrong_one_is_refused() {
        for (header, changes, why) in [
            (json!({"typ": "logout+jwt"}), json!({}), "another kind"),
            (
                json!({}),
                json!({"iss": "https://elsewhere.example"}),
                "no ID token",
            ),
            (json!({}), json!({"exp": NOW.seconds()}), "expired"),
            (json!({}), json!({"sub": "8"}), "somebody else"),
            (json!({}), json!({"aud": "app-9"}), "somebody else"),
        ] {
            let token = signed(&header, &changes);
            let form = [
                ("subject_token", token.as_str()),
                ("subject_token_type", ID_TOKEN),
            ];
            scene().invalid(&form, why);
        }
        let mut bare = claims();
        bare.as_object_mut().unwrap().remove("auth_time");
        let no_sign_in = jose::signed(&own_key(), SigningAlgorithm::Rs256, &json!({}), &bare);
        let stranger = jose::key("ours", SigningAlgorithm::Rs256, 2);
        let forged = jose::signed(&stranger, SigningAlgorithm::Rs256, &json!({}), &claims());
        let form = |token| [("subject_token", token), ("subject_token_type", ID_TOKEN)];
        scene().invalid(&form(&no_sign_in), "no ID token");
        scene().invalid(&form(&forged), "signature");
        scene().invalid(&form("not.a.token"), "refused");
        let good = signed(&json!({}), &json!({}));
        let mut without = scene();
        without.loaded.grant = None;
        without.invalid(&form(&good), "nothing that lives");
        let mut revoked = scene();
        revoked.loaded.grant.as_mut().unwrap().revoked = true;
        revoked.invalid(&form(&good), "revoked");
    }
}
