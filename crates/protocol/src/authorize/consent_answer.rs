//! The person's answer on the consent page.

use super::consent_view::at_apis;
use super::facts::{Facts, Visitor};
use super::hallway::{Next, Passed, front_channel_loads};
use super::outcome::{Outcome, PageError};
use super::question::Question;
use super::resume::{end, finished, first_loads, gone, second_loads, sign_in, waiting};
use crate::ctx::Ctx;
use crate::data_points::DataPoints;
use crate::effect::{Decision, Load, Loaded, Operation, Write};
use crate::error::ErrorCode;
use crate::records::ParkedRequest;
use crate::vocabulary::SecretHash;
use std::collections::BTreeSet;

/// POST `/consent`.
#[derive(Debug, Clone)]
pub struct ConsentAnswer {
    /// The handle's hash.
    pub handle: SecretHash,
    /// The session cookie's hash, where the browser has one.
    pub session: Option<SecretHash>,
    /// The version of the app that the page showed.
    pub seen_version: u32,
    /// What the page asked about, where it says so.
    pub shown: Option<Shown>,
    /// The optional ones that the person left ticked.
    pub ticked: DataPoints,
    /// Allow, or deny.
    pub allow: bool,
}

/// What a consent page asked about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// The data points.
    pub points: DataPoints,
    /// What the app would do at APIs, each by what was said of it ([`super::ConsentScope::seal`]).
    pub at_apis: BTreeSet<String>,
}

impl ConsentAnswer {
    /// What the response type holds, and the consent remembered.
    fn allow(
        &self,
        parked: &ParkedRequest,
        passed: &Passed<'_>,
        (visitor, question): (&Visitor<'_>, &Question),
        loaded: &Loaded,
        ctx: &Ctx<'_>,
    ) -> Decision<Outcome> {
        let client = passed.trusted.client();
        let allowed = question.answered(&self.ticked, visitor.consent, client);
        let (issued, outcome) = passed.issue(visitor, &allowed.data_points, loaded, ctx);
        let consent = Write::PutConsent {
            person: visitor.session.holder.person,
            client: client.id.clone(),
            version: client.version,
            allowed,
            at: ctx.now,
        };
        let finish = finished(self.handle, parked);
        let writes = finish.into_iter().chain([consent]).chain(issued).collect();
        Decision::new(writes, outcome)
    }

    /// Whether the page showed all that its answer would allow, in the words that it would show now. What was withdrawn in
    /// another window meanwhile would be asked for again, and this page did not show it; and an API's owner may have said
    /// since that a scope lets an app do more.
    fn saw(&self, passed: &Passed<'_>, question: &Question) -> bool {
        self.shown.as_ref().is_none_or(|shown| {
            let mut at_apis = at_apis(passed, question).into_iter();
            question.points.is_subset(&shown.points) && at_apis.all(|one| shown.at_apis.contains(&one.seal()))
        })
    }

    fn deny(&self, parked: &ParkedRequest, passed: &Passed<'_>, ctx: &Ctx<'_>) -> Decision<Outcome> {
        let (kept, outcome) = passed.deny(parked.door.deny_goes_home(), ctx);
        let finish = finished(self.handle, parked);
        Decision::new(finish.into_iter().chain(kept).collect(), outcome)
    }
}

impl Operation for ConsentAnswer {
    type Reply = Outcome;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        first_loads(self.handle, self.session)
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        second_loads(known)
    }

