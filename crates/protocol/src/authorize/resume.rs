//! A request that comes back: after sign-in, or to show the consent page.

use super::consent_view::ConsentView;
use super::facts::Facts;
use super::hallway::{Next, Passed, front_channel_loads};
use super::outcome::{HandleOf, Outcome, PageError, Parked};
use crate::ctx::Ctx;
use crate::effect::{Decision, Load, Loaded, Operation, Write};
use crate::error::ErrorCode;
use crate::records::ParkedRequest;
use crate::vocabulary::{SecretHash, Timestamp};

/// GET `/consent?request=HANDLE`.
///
/// The request is decided again on the client as it is now, so an app that changed since is shown as it is now: the
/// parked version only records what it was parked under. What the person then answers names the version they saw
/// ([`super::ConsentAnswer::seen_version`]).
#[derive(Debug, Clone)]
pub struct ResumeRequest {
    /// The handle's hash.
    pub handle: SecretHash,
    /// The session cookie's hash, where the browser has one.
    pub session: Option<SecretHash>,
}

/// What to do with a request that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resumed {
    /// Show the consent page.
    Show(Box<ConsentView>),
    /// It ends, or waits on under the same handle.
    Outcome(Outcome),
}

impl Operation for ResumeRequest {
    type Reply = Resumed;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        first_loads(self.handle, self.session)
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let mut loads = second_loads(known);
        loads.extend(known.session.as_ref().map(|s| Load::PersonData(s.holder.person)));
        loads
    }

    fn load_last(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        front_channel_loads(known)
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Resumed> {
        let Some(parked) = waiting(loaded, ctx.now) else {
            return Decision::reply(Resumed::Outcome(Outcome::Page(gone())));
        };
        let facts = Facts::of(loaded, ctx.now);
        let passed = match Passed::walk(parked.door, &parked.params, &facts, ctx) {
            Ok(passed) => passed,
            Err(outcome) => {
                let ended = end(self.handle, parked, *outcome);
                return Decision::new(ended.writes, Resumed::Outcome(ended.reply));
            }
        };
        let finish = finished(self.handle, parked);
        match passed.next(&facts, Some(parked.at), ctx) {
            Next::Refuse(refusal) => Decision::new(finish, Resumed::Outcome(passed.refuse(refusal))),
            Next::SignIn => Decision::reply(Resumed::Outcome(sign_in(&passed, self.handle))),
            Next::Consent(visitor, question) => {
                let view = ConsentView::of(&passed, &visitor, &question, loaded.person_data.as_ref(), ctx);
                Decision::reply(Resumed::Show(Box::new(view)))
            }
            Next::Issue(visitor) => {
                let (writes, outcome) = passed.issue(&visitor, visitor.allowed(), loaded, ctx);
                let writes = finish.into_iter().chain(writes).collect();
                Decision::new(writes, Resumed::Outcome(outcome))
            }
        }
    }
}

/// What every request that comes back asks for first.
pub(super) fn first_loads(handle: SecretHash, session: Option<SecretHash>) -> Vec<Load> {
    let mut loads = vec![Load::ParkedRequest(handle), Load::Apis];
    loads.extend(session.map(Load::Session));
    loads
}

/// What it asks for once it knows who and what.
pub(super) fn second_loads(known: &Loaded) -> Vec<Load> {
    let Some(parked) = &known.parked else {
        return Vec::new();
    };
    let mut loads = vec![Load::Client(parked.client.clone())];
    loads.extend(parked.decoupled.map(Load::Decoupled));
    if let Some(session) = &known.session {
        let person = session.holder.person;
        loads.push(Load::Membership(person, parked.client.clone()));
        loads.push(Load::Consent(person, parked.client.clone()));
    }
    loads
}

/// The parked request, while it lives.
pub(super) fn waiting(loaded: &Loaded, now: Timestamp) -> Option<&ParkedRequest> {
    loaded
        .parked
        .as_ref()
        .filter(|parked| !now.is_at_or_after(parked.expires_at))
}

/// The page for a request that no longer waits.
pub(super) fn gone() -> PageError {
    PageError::new(
        ErrorCode::InvalidRequest,
        "This sign-in took too long or was already used. Go back to the app and start again.",
    )
    .because("the parked request is unknown, expired or finished")
}

/// The end of a request that did not pass: once the app has its answer, it waits no more. A page leaves it waiting:
/// a person of the team may sign in and go on.
pub(super) fn end(handle: SecretHash, parked: &ParkedRequest, outcome: Outcome) -> Decision<Outcome> {
    match outcome {
        Outcome::Redirect(_) => Decision::new(finished(handle, parked), outcome),
        _ => Decision::reply(outcome),
    }
}

/// The end of a parked request, and of the pushed one that it came of with whatever else waits as that: another tab's
/// answer finds it gone.
pub(super) fn finished(handle: SecretHash, parked: &ParkedRequest) -> Vec<Write> {
    let pushed = parked.pushed.map(|request| Write::ForgetPushed { request });
    std::iter::once(Write::FinishRequest { request: handle })
        .chain(pushed)
        .collect()
}

