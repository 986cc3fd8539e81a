//! An app's team: who is invited, joins, leaves, is removed, and whose the app is. Each is told.

use super::edit::name_of;
use crate::acts::{app_of, gone, made};
use crate::people::MAX_USERNAME_CHARS;
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, By, Subject};
use omniport_protocol::vocabulary::{ClientId, PersonId};
use omniport_store::portal::Invitation;
use serde_json::json;

/// Most people on a team, with those who are invited.
const MAX_MEMBERS: u32 = 50;

/// How long an invitation waits, in seconds: 30 days.
const INVITED_SECONDS: i64 = 30 * 86_400;

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
    /// They are invited.
    #[error("{0} is invited already, and has yet to answer")]
    Invited(String),
    /// The creator is removed by nobody else.
    #[error("the app's creator cannot be removed")]
    Creator,
    /// The owner stays.
    #[error("the owner can neither leave nor be removed; the app must become somebody else's first")]
    Owner,
    /// The team is full.
    #[error("a team has at most {MAX_MEMBERS} people, with those who are invited")]
    Full,
    /// Only the owner gives the app away.
    #[error("only the app's owner can give it to somebody else")]
    NotOwner,
    /// What was typed to confirm is not the app's name.
    #[error("this is not the app's name; type it exactly as it stands on the page")]
    WrongName,
    /// The app can be given to one of the team only.
    #[error("choose somebody of the team; invite them first")]
    NotOnTeam,
    /// What was to be answered does not wait any more.
    #[error("this invitation is not open any more")]
    NoInvitation,
}

impl Engine {
    /// Invites a person to an app's team by username. They join by accepting ([`Self::answer_invitation`]).
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn invite_to_team(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        username: &str,
    ) -> Result<Result<(), TeamError>, Fault> {
        let (by, store) = (by.into(), self.store());
        let Some(app) = store.app_of_member(id, by.person).await? else {
            return Ok(Err(TeamError::NotFound));
        };
        let username = username.trim();
        let found = store.person_by_username(username).await?;
        // A test person is nobody's colleague.
        let Some(person) = found.filter(|person| person.test_of.is_none()) else {
            return Ok(Err(TeamError::Nobody(
                username.chars().take(MAX_USERNAME_CHARS).collect(),
            )));
        };
        let now = self.now();
        let until = now.plus(INVITED_SECONDS);
        let inviter = by.person;
        let told = made(json!({"person": person.username, "as": "member"}));
        let telling = self.telling(by, Act::TeamInvite, app_of(&app), told);
        if telling
            .invite(id, person.id, inviter, MAX_MEMBERS, now, until)
            .await?
        {
            return Ok(Ok(()));
        }
        let waiting = store.invitations_to(id, now).await?;
        Ok(Err(if store.is_member(id, person.id).await? {
            TeamError::Already(person.username)
        } else if waiting.iter().any(|invitation| invitation.person == person.id) {
            TeamError::Invited(person.username)
        } else {
            TeamError::Full
        }))
    }

    /// Takes an invitation, or the offer to own the app, back.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn take_invitation_back(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        username: &str,
    ) -> Result<Result<(), TeamError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(TeamError::NotFound));
        };
        let waiting = self.store().invitations_to(id, self.now()).await?;
        let found = waiting.iter().find(|invitation| invitation.username == username);
        let taken = match found {
            // Only the owner speaks for the app itself.
            Some(offer) if offer.as_owner && self.store().owner(id).await? != Some(by.person) => {
                return Ok(Err(TeamError::NotOwner));
            }
            Some(invitation) => {
                let told = gone(json!({"person": invitation.username, "as": role(invitation)}));
                self.telling(by, Act::TeamUninvite, app_of(&app), told)
                    .uninvite(id, invitation.person)
                    .await?
            }
            None => false,
        };
        Ok(if taken {
            Ok(())
        } else {
            Err(TeamError::NoInvitation)
        })
    }

    /// Accepts or declines what a person was invited to. Says what it was.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn answer_invitation(
        &self,
        id: &ClientId,
        person: impl Into<By>,
        accept: bool,
    ) -> Result<Result<Invitation, TeamError>, Fault> {
        let (by, now) = (person.into(), self.now());
        let person = by.person;
        let Some(invitation) = self.store().invitation(id, person, now).await? else {
            return Ok(Err(TeamError::NoInvitation));
        };
        let act = match (accept, invitation.as_owner) {
            (true, false) => Act::TeamJoin,
            (true, true) => Act::TeamOwn,
            (false, _) => Act::TeamDecline,
        };
        let subject = Subject::app(id, &invitation.app_name);
        let answer =
            json!({"person": invitation.username, "as": role(&invitation), "invited_by": invitation.by});
        let told = if accept { made(answer) } else { gone(answer) };
        let telling = self.telling(by, act, subject, told);
        let answered = if accept {
            telling.accept(&invitation, now).await?
        } else {
            telling.decline(&invitation, now).await?
        };
        if !answered {
            return Ok(Err(TeamError::NoInvitation));
        }
        let as_owner = invitation.as_owner;
        tracing::info!(client_id = %id, person = person.0, accept, as_owner, "an invitation was answered");
        Ok(Ok(invitation))
    }

    /// Offers an app to one of its team; it is theirs once they accept. Only its owner may, who types its name.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn offer_app(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        username: &str,
        typed_name: &str,
    ) -> Result<Result<(), TeamError>, Fault> {
        let by = by.into();
        let owner = by.person;
        let Some(app) = self.store().app_of_member(id, owner).await? else {
            return Ok(Err(TeamError::NotFound));
        };
        if self.store().owner(id).await? != Some(owner) {
            return Ok(Err(TeamError::NotOwner));
        }
        if typed_name.trim() != name_of(&app) {
            return Ok(Err(TeamError::WrongName));
        }
        let team = self.store().team(id).await?;
        let to = team
            .iter()
            .find(|member| member.username == username && member.person != owner);
        let Some(to) = to else {
            return Ok(Err(TeamError::NotOnTeam));
        };
        let now = self.now();
        let until = now.plus(INVITED_SECONDS);
        let told = made(json!({"person": to.username, "as": "owner"}));
        let telling = self.telling(by, Act::TeamOffer, app_of(&app), told);
        let offered = telling.offer(id, to.person, owner, now, until).await?;
        Ok(if offered { Ok(()) } else { Err(TeamError::NotOwner) })
    }

    /// Removes a person from an app's team, and tells them and the others. Removing oneself is leaving. The owner stays;
    /// the creator is removed by nobody, but may leave an app that is somebody else's by now.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn remove_from_team(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        whom: PersonId,
    ) -> Result<Result<(), TeamError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(TeamError::NotFound));
        };
        let owner = self.store().owner(id).await?;
        if whom == app.creator && whom != by.person {
            return Ok(Err(TeamError::Creator));
        }
        if Some(whom) == owner {
            return Ok(Err(TeamError::Owner));
        }
        let team = self.store().team(id).await?;
        let Some(member) = team.iter().find(|member| member.person == whom) else {
            return Ok(Err(TeamError::Nobody(whom.to_string())));
        };
        let doer = by.person;
        let told = gone(json!({"person": member.username}));
        let telling = self.telling(by, Act::TeamRemove, app_of(&app), told);
        let removed = telling.remove_member(id, whom, doer, self.now()).await?;
        Ok(if removed {
            Ok(())
        } else {
            Err(TeamError::Nobody(whom.to_string()))
        })
    }
}

/// What somebody is invited to be, as the audit log tells it.
const fn role(invitation: &Invitation) -> &'static str {
    if invitation.as_owner { "owner" } else { "member" }
}
