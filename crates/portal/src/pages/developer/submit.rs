//! Sending an app to review, taking it back, and answering the reviewers.

use super::dashboard::{Typed, again};
use super::save::refused;
use super::section::Section;
use crate::flash::{Flash, sentence};
use crate::problem::Problem;
use crate::views::Field;
use crate::{paths, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::apps::RemarkError;

/// POST `.../submit`.
pub(crate) async fn submit(Section { at, .. }: Section) -> Result<Response, Problem> {
    let (engine, id) = (at.signed_in.engine(), &at.app.id);
    match engine.submit_app(id, at.signed_in.by()).await? {
        Ok(()) => Ok(respond::see_other(&Flash::Submitted.at(&paths::dashboard(id)))),
        Err(error) => refused(&at, &error, Typed::default()).await,
    }
}

/// POST `.../take-back`.
pub(crate) async fn take_back(Section { at, .. }: Section) -> Result<Response, Problem> {
    let (engine, id) = (at.signed_in.engine(), &at.app.id);
    match engine.take_back_app(id, at.signed_in.by()).await? {
        Ok(()) => {
            let told = match at.app.live {
                Some(_) => Flash::ChangeTakenBack,
                None => Flash::TakenBack,
            };
            Ok(respond::see_other(&told.at(&paths::dashboard(id))))
        }
        Err(error) => refused(&at, &error, Typed::default()).await,
    }
}

/// POST `.../comment`: `comment`, for the maintainers and the rest of the team.
pub(crate) async fn comment(Section { at, form }: Section) -> Result<Response, Problem> {
    let (engine, id, text) = (at.signed_in.engine(), &at.app.id, form.text("comment"));
    match engine.answer_reviewers(id, at.signed_in.by(), text).await? {
        Ok(()) => Ok(respond::see_other(&Flash::Commented.at(&paths::dashboard(id)))),
        Err(RemarkError::NotFound) => Err(Problem::not_found()),
        Err(error) => {
            let typed = Typed {
                answer: Some(Field::refused(text, sentence(&error.to_string()))),
                ..Typed::default()
            };
            again(&at, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
