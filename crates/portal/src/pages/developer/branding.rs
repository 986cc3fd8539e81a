//! The dashboard's name and logo.

use super::dashboard::Typed;
use super::save::{refused, save, save_checked, saved_as};
use super::section::{AtApp, Section};
use crate::forms::LogoUpload;
use crate::problem::Problem;
use crate::views::Field;
use axum::response::Response;
use omniport_engine::apps::EditError;
use omniport_protocol::review::{Edit, check_own_name};

/// POST `.../name`.
pub(crate) async fn name(section: Section) -> Result<Response, Problem> {
    let seen = section.seen();
    let Section { at, form } = section;
    let text = form.text("name");
    let typed = |error| Typed {
        name: Some(Field::typed(text, error)),
        ..Typed::default()
    };
    save_checked(at, check_own_name(text).map(Edit::Name), seen, typed).await
}

/// POST `.../logo`: `multipart/form-data` with `logo` and `version`.
pub(crate) async fn logo(at: AtApp, LogoUpload { file, seen }: LogoUpload) -> Result<Response, Problem> {
    let engine = at.signed_in.engine();
    match engine.set_logo(&at.app.id, at.signed_in.by(), file, seen).await? {
        Ok(revision) => Ok(saved_as(&at, &revision)),
        Err(error) => {
            // No page can put a file back into its field.
            let why = "Somebody of your team changed the logo since you opened the page. Choose your picture once more to put \
                       it in the place of theirs.";
            let typed = Typed {
                logo_error: (error == EditError::Meanwhile).then(|| why.to_owned()),
                ..Typed::default()
            };
            refused(&at, &error, typed).await
        }
    }
}

/// POST `.../logo/remove`: `version`.
pub(crate) async fn remove_logo(section: Section) -> Result<Response, Problem> {
    let seen = section.seen();
    save(section.at, &Edit::Logo(None), seen, Typed::default()).await
}
