//! Edits by the team.

use super::LogoError;
use crate::acts::{app_of, gone, manifest, revised, standing};
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, By, difference};
use omniport_protocol::review::{App, Change, Edit, Revision, Stage, Standing};
use omniport_protocol::vocabulary::ClientId;
use serde_json::json;

/// Most versions of one app: an app that is edited every day of a year should be left alone for a while.
pub(crate) const MAX_VERSIONS: u32 = 200;

/// Why an edit was not saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// No such app, or the person is not on its team: the same answer.
    #[error("there is no such app")]
    NotFound,
    /// Somebody else saved meanwhile.
    #[error("somebody changed the app while you edited it; look at it again and save once more")]
    Changed,
    /// Somebody else changed the same part since it was looked at.
    #[error(
        "somebody of your team changed this since you opened the page, so it was not saved; compare yours with theirs, \
         and save once more to put yours in its place"
    )]
    Meanwhile,
    /// It is with the maintainers already, or nothing of it waits to be sent.
    #[error("there is nothing to send to review: it is there already, or nothing was changed")]
    NothingToSend,
    /// Nothing of it waits.
    #[error("it is not in review any more, so there is nothing to take back; look at it again")]
    NothingToTakeBack,
    /// It has so many versions that another one is not kept.
    #[error("the app has {MAX_VERSIONS} versions, which is the most; ask a maintainer")]
    TooManyVersions,
    /// What was typed to confirm a deletion is not the app's name.
    #[error("this is not the app's name; type it exactly as it stands on the page")]
    WrongName,
    /// The logo cannot be used.
    #[error(transparent)]
    Logo(#[from] LogoError),
}

impl Engine {
    /// Saves one section of an app's dashboard; says what came of it.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn edit_app(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        edit: &Edit,
    ) -> Result<Result<Revision, EditError>, Fault> {
        self.edit_app_as_seen(id, by, edit, None).await
    }

    /// [`Self::edit_app`] by somebody who had the version `seen` in front of them: what another of the team did to the same
    /// part since is not undone unseen. None: whatever it was.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn edit_app_as_seen(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        edit: &Edit,
        seen: Option<u32>,
    ) -> Result<Result<Revision, EditError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(EditError::NotFound));
        };
        if self.would_undo(&app, edit, seen).await? {
            return Ok(Err(EditError::Meanwhile));
        }
        let revision = edit.apply(&app, &self.settings().review);
        if revision.is_empty() {
            return Ok(Ok(revision));
        }
        if app.last_version >= MAX_VERSIONS {
            return Ok(Err(EditError::TooManyVersions));
        }
        let to_review = revision.asks_for_review(&app);
        let person = by.person;
        let saved = self
            .telling(by, Act::AppManifestEdit, app_of(&app), revised(&app, &revision))
            .save_revision(&app, &revision, to_review, person, self.now())
            .await?;
        Ok(if saved {
            Ok(revision)
        } else {
            Err(EditError::Changed)
        })
    }

    /// Whether `edit`, made of the version `seen`, would undo what somebody else did meanwhile.
    async fn would_undo(&self, app: &App, edit: &Edit, seen: Option<u32>) -> Result<bool, Fault> {
        let (Some(seen), Some(now)) = (seen, app.edited()) else {
            return Ok(false);
        };
        if seen == now.number {
            return Ok(false);
        }
        // A number that was never a version's was on no page of ours.
        let seen = self.store().app_version(&app.id, seen).await?;
        Ok(seen.is_some_and(|seen| edit.undoes(&seen.manifest, &now.manifest)))
    }

    /// Saves a logo, made anew as PNG; `seen` as in [`Self::edit_app_as_seen`].
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn set_logo(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        upload: Vec<u8>,
        seen: Option<u32>,
    ) -> Result<Result<Revision, EditError>, Fault> {
        let by = by.into();
        if self.store().app_of_member(id, by.person).await?.is_none() {
            return Ok(Err(EditError::NotFound));
        }
        let logo = match self.logo_desk.reencode(upload).await? {
            Ok(logo) => logo,
            Err(error) => return Ok(Err(error.into())),
        };
        self.store().put_logo(&logo.digest, &logo.png, self.now()).await?;
        self.edit_app_as_seen(id, by, &Edit::Logo(Some(logo.digest)), seen)
            .await
    }

    /// Sends an app, or a change of it that a maintainer sent back, to review.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn submit_app(&self, id: &ClientId, by: impl Into<By>) -> Result<Result<(), EditError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(EditError::NotFound));
        };
        if !app.may_be_submitted() {
            return Ok(Err(EditError::NothingToSend));
        }
        let mut after = app.clone();
        after.stage = Stage::Submitted;
        if app.live.is_none() {
            after.standing = Standing::Pending;
        }
        let change = difference(&standing(&app), &standing(&after));
        let person = by.person;
        let store = self.telling(by, Act::AppSubmit, app_of(&app), change);
        let sent = store.submit(&app, person, self.now()).await?;
        Ok(if sent { Ok(()) } else { Err(EditError::Changed) })
    }

    /// Takes back what waits. An app in its first review is a draft again, which goes on working for its team; the change of
    /// one that was approved is put away, and what was approved stays.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn take_back_app(
        &self,
        id: &ClientId,
        by: impl Into<By>,
    ) -> Result<Result<(), EditError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(EditError::NotFound));
        };
        let person = by.person;
        let taken = if app.live.is_some() && app.proposed.is_some() {
            let put_away = Revision {
                live: Change::Keep,
                proposed: Change::Clear,
            };
            let change = revised(&app, &put_away);
            let store = self.telling(by, Act::AppTakeBack, app_of(&app), change);
            store
                .save_revision(&app, &put_away, false, person, self.now())
                .await?
        } else if app.standing == Standing::Pending {
            let after = App {
                standing: Standing::Draft,
                stage: Stage::Draft,
                ..app.clone()
            };
            let change = difference(&standing(&app), &standing(&after));
            let store = self.telling(by, Act::AppTakeBack, app_of(&app), change);
            store.take_back(&app, person, self.now()).await?
        } else {
            return Ok(Err(EditError::NothingToTakeBack));
        };
        Ok(if taken { Ok(()) } else { Err(EditError::Changed) })
    }

    /// Deletes an app with all that hangs from it, if the person typed its name.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn delete_app(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        typed_name: &str,
    ) -> Result<Result<(), EditError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app_of_member(id, by.person).await? else {
            return Ok(Err(EditError::NotFound));
        };
        if typed_name.trim() != name_of(&app) {
            return Ok(Err(EditError::WrongName));
        }
        let person = by.person;
        self.telling(by, Act::AppDelete, app_of(&app), gone(whole(&app)))
            .delete_app(id, self.now())
            .await?;
        tracing::info!(client_id = %id, by = person.0, "an app was deleted");
        Ok(Ok(()))
    }
}

/// The name that the team sees: of the version it edits.
pub(crate) fn name_of(app: &App) -> &str {
    app.edited().map_or("", |version| version.manifest.name.as_str())
}

/// All that is lost with an app, as the audit log tells it: where it stood, and what it was.
pub(crate) fn whole(app: &App) -> serde_json::Value {
    let was = app.edited().map(|version| manifest(&version.manifest));
    json!({"app": standing(app), "manifest": was})
}
