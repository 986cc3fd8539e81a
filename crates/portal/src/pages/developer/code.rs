//! `/developer/apps/ID/code`: a program to begin with.

use super::dashboard::snippets;
use super::section::AtApp;
use crate::problem::Problem;
use crate::query::Query;
use crate::respond;
use crate::views::{DeveloperCode, Language};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::Fault;

/// GET `/developer/apps/{client_id}/code?language=`: curl where it is left out or not one that is offered.
pub(crate) async fn show(at: AtApp, Query(query): Query) -> Result<Response, Problem> {
    let Some(serving) = at.app.serving().map(|version| &version.manifest) else {
        return Err(Problem::not_found());
    };
    let asked = query.get("language").unwrap_or_default();
    let known = Language::ALL.into_iter().find(|language| language.key() == asked);
    let language = known.unwrap_or(Language::Curl);
    let values = snippets(&at.signed_in.engine().settings().issuer, &at.app.id, serving);
    let (program, steps) = if values.has_program() {
        let program = language.program(&values);
        let program = program.map_err(|_| Fault::Bug("a program cannot be rendered"))?;
        (Some(program), Vec::new())
    } else {
        (None, values.steps())
    };
    let template = DeveloperCode {
        chrome: at.chrome(),
        head: at.head().await?,
        language,
        client_type: values.client_type,
        program,
        steps,
    };
    Ok(respond::page(StatusCode::OK, &template))
}
