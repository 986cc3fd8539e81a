//! The dashboard's description.

use super::dashboard::Typed;
use super::save::save_checked;
use super::section::Section;
use crate::problem::Problem;
use crate::views::Field;
use axum::response::Response;
use omniport_protocol::review::{Edit, check_description};

/// POST `.../description`.
pub(crate) async fn save_it(section: Section) -> Result<Response, Problem> {
    let seen = section.seen();
    let Section { at, form } = section;
    let text = form.text("description");
    let typed = |error| Typed {
        description: Some(Field::typed(text, error)),
        ..Typed::default()
    };
    save_checked(at, check_description(text).map(Edit::Description), seen, typed).await
}
