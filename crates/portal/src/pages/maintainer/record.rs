//! `/maintainer/review/ID/history`: what happened to an app, page by page, with the maintainers' notes.

use crate::history::{History, LONG, Reader};
use crate::paths::{self, AppId};
use crate::problem::Problem;
use crate::query::Query;
use crate::views::MaintainerHistory;
use crate::visitor::Maintainer;
use crate::{marks, respond};
use axum::response::Response;
use http::StatusCode;

/// GET `?before=`: from the newest on where it is left out.
pub(crate) async fn show(
    Maintainer(signed_in): Maintainer,
    AppId(id): AppId,
    Query(query): Query,
) -> Result<Response, Problem> {
    let engine = signed_in.engine();
    let app = engine.store().app(&id).await?.ok_or_else(Problem::not_found)?;
    let before = query.get("before").and_then(|id| id.parse().ok());
    let history = History::read(engine, &id, Reader::Maintainers, before, LONG).await?;
    let template = MaintainerHistory {
        chrome: signed_in.visit.chrome(),
        mark: marks::serving(&app),
        history: history.entries(&paths::review(&id)),
        older: history.older(&paths::review(&id)),
        id: id.to_string(),
    };
    Ok(respond::page(StatusCode::OK, &template))
}
