//! `/`: a person's own page.

use crate::flash::Flash;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::Visit;
use crate::{marks, paths, people, respond, views};
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::data_points::Catalogue;
use omniport_protocol::review::App;
use omniport_store::portal::{ConnectedApp, Notice};

/// GET `/`.
pub(crate) async fn show(visit: Visit, Query(query): Query) -> Result<Response, Problem> {
    let mut chrome = visit.chrome();
    let Some(visitor) = &visit.visitor else {
        return Ok(respond::page(StatusCode::OK, &views::HomeSignedOut { chrome }));
    };
    chrome.flash = Flash::told(&query);
    let store = visit.engine.store();
    let id = visitor.person.id;
    let (notices, teams, apps) = (
        store.notices(id).await?,
        store.apps_of(id).await?,
        store.connected_apps(id).await?,
    );
    if !teams.is_empty() {
        chrome.lead_to_developers_area();
    }
    let catalogue = &visit.engine.settings().catalogue;
    let template = views::Home {
        chrome,
        person: people::card(&visitor.person),
        news: notices.into_iter().map(|notice| news(notice, &teams)).collect(),
        apps: apps.into_iter().map(|app| connected(app, catalogue)).collect(),
    };
    Ok(respond::page(StatusCode::OK, &template))
}

/// A notice; its app is linked to while its dashboard is theirs to open.
fn news(notice: Notice, teams: &[App]) -> views::TeamNews {
    let is_theirs = teams.iter().any(|app| app.id == notice.client);
    views::TeamNews {
        id: notice.id,
        added: notice.added,
        app: notice.app_name,
        href: is_theirs.then(|| paths::dashboard(&notice.client)),
        by: notice.by.unwrap_or_else(|| "Omniport".to_owned()),
        when: views::When::from_seconds(notice.at.seconds()),
    }
}

fn connected(app: ConnectedApp, catalogue: &Catalogue) -> views::ConnectedApp {
    let allowed = catalogue.by_category(|name| app.data_points.contains(name));
    let groups = allowed.map(|(category, points)| views::GivenGroup {
        label: category.label.clone(),
        points: points.into_iter().map(|point| point.label.clone()).collect(),
    });
    views::ConnectedApp {
        groups: groups.collect(),
        client_id: app.client.to_string(),
        mark: marks::app(app.name, app.logo.as_deref()),
        since: views::When::from_seconds(app.since.seconds()),
    }
}
