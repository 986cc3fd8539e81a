//! What an edit by the team changes: the live version at once, or a proposed one that waits for review.

use super::{App, Asked, Manifest, Part, ProtocolSettings, Publisher, ReviewPolicy, Stage, Standing};
use crate::openid::SubjectType;
use crate::vocabulary::{GrantType, RedirectUri};
use std::collections::BTreeSet;

/// One section of the dashboard, saved. Its values are valid already ([`super::Draft`] checks them).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A new name.
    Name(String),
    /// A new description.
    Description(String),
    /// A new list of redirect URLs.
    RedirectUris(Vec<RedirectUri>),
    /// A new set of data points, with which are optional and what each is for.
    DataPoints(Asked),
    /// A new logo (SHA-256 of its PNG in hexadecimal), or none.
    Logo(Option<String>),
    /// Whom to ask, and where to read more.
    Publisher(Publisher),
    /// A new set of scopes of APIs.
    ApiScopes(BTreeSet<String>),
    /// A new set of grants.
    GrantTypes(BTreeSet<GrantType>),
    /// The protocol's side.
    Protocol(Box<ProtocolSettings>),
    /// Everything: an app that is known by a document, as its document says now.
    Whole(Box<Manifest>),
}

/// What becomes of one of an app's two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It stays.
    Keep,
    /// It becomes this, under the next number.
    Set(Box<Manifest>),
    /// It goes: nothing waits any more.
    Clear,
}

/// What an edit does to an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// To the version that serves approved apps.
    pub live: Change,
    /// To the version in review or in the sandbox.
    pub proposed: Change,
}

impl Edit {
    /// The manifest with this edit.
    pub fn on(&self, manifest: &Manifest) -> Manifest {
        let mut edited = manifest.clone();
        match self.clone() {
            Self::Name(name) => edited.name = name,
            Self::Description(description) => edited.description = description,
            Self::RedirectUris(uris) => edited.redirect_uris = uris,
            Self::DataPoints(asked) => {
                edited.data_points = asked.points;
                edited.optional = asked.optional;
                edited.purposes = asked.purposes;
            }
            Self::Logo(logo) => edited.logo = logo,
            Self::Publisher(publisher) => edited.publisher = publisher,
            Self::ApiScopes(scopes) => edited.api_scopes = scopes,
            Self::GrantTypes(grants) => edited.grant_types = grants,
            Self::Protocol(settings) => {
                edited.auth_methods = settings.auth_methods;
                edited.grant_types = settings.grant_types;
                edited.details_types = settings.details_types;
                edited.token_exchange = settings.token_exchange;
                edited.openid = settings.openid;
            }
            Self::Whole(manifest) => edited = *manifest,
        }
        edited
    }

    /// What would be saved to leave `manifest` as it is: its part that this edit is about.
    fn as_in(&self, manifest: &Manifest) -> Self {
        match self {
            Self::Name(_) => Self::Name(manifest.name.clone()),
            Self::Description(_) => Self::Description(manifest.description.clone()),
            Self::RedirectUris(_) => Self::RedirectUris(manifest.redirect_uris.clone()),
            Self::DataPoints(_) => Self::DataPoints(Asked {
                points: manifest.data_points.clone(),
                optional: manifest.optional.clone(),
                purposes: manifest.purposes.clone(),
            }),
            Self::Logo(_) => Self::Logo(manifest.logo.clone()),
            Self::Publisher(_) => Self::Publisher(manifest.publisher.clone()),
            Self::ApiScopes(_) => Self::ApiScopes(manifest.api_scopes.clone()),
            Self::GrantTypes(_) => Self::GrantTypes(manifest.grant_types.clone()),
            Self::Protocol(_) => Self::Protocol(Box::new(ProtocolSettings {
                auth_methods: manifest.auth_methods.clone(),
                grant_types: manifest.grant_types.clone(),
                details_types: manifest.details_types.clone(),
                token_exchange: manifest.token_exchange.clone(),
                openid: manifest.openid.clone(),
            })),
            Self::Whole(_) => Self::Whole(Box::new(manifest.clone())),
        }
    }

