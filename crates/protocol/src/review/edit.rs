//! What an edit by the team changes: the live version at once, or a proposed one that waits for review.

use super::{App, Manifest, Standing};
use crate::data_points::DataPoints;
use crate::vocabulary::RedirectUri;
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
    /// A new set of data points.
    DataPoints(DataPoints),
    /// A new logo (SHA-256 of its PNG in hexadecimal), or none.
    Logo(Option<String>),
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
    fn on(&self, manifest: &Manifest) -> Manifest {
        let mut edited = manifest.clone();
        match self.clone() {
            Self::Name(name) => edited.name = name,
            Self::Description(description) => edited.description = description,
            Self::RedirectUris(uris) => edited.redirect_uris = uris,
            Self::DataPoints(points) => edited.data_points = points,
            Self::Logo(logo) => edited.logo = logo,
        }
        edited
    }

    /// What this edit changes of `app`.
    ///
    /// Before the first approval everything goes into the proposed version, which the sandbox uses. Of an approved
    /// (or suspended) app, an edit that gives people nothing new to trust goes live at once; every other one
    /// becomes the proposed version, and what was approved goes on working.
    pub fn apply(&self, app: &App) -> Revision {
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
        if needs_review(&live.manifest, &self.on(&live.manifest)) {
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
    /// the waiting proposal too, asks for nothing.
    pub fn asks_for_review(&self, app: &App) -> bool {
        app.standing == Standing::Approved
            && self.live == Change::Keep
            && matches!(self.proposed, Change::Set(_))
    }
}

/// Whether people or the institution would trust something new: another name or logo, a redirect URL on another
/// origin (scheme, host and port), more data points, another way to authenticate or another grant.
pub(super) fn needs_review(live: &Manifest, edited: &Manifest) -> bool {
    let origins = |manifest: &Manifest| -> BTreeSet<String> {
        manifest
            .redirect_uris
            .iter()
            .map(|uri| RedirectUri::origin_of(uri.as_str()))
            .collect()
    };
    live.name != edited.name
        || live.logo != edited.logo
        || !origins(edited).is_subset(&origins(live))
        || !edited.data_points.is_subset(&live.data_points)
        || live.kind != edited.kind
        || live.auth_methods != edited.auth_methods
        || live.grant_types != edited.grant_types
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::{app, manifest};
    use super::*;
    use crate::data_points::DataPointName;

    fn points(names: &[&str]) -> DataPoints {
        names
            .iter()
            .map(|name| DataPointName::parse(name).unwrap())
            .collect()
    }

    #[test]
    fn in_the_sandbox_every_edit_is_at_once() {
        let app = app(Standing::Pending, None, Some(manifest()));
        let revision = Edit::Name("Other".into()).apply(&app);
        assert_eq!(revision.live, Change::Keep);
        assert!(matches!(revision.proposed, Change::Set(m) if m.name == "Other"));
    }

    #[test]
    fn widening_an_approved_app_leaves_the_live_version_alone() {
        let app = app(Standing::Approved, Some(manifest()), None);
        let wider = Edit::DataPoints(points(&["person.full_name", "biological_information.sex"]));
        for edit in [
            wider,
            Edit::Name("Other".into()),
            Edit::Logo(Some("ab".into())),
            Edit::RedirectUris(vec![RedirectUri::parse("https://other.example/cb").unwrap()]),
        ] {
            let revision = edit.apply(&app);
            assert_eq!(revision.live, Change::Keep, "{edit:?}");
            assert!(matches!(revision.proposed, Change::Set(_)), "{edit:?}");
            assert!(revision.asks_for_review(&app));
        }
    }

    #[test]
    fn narrowing_and_wording_go_live_at_once() {
        let app = app(Standing::Approved, Some(manifest()), None);
        for edit in [
            Edit::DataPoints(points(&[])),
            Edit::Description("new words".into()),
            Edit::RedirectUris(vec![RedirectUri::parse("https://app.example/other").unwrap()]),
        ] {
            let revision = edit.apply(&app);
            assert!(matches!(revision.live, Change::Set(_)), "{edit:?}");
            assert_eq!(revision.proposed, Change::Keep, "{edit:?}");
        }
    }

    #[test]
    fn an_edit_that_goes_live_keeps_what_is_proposed_beside_it() {
        let mut waiting = manifest();
        waiting.name = "Waiting name".into();
        let app = app(Standing::Approved, Some(manifest()), Some(waiting));
        let revision = Edit::Description("new words".into()).apply(&app);
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
        let revision = Edit::Name("App".into()).apply(&app);
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
        assert!(Edit::Name("App".into()).apply(&app).is_empty());
    }
}
