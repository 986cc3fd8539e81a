//! `/maintainer/review/ID`: one app.

use super::{decide, review};
use crate::forms::Form;
use crate::paths::AppId;
use crate::problem::Problem;
use crate::respond;
use crate::views::{self, Field};
use crate::visitor::Maintainer;
use axum::response::Response;
use http::StatusCode;

/// GET `/maintainer/review/{client_id}`.
pub(crate) async fn show(Maintainer(signed_in): Maintainer, AppId(id): AppId) -> Result<Response, Problem> {
    let listed = signed_in
        .engine()
        .store()
        .listed_app(&id)
        .await?
        .ok_or_else(Problem::not_found)?;
    let review = review::of(&signed_in, &listed, Field::default()).await?;
    let chrome = signed_in.visit.chrome();
    Ok(respond::page(
        StatusCode::OK,
        &views::MaintainerApp { chrome, review },
    ))
}

/// POST `/maintainer/review/{client_id}`.
pub(crate) async fn decide(
    Maintainer(signed_in): Maintainer,
    AppId(id): AppId,
    form: Form,
) -> Result<Response, Problem> {
    decide::decide(&signed_in, &id, &form).await
}
