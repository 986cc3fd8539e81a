//! The dashboard's data points.

use super::dashboard::Typed;
use super::save::save_checked;
use super::section::Section;
use crate::problem::Problem;
use axum::response::Response;
use omniport_protocol::review::{Edit, check_data_points};

/// POST `.../data-points`. None ticked is fine: the app then only learns who signed in.
pub(crate) async fn save_them(Section { at, form }: Section) -> Result<Response, Problem> {
    let ticked = form.ticked("data_points");
    let checked = check_data_points(&ticked, &at.signed_in.engine().settings().catalogue);
    let typed = |error| Typed {
        data_points: Some((ticked, error)),
        ..Typed::default()
    };
    save_checked(at, checked.map(Edit::DataPoints), typed).await
}
