//! Sending a rejected app to review again.

use super::dashboard::Typed;
use super::save::refused;
use super::section::Section;
use crate::flash::Flash;
use crate::problem::Problem;
use crate::{paths, respond};
use axum::response::Response;

/// POST `.../submit`.
pub(crate) async fn submit(Section { at, .. }: Section) -> Result<Response, Problem> {
    match at
        .signed_in
        .engine()
        .resubmit_app(&at.app.id, at.signed_in.id())
        .await?
    {
        Ok(()) => Ok(respond::see_other(
            &Flash::Submitted.at(&paths::dashboard(&at.app.id)),
        )),
        Err(error) => refused(&at, &error, Typed::default()).await,
    }
}