/// To the sign-in page, still waiting under the same handle.
pub(super) fn sign_in(passed: &Passed<'_>, handle: SecretHash) -> Outcome {
    Outcome::SignIn(Parked::of(&passed.trusted, HandleOf::Presented(handle)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Scene, finish, handle, location, minted, redirect, request};
    use super::*;
    use crate::authorize::Door;
    use crate::openid::SignIn;
    use crate::review::Standing;
    use crate::testing::points;

    fn outcome(decision: Decision<Resumed>) -> Outcome {
        match decision.reply {
            Resumed::Outcome(outcome) => outcome,
            Resumed::Show(view) => panic!("no outcome but {view:?}"),
        }
    }

    fn shows_consent(scene: &Scene) -> bool {
        let decision = scene.resume();
        assert_eq!(
            decision.writes.is_empty(),
            matches!(decision.reply, Resumed::Show(_))
        );
        matches!(decision.reply, Resumed::Show(_))
    }

    #[test]
    fn after_sign_in_the_request_goes_on_to_consent_or_straight_back() {
        for door in Door::ALL {
            let mut scene = Scene::new();
            scene.park(door, request(&[]));
            let still = outcome(scene.resume());
            let waiting = Parked {
                redirect_origin: "https://app.example.org".into(),
                handle: HandleOf::Presented(handle()),
            };
            assert_eq!(still, Outcome::SignIn(waiting));
            scene.later(20);
            scene.sign_in();
            assert!(shows_consent(&scene));
            scene.allow(["person.full_name", "person.roles", "student.branch.name"]);
            let decision = scene.resume();
            let [first, Write::IssueCode(grant, _)] = decision.writes.as_slice() else {
                panic!()
            };
            assert_eq!(first, &finish());
            assert_eq!(
                (grant.at, grant.sign_in.clone()),
                (scene.world.now, SignIn::Here(scene.world.now))
            );
            let answer = redirect(outcome(decision));
            assert!(location(&answer, &minted()).unwrap().contains("code="));
        }
    }

    #[test]
    fn a_request_that_is_gone_or_took_too_long_gets_a_page() {
        let mut scene = Scene::consented();
        assert_eq!(outcome(scene.resume()), Outcome::Page(gone()));
        scene.session = None;
        scene.park(Door::Standard, request(&[]));
        scene.later(1_799);
        scene.sign_in();
        assert!(matches!(outcome(scene.resume()), Outcome::Redirect(_)));
        scene.later(1);
        assert_eq!(scene.resume().writes, []);
        assert_eq!(outcome(scene.resume()), Outcome::Page(gone()));
    }

    #[test]
    fn case_027_prompt_login_and_max_age_are_met_by_a_new_sign_in_only() {
        for change in [("prompt", "login"), ("max_age", "0"), ("max_age", "30")] {
            let mut scene = Scene::consented();
            scene.park(Door::Standard, request(&[change]));
            scene.later(10);
            assert!(
                matches!(outcome(scene.resume()), Outcome::SignIn(_)),
                "{change:?}"
            );
            scene.sign_in();
            scene.later(100);
            assert!(
                matches!(outcome(scene.resume()), Outcome::Redirect(_)),
                "{change:?}"
            );
        }
    }

    #[test]
    fn prompt_consent_shows_the_page_although_all_is_allowed() {
        let mut scene = Scene::consented();
        scene.park(Door::Standard, request(&[("prompt", "consent")]));
        assert!(shows_consent(&scene));
    }

    #[test]
    fn an_app_that_changed_meanwhile_is_shown_as_it_is_now() {
        let mut scene = Scene::signed_in();
        scene.park(Door::Walkthrough, request(&[]));
        scene.client.version = 2;
        scene.client.data_points = points(["person.roles"]);
        let Resumed::Show(view) = scene.resume().reply else {
            panic!()
        };
        assert_eq!((view.version, view.points.len()), (2, 1));
        // Its request may also have become wrong: the app hears of it, and the request is over.
        scene.client.grant_types.clear();
        let decision = scene.resume();
        assert_eq!(decision.writes, [finish()]);
        assert!(redirect(outcome(decision)).refusal().is_some());
    }

    #[test]
    fn an_app_that_was_suspended_meanwhile_gets_a_page() {
        let mut scene = Scene::consented();
        scene.park(Door::Standard, request(&[("prompt", "consent")]));
        scene.client.standing = Standing::Suspended;
        let decision = scene.resume();
        assert_eq!(decision.writes, []);
        assert!(
            matches!(outcome(decision), Outcome::Page(page) if page.code == ErrorCode::UnauthorizedClient)
        );
    }

    #[test]
    fn a_deleted_app_gets_a_page() {
        let mut scene = Scene::consented();
        scene.park(Door::Standard, request(&[("prompt", "consent")]));
        scene.client.id = crate::testing::other_client().id;
        assert!(
            matches!(outcome(scene.resume()), Outcome::Page(page) if page.code == ErrorCode::InvalidClient)
        );
    }
}
