//! Deleting an app.

use super::dashboard::Typed;
use super::proof;
use super::save::refused;
use super::section::Section;
use crate::flash::Flash;
use crate::problem::Problem;
use crate::respond;
use crate::views::Field;
use axum::response::Response;

/// POST `.../delete`: `confirm_name`, the app's name; `password` where the sign-in was a while ago.
pub(crate) async fn delete(mut section: Section) -> Result<Response, Problem> {
    match proof::at_app(&mut section, ("/delete", ""), "delete the app").await? {
        Ok(proof) => Ok(proof.carry(deleted(section).await)),
        Err(page) => Ok(page),
    }
}

async fn deleted(Section { at, form }: Section) -> Result<Response, Problem> {
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
