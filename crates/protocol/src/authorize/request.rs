//! A fresh authorisation request at one of the doors.

use super::checks;
use super::door::Door;
use super::facts::Facts;
use super::hallway::{Next, Passed, front_channel_loads, refuse};
use super::outcome::{HandleOf, Outcome, Parked};
use super::request_object;
use super::trusted::{self, Trusted};
use crate::ctx::Ctx;
use crate::effect::{Decision, Fresh, Load, Loaded, Operation, Write};
use crate::error::Refusal;
use crate::records::ParkedRequest;
use crate::vocabulary::{ClientId, Params, SecretHash};

/// GET (or POST, RFC 6749 section 3.1) at a door.
#[derive(Debug, Clone)]
pub struct AuthorizeRequest {
    door: Door,
    params: Params,
    session: Option<SecretHash>,
}

impl AuthorizeRequest {
    /// A request with its parameters and the hash of the browser's session cookie, where it has one.
    pub const fn new(door: Door, params: Params, session: Option<SecretHash>) -> Self {
        Self {
            door,
            params,
            session,
        }
    }

    /// The client it names: for the log and the flow debugger, trusted or not.
    pub fn client_id(&self) -> Option<ClientId> {
        self.params
            .get("client_id")
            .and_then(|text| ClientId::parse(text).ok())
    }

    /// Lets the request wait for its person under a new handle.
    fn park(&self, params: &Params, passed: &Passed<'_>, ctx: &Ctx<'_>) -> (Vec<Write>, Parked) {
        let client = passed.trusted.client();
        let parked = ParkedRequest {
            door: self.door,
            client: client.id.clone(),
            params: checks::kept(params, &passed.wish),
            version: client.version,
            at: ctx.now,
            expires_at: ctx.now.plus(ctx.policy.request_seconds),
            pushed: request_object::pushed(&self.params),
            decoupled: None,
        };
        let handle = HandleOf::Minted(Fresh::ParkedRequest);
        (
            vec![Write::ParkRequest(parked)],
            Parked::of(&passed.trusted, handle),
        )
    }

    /// What must be fetched for the sake of a request object. Nothing is for whoever would get a page whatever it says:
    /// the link to an app that serves nobody yet must not be a hose.
    fn object_load(&self, known: &Loaded, ctx: &Ctx<'_>) -> Option<Load> {
        let facts = Facts::of(known, ctx.now);
        let client = trusted::may_be_served(self.door, &self.params, &facts)?;
        request_object::load(&self.params, client, known, ctx)
    }

    /// A request object that cannot be used: told to the app where what stands around it is to be trusted.
    fn refuse_object(&self, refusal: Refusal, facts: &Facts<'_>, ctx: &Ctx<'_>) -> Outcome {
        match Trusted::establish(self.door, &self.params, facts, ctx) {
            Ok(trusted) => refuse(&trusted, refusal),
            Err(page) => Outcome::Page(page),
        }
    }
}

