//! `/developer`: the apps whose team the person is on.

use crate::flash::Flash;
use crate::history;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::{SignedIn, is_developer};
use crate::{marks, respond, views};
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::vocabulary::{ClientId, Params, Timestamp, encode};

/// Apps on one page.
const PAGE: u32 = 50;

/// Longest search, in characters.
const MAX_SEARCH: usize = 100;

/// GET `/developer?q=&after_at=&after=`. Everybody sees the apps of their teams; who may register one is asked by the form.
pub(crate) async fn show(signed_in: SignedIn, Query(query): Query) -> Result<Response, Problem> {
    let engine = signed_in.engine();
    let after = cursor(&query);
    let behind = after.as_ref().map(|(at, id)| (*at, id));
    let search = query.get("q").unwrap_or_default().trim();
    let search: String = search.chars().take(MAX_SEARCH).collect();
    let mut apps = engine
        .store()
        .apps_of(signed_in.id(), &search, behind, PAGE + 1)
        .await?;
    let has_more = apps.len() > PAGE as usize;
    apps.truncate(PAGE as usize);
    let next_page = apps
        .last()
        .filter(|_| has_more)
        .map(|(last, _)| next_page(&search, last.created_at, &last.id));
    let mut rows = Vec::new();
    for (app, people) in apps {
        rows.push(views::AppRow {
            id: app.id.to_string(),
            mark: marks::serving(&app),
            status: marks::status(app.standing),
            change: history::under_way(&app),
            created: views::When::from_seconds(app.created_at.seconds()),
            people,
        });
    }
    let mut chrome = signed_in.visit.chrome();
    chrome.flash = Flash::told(&query);
    chrome.lead_to_developers_area();
    let template = views::DeveloperList {
        chrome,
        may_add: is_developer(&signed_in.visitor),
        apps: rows,
        query: search,
        next_page,
    };
    Ok(respond::page(StatusCode::OK, &template))
}

/// Where the page begins; an address that was tampered with begins at the start.
fn cursor(query: &Params) -> Option<(Timestamp, ClientId)> {
    let at = Timestamp::from_seconds(query.get("after_at")?.parse().ok()?);
    Some((at, ClientId::parse(query.get("after")?).ok()?))
}

fn next_page(search: &str, at: Timestamp, id: &ClientId) -> String {
    format!(
        "/developer?q={}&after_at={}&after={}",
        encode(search),
        at.seconds(),
        encode(id.as_str())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_where_this_one_ends() {
        let (at, id) = (Timestamp::from_seconds(42), ClientId::parse("a b&c").unwrap());
        let href = next_page("x&y", at, &id);
        let query = Params::parse(href.split_once('?').unwrap().1.as_bytes()).unwrap();
        assert_eq!(cursor(&query), Some((at, id)));
        assert_eq!(query.get("q"), Some("x&y"));
        let strange = Params::from_pairs([("after", "a"), ("after_at", "yesterday")]);
        assert_eq!(cursor(&strange), None);
    }
}
