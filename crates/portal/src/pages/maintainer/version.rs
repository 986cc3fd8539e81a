//! `/maintainer/review/ID/version`: one version of an app, by what it changed.

use crate::paths::{self, AppId};
use crate::problem::Problem;
use crate::query::Query;
use crate::views::MaintainerVersion;
use crate::visitor::Maintainer;
use crate::{marks, respond, version};
use axum::response::Response;
use http::StatusCode;

/// GET `?number=`.
pub(crate) async fn show(
    Maintainer(signed_in): Maintainer,
    AppId(id): AppId,
    Query(query): Query,
) -> Result<Response, Problem> {
    let engine = signed_in.engine();
    let app = engine.store().app(&id).await?.ok_or_else(Problem::not_found)?;
    let template = MaintainerVersion {
        chrome: signed_in.visit.chrome(),
        mark: marks::serving(&app),
        version: version::shown(engine, &app, &query, &paths::review(&id)).await?,
        id: id.to_string(),
    };
    Ok(respond::page(StatusCode::OK, &template))
}
