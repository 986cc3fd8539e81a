//! The dashboard's name and logo.

use super::dashboard::Typed;
use super::save::{refused, save, save_checked, saved_as};
use super::section::{AtApp, Section};
use crate::forms::LogoUpload;
use crate::problem::Problem;
use crate::views::Field;
use axum::response::Response;
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

/// POST `.../logo`: `multipart/form-data`.
pub(crate) async fn logo(at: AtApp, LogoUpload(file): LogoUpload) -> Result<Response, Problem> {
    let engine = at.signed_in.engine();
    match engine.set_logo(&at.app.id, at.signed_in.by(), file).await? {
        Ok(revision) => Ok(saved_as(&at, &revision)),
        Err(error) => refused(&at, &error, Typed::default()).await,
    }
}

/// POST `.../logo/remove`.
pub(crate) async fn remove_logo(Section { at, .. }: Section) -> Result<Response, Problem> {
    save(at, &Edit::Logo(None), None, Typed::default()).await
}
