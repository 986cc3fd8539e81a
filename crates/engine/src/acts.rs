//! What the audit log is told of an act: who, what, to what, and what that was before and is since.

use crate::{Engine, Store};
use omniport_protocol::audit::{Act, Deed, Doer, Subject, difference};
use omniport_protocol::review::{App, Change, Decided, Manifest, Proposal, Revision, Verdict, Version};
use serde_json::{Map, Value, json};

/// What something was before, and what it is since; of what changed only.
pub(crate) type Changed = (Value, Value);

impl Engine {
    /// The store, for an act that is told as this.
    pub(crate) fn telling(
        &self,
        doer: impl Into<Doer>,
        act: Act,
        subject: Subject,
        (before, after): Changed,
    ) -> Store {
        self.store().telling(Deed {
            doer: doer.into(),
            act,
            subject,
            before,
            after,
            at: self.now(),
        })
    }
}

/// Something that was not there before.
pub(crate) fn made(after: Value) -> Changed {
    (Value::Null, after)
}

/// Something that is not there any more.
pub(crate) fn gone(before: Value) -> Changed {
    (before, Value::Null)
}

/// An app, by the name that its team sees.
pub(crate) fn app_of(app: &App) -> Subject {
    Subject::app(&app.id, crate::apps::name_of(app))
}

/// Where an app stands, with the numbers of its versions.
pub(crate) fn standing(app: &App) -> Value {
    let number = |version: &Option<Version>| version.as_ref().map(|version| version.number);
    json!({
        "standing": app.standing.as_str(),
        "stage": app.stage.as_str(),
        "live": number(&app.live),
        "proposed": number(&app.proposed),
    })
}

/// A manifest as the log tells of it: all of it is public, or for the app's team and the maintainers.
pub(crate) fn manifest(manifest: &Manifest) -> Value {
    serde_json::to_value(manifest).unwrap_or_default()
}

/// What a maintainer's decision changes.
pub(crate) fn ruled(app: &App, decided: Decided, comment: &str) -> Changed {
    let before = standing(app);
    let mut after = before.clone();
    if let Value::Object(after) = &mut after {
        after.insert("standing".into(), decided.standing.as_str().into());
        after.insert("stage".into(), decided.stage.as_str().into());
        match decided.proposed {
            Proposal::Promote => {
                let promoted = after.insert("proposed".into(), Value::Null);
                after.insert("live".into(), promoted.unwrap_or_default());
            }
            Proposal::Drop => {
                after.insert("proposed".into(), Value::Null);
            }
            Proposal::Keep => {}
        }
        if !comment.is_empty() {
            after.insert("comment".into(), comment.into());
        }
    }
    difference(&before, &after)
}

/// The act that a verdict is.
pub(crate) const fn verdict(verdict: Verdict) -> Act {
    match verdict {
        Verdict::Approve => Act::AppApprove,
        Verdict::RequestChanges => Act::AppRequestChanges,
        Verdict::Reject => Act::AppReject,
        Verdict::Suspend => Act::AppSuspend,
        Verdict::Resume => Act::AppResume,
    }
}

/// What an edit changes in the live version and in the proposed one. A proposal that begins differs from what is live.
pub(crate) fn revised(app: &App, revision: &Revision) -> Changed {
    let (mut before, mut after) = (Map::new(), Map::new());
    let live = app.live.as_ref().map(|version| &version.manifest);
    let edited = app.edited().map(|version| &version.manifest);
    let sides = [
        ("live", &revision.live, live),
        ("proposed", &revision.proposed, edited),
    ];
    for (side, change, was) in sides {
        let was = || was.map(manifest).unwrap_or_default();
        let (old, new) = match change {
            Change::Keep => continue,
            Change::Clear => (
                app.proposed.as_ref().map(|version| version.number).into(),
                Value::Null,
            ),
            Change::Set(new) => difference(&was(), &manifest(new)),
        };
        before.insert(side.to_owned(), old);
        after.insert(side.to_owned(), new);
    }
    (before.into(), after.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::review::{Stage, Standing};
    use omniport_protocol::vocabulary::{ClientId, ClientKind, Legacy, PersonId, Timestamp};

    fn app(live: Option<&str>, proposed: Option<&str>) -> App {
        let at = Timestamp::from_seconds(0);
        let version = |number, name: &str| Version {
            number,
            manifest: Manifest::plain(name, ClientKind::Public, Vec::new(), std::iter::empty().collect()),
            at,
        };
        App {
            id: ClientId::parse("c").unwrap(),
            creator: PersonId(1),
            standing: Standing::Approved,
            stage: Stage::Submitted,
            live: live.map(|name| version(1, name)),
            proposed: proposed.map(|name| version(2, name)),
            last_version: 2,
            legacy: Legacy::default(),
            created_at: at,
        }
    }

    #[test]
    fn an_edit_tells_what_it_changes_and_nothing_else() {
        let app = app(Some("One"), None);
        let mut new = app.live.clone().unwrap().manifest;
        new.name = "Two".into();
        let set = |manifest: &Manifest| Change::Set(Box::new(manifest.clone()));
        let revision = Revision {
            live: Change::Keep,
            proposed: set(&new),
        };
        assert_eq!(
            revised(&app, &revision),
            (
                json!({"proposed": {"name": "One"}}),
                json!({"proposed": {"name": "Two"}})
            )
        );
    }

    #[test]
    fn a_verdict_tells_where_the_app_stood_and_stands() {
        let app = app(Some("One"), Some("Two"));
        let decided = |proposed| Decided {
            standing: Standing::Approved,
            stage: Stage::Submitted,
            proposed,
        };
        assert_eq!(
            ruled(&app, decided(Proposal::Promote), "Fine."),
            (
                json!({"live": 1, "proposed": 2}),
                json!({"live": 2, "proposed": null, "comment": "Fine."})
            )
        );
        assert_eq!(
            ruled(&app, decided(Proposal::Drop), ""),
            (json!({"proposed": 2}), json!({"proposed": null}))
        );
    }
}
