//! What is asked of a person: all of it the first time, afterwards only what is more than they answered before.

use super::checks::Wish;
use crate::data_points::{DataPointName, DataPoints};
use crate::records::{Allowed, Consent};
use crate::vocabulary::Client;
use std::collections::BTreeSet;

/// What one consent page asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Question {
    /// The data points to answer to.
    pub(super) points: DataPoints,
    /// Those of them that may be left out.
    pub(super) optional: DataPoints,
    /// The scopes of APIs to answer to.
    pub(super) scopes: BTreeSet<String>,
    /// What the app gets of what it asks for now by an earlier answer, whatever is answered now.
    pub(super) allowed_before: DataPoints,
}

impl Question {
    /// What there is to ask about `wish`; none where everything was answered before. `afresh`: whatever was answered
    /// before, ask it all.
    ///
    /// A required data point is asked for until it is allowed; an optional one that was left out is not asked again,
    /// unless the app (`prompt=consent`) wants to.
    pub(super) fn about(
        wish: &Wish,
        client: &Client,
        before: Option<&Consent>,
        afresh: bool,
    ) -> Option<Self> {
        let is_optional = |point: &DataPointName| client.optional.contains(point);
        let nothing = Allowed::default();
        let known = before
            .filter(|_| !afresh && !wish.prompt.consent)
            .map(|consent| &consent.allowed);
        // The first time always asks, also of an app that wants no data.
        let is_first = known.is_none();
        let known = known.unwrap_or(&nothing);
        let settled = |point: &DataPointName| {
            known.data_points.contains(point) || (is_optional(point) && known.declined.contains(point))
        };
        let points: DataPoints = wish
            .data_points
            .iter()
            .filter(|point| !settled(point))
            .cloned()
            .collect();
        let scopes: BTreeSet<String> = wish.api_scopes.difference(&known.scopes).cloned().collect();
        // What is said in so many words is asked every time: no earlier answer was about just this.
        let is_settled = !is_first && points.is_empty() && scopes.is_empty() && wish.details.is_empty();
        (!is_settled).then(|| Self {
            optional: points
                .iter()
                .filter(|point| is_optional(point))
                .cloned()
                .collect(),
            allowed_before: wish
                .data_points
                .intersection(&known.data_points)
                .cloned()
                .collect(),
            points,
            scopes,
        })
    }

    /// What is allowed from now on once this was answered with Allow and these optional ones `ticked`: what was
    /// answered before, as far as the app may still ask for it, and this.
    pub(super) fn answered(&self, ticked: &DataPoints, before: Option<&Consent>, client: &Client) -> Allowed {
        let left_out: DataPoints = self.optional.difference(ticked).cloned().collect();
        let mut allowed = before.map(|consent| consent.allowed.clone()).unwrap_or_default();
        allowed.data_points.extend(self.points.iter().cloned());
        allowed
            .data_points
            .retain(|point| client.data_points.contains(point) && !left_out.contains(point));
        allowed.declined.extend(left_out);
        allowed
            .declined
            .retain(|point| client.data_points.contains(point) && !allowed.data_points.contains(point));
        allowed.scopes.extend(self.scopes.iter().cloned());
        allowed.scopes.retain(|scope| client.api_scopes.contains(scope));
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Scene, location, minted, page, redirect, request};
    use crate::authorize::{ConsentScope, Door, Outcome, Resumed};
    use crate::effect::{Decision, Write};
    use crate::records::{Allowed, Consent, NewGrant};
    use crate::testing::{NOW, points};

    /// An app two of whose three data points may be left out.
    fn scene() -> Scene {
        let mut scene = Scene::signed_in();
        scene.client.optional = points(["person.roles", "student.branch.name"]);
        scene
    }

    fn granted(decision: &Decision<Outcome>) -> (&Allowed, &NewGrant) {
        match decision.writes.as_slice() {
            [_, Write::PutConsent { allowed, .. }, Write::IssueCode(grant, _)] => (allowed, grant),
            other => panic!("{other:?}"),
        }
    }