    /// Whether this edit, made of the version `seen`, would undo what somebody else did to the same part meanwhile: it is
    /// not as it was then, nor as it would be now.
    pub fn undoes(&self, seen: &Manifest, now: &Manifest) -> bool {
        let is = self.as_in(now);
        is != self.as_in(seen) && is != *self
    }

    /// What this edit changes of `app`.
    ///
    /// Before the first approval everything goes into the proposed version, which the sandbox uses. Of an approved
    /// (or suspended) app, an edit that gives people nothing new to trust goes live at once; every other one
    /// becomes the proposed version, and what was approved goes on working.
    pub fn apply(&self, app: &App, policy: &ReviewPolicy) -> Revision {
        let propose = |manifest: Manifest| {
            let same_as_live = app.live.as_ref().is_some_and(|live| live.manifest == manifest);
            match (&app.proposed, same_as_live) {
                (Some(_), true) => Change::Clear,
                (None, true) => Change::Keep,
                (Some(proposed), false) if proposed.manifest == manifest => Change::Keep,
                (_, false) => Change::Set(Box::new(manifest)),
            }
        };
        let Some(live) = &app.live else {
            let proposed = app
                .proposed
                .as_ref()
                .map_or(Change::Keep, |version| propose(self.on(&version.manifest)));
            return Revision {
                live: Change::Keep,
                proposed,
            };
        };
        let edited = self.on(app
            .proposed
            .as_ref()
            .map_or(&live.manifest, |version| &version.manifest));
        if needs_review(&live.manifest, &self.on(&live.manifest), policy) {
            return Revision {
                live: Change::Keep,
                proposed: propose(edited),
            };
        }
        let now_live = self.on(&live.manifest);
        let proposed = match &app.proposed {
            None => Change::Keep,
            Some(_) if edited == now_live => Change::Clear,
            Some(version) if edited == version.manifest => Change::Keep,
            Some(_) => Change::Set(Box::new(edited)),
        };
        let live = if now_live == live.manifest {
            Change::Keep
        } else {
            Change::Set(Box::new(now_live))
        };
        Revision { live, proposed }
    }
}

impl Revision {
    /// Whether anything changes.
    pub fn is_empty(&self) -> bool {
        self.live == Change::Keep && self.proposed == Change::Keep
    }

    /// Whether this sends a change of an approved app to review. An edit that went live at once, and was only made in
    /// the waiting proposal too, asks for nothing; nor does one of a change that a maintainer sent back: its team sends
    /// that again when it is done.
    pub fn asks_for_review(&self, app: &App) -> bool {
        app.standing == Standing::Approved
            && !(app.proposed.is_some() && app.stage == Stage::Returned)
            && self.live == Change::Keep
            && matches!(self.proposed, Change::Set(_))
    }
}

