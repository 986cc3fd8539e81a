//! The dashboard's secret.

use super::dashboard::{Typed, again};
use super::proof;
use super::section::Section;
use crate::flash::{Flash, sentence};
use crate::problem::Problem;
use crate::{cookies, paths, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::apps::SecretError;

/// Longest overlap of an old secret and its successor, in hours.
const MAX_GRACE_HOURS: i64 = 168;

/// POST `.../secret`: `grace_hours`, 24 where it is left out; `password` where the sign-in was a while ago. The new secret
/// is shown once, by the dashboard.
pub(crate) async fn rotate(mut section: Section) -> Result<Response, Problem> {
    match proof::at_app(&mut section, ("/secret", ""), "make a new secret").await? {
        Ok(proof) => Ok(proof.carry(rotated(section).await)),
        Err(page) => Ok(page),
    }
}

async fn rotated(Section { at, form }: Section) -> Result<Response, Problem> {
    let hours = match form.text("grace_hours") {
        "" => Some(24),
        text => text
            .parse()
            .ok()
            .filter(|hours| (0..=MAX_GRACE_HOURS).contains(hours)),
    };
    let Some(hours) = hours else {
        return refused(&at, format!("Choose 0 to {MAX_GRACE_HOURS} hours.")).await;
    };
    let (engine, id) = (at.signed_in.engine(), &at.app.id);
    match engine.rotate_secret(id, at.signed_in.by(), hours * 3_600).await? {
        Ok(rotated) => {
            let onwards = respond::see_other(&Flash::Rotated.at(&paths::dashboard(id)));
            Ok(respond::with_cookie(
                onwards,
                cookies::reveal(id, &rotated.secret),
            ))
        }
        Err(SecretError::NotFound) => Err(Problem::not_found()),
        Err(error) => refused(&at, sentence(&error.to_string())).await,
    }
}

/// POST `.../secret/revoke`: `secret`, its number; `password` where the sign-in was a while ago.
pub(crate) async fn revoke(mut section: Section) -> Result<Response, Problem> {
    match proof::at_app(&mut section, ("/secret/revoke", ""), "revoke a secret").await? {
        Ok(proof) => Ok(proof.carry(revoked(section).await)),
        Err(page) => Ok(page),
    }
}

async fn revoked(Section { at, form }: Section) -> Result<Response, Problem> {
    let malformed = |_| Problem::malformed("The form does not say which secret to revoke.");
    let secret = form.text("secret").parse().map_err(malformed)?;
    let (engine, id) = (at.signed_in.engine(), &at.app.id);
    match engine.revoke_secret(id, at.signed_in.by(), secret).await? {
        Ok(()) => Ok(respond::see_other(&Flash::Revoked.at(&paths::dashboard(id)))),
        Err(SecretError::NotFound) => Err(Problem::not_found()),
        Err(error) => refused(&at, sentence(&error.to_string())).await,
    }
}

async fn refused(at: &super::section::AtApp, error: String) -> Result<Response, Problem> {
    let typed = Typed {
        secret_error: Some(error),
        ..Typed::default()
    };
    again(at, typed, StatusCode::UNPROCESSABLE_ENTITY).await
}
