//! The dashboard's team.

use super::dashboard::{Typed, again};
use super::proof;
use super::section::Section;
use crate::flash::{Flash, problem, sentence};
use crate::problem::Problem;
use crate::views::Field;
use crate::{paths, respond};
use axum::response::Response;
use http::StatusCode;
use omniport_engine::apps::TeamError;
use omniport_engine::people::MAX_USERNAME_CHARS;

/// POST `.../team`: `username`; `password` where the sign-in was a while ago, for whoever joins may do everything. They
/// join once they accept.
pub(crate) async fn add(mut section: Section) -> Result<Response, Problem> {
    match proof::at_app(&mut section, ("/team", ""), "invite somebody to the team").await? {
        Ok(proof) => Ok(proof.carry(added(section).await)),
        Err(page) => Ok(page),
    }
}

async fn added(Section { at, form }: Section) -> Result<Response, Problem> {
    let username = form.text("username").trim();
    let added = if username.is_empty() {
        Err(TeamError::Nobody(String::new()))
    } else {
        at.signed_in
            .engine()
            .invite_to_team(&at.app.id, at.signed_in.by(), username)
            .await?
    };
    let error = match added {
        Ok(()) => {
            return Ok(respond::see_other(
                &Flash::Invited.at(&paths::dashboard(&at.app.id)),
            ));
        }
        Err(TeamError::NotFound) => return Err(Problem::not_found()),
        Err(TeamError::Nobody(name)) if name.is_empty() => "Type a username first.".to_owned(),
        Err(error) => sentence(&error.to_string()),
    };
    let typed = Typed {
        team_add: Some(Field::refused(username, error)),
        ..Typed::default()
    };
    again(&at, typed, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// POST `.../team/remove`: `username`. Who removes themselves leaves.
pub(crate) async fn remove(Section { at, form }: Section) -> Result<Response, Problem> {
    let engine = at.signed_in.engine();
    let username = form.text("username");
    let members = engine.store().team(&at.app.id).await?;
    let removed = match members.iter().find(|member| member.username == username) {
        None => Err(TeamError::Nobody(
            username.chars().take(MAX_USERNAME_CHARS).collect(),
        )),
        Some(member) => {
            engine
                .remove_from_team(&at.app.id, at.signed_in.by(), member.person)
                .await?
        }
    };
    let error = match removed {
        Ok(()) if username == at.signed_in.visitor.person.username => {
            return Ok(respond::see_other(&Flash::Left.at("/developer")));
        }
        Ok(()) => {
            return Ok(respond::see_other(
                &Flash::Removed.at(&paths::dashboard(&at.app.id)),
            ));
        }
        Err(TeamError::NotFound) => return Err(Problem::not_found()),
        Err(TeamError::Nobody(name)) => format!("'{name}' is not on the team any more."),
        Err(error) => sentence(&error.to_string()),
    };
    let typed = Typed {
        flash: Some(problem(error)),
        ..Typed::default()
    };
    again(&at, typed, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// POST `.../team/uninvite`: `username`.
pub(crate) async fn uninvite(Section { at, form }: Section) -> Result<Response, Problem> {
    let (engine, id) = (at.signed_in.engine(), &at.app.id);
    let username = form.text("username");
    match engine
        .take_invitation_back(id, at.signed_in.by(), username)
        .await?
    {
        Ok(()) => Ok(respond::see_other(&Flash::Uninvited.at(&paths::dashboard(id)))),
        Err(TeamError::NotFound) => Err(Problem::not_found()),
        Err(error) => {
            let typed = Typed {
                flash: Some(problem(sentence(&error.to_string()))),
                ..Typed::default()
            };
            again(&at, typed, StatusCode::CONFLICT).await
        }
    }
}

/// POST `.../team/give`: `username` and `confirm_name`; `password` where the sign-in was a while ago.
pub(crate) async fn give(mut section: Section) -> Result<Response, Problem> {
    match proof::at_app(&mut section, ("/team/give", ""), "give the app away").await? {
        Ok(proof) => Ok(proof.carry(given(section).await)),
        Err(page) => Ok(page),
    }
}

async fn given(Section { at, form }: Section) -> Result<Response, Problem> {
    let (engine, id) = (at.signed_in.engine(), &at.app.id);
    let (username, name) = (form.text("username"), form.text("confirm_name"));
    match engine.offer_app(id, at.signed_in.by(), username, name).await? {
        Ok(()) => Ok(respond::see_other(&Flash::Offered.at(&paths::dashboard(id)))),
        Err(TeamError::NotFound) => Err(Problem::not_found()),
        Err(error @ TeamError::NotOwner) => {
            let typed = Typed {
                flash: Some(problem(sentence(&error.to_string()))),
                ..Typed::default()
            };
            again(&at, typed, StatusCode::FORBIDDEN).await
        }
        Err(error) => {
            let typed = Typed {
                give: Some(Field::refused(name, sentence(&error.to_string()))),
                ..Typed::default()
            };
            again(&at, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
