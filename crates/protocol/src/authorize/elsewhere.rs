//! A decoupled request comes to its person: by the code that they typed in, or on their own page.

use super::door::Door;
use super::facts::Facts;
use super::hallway::{Next, Passed};
use super::outcome::{HandleOf, Outcome, Parked};
use crate::ctx::Ctx;
use crate::decoupled::{DecoupledFacts, UserCode};
use crate::effect::{Decision, Fresh, Load, Loaded, Operation, Write};
use crate::records::ParkedRequest;
use crate::vocabulary::SecretHash;

/// Which request.
#[derive(Debug, Clone)]
pub enum Which {
    /// A device's, by the code that it shows (RFC 8628 section 3.3).
    Typed(UserCode),
    /// One that an app asks of whoever is signed in, by the hash of its code.
    Own(SecretHash),
}

/// POST `/device`, or the button beside a request on the account page.
///
/// The request is parked as one that came with a browser would be, so that sign-in and consent are the same pages, with
/// the same rules. However much was allowed before, the person is always asked: typing a code says that somebody wants
/// it typed, and not who (RFC 8628 section 5.4).
#[derive(Debug, Clone)]
pub struct OpenRequest {
    /// Which one.
    pub which: Which,
    /// The session cookie's hash, where the browser has one.
    pub session: Option<SecretHash>,
}

impl OpenRequest {
    /// The request, while it waits for somebody who may be this one.
    fn waiting<'a>(&self, loaded: &'a Loaded, ctx: &Ctx<'_>) -> Option<&'a DecoupledFacts> {
        let facts = loaded.decoupled.as_deref().filter(|facts| facts.waits(ctx.now))?;
        let live = loaded.session.as_ref().filter(|session| session.is_live(ctx.now));
        let fits = match self.which {
            Which::Typed(_) => facts.request.door == Door::Device,
            Which::Own(_) => {
                let person = live.map(|session| session.holder.person);
                person.is_some() && facts.request.person == person
            }
        };
        fits.then_some(facts)
    }

    fn park(facts: &DecoupledFacts, version: u32, ctx: &Ctx<'_>) -> Write {
        let request = &facts.request;
        Write::ParkRequest(ParkedRequest {
            door: request.door,
            client: request.client.clone(),
            params: request.params.clone(),
            version,
            at: ctx.now,
            expires_at: ctx.now.plus(ctx.policy.request_seconds).min(request.expires_at),
            pushed: None,
            decoupled: Some(facts.code),
        })
    }
}

impl Operation for OpenRequest {
    /// None where no such request waits: the same for one that never was, ended, or is another's.
    type Reply = Option<Outcome>;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        let request = match &self.which {
            Which::Typed(code) => Load::DecoupledByUserCode(code.hash()),
            Which::Own(code) => Load::Decoupled(*code),
        };
        let session = self.session.map(Load::Session);
        [request, Load::Apis].into_iter().chain(session).collect()
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let Some(facts) = &known.decoupled else {
            return Vec::new();
        };
        let client = &facts.request.client;
        let mut loads = vec![Load::Client(client.clone())];
        if let Some(session) = &known.session {
            let person = session.holder.person;
            loads.push(Load::Membership(person, client.clone()));
            loads.push(Load::Consent(person, client.clone()));
        }
        loads
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply> {
        let Some(facts) = self.waiting(loaded, ctx) else {
            return Decision::reply(None);
        };
        let all = Facts::of(loaded, ctx.now);
        let request = &facts.request;
        let passed = match Passed::walk(request.door, &request.params, &all, ctx) {
            Ok(passed) => passed,
            Err(outcome) => return Decision::reply(Some(*outcome)),
        };
        let parked = Parked::of(&passed.trusted, HandleOf::Minted(Fresh::ParkedRequest));
        let outcome = match passed.next(&all, None, ctx) {
            Next::Refuse(refusal) => return Decision::reply(Some(passed.refuse(refusal))),
            Next::SignIn => Outcome::SignIn(parked),
            Next::Consent(..) | Next::Issue(_) => Outcome::Consent(parked),
        };
        let park = Self::park(facts, passed.trusted.client().version, ctx);
        Decision::new(vec![park], Some(outcome))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Scene, finish};
    use super::*;
    use crate::authorize::{Kept, Resumed};
    use crate::decoupled::DecoupledState;
    use crate::error::ErrorCode;
    use crate::review::Standing;
    use crate::testing::{CLIENT, NOW, decoupled, params, points};
    use crate::vocabulary::PersonId;

    fn open(scene: &Scene, which: Which) -> Decision<Option<Outcome>> {
        let session = scene.cookie();
        scene.run(&OpenRequest { which, session })
    }

    fn typed() -> Which {
        Which::Typed(UserCode::parse("WDJB-MJHT").unwrap())
    }

    fn own() -> Which {
        Which::Own(decoupled().code)
    }

    /// A device asks, and Asha has allowed its app everything before.
    fn scene() -> Scene {
        let mut scene = Scene::consented();
        scene.decoupled = Some(decoupled());
        scene
    }

    /// An app asks Asha herself.
    fn asked_herself() -> Scene {
        let mut scene = scene();
        let facts = scene.decoupled.as_mut().unwrap();
        facts.request.door = Door::Backchannel;
        facts.request.person = Some(PersonId(7));
        facts.request.params = params(&[
            ("client_id", CLIENT),
            ("scope", "openid read"),
            ("binding_message", "W4SCT"),
        ]);
        scene
    }

