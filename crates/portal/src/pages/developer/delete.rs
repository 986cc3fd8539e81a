//! Deleting an app.

use super::dashboard::{Typed, again};
use super::save::refused;
use super::section::Section;
use crate::flash::Flash;
use crate::problem::Problem;
use crate::respond;
use crate::views::Field;
use axum::response::Response;
use http::StatusCode;

/// POST `.../delete`: `confirm_name`, the app's name.
pub(crate) async fn delete(Section { at, form }: Section) -> Result<Response, Problem> {
    let name = form.text("confirm_name");
    match at
        .signed_in
        .engine()
        .delete_app(&at.app.id, at.signed_in.id(), name)
        .await?
    {
        Ok(true) => Ok(respond::see_other(&Flash::Deleted.at("/developer"))),
        Ok(false) => {
            let error =
                "This is not the app's name. Type it exactly as it stands above; nothing was deleted.";
            let typed = Typed {
                delete: Some(Field::refused(name, error)),
                ..Typed::default()
            };
            again(&at, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => refused(&at, &error, Typed::default()).await,
    }
}