    fn load_last(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        front_channel_loads(known)
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Outcome> {
        let Some(parked) = waiting(loaded, ctx.now) else {
            return Decision::reply(Outcome::Page(gone()));
        };
        let facts = Facts::of(loaded, ctx.now);
        // An answer to a page about another version is no answer, whatever the request has become since.
        if let Some(client) = facts.client.filter(|client| client.version != self.seen_version) {
            return Decision::reply(Outcome::Page(changed(self.seen_version, client.version)));
        }
        let passed = match Passed::walk(parked.door, &parked.params, &facts, ctx) {
            Ok(passed) => passed,
            Err(outcome) => return end(self.handle, parked, *outcome),
        };
        match passed.next(&facts, Some(parked.at), ctx) {
            Next::SignIn => Decision::reply(sign_in(&passed, self.handle)),
            Next::Refuse(refusal) => end(self.handle, parked, passed.refuse(refusal)),
            Next::Consent(..) | Next::Issue(_) if !self.allow => self.deny(parked, &passed, ctx),
            Next::Consent(_, question) if !self.saw(&passed, &question) => {
                Decision::reply(Outcome::Page(changed(self.seen_version, client_version(&facts))))
            }
            Next::Consent(visitor, question) => {
                self.allow(parked, &passed, (&visitor, &question), loaded, ctx)
            }
            // It was all allowed in another window meanwhile.
            Next::Issue(visitor) => {
                self.allow(parked, &passed, (&visitor, &Question::default()), loaded, ctx)
            }
        }
    }
}

fn client_version(facts: &Facts<'_>) -> u32 {
    facts.client.map_or(0, |client| client.version)
}

/// The page for an answer that came too late: the app is no longer what the person looked at.
fn changed(seen: u32, current: u32) -> PageError {
    PageError::new(
        ErrorCode::InvalidRequest,
        "What the app asks for changed while this page was open, so nothing was allowed. Look at the page again, or go back \
         to the app.",
    )
    .looking_again()
    .because(format!("the consent page showed version {seen}; version {current} serves now"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Scene, finish, handle, location, minted, page, query, redirect, request};
    use super::*;
    use crate::authorize::{Door, HandleOf};
    use crate::testing::{CLIENT, NOW, points};
    use crate::vocabulary::{PersonId, RedirectUri};

    /// Asha before the consent page.
    fn asked(door: Door, changes: &[(&str, &str)]) -> Scene {
        let mut scene = Scene::signed_in();
        scene.park(door, request(changes));
        scene
    }

    #[test]
    fn allow_remembers_issues_and_finishes() {
        for door in Door::ALL {
            let decision = asked(door, &[("scope", "person.roles write")]).answer(1, true);
            let [
                first,
                Write::PutConsent {
                    person,
                    client,
                    version,
                    allowed,
                    at,
                },
                Write::IssueCode(grant, _),
            ] = decision.writes.as_slice()
            else {
                panic!("{:?}", decision.writes);
            };
            assert_eq!(first, &finish());
            assert_eq!(
                (*person, client.as_str(), *version, *at),
                (PersonId(7), CLIENT, 1, NOW)
            );
            assert_eq!(allowed.data_points, points(["person.roles"]));
            assert_eq!(allowed.data_points, grant.data_points);
            assert_eq!(grant.scope.to_string(), "person.roles write");
            let pairs = query(&location(&redirect(decision.reply), &minted()).unwrap());
            assert_eq!(
                pairs.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(),
                ["code", "state", "iss"]
            );
        }
    }

    #[test]
    fn case_111_what_was_allowed_before_is_kept_as_far_as_the_app_may_have_it() {
        let mut scene = asked(Door::Standard, &[("scope", "person.roles")]);
        scene.allow(["person.full_name", "biological_information.sex"]);
        let decision = scene.answer(1, true);
        let [_, Write::PutConsent { allowed, .. }, Write::IssueCode(grant, _)] = decision.writes.as_slice()
        else {
            panic!("{:?}", decision.writes);
        };
        assert_eq!(allowed.data_points, points(["person.full_name", "person.roles"]));
        assert_eq!(grant.data_points, points(["person.roles"]));
    }

    #[test]
    fn case_019_deny_answers_access_denied_or_goes_home() {
        let home = asked(Door::Walkthrough, &[]).answer(1, false);
        assert_eq!((home.writes, home.reply), (vec![finish()], Outcome::Home));
        let denied = asked(Door::Standard, &[]).answer(1, false);
        assert_eq!(denied.writes, [finish()]);
        let location = location(&redirect(denied.reply), &minted()).unwrap();
        let pairs = query(&location);
        assert!(
            pairs.contains(&("error".into(), "access_denied".into())),
            "{location}"
        );
        assert!(
            pairs.contains(&("state".into(), "s t/\u{e9}+&=".into())),
            "{location}"
        );
        assert!(pairs.iter().any(|(name, _)| name == "iss") && !location.contains("code="));
    }

    #[test]
    fn case_112_a_page_opened_before_the_app_changed_is_refused() {
        for door in Door::ALL {
            for allow in [true, false] {
                let mut scene = asked(door, &[]);
                scene.client.version = 2;
                let refused = page(scene.answer(1, allow));
                assert_eq!(refused.code, ErrorCode::InvalidRequest);
                assert!(!refused.offer_sign_in);
                // The page of the new version is answered as usual.
                assert_eq!(scene.answer(2, allow).writes.first(), Some(&finish()));
            }
        }
    }

    #[test]
    fn an_address_that_was_unregistered_meanwhile_is_not_used() {
        for allow in [true, false] {
            let mut scene = asked(Door::Standard, &[("redirect_uri", crate::testing::REDIRECT)]);
            scene.client.redirect_uris = vec![RedirectUri::parse("https://app.example.org/new").unwrap()];
            assert_eq!(page(scene.answer(1, allow)).code, ErrorCode::InvalidRequest);
        }
    }

    #[test]
    fn an_answer_counts_once_and_in_time() {
        let mut scene = asked(Door::Standard, &[]);
        scene.later(1_800);
        assert_eq!(page(scene.answer(1, true)), gone());
        scene.parked = None;
        assert_eq!(page(scene.answer(1, true)), gone());
    }

    #[test]
    fn without_a_session_nothing_is_allowed_or_denied() {
        for allow in [true, false] {
            let mut scene = asked(Door::Standard, &[]);
            scene.session = None;
            let decision = scene.answer(1, allow);
            assert_eq!(decision.writes, []);
            assert!(
                matches!(decision.reply, Outcome::SignIn(p) if p.handle == HandleOf::Presented(handle()))
            );
        }
    }

    #[test]
    fn prompt_login_cannot_be_skipped_by_answering() {
        let mut scene = Scene::consented();
        scene.park(Door::Standard, request(&[("prompt", "login")]));
        scene.later(1);
        assert!(matches!(scene.answer(1, true).reply, Outcome::SignIn(_)));
        scene.sign_in();
        assert!(matches!(scene.answer(1, true).reply, Outcome::Redirect(_)));
    }

    #[test]
    fn a_request_that_went_wrong_meanwhile_ends_with_an_error() {
        let mut scene = asked(Door::Standard, &[("scope", "person.roles")]);
        scene.client.data_points = points(["person.full_name"]);
        let decision = scene.answer(1, true);
        assert_eq!(decision.writes, [finish()]);
        assert_eq!(
            redirect(decision.reply).refusal().unwrap().code,
            ErrorCode::InvalidScope
        );
    }
}
