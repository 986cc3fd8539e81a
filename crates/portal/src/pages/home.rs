//! `/`: a person's own page.

use super::asked;
use crate::flash::Flash;
use crate::history::ITSELF;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::Visit;
use crate::{marks, paths, people, respond, views};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::Engine;
use omniport_protocol::data_points::Catalogue;
use omniport_protocol::vocabulary::{ClientId, Params, PersonId, Timestamp, encode};
use omniport_store::portal::{ConnectedApp, ConnectedCursor, Invitation, News, Notice};

/// Connected apps on one page.
const APPS: u32 = 50;
/// Notices on one page.
const NEWS: u32 = 20;
/// Invitations on one page.
const INVITATIONS: u32 = 20;

/// GET `/?news_before=`, or `/?apps_since=&apps_after=`, or `/?invited_at=&invited_after=`.
pub(crate) async fn show(visit: Visit, Query(query): Query) -> Result<Response, Problem> {
    let mut chrome = visit.chrome();
    let Some(visitor) = &visit.visitor else {
        return Ok(respond::page(StatusCode::OK, &views::HomeSignedOut { chrome }));
    };
    chrome.flash = Flash::told(&query);
    let store = visit.engine.store();
    let id = visitor.person.id;
    let waiting = store.asked_of(id, visit.engine.now()).await?;
    let (invitations, older_invitations) = invitations(&visit.engine, id, &query).await?;
    let before = query.get("news_before").and_then(|id| id.parse().ok());
    let mut notices = store.notices(id, before, NEWS + 1).await?;
    let more_news = notices.len() > NEWS as usize;
    notices.truncate(NEWS as usize);
    let mut apps = store
        .connected_apps(id, cursor(&query).as_ref(), APPS + 1)
        .await?;
    let more_apps = apps.len() > APPS as usize;
    apps.truncate(APPS as usize);
    if store.is_on_a_team(id).await? {
        chrome.lead_to_developers_area();
    }
    let catalogue = &visit.engine.settings().catalogue;
    let template = views::Home {
        chrome,
        person: people::card(&visitor.person),
        asked: waiting.into_iter().map(asked::shown).collect(),
        invitations,
        older_invitations,
        older_news: notices
            .last()
            .filter(|_| more_news)
            .map(|last| format!("/?news_before={}", last.id)),
        news: notices.into_iter().map(news).collect(),
        more_apps: apps.last().filter(|_| more_apps).map(|last| more(&last.cursor())),
        apps: apps
            .into_iter()
            .map(|app| connected(app, catalogue, &visit.engine.settings().issuer))
            .collect(),
    };
    Ok(respond::page(StatusCode::OK, &template))
}

/// A page of what the person is invited to, and where the next one begins; an address that was tampered with begins at the
/// start.
async fn invitations(
    engine: &Engine,
    person: PersonId,
    query: &Params,
) -> Result<(Vec<views::PendingInvitation>, Option<String>), Problem> {
    let at = query.get("invited_at").and_then(|at| at.parse().ok());
    let client = query.get("invited_after").and_then(|id| ClientId::parse(id).ok());
    let after = at.map(Timestamp::from_seconds).zip(client.as_ref());
    let store = engine.store();
    let mut found = store
        .invitations_of(person, engine.now(), after, INVITATIONS + 1)
        .await?;
    let has_more = found.len() > INVITATIONS as usize;
    found.truncate(INVITATIONS as usize);
    let older = found.last().filter(|_| has_more).map(|last| {
        let (at, client) = (last.at.seconds(), encode(last.client.as_str()));
        format!("/?invited_at={at}&invited_after={client}")
    });
    Ok((found.into_iter().map(invitation).collect(), older))
}

/// Where the page's apps begin; an address that was tampered with begins at the start.
fn cursor(query: &Params) -> Option<ConnectedCursor> {
    Some(ConnectedCursor {
        since: Timestamp::from_seconds(query.get("apps_since")?.parse().ok()?),
        client: ClientId::parse(query.get("apps_after")?).ok()?,
    })
}

fn more(cursor: &ConnectedCursor) -> String {
    format!(
        "/?apps_since={}&apps_after={}",
        cursor.since.seconds(),
        encode(cursor.client.as_str())
    )
}

/// A notice; its app is linked to while its dashboard is theirs to open.
fn news(notice: Notice) -> views::TeamNews {
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
        News::RedirectsChanged => ("changed the redirect URLs of", ""),
        News::KeysChanged => ("changed the keys or the client authentication of", ""),
        News::Approved => ("approved", ""),
        News::ChangesRequested => ("asked for changes of", ""),
        News::Rejected => ("rejected", ""),
        News::Suspended => ("suspended", ""),
        News::Resumed => ("ended the suspension of", ""),
        News::Commented => ("wrote about", ""),
        News::ScopesApproved => ("opened the API", "to"),
        News::ScopesDeclined => ("closed the API", "to"),
    };
    let nobody = match notice.what {
        News::RedirectsChanged | News::KeysChanged => ITSELF,
        _ => "Omniport",
    };
    views::TeamNews {
        id: notice.id,
        verb,
        about: notice.about,
        tail,
        app: notice.app_name,
        href: notice.is_theirs.then(|| paths::dashboard(&notice.client)),
        by: notice.by.unwrap_or_else(|| nobody.to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_where_this_one_ends() {
        let last = ConnectedCursor {
            since: Timestamp::from_seconds(42),
            client: ClientId::parse("a b&c").unwrap(),
        };
        let href = more(&last);
        let query = Params::parse(href.split_once('?').unwrap().1.as_bytes()).unwrap();
        assert_eq!(cursor(&query), Some(last));
        let strange = Params::from_pairs([("apps_after", "a"), ("apps_since", "yesterday")]);
        assert_eq!(cursor(&strange), None);
    }
}
