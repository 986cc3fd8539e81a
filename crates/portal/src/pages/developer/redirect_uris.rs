//! The dashboard's redirect URLs.

use super::dashboard::{Typed, again};
use super::save::save;
use super::section::Section;
use crate::problem::Problem;
use crate::views::Field;
use axum::response::Response;
use http::StatusCode;
use omniport_protocol::review::{Edit, check_redirect_uris};

/// POST `.../redirect-uris`.
pub(crate) async fn save_them(Section { at, form }: Section) -> Result<Response, Problem> {
    let text = form.text("redirect_uris");
    let typed = |field| Typed {
        redirect_uris: Some(field),
        ..Typed::default()
    };
    match check_redirect_uris(text) {
        Ok(uris) => save(at, &Edit::RedirectUris(uris), typed(Field::of(text))).await,
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
