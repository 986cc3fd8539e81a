//! The dashboard's data points.

use super::dashboard::{Typed, again};
use super::save::save;
use super::section::Section;
use crate::problem::Problem;
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::review::{Edit, check_data_points};

/// POST `.../data-points`. None ticked is fine: the app then only learns who signed in.
pub(crate) async fn save_them(Section { at, form }: Section) -> Result<Response, Problem> {
    let ticked = form.ticked("data_points");
    let checked = check_data_points(&ticked, &at.signed_in.engine().settings().catalogue);
    let typed = |error| Typed {
        data_points: Some((ticked, error)),
        ..Typed::default()
    };
    match checked {
        Ok(points) => save(at, &Edit::DataPoints(points), typed(None)).await,
        Err(error) => again(&at, typed(Some(error.message)), StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}