/// Whether people or the institution would trust something new that the policy wants a maintainer to see. Asking for
/// less never does. Whether the app can keep a secret always does: no policy is asked.
pub(super) fn needs_review(live: &Manifest, edited: &Manifest, policy: &ReviewPolicy) -> bool {
    // Wherever the app can have a browser sent to.
    let origins = |manifest: &Manifest| -> BTreeSet<String> {
        let uris = manifest.redirect_uris.iter().map(RedirectUri::as_str);
        let others = manifest.openid.post_logout_redirect_uris.iter();
        let others = others.chain(&manifest.openid.initiate_login_uri);
        let all = uris.chain(others.map(String::as_str));
        all.map(RedirectUri::origin_of).collect()
    };
    // Who is known by a name of one sector only is not to become known elsewhere.
    let known_as = |manifest: &Manifest| (manifest.openid.subject_type, manifest.openid.sector.clone());
    let identified = live.openid.subject_type == SubjectType::Pairwise && known_as(live) != known_as(edited);
    let required = |manifest: &Manifest| -> BTreeSet<_> {
        let points = manifest.data_points.difference(&manifest.optional);
        points.cloned().collect()
    };
    // Saying what a data point is for where nothing was said, or nothing more, asks for no more trust.
    let reworded = edited.purposes.iter().any(|(point, text)| {
        let before = live.purposes.get(point);
        before.is_some_and(|before| before != text) && live.data_points.contains(point)
    });
    let links = |manifest: &Manifest| Publisher {
        contact: None,
        ..manifest.publisher.clone()
    };
    let changed = |part| match part {
        Part::Name => live.name != edited.name,
        Part::Logo => live.logo != edited.logo,
        Part::RedirectHosts => !origins(edited).is_subset(&origins(live)),
        Part::DataPoints => {
            !edited.data_points.is_subset(&live.data_points)
                || !required(edited).is_subset(&required(live))
                || reworded
                || identified
        }
        Part::Scopes => {
            !edited.api_scopes.is_subset(&live.api_scopes)
                || !edited.details_types.is_subset(&live.details_types)
        }
        Part::GrantTypes => {
            let exchanges = |manifest: &Manifest| manifest.token_exchange.clone().unwrap_or_default();
            !edited.grant_types.is_subset(&live.grant_types)
                || live.auth_methods != edited.auth_methods
                || !exchanges(edited).is_within(&exchanges(live))
        }
        Part::Description => live.description != edited.description,
        Part::Contact => live.publisher.contact != edited.publisher.contact,
        Part::Links => links(live) != links(edited),
    };
    live.kind != edited.kind
        || Part::ALL
            .into_iter()
            .any(|part| policy.needs.holds(part) && changed(part))
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::{app, manifest};
    use super::*;
    use crate::review::Parts;
    use crate::testing::{point, points};
    use crate::vocabulary::{AuthMethod, ExchangePolicy};

    #[test]
    fn a_changed_document_goes_the_way_of_every_edit() {
        let policy = ReviewPolicy::default();
        let with = |change: &dyn Fn(&mut Manifest)| {
            let mut document = manifest();
            change(&mut document);
            Edit::Whole(Box::new(document))
        };
        let live = app(Standing::Approved, Some(manifest()), None);
        assert!(with(&|_| {}).apply(&live, &policy).is_empty());
        let reworded = with(&|m| m.description = "new words".into()).apply(&live, &policy);
        assert!(matches!(reworded.live, Change::Set(_)) && reworded.proposed == Change::Keep);
        let elsewhere =
            with(&|m| m.redirect_uris = vec![RedirectUri::parse("https://other.example/cb").unwrap()]);
        let proposed = elsewhere.apply(&live, &policy);
        assert!(proposed.live == Change::Keep && proposed.asks_for_review(&live));
        // What is said in more words than a scope is no less than a scope.
        let types = with(&|m| m.details_types = ["payment".to_owned()].into());
        let proposed = types.apply(&live, &policy);
        assert!(proposed.live == Change::Keep && proposed.asks_for_review(&live));
        // A document that is as it was approved again takes what waits back.
        let mut waiting = manifest();
        waiting.name = "Waiting name".into();
        let waits = app(Standing::Approved, Some(manifest()), Some(waiting));
        let back = with(&|_| {}).apply(&waits, &policy);
        assert_eq!((back.live, back.proposed), (Change::Keep, Change::Clear));
    }

    #[test]
    fn in_the_sandbox_every_edit_is_at_once() {
        let app = app(Standing::Pending, None, Some(manifest()));
        let revision = Edit::Name("Other".into()).apply(&app, &ReviewPolicy::default());
        assert_eq!(revision.live, Change::Keep);
        assert!(matches!(revision.proposed, Change::Set(m) if m.name == "Other"));
    }

    #[test]
    fn an_edit_undoes_only_what_somebody_else_did_to_the_same_part() {
        let seen = manifest();
        let now = Edit::Name("Theirs".into()).on(&seen);
        assert!(Edit::Name("Mine".into()).undoes(&seen, &now));
        assert!(!Edit::Name("Theirs".into()).undoes(&seen, &now), "the same");
        assert!(
            !Edit::Description("Mine".into()).undoes(&seen, &now),
            "another part"
        );
        let protocol = ProtocolSettings {
            auth_methods: [AuthMethod::PrivateKeyJwt].into(),
            grant_types: seen.grant_types.clone(),
            details_types: seen.details_types.clone(),
            token_exchange: seen.token_exchange.clone(),
            openid: seen.openid.clone(),
        };
        let now = Edit::GrantTypes(BTreeSet::new()).on(&seen);
        let edit = Edit::Protocol(Box::new(protocol));
        assert!(edit.undoes(&seen, &now) && !edit.undoes(&now, &edit.on(&now)));
    }

    #[test]
    fn widening_an_approved_app_leaves_the_live_version_alone() {
        let app = app(Standing::Approved, Some(manifest()), None);
        let wider = Edit::DataPoints(points(["person.full_name", "biological_information.sex"]).into());
        for edit in [
            wider,
            Edit::Name("Other".into()),
            Edit::Logo(Some("ab".into())),
            Edit::RedirectUris(vec![RedirectUri::parse("https://other.example/cb").unwrap()]),
        ] {
            let revision = edit.apply(&app, &ReviewPolicy::default());
            assert_eq!(revision.live, Change::Keep, "{edit:?}");
            assert!(matches!(revision.proposed, Change::Set(_)), "{edit:?}");
            assert!(revision.asks_for_review(&app));
        }
    }

    #[test]
    fn narrowing_and_wording_go_live_at_once() {
        let app = app(Standing::Approved, Some(manifest()), None);
        for edit in [
            Edit::DataPoints(points([]).into()),
            Edit::Description("new words".into()),
            Edit::RedirectUris(vec![RedirectUri::parse("https://app.example/other").unwrap()]),
        ] {
            let revision = edit.apply(&app, &ReviewPolicy::default());
            assert!(matches!(revision.live, Change::Set(_)), "{edit:?}");
            assert_eq!(revision.proposed, Change::Keep, "{edit:?}");
        }
    }

    #[test]
    fn what_is_required_or_said_to_people_is_reviewed() {
        let mut live = manifest();
        live.optional = points(["person.full_name"]);
        live.purposes
            .insert(point("person.full_name"), "To greet you.".into());
        let app = app(Standing::Approved, Some(live), None);
        let asked = |optional, purpose: &str| {
            let points = points(["person.full_name"]);
            let optional = points.iter().filter(|_| optional).cloned().collect();
            Edit::DataPoints(Asked {
                points,
                optional,
                purposes: [(point("person.full_name"), purpose.to_owned())].into(),
            })
        };
        let goes_live = |edit: &Edit| {
            let revision = edit.apply(&app, &ReviewPolicy::default());
            matches!(revision.live, Change::Set(_))
        };
        assert!(!goes_live(&asked(false, "To greet you.")));
        assert!(!goes_live(&asked(true, "To sell it.")));
        let contact = Publisher {
            contact: Some("team@example.org".into()),
            ..Publisher::default()
        };
        assert!(goes_live(&Edit::Publisher(contact)));
        assert!(!goes_live(&Edit::ApiScopes(["loans".to_owned()].into())));
        let grant = GrantType(GrantType::CLIENT_CREDENTIALS.to_owned());
        assert!(!goes_live(&Edit::GrantTypes([grant].into())));
    }

    #[test]
    fn settings_of_the_protocol_are_reviewed_where_people_are_sent_elsewhere_or_become_known() {
        let goes_live = |live: &Manifest, change: &dyn Fn(&mut ProtocolSettings)| {
            let mut settings = ProtocolSettings {
                auth_methods: live.auth_methods.clone(),
                grant_types: live.grant_types.clone(),
                details_types: live.details_types.clone(),
                token_exchange: live.token_exchange.clone(),
                openid: live.openid.clone(),
            };
            change(&mut settings);
            let app = app(Standing::Approved, Some(live.clone()), None);
            let revision = Edit::Protocol(Box::new(settings)).apply(&app, &ReviewPolicy::default());
            assert!(!revision.is_empty());
            matches!(revision.live, Change::Set(_))
        };
        let mut live = manifest();
        let to = |uri: &str| vec![uri.to_owned()];
        assert!(goes_live(&live, &|edited| edited.openid.jwks_uri =
            Some("https://keys.example/".into())));
        assert!(goes_live(&live, &|edited| {
            edited.openid.post_logout_redirect_uris = to("https://app.example/bye");
        }));
        assert!(!goes_live(&live, &|edited| {
            edited.openid.post_logout_redirect_uris = to("https://other.example/");
        }));
        assert!(!goes_live(&live, &|edited| {
            edited.openid.initiate_login_uri = Some("https://other.example/".into());
        }));
        assert!(!goes_live(&live, &|edited| {
            edited.auth_methods = [AuthMethod::PrivateKeyJwt].into();
        }));
        assert!(!goes_live(&live, &|edited| {
            edited.details_types = ["renewal".to_owned()].into();
        }));
        assert!(!goes_live(&live, &|edited| {
            edited.token_exchange = Some(ExchangePolicy {
                delegation: true,
                ..ExchangePolicy::default()
            });
        }));
        assert!(goes_live(&live, &|edited| edited.openid.subject_type =
            SubjectType::Pairwise));
        live.openid.subject_type = SubjectType::Pairwise;
        assert!(!goes_live(&live, &|edited| edited.openid.subject_type = SubjectType::Public));
    }

    #[test]
    fn the_policy_says_what_needs_review() {
        let app = app(Standing::Approved, Some(manifest()), None);
        let policy = ReviewPolicy {
            needs: Parts::parse("description").unwrap(),
            ..ReviewPolicy::default()
        };
        let reviewed = |edit: Edit| matches!(edit.apply(&app, &policy).proposed, Change::Set(_));
        assert!(reviewed(Edit::Description("new words".into())));
        assert!(!reviewed(Edit::Name("Other".into())));
    }

    #[test]
    fn a_change_that_was_sent_back_waits_until_its_team_sends_it_again() {
        let mut waiting = manifest();
        waiting.name = "Waiting name".into();
        let mut app = app(Standing::Approved, Some(manifest()), Some(waiting));
        app.stage = Stage::Returned;
        let revision = Edit::Name("Better name".into()).apply(&app, &ReviewPolicy::default());
        assert!(matches!(&revision.proposed, Change::Set(m) if m.name == "Better name"));
        assert!(!revision.asks_for_review(&app) && app.may_be_submitted());
    }

    #[test]
    fn an_edit_that_goes_live_keeps_what_is_proposed_beside_it() {
        let mut waiting = manifest();
        waiting.name = "Waiting name".into();
        let app = app(Standing::Approved, Some(manifest()), Some(waiting));
        let revision = Edit::Description("new words".into()).apply(&app, &ReviewPolicy::default());
        assert!(!revision.asks_for_review(&app));
        assert!(matches!(revision.live, Change::Set(m) if m.name == "App" && m.description == "new words"));
        assert!(
            matches!(revision.proposed, Change::Set(m) if m.name == "Waiting name" && m.description == "new words")
        );
    }

    #[test]
    fn taking_a_proposal_back_clears_it() {
        let mut waiting = manifest();
        waiting.name = "Waiting name".into();
        let app = app(Standing::Approved, Some(manifest()), Some(waiting));
        let revision = Edit::Name("App".into()).apply(&app, &ReviewPolicy::default());
        assert_eq!(
            revision,
            Revision {
                live: Change::Keep,
                proposed: Change::Clear
            }
        );
        assert!(!revision.is_empty());
    }

    #[test]
    fn saving_without_a_change_changes_nothing() {
        let app = app(Standing::Approved, Some(manifest()), None);
        assert!(
            Edit::Name("App".into())
                .apply(&app, &ReviewPolicy::default())
                .is_empty()
        );
    }
}
