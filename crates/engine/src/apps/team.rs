//! An app's team. Who is added or removed is told.

use crate::people::MAX_USERNAME_CHARS;
use crate::{Engine, Fault};
use omniport_protocol::vocabulary::{ClientId, PersonId};

/// Most people on a team.
const MAX_MEMBERS: usize = 50;

/// Why the team was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TeamError {
    /// No such app, or the person is not on its team: the same answer.
    #[error("there is no such app")]
    NotFound,
    /// Nobody has this username.
    #[error("nobody here has the username '{0}'")]
    Nobody(String),
    /// They are on the team.
    #[error("{0} is on the team already")]
    Already(String),
    /// The creator stays.
    #[error("the app's creator cannot be removed")]
    Creator,
    /// The team is full.
    #[error("a team has at most {MAX_MEMBERS} people")]
    Full,
}

impl Engine {
    /// Adds a person to an app's team by username, and tells them.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn add_to_team(
        &self,
        id: &ClientId,
        by: PersonId,
        username: &str,
    ) -> Result<Result<(), TeamError>, Fault> {
        if self.store().app_of_member(id, by).await?.is_none() {
            return Ok(Err(TeamError::NotFound));
        }
        let username = username.trim();
        let Some(person) = self.store().person_by_username(username).await? else {
            return Ok(Err(TeamError::Nobody(
                username.chars().take(MAX_USERNAME_CHARS).collect(),
            )));
        };
        if self.store().team(id).await?.len() >= MAX_MEMBERS {
            return Ok(Err(TeamError::Full));
        }
        let added = self.store().add_member(id, person.id, by, self.now()).await?;
        Ok(if added {
            Ok(())
        } else {
            Err(TeamError::Already(person.username))
        })
    }

    /// Removes a person from an app's team, and tells them. Removing oneself is leaving.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn remove_from_team(
        &self,
        id: &ClientId,
        by: PersonId,
        whom: PersonId,
    ) -> Result<Result<(), TeamError>, Fault> {
        let Some(app) = self.store().app_of_member(id, by).await? else {
            return Ok(Err(TeamError::NotFound));
        };
        if whom == app.creator {
            return Ok(Err(TeamError::Creator));
        }
        let removed = self.store().remove_member(id, whom, by, self.now()).await?;
        Ok(if removed {
            Ok(())
        } else {
            Err(TeamError::Nobody(whom.to_string()))
        })
    }
}
