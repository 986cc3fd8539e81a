//! `/developer`: the apps whose team the person is on.

use crate::flash::Flash;
use crate::problem::Problem;
use crate::query::Query;
use crate::visitor::SignedIn;
use crate::{marks, respond, views};
use axum::response::Response;
use http::StatusCode;

/// GET `/developer`. Everybody sees the apps of their teams; who may register one is asked by the form.
pub(crate) async fn show(signed_in: SignedIn, Query(query): Query) -> Result<Response, Problem> {
    let store = signed_in.engine().store();
    let mut rows = Vec::new();
    for app in store.apps_of(signed_in.id()).await? {
        rows.push(views::AppRow {
            id: app.id.to_string(),
            mark: marks::serving(&app),
            status: marks::status(app.standing),
            change: if app.has_waiting_change() {
                views::Change::Pending
            } else {
                views::Change::None
            },
            created: views::When::from_seconds(app.created_at.seconds()),
            people: store.connected_people(&app.id).await?,
        });
    }
    let mut chrome = signed_in.visit.chrome();
    chrome.flash = Flash::told(&query);
    chrome.lead_to_developers_area();
    Ok(respond::page(
        StatusCode::OK,
        &views::DeveloperList { chrome, apps: rows },
    ))
}