impl Operation for AuthorizeRequest {
    type Reply = Outcome;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        let client = self.client_id().map(Load::Client);
        let pushed = request_object::pushed(&self.params);
        // Whoever pushed it was looked up then.
        let document = match pushed {
            Some(_) => None,
            None => trusted::document_load(&self.params),
        };
        client
            .into_iter()
            .chain(self.session.map(Load::Session))
            .chain(pushed.map(Load::PushedRequest))
            .chain(document)
            .chain([Load::Apis])
            .collect()
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let Some(client) = &known.client else {
            return Vec::new();
        };
        let Some(session) = &known.session else {
            return Vec::new();
        };
        let person = session.holder.person;
        vec![
            Load::Membership(person, client.id.clone()),
            Load::Consent(person, client.id.clone()),
        ]
    }

    fn load_last(&self, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        let object = self.object_load(known, ctx);
        // The keys that the request object is signed with are the client's keys already.
        let signed = matches!(object, Some(Load::RemoteKeys { .. }));
        let front = front_channel_loads(known).into_iter();
        front
            .filter(|load| !(signed && matches!(load, Load::RemoteKeys { .. })))
            .chain(object)
            .collect()
    }

    fn load_keys(&self, known: &Loaded, ctx: &Ctx<'_>) -> Vec<Load> {
        self.object_load(known, ctx).into_iter().collect()
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Outcome> {
        let facts = Facts::of(loaded, ctx.now);
        let params = match request_object::unpack(&self.params, loaded, ctx) {
            Ok(params) => params,
            Err(refusal) => return Decision::reply(self.refuse_object(refusal, &facts, ctx)),
        };
        let pushed = request_object::pushed(&self.params);
        let passed = match Passed::walk(self.door, &params, &facts, ctx) {
            Ok(passed) => passed,
            Err(outcome) => return Decision::reply(*outcome),
        };
        if let Err(refusal) = passed.must_be_pushed(pushed, ctx) {
            return Decision::reply(passed.refuse(refusal));
        }
        match passed.next(&facts, None, ctx) {
            Next::Refuse(refusal) => Decision::reply(passed.refuse(refusal)),
            Next::SignIn => {
                let (writes, parked) = self.park(&params, &passed, ctx);
                Decision::new(writes, Outcome::SignIn(parked))
            }
            Next::Consent(..) => {
                let (writes, parked) = self.park(&params, &passed, ctx);
                Decision::new(writes, Outcome::Consent(parked))
            }
            Next::Issue(visitor) => {
                let (mut writes, outcome) = passed.issue(&visitor, visitor.allowed(), loaded, ctx);
                writes.extend(pushed.map(|request| Write::FinishPushed { request }));
                Decision::new(writes, outcome)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{DRAWN, Scene, location, minted, page, query, redirect, refused, request};
    use super::*;
    use crate::error::ErrorCode;
    use crate::openid::SignIn;
    use crate::review::{Act, Standing, Who};
    use crate::testing::{CLIENT, ISSUER, NOW, REDIRECT, challenge, params, points, public_client};
    use crate::vocabulary::{ClientKind, PersonId, RedirectUri};
    use proptest::prelude::*;

    #[test]
    fn asks_for_nothing_it_cannot_name() {
        let scene = Scene::new();
        let loads = |params| AuthorizeRequest::new(Door::Standard, params, None).load(&scene.world.ctx());
        assert_eq!(loads(request(&[("client_id", "")])), [Load::Apis]);
        assert_eq!(loads(request(&[("client_id", "caf\u{e9}")])), [Load::Apis]);
        assert_eq!(
            loads(request(&[])),
            [Load::Client(ClientId::parse(CLIENT).unwrap()), Load::Apis]
        );
    }

    #[test]
    fn a_client_known_by_an_address_is_looked_up_there_unless_a_page_is_sure() {
        let scene = Scene::new();
        let id = "https://agent.example/client.json";
        let looks = |changes: &[(&str, &str)]| {
            let given = [&[("client_id", id)][..], changes].concat();
            let request = AuthorizeRequest::new(Door::Standard, params(&given), None);
            let loads = request.load(&scene.world.ctx());
            loads
                .iter()
                .any(|load| matches!(load, Load::ClientDocument(url) if url.id().as_str() == id))
        };
        assert!(looks(&[]));
        assert!(looks(&[
            ("redirect_uri", "http://127.0.0.1:5/cb"),
            ("state", "s")
        ]));
        let long = "x".repeat(5_000);
        for sure in [
            ("redirect_uri", "javascript:alert(1)"),
            ("redirect_uri", "https://agent.example/#f"),
            ("state", long.as_str()),
            ("client_id", id),
            ("request_uri", "urn:ietf:params:oauth:request_uri:h"),
        ] {
            assert!(!looks(&[sure]), "{sure:?}");
        }
        let plain = AuthorizeRequest::new(Door::Standard, request(&[]), None);
        assert_eq!(plain.load(&scene.world.ctx()).len(), 2);
    }

    #[test]
    fn a_document_that_cannot_be_used_is_told_on_a_page() {
        let scene = Scene::new();
        let id = "https://agent.example/client.json";
        let asked = AuthorizeRequest::new(Door::Standard, params(&[("client_id", id)]), None);
        let loaded = Loaded {
            client_document: Some("It has a client_secret.".to_owned()),
            ..Loaded::default()
        };
        let page = page(asked.decide(&loaded, &scene.world.ctx()));
        assert_eq!(page.code, ErrorCode::InvalidClient);
        assert!(page.detail.contains("It has a client_secret.") && page.private.contains(id));
    }

    #[test]
    fn case_021_success_is_code_state_and_iss() {
        let scene = Scene::consented();
        for door in Door::ALL {
            let decision = scene.ask(door, request(&[("redirect_uri", REDIRECT)]));
            let [Write::IssueCode(grant, code)] = decision.writes.as_slice() else {
                panic!("{:?}", decision.writes);
            };
            assert_eq!(
                (grant.person, grant.client.as_str(), grant.version),
                (PersonId(7), CLIENT, 1)
            );
            assert_eq!(
                (grant.sign_in.clone(), grant.at),
                (SignIn::Here(NOW.plus(-60)), NOW)
            );
            assert_eq!(code.challenge, Some(challenge()));
            assert_eq!(
                (code.redirect_uri.as_str(), code.redirect_uri_given),
                (REDIRECT, true)
            );
            assert_eq!(code.expires_at, NOW.plus(60));
            let location = location(&redirect(decision.reply), &minted()).unwrap();
            assert!(
                location.starts_with("https://app.example.org/callback?code="),
                "{location}"
            );
            let expected = [("code", DRAWN), ("state", "s t/\u{e9}+&="), ("iss", ISSUER)];
            assert_eq!(
                query(&location),
                expected.map(|(n, v)| (n.to_owned(), v.to_owned()))
            );
        }
    }

    #[test]
    fn without_state_none_comes_back() {
        let scene = Scene::consented();
        let decision = scene.ask(Door::Standard, request(&[("state", "")]));
        let [Write::IssueCode(_, code)] = decision.writes.as_slice() else {
            panic!()
        };
        assert!(!code.redirect_uri_given);
        let pairs = query(&location(&redirect(decision.reply), &minted()).unwrap());
        assert_eq!(pairs.len(), 2);
    }

    #[test]
    fn without_a_living_session_the_request_waits_for_a_sign_in() {
        let mut expired = Scene::consented();
        expired.later(3_600);
        let mut disabled = Scene::consented();
        disabled.session.as_mut().unwrap().holder.disabled = true;
        for mut scene in [Scene::new(), expired, disabled] {
            for door in Door::ALL {
                let outcome = scene.park(door, request(&[]));
                let parked = scene.parked.clone().unwrap();
                let now = scene.world.now;
                assert_eq!(
                    (parked.door, parked.client.as_str(), parked.version),
                    (door, CLIENT, 1)
                );
                assert_eq!((parked.at, parked.expires_at), (now, now.plus(1_800)));
                let waiting = Parked {
                    redirect_origin: "https://app.example.org".into(),
                    handle: HandleOf::Minted(Fresh::ParkedRequest),
                };
                assert_eq!(outcome, Outcome::SignIn(waiting));
            }
        }
    }

    #[test]
    fn the_first_time_always_asks_also_for_no_data() {
        for door in Door::ALL {
            for scope in ["", "write"] {
                let mut scene = Scene::signed_in();
                let outcome = scene.park(door, request(&[("scope", scope)]));
                assert!(matches!(outcome, Outcome::Consent(_)));
                scene.allow([]);
                let silent = matches!(
                    scene.ask(door, request(&[("scope", scope)])).reply,
                    Outcome::Redirect(_)
                );
                assert_eq!(silent, scope == "write");
            }
        }
    }

    #[test]
    fn case_111_consent_is_asked_again_when_more_is_asked() {
        let mut scene = Scene::signed_in();
        scene.allow(["person.full_name"]);
        for door in Door::ALL {
            let same = scene.ask(door, request(&[("scope", "person.full_name")]));
            let [Write::IssueCode(grant, _)] = same.writes.as_slice() else {
                panic!()
            };
            assert_eq!(grant.data_points, points(["person.full_name"]));
            let more = scene.park(door, request(&[("scope", "person.full_name person.roles")]));
            assert!(matches!(more, Outcome::Consent(_)));
        }
    }

    #[test]
    fn case_016_prompt_none_without_a_session() {
        let mut expired = Scene::consented();
        expired.later(3_600);
        for scene in [Scene::new(), expired] {
            for door in Door::ALL {
                assert_eq!(
                    refused(scene.ask(door, request(&[("prompt", "none")]))),
                    "login_required"
                );
            }
        }
        let aged = request(&[("prompt", "none"), ("max_age", "59")]);
        assert_eq!(
            refused(Scene::consented().ask(Door::Standard, aged)),
            "login_required"
        );
    }

    #[test]
    fn case_017_prompt_none_without_consent() {
        for door in Door::ALL {
            assert_eq!(
                refused(Scene::signed_in().ask(door, request(&[("prompt", "none")]))),
                "consent_required"
            );
            let silent = Scene::consented().ask(door, request(&[("prompt", "none")]));
            assert!(redirect(silent.reply).refusal().is_none());
        }
    }

    #[test]
    fn what_is_known_by_its_scheme_alone_never_passes_silently() {
        let mut scene = Scene::consented();
        scene.client.redirect_uris = vec![RedirectUri::parse("org.example.app:/callback").unwrap()];
        let silent = |scene: &Scene| redirect(scene.ask(Door::Standard, request(&[])).reply);
        assert!(silent(&scene).refusal().is_none());
        scene.client.kind = ClientKind::Public;
        assert_eq!(
            refused(scene.ask(Door::Standard, request(&[("prompt", "none")]))),
            "consent_required"
        );
        let asked = scene.park(Door::Standard, request(&[]));
        assert!(matches!(asked, Outcome::Consent(_)), "{asked:?}");
        assert!(
            redirect(scene.answer(scene.client.version, true).reply)
                .refusal()
                .is_none()
        );
    }

    #[test]
    fn prompts_ask_although_nothing_is_needed() {
        for (changes, signs_in) in [
            (("prompt", "login"), true),
            (("prompt", "select_account"), true),
            (("prompt", "login consent"), true),
            (("prompt", "consent"), false),
            (("max_age", "0"), true),
            (("max_age", "59"), true),
        ] {
            let outcome = Scene::consented().park(Door::Standard, request(&[changes]));
            assert_eq!(matches!(outcome, Outcome::SignIn(_)), signs_in, "{changes:?}");
            assert_eq!(matches!(outcome, Outcome::Consent(_)), !signs_in, "{changes:?}");
        }
    }

    /// Parameters of a stranger: known names and values, bent ones, and noise.
    fn wild() -> impl Strategy<Value = Vec<(String, String)>> {
        let name = prop_oneof![
            4 => Just("client_id"),
            4 => Just("redirect_uri"),
            1 => Just("state"),
            1 => Just("scope"),
            1 => Just("response_type"),
            1 => Just("response_mode"),
            1 => Just("prompt"),
            1 => Just("max_age"),
            1 => Just("code_challenge"),
            1 => Just("code_challenge_method"),
            1 => Just("request"),
            1 => Just("nonce"),
        ];
        let value = prop_oneof![
            6 => Just(CLIENT.to_owned()),
            4 => Just(REDIRECT.to_owned()),
            2 => Just("http://127.0.0.1:5/cb".to_owned()),
            1 => Just("https://app.example.org/callback/../x".to_owned()),
            1 => Just("https://app.example.org.evil.example/callback".to_owned()),
            1 => Just("http://127.0.0.1:5@evil.example/cb".to_owned()),
            2 => Just("code".to_owned()),
            2 => Just("read".to_owned()),
            1 => Just("none".to_owned()),
            1 => Just("login".to_owned()),
            2 => "\\PC{0,30}",
        ];
        proptest::collection::vec((name.prop_map(str::to_owned), value), 0..8)
    }

    fn goes_to_a_registered_address(location: &str) -> bool {
        let port_free = |location: &str| {
            let rest = location.strip_prefix("http://127.0.0.1:")?;
            let path = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            Some(path.starts_with("/cb?"))
        };
        location.starts_with(&format!("{REDIRECT}?")) || port_free(location).unwrap_or(false)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn nobody_is_ever_sent_to_an_unregistered_address(
            pairs in wild(),
            usual in any::<bool>(),
            who in 0..4_usize,
            standing in 0..4_usize,
            public in any::<bool>(),
        ) {
            let scenes = [Scene::new, Scene::signed_in, Scene::consented, Scene::consented];
            let mut scene = scenes[who]();
            scene.on_team = who == 3;
            if public {
                scene.client = public_client();
            }
            scene.client.redirect_uris.push(RedirectUri::parse("http://127.0.0.1:8/cb").unwrap());
            scene.client.standing = Standing::ALL[standing];
            let pairs = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()));
            let pairs: Vec<_> = [("client_id", CLIENT)].into_iter().filter(|_| usual).chain(pairs).collect();
            for door in Door::ALL {
                let decision = scene.ask(door, crate::testing::params(&pairs));
                let relation = if scene.on_team { Who::Team } else { Who::Person };
                let serves = Act::at(door).serves(scene.client.standing, relation);
                match decision.reply {
                    Outcome::Redirect(answer) => {
                        prop_assert!(serves);
                        let location = location(&answer, &minted()).unwrap();
                        prop_assert!(goes_to_a_registered_address(&location), "{}", location);
                        let described = answer.refusal().map_or("", |refusal| refusal.public.as_ref());
                        // RFC 6749 appendix A.8.
                        prop_assert!(described.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\'));
                    }
                    Outcome::Page(page) => {
                        prop_assert_eq!(decision.writes.len(), 0);
                        prop_assert!(!page.offer_sign_in || who == 0);
                    }
                    Outcome::SignIn(parked) | Outcome::Consent(parked) => {
                        prop_assert!(serves);
                        let origins = ["https://app.example.org", "http://127.0.0.1:8", "http://127.0.0.1:5"];
                        prop_assert!(origins.contains(&parked.redirect_origin.as_str()));
                    }
                    Outcome::Home | Outcome::Kept(_) => prop_assert!(false, "nobody denied anything"),
                }
            }
        }
    }

    #[test]
    fn a_stranger_with_a_handle_is_still_a_stranger_to_an_unapproved_app() {
        // Parked while the app was approved, resumed after it went back to review.
        let mut scene = Scene::new();
        scene.park(Door::Standard, request(&[]));
        scene.client.standing = Standing::Pending;
        scene.sign_in();
        let answered = page(scene.answer(1, true));
        assert_eq!(
            (answered.code, answered.offer_sign_in),
            (ErrorCode::UnauthorizedClient, false)
        );
        assert_eq!(scene.resume().writes, []);
    }
}