    /// Remembers what was answered.
    fn remember(scene: &mut Scene, decision: &Decision<Outcome>) {
        scene.consent = Some(Consent {
            allowed: granted(decision).0.clone(),
            version: 1,
            at: NOW,
        });
    }

    fn shown(scene: &mut Scene, door: Door, changes: &[(&str, &str)]) -> Vec<String> {
        scene.park(door, request(changes));
        match scene.resume().reply {
            Resumed::Show(view) => view.points.iter().map(|point| point.name.to_string()).collect(),
            Resumed::Outcome(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_left_out_is_not_granted_and_not_asked_again() {
        let mut scene = scene();
        scene.park(Door::Standard, request(&[]));
        let decision = scene.answer_ticking(1, true, ["person.roles"]);
        let (allowed, grant) = granted(&decision);
        assert_eq!(grant.data_points, points(["person.full_name", "person.roles"]));
        assert_eq!(grant.scope.to_string(), "person.full_name person.roles");
        assert_eq!(allowed.declined, points(["student.branch.name"]));
        remember(&mut scene, &decision);
        // The same request again passes silently, with the same outcome.
        let again = scene.ask(Door::Standard, request(&[]));
        let [Write::IssueCode(grant, _)] = again.writes.as_slice() else {
            panic!("{:?}", again.writes)
        };
        assert_eq!(grant.data_points, points(["person.full_name", "person.roles"]));
        assert!(location(&redirect(again.reply), &minted()).is_some());
        // prompt=consent asks it all again, and it may be allowed after all.
        let all = shown(&mut scene, Door::Standard, &[("prompt", "consent")]);
        assert_eq!(all.len(), 3);
        let decision = scene.answer_ticking(1, true, ["student.branch.name"]);
        let (allowed, grant) = granted(&decision);
        assert_eq!(
            grant.data_points,
            points(["person.full_name", "student.branch.name"])
        );
        assert_eq!(allowed.declined, points(["person.roles"]));
    }

    #[test]
    fn a_required_one_is_never_left_out_and_a_stranger_never_slips_in() {
        let mut scene = scene();
        scene.park(
            Door::Standard,
            request(&[("scope", "person.full_name person.roles")]),
        );
        let decision = scene.answer_ticking(1, true, ["student.branch.name", "biological_information.sex"]);
        let (allowed, grant) = granted(&decision);
        assert_eq!(grant.data_points, points(["person.full_name"]));
        assert_eq!(allowed.data_points, points(["person.full_name"]));
        assert_eq!(grant.scope.to_string(), "person.full_name");
    }

    #[test]
    fn the_walkthroughs_scope_stays_and_means_what_remained() {
        let mut scene = scene();
        scene.park(Door::Walkthrough, request(&[]));
        let decision = scene.answer_ticking(1, true, []);
        let (_, grant) = granted(&decision);
        assert_eq!(grant.scope.to_string(), "read write");
        assert_eq!(grant.data_points, points(["person.full_name"]));
    }

    #[test]
    fn where_all_was_left_out_the_scope_is_not_empty() {
        let mut scene = scene();
        scene.park(Door::Standard, request(&[("scope", "person.roles")]));
        let decision = scene.answer_ticking(1, true, []);
        let (_, grant) = granted(&decision);
        assert_eq!(
            (grant.scope.to_string().as_str(), &grant.data_points),
            ("read", &points([]))
        );
    }

    #[test]
    fn case_111_widening_asks_for_the_difference_and_narrowing_for_nothing() {
        let mut scene = scene();
        scene.client.data_points = points(["person.full_name"]);
        scene.park(Door::Walkthrough, request(&[]));
        let decision = scene.answer_ticking(1, true, []);
        remember(&mut scene, &decision);
        scene.client.data_points = points(["person.full_name", "person.roles", "student.start_date"]);
        scene.client.version = 2;
        let asked = shown(&mut scene, Door::Walkthrough, &[]);
        assert_eq!(asked, ["person.roles", "student.start_date"]);
        let decision = scene.answer_ticking(2, true, []);
        let (allowed, grant) = granted(&decision);
        assert_eq!(
            grant.data_points,
            points(["person.full_name", "student.start_date"])
        );
        assert_eq!(allowed.declined, points(["person.roles"]));
        remember(&mut scene, &decision);
        scene.client.data_points = points(["student.start_date"]);
        let narrow = scene.ask(Door::Walkthrough, request(&[]));
        assert!(matches!(narrow.writes.as_slice(), [Write::IssueCode(grant, _)]
            if grant.data_points == points(["student.start_date"])));
    }

    #[test]
    fn what_became_required_is_asked_again() {
        let mut scene = scene();
        scene.park(Door::Standard, request(&[]));
        let decision = scene.answer_ticking(1, true, []);
        remember(&mut scene, &decision);
        scene.client.optional = points(["student.branch.name"]);
        assert_eq!(shown(&mut scene, Door::Standard, &[]), ["person.roles"]);
    }

    #[test]
    fn scopes_of_apis_are_asked_once() {
        let mut scene = scene();
        scene.client.api_scopes = ["loans.read".to_owned(), "fines".to_owned()].into();
        scene
            .client
            .approved_by_owners
            .clone_from(&scene.client.api_scopes);
        scene.park(
            Door::Standard,
            request(&[("scope", "person.full_name loans.read")]),
        );
        let decision = scene.answer_ticking(1, true, []);
        assert_eq!(
            granted(&decision).1.scope.to_string(),
            "person.full_name loans.read"
        );
        remember(&mut scene, &decision);
        let silent = scene.ask(Door::Standard, request(&[("scope", "loans.read")]));
        assert!(matches!(silent.writes.as_slice(), [Write::IssueCode(..)]));
        scene.park(Door::Standard, request(&[("scope", "loans.read fines")]));
        let Resumed::Show(view) = scene.resume().reply else {
            panic!()
        };
        let asked: Vec<_> = view
            .scopes
            .iter()
            .map(|one| (one.name.as_str(), one.words.as_str()))
            .collect();
        assert_eq!((asked, view.points.len()), (vec![("fines", "See your fines")], 0));
    }

    #[test]
    fn case_112_a_page_that_did_not_show_it_all_allows_nothing() {
        let mut scene = scene();
        scene.allow(["person.full_name"]);
        scene.park(
            Door::Standard,
            request(&[("scope", "person.full_name student.branch.name")]),
        );
        // Withdrawn in another window meanwhile: the page asked about the branch alone.
        scene.consent = None;
        let refused = page(scene.answer_showing(["student.branch.name"], &[]));
        assert_eq!(refused.code, crate::error::ErrorCode::InvalidRequest);
        let whole = scene.answer_showing(["student.branch.name", "person.full_name"], &[]);
        assert_eq!(granted(&whole).1.data_points, points(["person.full_name"]));
    }

    #[test]
    fn case_112_what_is_done_at_apis_is_compared_in_the_words_that_were_shown() {
        let mut scene = scene();
        scene.client = crate::testing::api_client();
        let details = r#"[{"type":"renewal","copy":"b-7"}]"#;
        let asked = [
            ("scope", "person.full_name loans.read"),
            ("authorization_details", details),
        ];
        scene.park(Door::Standard, request(&asked));
        let Resumed::Show(view) = scene.resume().reply else {
            panic!("nothing is asked")
        };
        let seals: Vec<String> = view.scopes.iter().map(ConsentScope::seal).collect();
        assert_eq!(seals.len(), 2, "the scope and the object");
        let names = ["person.full_name"];
        for missing in [&seals[..1], &seals[1..], &[]] {
            let refused = page(scene.answer_showing(names, missing));
            assert!(refused.look_again && refused.code == crate::error::ErrorCode::InvalidRequest);
        }
        let whole = scene.answer_showing(names, &seals);
        assert_eq!(granted(&whole).1.scope.to_string(), "person.full_name loans.read");
        // The owner says meanwhile that the scope means more.
        let mut all = scene.apis.all().to_vec();
        for scope in all.iter_mut().flat_map(|resource| &mut resource.scopes) {
            scope.description = "See and end your loans".into();
        }
        scene.apis = crate::apis::Apis::new(all).into();
        assert!(page(scene.answer_showing(names, &seals)).look_again);
    }
}