    fn parked(scene: &mut Scene, which: Which) -> Outcome {
        let decision = open(scene, which);
        let [Write::ParkRequest(request)] = decision.writes.as_slice() else {
            panic!("{:?}", decision.writes)
        };
        scene.parked = Some(request.clone());
        decision.reply.unwrap()
    }

    #[test]
    fn case_075_the_person_is_asked_however_much_was_allowed_before() {
        let mut scene = scene();
        assert!(matches!(parked(&mut scene, typed()), Outcome::Consent(_)));
        let Resumed::Show(view) = scene.resume().reply else {
            panic!("no page")
        };
        assert_eq!(view.points.len(), 3);
        assert_eq!(
            (view.redirect_host.as_str(), view.redirect_origin.as_str()),
            ("", "")
        );
        let elsewhere = view.elsewhere.unwrap();
        assert_eq!((elsewhere.on_device, elsewhere.at), (true, NOW));
        assert!(view.allowed_before.is_empty());
    }

    #[test]
    fn allow_keeps_the_grant_for_the_device_and_deny_the_no() {
        let mut scene = scene();
        parked(&mut scene, typed());
        let decision = scene.answer(1, true);
        let [
            first,
            Write::PutConsent { .. },
            Write::AllowDecoupled {
                code,
                grant,
                expires_at,
            },
        ] = decision.writes.as_slice()
        else {
            panic!("{:?}", decision.writes)
        };
        assert_eq!(
            (first, *code, *expires_at),
            (&finish(), decoupled().code, NOW.plus(600))
        );
        // Signing out of this browser does not sign the device out.
        assert_eq!(grant.session, Some(decoupled().code));
        assert_eq!(grant.scope.to_string(), "read write");
        let kept = |allowed| {
            Outcome::Kept(Kept {
                on_device: true,
                app_name: "Library".into(),
                allowed,
            })
        };
        assert_eq!(decision.reply, kept(true));
        let denied = scene.answer(1, false);
        let deny = Write::DenyDecoupled {
            code: decoupled().code,
            at: NOW,
        };
        assert_eq!((denied.writes, denied.reply), (vec![finish(), deny], kept(false)));
    }

    #[test]
    fn who_is_not_signed_in_signs_in_first_and_then_is_asked() {
        let mut scene = scene();
        scene.session = None;
        assert!(matches!(parked(&mut scene, typed()), Outcome::SignIn(_)));
        scene.later(20);
        scene.sign_in();
        assert!(matches!(scene.resume().reply, Resumed::Show(_)));
    }

    #[test]
    fn what_does_not_wait_is_not_there() {
        let gone = |scene: &Scene, which| open(scene, which) == Decision::reply(None);
        let mut none = scene();
        none.decoupled = None;
        assert!(gone(&none, typed()));
        let mut late = scene();
        late.later(600);
        assert!(gone(&late, typed()));
        for state in [
            DecoupledState::Denied,
            DecoupledState::Allowed,
            DecoupledState::Redeemed,
        ] {
            let mut answered = scene();
            answered.decoupled.as_mut().unwrap().state = state;
            assert!(gone(&answered, typed()), "{state:?}");
        }
        // A device's request is nobody's own, and an app's is not typed in.
        assert!(gone(&scene(), own()));
        assert!(gone(&asked_herself(), typed()));
    }

    #[test]
    fn a_question_of_an_app_is_answered_by_the_one_who_was_asked() {
        let mut scene = asked_herself();
        assert!(matches!(parked(&mut scene, own()), Outcome::Consent(_)));
        let Resumed::Show(view) = scene.resume().reply else {
            panic!("no page")
        };
        assert_eq!(view.elsewhere.unwrap().message.as_deref(), Some("W4SCT"));
        // Another person in this browser: sign in as the one.
        scene.session.as_mut().unwrap().holder.person = PersonId(8);
        assert!(matches!(
            scene.resume().reply,
            Resumed::Outcome(Outcome::SignIn(_))
        ));
        assert_eq!(open(&scene, own()), Decision::reply(None));
        scene.session = None;
        assert_eq!(open(&scene, own()), Decision::reply(None));
    }

    #[test]
    fn a_page_left_open_after_the_answer_answers_nothing() {
        let mut scene = scene();
        parked(&mut scene, typed());
        scene.decoupled.as_mut().unwrap().state = DecoupledState::Denied;
        let late = scene.answer(1, true);
        assert_eq!(late.writes, []);
        assert!(matches!(late.reply, Outcome::Page(page) if page.code == ErrorCode::InvalidRequest));
    }

    #[test]
    fn the_table_of_standings_holds_here_too() {
        let mut suspended = scene();
        suspended.client.standing = Standing::Suspended;
        let mut sandboxed = scene();
        sandboxed.client.standing = Standing::Pending;
        for scene in [&suspended, &sandboxed] {
            let decision = open(scene, typed());
            assert_eq!(decision.writes, []);
            assert!(
                matches!(decision.reply, Some(Outcome::Page(page)) if page.code == ErrorCode::UnauthorizedClient)
            );
        }
        sandboxed.on_team = true;
        assert!(matches!(parked(&mut sandboxed, typed()), Outcome::Consent(_)));
    }

    #[test]
    fn an_app_that_lost_the_grant_meanwhile_is_not_answered() {
        let mut scene = scene();
        parked(&mut scene, typed());
        scene.client.grant_types.clear();
        scene.client.data_points = points([]);
        let decision = scene.answer(1, true);
        assert_eq!(decision.writes, []);
        assert!(matches!(decision.reply, Outcome::Page(page) if page.code == ErrorCode::UnauthorizedClient));
    }
}
