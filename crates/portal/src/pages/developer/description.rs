//! The dashboard's description.

use super::dashboard::{Typed, again};
use super::save::save;
use super::section::Section;
use crate::problem::Problem;
use crate::views::Field;
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::review::{Edit, check_description};

/// POST `.../description`.
pub(crate) async fn save_it(Section { at, form }: Section) -> Result<Response, Problem> {
    let text = form.text("description");
    let typed = |field| Typed {
        description: Some(field),
        ..Typed::default()
    };
    match check_description(text) {
        Ok(description) => save(at, &Edit::Description(description), typed(Field::of(text))).await,
        Err(error) => {
            again(
                &at,
                typed(Field::refused(text, error.message)),
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
    }
}
