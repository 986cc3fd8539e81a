//! Saving one section of the dashboard.

use super::dashboard::{Typed, again};
use super::section::AtApp;
use crate::flash::{Flash, problem, sentence};
use crate::problem::Problem;
use crate::{paths, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::apps::EditError;
use omniport_protocol::review::{Change, Edit, FieldError, Revision};

/// Saves `edit`, made of the version `seen`, and leads back to the dashboard, which says what came of it. `typed` is
/// shown again where somebody else saved meanwhile.
pub(super) async fn save(
    at: AtApp,
    edit: &Edit,
    seen: Option<u32>,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let saved = at
        .signed_in
        .engine()
        .edit_app_as_seen(&at.app.id, at.signed_in.by(), edit, seen)
        .await?;
    match saved {
        Ok(revision) => Ok(saved_as(&at, &revision)),
        Err(error) => {
            if error == EditError::Meanwhile {
                typed.unsaved = Some(edit.clone());
            }
            Box::pin(refused(&at, &error, typed)).await
        }
    }
}

/// Saves what was checked; shows the dashboard again where it was refused, with what was typed and the mistake beside
/// its field. `typed` makes a field's mistake, or none, into what the dashboard shows.
pub(super) async fn save_checked(
    at: AtApp,
    checked: Result<Edit, FieldError>,
    seen: Option<u32>,
    typed: impl FnOnce(Option<String>) -> Typed,
) -> Result<Response, Problem> {
    match checked {
        Ok(edit) => Box::pin(save(at, &edit, seen, typed(None))).await,
        Err(error) => {
            let typed = typed(Some(error.message));
            Box::pin(again(&at, typed, StatusCode::UNPROCESSABLE_ENTITY)).await
        }
    }
}

/// Back to the dashboard after an edit.
pub(super) fn saved_as(at: &AtApp, revision: &Revision) -> Response {
    saved_at(at, revision, &paths::dashboard(&at.app.id))
}

/// Back to one of the app's pages after an edit.
pub(super) fn saved_at(at: &AtApp, revision: &Revision, path: &str) -> Response {
    let flash = if revision.is_empty() {
        Flash::Same
    } else if revision.live == Change::Keep && revision.asks_for_review(&at.app) {
        Flash::InReview
    } else {
        Flash::Saved
    };
    respond::see_other(&flash.at(path))
}

/// The dashboard again, with what was typed and why it was not saved.
pub(super) async fn refused(at: &AtApp, error: &EditError, mut typed: Typed) -> Result<Response, Problem> {
    match error {
        EditError::NotFound => Err(Problem::not_found()),
        EditError::Logo(why) => {
            typed.logo_error = Some(why.to_string());
            again(at, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        EditError::WrongName => {
            typed.delete.get_or_insert_default().error = Some(sentence(&error.to_string()));
            again(at, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        EditError::Changed
        | EditError::Meanwhile
        | EditError::NothingToSend
        | EditError::NothingToTakeBack
        | EditError::TooManyVersions => {
            typed.flash = Some(problem(sentence(&error.to_string())));
            again(at, typed, StatusCode::CONFLICT).await
        }
    }
}
