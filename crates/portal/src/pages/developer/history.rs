//! `/developer/apps/ID/history`: what happened to an app, page by page.

use super::section::AtApp;
use crate::history::{History, LONG, Reader};
use crate::problem::Problem;
use crate::query::Query;
use crate::views::DeveloperHistory;
use crate::{paths, respond};
use axum::response::Response;
use http::StatusCode;

/// GET `/developer/apps/{client_id}/history?before=`: from the newest on where it is left out.
pub(crate) async fn show(at: AtApp, Query(query): Query) -> Result<Response, Problem> {
    let before = query.get("before").and_then(|id| id.parse().ok());
    let engine = at.signed_in.engine();
    let history = History::read(engine, &at.app.id, Reader::Team, before, LONG).await?;
    let template = DeveloperHistory {
        chrome: at.chrome(),
        head: at.head().await?,
        history: history.entries(&paths::dashboard(&at.app.id)),
        older: history.older(&paths::dashboard(&at.app.id)),
    };
    Ok(respond::page(StatusCode::OK, &template))
}
