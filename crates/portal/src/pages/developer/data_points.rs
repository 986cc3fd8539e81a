//! The dashboard's data points.

use super::dashboard::Typed;
use super::save::save_checked;
use super::section::Section;
use crate::fields;
use crate::problem::Problem;
use axum::response::Response;
use omniport_protocol::review::{Asked, Edit};

/// POST `.../data-points`: `data_points`, `optional`, `purpose.NAME`. None ticked is fine: the app then only learns who
/// signed in.
pub(crate) async fn save_them(section: Section) -> Result<Response, Problem> {
    let seen = section.seen();
    let Section { at, form } = section;
    let given = fields::Typed::of(&form);
    let catalogue = &at.signed_in.engine().settings().catalogue;
    let checked = Asked::check(&given.ticked, &given.optional, &given.purposes, catalogue);
    let typed = |error| Typed {
        data_points: Some((given, error)),
        ..Typed::default()
    };
    save_checked(at, checked.map(Edit::DataPoints), seen, typed).await
}
