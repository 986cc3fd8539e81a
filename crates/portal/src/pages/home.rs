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
use omniport_protocol::vocabulary::encode;
use omniport_store::portal::{ConnectedApp, Invitation, News, Notice};

/// GET `/`.
pub(crate) async fn show(visit: Visit, Query(query): Query) -> Result<Response, Problem> {
    let mut chrome = visit.chrome();
    let Some(visitor) = &visit.visitor else {
        return Ok(respond::page(StatusCode::OK, &views::HomeSignedOut { chrome }));
    };
    chrome.flash = Flash::told(&query);
    let store = visit.engine.store();
    let id = visitor.person.id;
    let (invitations, notices, teams, apps) = (
        store.invitations_of(id, visit.engine.now()).await?,
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
        invitations: invitations.into_iter().map(invitation).collect(),
        news: notices.into_iter().map(|notice| news(notice, &teams)).collect(),
        apps: apps
            .into_iter()
            .map(|app| connected(app, catalogue, &visit.engine.settings().issuer))
            .collect(),
    };
    Ok(respond::page(StatusCode::OK, &template))
}

/// A notice; its app is linked to while its dashboard is theirs to open.
fn news(notice: Notice, teams: &[App]) -> views::TeamNews {
    let is_theirs = teams.iter().any(|app| app.id == notice.client);
    let (verb, tail) = match notice.what {
        News::Added => ("added you to the team of", ""),
        News::Removed => ("removed you from the team of", ""),
        News::Joined => ("joined the team of", ""),
        News::Declined => ("declined your invitation to", ""),
        News::Left => ("left the team of", ""),
        News::OtherRemoved => ("removed", "from the team of"),
        News::NewOwner => ("now owns", ""),
        News::SecretMade => ("made a new secret for", ""),
        News::SecretRevoked => ("revoked a secret of", ""),
        News::Approved => ("approved", ""),
        News::ChangesRequested => ("asked for changes of", ""),
        News::Rejected => ("rejected", ""),
        News::Suspended => ("suspended", ""),
        News::Resumed => ("ended the suspension of", ""),
        News::Commented => ("wrote about", ""),
    };
    views::TeamNews {
        id: notice.id,
        verb,
        about: notice.about,
        tail,
        app: notice.app_name,
        href: is_theirs.then(|| paths::dashboard(&notice.client)),
        by: notice.by.unwrap_or_else(|| "Omniport".to_owned()),
        when: views::When::from_seconds(notice.at.seconds()),
    }
}

fn invitation(invitation: Invitation) -> views::PendingInvitation {
    views::PendingInvitation {
        client_id: invitation.client.to_string(),
        app: invitation.app_name,
        by: invitation.by,
        as_owner: invitation.as_owner,
        when: views::When::from_seconds(invitation.at.seconds()),
    }
}

/// The address by which a sign-in to an app is started by somebody else (OpenID Connect Core section 4): it says who
/// we are, and the app comes back with an authorisation request.
pub(crate) fn start_of_sign_in(uri: &str, issuer: &str) -> String {
    let joint = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{joint}iss={}", encode(issuer))
}

fn connected(app: ConnectedApp, catalogue: &Catalogue, issuer: &str) -> views::ConnectedApp {
    let allowed = catalogue.by_category(|name| app.data_points.contains(name));
    let groups = allowed.map(|(category, points)| views::GivenGroup {
        label: category.label.clone(),
        points: points.into_iter().map(|point| point.label.clone()).collect(),
    });
    views::ConnectedApp {
        groups: groups.collect(),
        start: app.initiate_login_uri.map(|uri| start_of_sign_in(&uri, issuer)),
        client_id: app.client.to_string(),
        mark: marks::app(app.name, app.logo.as_deref()),
        since: views::When::from_seconds(app.since.seconds()),
        last_read: app.last_read.map(|at| views::When::from_seconds(at.seconds())),
    }
}
