//! Deleting an app.

use super::dashboard::Typed;
use super::save::refused;
use super::section::Section;
use crate::flash::Flash;
use crate::problem::Problem;
use crate::respond;
use crate::views::Field;
use axum::response::Response;

/// POST `.../delete`: `confirm_name`, the app's name.
pub(crate) async fn delete(Section { at, form }: Section) -> Result<Response, Problem> {
    let name = form.text("confirm_name");
    match at
        .signed_in
        .engine()
        .delete_app(&at.app.id, at.signed_in.by(), name)
        .await?
    {
        Ok(()) => Ok(respond::see_other(&Flash::Deleted.at("/developer"))),
        Err(error) => {
            let typed = Typed {
                delete: Some(Field::of(name)),
                ..Typed::default()
            };
            refused(&at, &error, typed).await
        }
    }
}
