//! `/developer/apps/ID/version`: one version of an app, by what it changed.

use super::section::AtApp;
use crate::problem::Problem;
use crate::query::Query;
use crate::views::DeveloperVersion;
use crate::{paths, respond, version};
use axum::response::Response;
use http::StatusCode;

/// GET `/developer/apps/{client_id}/version?number=`.
pub(crate) async fn show(at: AtApp, Query(query): Query) -> Result<Response, Problem> {
    let (engine, path) = (at.signed_in.engine(), paths::dashboard(&at.app.id));
    let template = DeveloperVersion {
        chrome: at.chrome(),
        head: at.head().await?,
        version: version::shown(engine, &at.app, &query, &path).await?,
    };
    Ok(respond::page(StatusCode::OK, &template))
}
