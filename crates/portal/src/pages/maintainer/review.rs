//! One app as a maintainer reviews it.

use super::warnings;
use crate::history::History;
use crate::problem::Problem;
use crate::views::{self, Field, ReviewActions, ReviewKind};
use crate::visitor::SignedIn;
use crate::{difference, fields, marks, people};
use omniport_protocol::data_points::Catalogue;
use omniport_protocol::review::{App, Manifest, Standing, VerdictError, count_words};
use omniport_store::portal::ListedApp;

/// The whole review of an app, with what was typed as the comment.
pub(super) async fn of(
    signed_in: &SignedIn,
    listed: &ListedApp,
    comment: Field,
) -> Result<views::Review, Problem> {
    let (engine, app) = (signed_in.engine(), &listed.app);
    let settings = engine.settings();
    let Some(shown) = app.edited().map(|version| &version.manifest) else {
        return Err(Problem::not_found());
    };
    let is_own = engine.store().is_member(&app.id, signed_in.id()).await?;
    let creator = engine
        .store()
        .person(app.creator)
        .await?
        .map(|person| people::card(&person));
    Ok(views::Review {
        id: app.id.to_string(),
        version: app.last_version,
        mark: marks::manifest(shown),
        status: marks::status(app.standing),
        kind: kind(app),
        owner: creator.map_or_else(
            || listed.owner.clone(),
            |person| format!("{} ({})", person.name, person.username),
        ),
        since: since(listed),
        client_type: marks::client_type(shown.kind),
        redirect_uris: shown.redirect_uris.iter().map(ToString::to_string).collect(),
        description: shown.description.clone(),
        words: count_words(&shown.description),
        data_points: stated(shown, &settings.catalogue),
        differences: difference::of_app(app, &settings.catalogue),
        warnings: warnings::of(shown, &settings.institution, &settings.catalogue),
        people: engine.store().connected_people(&app.id).await?,
        history: History::of(engine, app).await?.entries(),
        comment,
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

/// Since when it waits, or stands as it does.
pub(super) fn since(listed: &ListedApp) -> views::When {
    let decided = listed.decided_at.filter(|_| !listed.app.awaits_review());
    views::When::from_seconds(decided.unwrap_or(listed.submitted_at).seconds())
}

/// The decisions that [`omniport_protocol::review::Verdict::apply`] would take.
fn actions(app: &App) -> ReviewActions {
    let waits = app.awaits_review();
    let is_suspended = app.standing == Standing::Suspended;
    ReviewActions {
        approve: waits || app.standing == Standing::Rejected,
        reject: waits,
        suspend: !is_suspended,
        resume: is_suspended,
    }
}

fn stated(manifest: &Manifest, catalogue: &Catalogue) -> Vec<views::StatedGroup> {
    let group = |category: &omniport_protocol::data_points::Category| {
        let asked = category
            .data_points
            .iter()
            .filter(|point| manifest.data_points.contains(&point.name));
        let points: Vec<views::Choice> = asked.map(|point| fields::choice(point, true)).collect();
        (!points.is_empty()).then(|| views::StatedGroup {
            label: category.label.clone(),
            points,
        })
    };
    catalogue.categories().iter().filter_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::review::{Verdict, Version, default_auth_methods, default_grant_types};
    use omniport_protocol::vocabulary::{ClientId, ClientKind, PersonId, Timestamp};

    fn app(standing: Standing, live: bool, proposed: bool) -> App {
        let at = Timestamp::from_seconds(0);
        let version = |number| Version {
            number,
            manifest: Manifest {
                name: "App".into(),
                description: String::new(),
                redirect_uris: vec![],
                kind: ClientKind::Public,
                auth_methods: default_auth_methods(ClientKind::Public),
                grant_types: default_grant_types(),
                data_points: [].into(),
                logo: None,
            },
            at,
        };
        App {
            id: ClientId::parse("c").unwrap(),
            creator: PersonId(1),
            standing,
            live: live.then(|| version(1)),
            proposed: proposed.then(|| version(2)),
            last_version: 2,
            legacy_plain_pkce: false,
            created_at: at,
        }
    }

    #[test]
    fn a_page_offers_exactly_the_decisions_that_the_rules_would_take() {
        for standing in Standing::ALL {
            for (live, proposed) in [(false, true), (true, false), (true, true)] {
                let app = app(standing, live, proposed);
                let possible = |verdict: Verdict| verdict.apply(&app, "because", 2, None).is_ok();
                let offered = actions(&app);
                let expected = ReviewActions {
                    approve: possible(Verdict::Approve),
                    reject: possible(Verdict::Reject),
                    suspend: possible(Verdict::Suspend),
                    resume: possible(Verdict::Resume),
                };
                assert_eq!(offered, expected, "{standing:?} live {live} proposed {proposed}");
            }
        }
    }
}
