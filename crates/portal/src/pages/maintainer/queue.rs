//! `/maintainer/review`: what waits, the oldest first.

use super::review::Typed;
use super::{decide, review};
use crate::flash::Flash;
use crate::forms::Form;
use crate::problem::Problem;
use crate::query::Query;
use crate::views::{self, QueueFilter, QueueRow};
use crate::visitor::{Maintainer, SignedIn};
use crate::{marks, people, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::{ClientId, Params, Timestamp, encode};
use omniport_store::portal::{AppCursor, AppFilter, Claimed, ListedApp};

/// Apps on one page.
const PAGE: u32 = 50;
/// Longest search, in characters.
const MAX_SEARCH: usize = 100;

/// GET `/maintainer/review?status=...&q=...`.
pub(crate) async fn show(
    Maintainer(signed_in): Maintainer,
    Query(query): Query,
) -> Result<Response, Problem> {
    let store = signed_in.engine().store();
    let filter = filter(&query);
    let search: String = query
        .get("q")
        .unwrap_or_default()
        .chars()
        .take(MAX_SEARCH)
        .collect();
    let after = cursor(&query);
    let mut apps = store
        .apps(&wanted(filter, &search, &signed_in), after.as_ref(), PAGE + 1)
        .await?;
    let next_page = if apps.len() > PAGE as usize {
        apps.truncate(PAGE as usize);
        apps.last().map(|last| next_page(filter, &search, &last.cursor()))
    } else {
        None
    };
    let opens_first = filter == QueueFilter::Pending && after.is_none() && !apps.is_empty();
    let first = if opens_first {
        Some(review::of(&signed_in, &apps.remove(0), Typed::default()).await?)
    } else {
        None
    };
    let mut chrome = signed_in.visit.chrome();
    chrome.flash = Flash::told(&query);
    let template = views::Queue {
        chrome,
        filter,
        query: search,
        waiting: store.apps_awaiting_review().await?,
        first,
        rows: apps.iter().map(|listed| row(listed, &signed_in)).collect(),
        next_page,
    };
    Ok(respond::page(StatusCode::OK, &template))
}

/// POST `/maintainer/review`: the app is named by the field `app`.
pub(crate) async fn decide(Maintainer(signed_in): Maintainer, form: Form) -> Result<Response, Problem> {
    let id = ClientId::parse(form.text("app")).map_err(|_| Problem::not_found())?;
    decide::decide(&signed_in, &id, &form).await
}

fn filter(query: &Params) -> QueueFilter {
    let asked = query.get("status").unwrap_or_default();
    QueueFilter::ALL
        .into_iter()
        .find(|filter| filter.key() == asked)
        .unwrap_or(QueueFilter::Pending)
}

fn wanted(filter: QueueFilter, search: &str, signed_in: &SignedIn) -> AppFilter {
    AppFilter {
        standing: match filter {
            QueueFilter::Approved => Some(Standing::Approved),
            QueueFilter::Suspended => Some(Standing::Suspended),
            _ => None,
        },
        awaiting_review: matches!(
            filter,
            QueueFilter::Pending | QueueFilter::Overdue | QueueFilter::Unclaimed | QueueFilter::Mine
        ),
        with_team: filter == QueueFilter::WithTeam,
        submitted_before: (filter == QueueFilter::Overdue).then(|| signed_in.engine().overdue_since()),
        claimed: match filter {
            QueueFilter::Unclaimed => Some(Claimed::ByNobody),
            QueueFilter::Mine => Some(Claimed::By(signed_in.id())),
            _ => None,
        },
        search: search.to_owned(),
    }
}

/// Where the page begins; an address that was tampered with begins at the start.
fn cursor(query: &Params) -> Option<AppCursor> {
    Some(AppCursor {
        submitted_at: Timestamp::from_seconds(query.get("after_at")?.parse().ok()?),
        id: ClientId::parse(query.get("after")?).ok()?,
    })
}

fn next_page(filter: QueueFilter, search: &str, cursor: &AppCursor) -> views::Link {
    views::Link {
        label: "Next page".to_owned(),
        href: format!(
            "/maintainer/review?status={}&q={}&after_at={}&after={}",
            filter.key(),
            encode(search),
            cursor.submitted_at.seconds(),
            encode(cursor.id.as_str())
        ),
    }
}

fn row(listed: &ListedApp, signed_in: &SignedIn) -> QueueRow {
    QueueRow {
        overdue: review::is_overdue(listed, signed_in),
        claimed_by: listed.claim.as_ref().map(|claim| claim.username.clone()),
        id: listed.app.id.to_string(),
        mark: marks::serving(&listed.app),
        owner: people::with_data(&listed.owner, &listed.owner_data).name,
        status: marks::status(listed.app.standing),
        kind: review::kind(&listed.app),
        since: review::since(listed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_where_this_one_ends() {
        let cursor_in = AppCursor {
            submitted_at: Timestamp::from_seconds(42),
            id: ClientId::parse("a b&c").unwrap(),
        };
        let href = next_page(QueueFilter::All, "x&y", &cursor_in).href;
        let query = Params::parse(href.split_once('?').unwrap().1.as_bytes()).unwrap();
        assert_eq!(cursor(&query), Some(cursor_in));
        assert_eq!(filter(&query), QueueFilter::All);
        assert_eq!(query.get("q"), Some("x&y"));
    }

    #[test]
    fn strange_addresses_show_the_queue() {
        let query = Params::from_pairs([
            ("status", "everything"),
            ("after", "a"),
            ("after_at", "yesterday"),
        ]);
        assert_eq!(filter(&query), QueueFilter::Pending);
        assert_eq!(cursor(&query), None);
    }
}
