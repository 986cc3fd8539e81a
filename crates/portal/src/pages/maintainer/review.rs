//! One app as a maintainer reviews it.

use crate::checks;
use crate::history::{self, History, Reader};
use crate::pages::consent;
use crate::problem::Problem;
use crate::views::{self, Field, ReviewActions, ReviewKind};
use crate::visitor::SignedIn;
use crate::{difference, fields, marks, paths, people};
use omniport_protocol::data_points::Catalogue;
use omniport_protocol::openid::protocol_settings;
use omniport_protocol::review::{App, Manifest, Verdict, VerdictError, count_words};
use omniport_store::portal::ListedApp;

/// What was typed into a review's forms.
#[derive(Debug, Default)]
pub(super) struct Typed {
    /// The comment to the team.
    pub(super) comment: Field,
    /// The note among maintainers.
    pub(super) note: Field,
}

/// The whole review of an app, with what was typed.
pub(super) async fn of(
    signed_in: &SignedIn,
    listed: &ListedApp,
    typed: Typed,
) -> Result<views::Review, Problem> {
    let (engine, app) = (signed_in.engine(), &listed.app);
    let settings = engine.settings();
    let Some(shown) = app.edited().map(|version| &version.manifest) else {
        return Err(Problem::not_found());
    };
    let is_own = engine.store().answers_for(&app.id, signed_in.id()).await?;
    let owner = people::with_data(&listed.owner, &listed.owner_data);
    let history = History::read(engine, &app.id, Reader::Maintainers, None, history::SHORT).await?;
    Ok(views::Review {
        seen: history.newest(),
        overdue: is_overdue(listed, signed_in),
        registered_itself: engine.store().registration(&app.id).await?.is_some(),
        claim: listed.claim.as_ref().map(|claim| views::ReviewClaim {
            by: claim.by.0,
            username: claim.username.clone(),
            is_viewer: claim.by == signed_in.id(),
            since: views::When::from_seconds(claim.at.seconds()),
        }),
        note: typed.note,
        id: app.id.to_string(),
        version: app.last_version,
        mark: marks::manifest(shown),
        status: marks::status(app.standing),
        kind: kind(app),
        owner: format!("{} ({})", owner.name, owner.username),
        since: since(listed),
        client_type: marks::client_type(shown.kind),
        redirect_uris: shown.redirect_uris.iter().map(ToString::to_string).collect(),
        description: shown.description.clone(),
        words: count_words(&shown.description),
        data_points: stated(shown, &settings.catalogue),
        differences: difference::of_app(app, &settings.catalogue),
        checks: checks::shown(engine.check_app(app).await?),
        links: consent::links(&shown.publisher),
        scopes: shown.api_scopes.iter().cloned().collect(),
        protocols: protocol_settings(shown).into_iter().collect(),
        people: engine.store().connected_people(&app.id).await?,
        history: history.entries(&paths::review(&app.id)),
        older: history.older(&paths::review(&app.id)),
        comment: typed.comment,
        actions: actions(app),
        barred: is_own.then(|| crate::flash::sentence(&VerdictError::OwnApp.to_string())),
    })
}

/// What is to be decided of an app.
pub(super) const fn kind(app: &App) -> Option<ReviewKind> {
    match (app.awaits_review(), app.live.is_some()) {
        (false, _) => None,
        (true, false) => Some(ReviewKind::New),
        (true, true) => Some(ReviewKind::Change),
    }
}

/// Whether it has waited for a maintainer longer than it should.
pub(super) fn is_overdue(listed: &ListedApp, signed_in: &SignedIn) -> bool {
    listed.app.awaits_review() && listed.submitted_at < signed_in.engine().overdue_since()
}

/// Since when it waits, or stands as it does.
pub(super) fn since(listed: &ListedApp) -> views::When {
    let decided = listed.decided_at.filter(|_| !listed.app.awaits_review());
    views::When::from_seconds(decided.unwrap_or(listed.submitted_at).seconds())
}

/// The decisions that there are to take.
fn actions(app: &App) -> ReviewActions {
    let is_open = |verdict: Verdict| verdict.on(app).is_ok();
    ReviewActions {
        approve: is_open(Verdict::Approve),
        request_changes: is_open(Verdict::RequestChanges),
        reject: is_open(Verdict::Reject),
        suspend: is_open(Verdict::Suspend),
        resume: is_open(Verdict::Resume),
    }
}

fn stated(manifest: &Manifest, catalogue: &Catalogue) -> Vec<views::StatedGroup> {
    let asked = catalogue.by_category(|name| manifest.data_points.contains(name));
    let groups = asked.map(|(category, points)| views::StatedGroup {
        label: category.label.clone(),
        points: points
            .into_iter()
            .map(|point| views::Choice {
                optional: manifest.optional.contains(&point.name),
                purpose: manifest.purposes.get(&point.name).cloned().unwrap_or_default(),
                ..fields::choice(point, true)
            })
            .collect(),
    });
    groups.collect()
}
