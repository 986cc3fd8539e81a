//! Edits by the team.

use super::LogoError;
use crate::{Engine, Fault};
use omniport_protocol::review::{App, Edit, Revision, Standing};
use omniport_protocol::vocabulary::{ClientId, PersonId};

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
    /// It is with the maintainers already, or nothing of it waits to be sent.
    #[error("there is nothing to send to review: it is there already, or nothing was changed")]
    NothingToSend,
    /// It is not in its first review.
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
        by: PersonId,
        edit: &Edit,
    ) -> Result<Result<Revision, EditError>, Fault> {
        let Some(app) = self.store().app_of_member(id, by).await? else {
            return Ok(Err(EditError::NotFound));
        };
        let revision = edit.apply(&app, &self.settings().review);
        if revision.is_empty() {
            return Ok(Ok(revision));
        }
        if app.last_version >= MAX_VERSIONS {
            return Ok(Err(EditError::TooManyVersions));
        }
        let to_review = revision.asks_for_review(&app);
        let saved = self
            .store()
            .save_revision(&app, &revision, to_review, by, self.now())
            .await?;
        Ok(if saved {
            Ok(revision)
        } else {
            Err(EditError::Changed)
        })
    }

    /// Saves a logo, made anew as PNG.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn set_logo(
        &self,
        id: &ClientId,
        by: PersonId,
        upload: Vec<u8>,
    ) -> Result<Result<Revision, EditError>, Fault> {
        if self.store().app_of_member(id, by).await?.is_none() {
            return Ok(Err(EditError::NotFound));
        }
        let logo = match self.logo_desk.reencode(upload).await? {
            Ok(logo) => logo,
            Err(error) => return Ok(Err(error.into())),
        };
        self.store().put_logo(&logo.digest, &logo.png, self.now()).await?;
        self.edit_app(id, by, &Edit::Logo(Some(logo.digest))).await
    }

    /// Sends an app, or a change of it that a maintainer sent back, to review.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn submit_app(&self, id: &ClientId, by: PersonId) -> Result<Result<(), EditError>, Fault> {
        let Some(app) = self.store().app_of_member(id, by).await? else {
            return Ok(Err(EditError::NotFound));
        };
        if !app.may_be_submitted() {
            return Ok(Err(EditError::NothingToSend));
        }
        let sent = self.store().submit(&app, by, self.now()).await?;
        Ok(if sent { Ok(()) } else { Err(EditError::Changed) })
    }

    /// Takes an app back from its first review: a draft again, which goes on working for its team.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn take_back_app(&self, id: &ClientId, by: PersonId) -> Result<Result<(), EditError>, Fault> {
        let Some(app) = self.store().app_of_member(id, by).await? else {
            return Ok(Err(EditError::NotFound));
        };
        if app.standing != Standing::Pending {
            return Ok(Err(EditError::NothingToTakeBack));
        }
        let taken = self.store().take_back(&app, by, self.now()).await?;
        Ok(if taken { Ok(()) } else { Err(EditError::Changed) })
    }

    /// Deletes an app with all that hangs from it, if the person typed its name.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn delete_app(
        &self,
        id: &ClientId,
        by: PersonId,
        typed_name: &str,
    ) -> Result<Result<(), EditError>, Fault> {
        let Some(app) = self.store().app_of_member(id, by).await? else {
            return Ok(Err(EditError::NotFound));
        };
        if typed_name.trim() != name_of(&app) {
            return Ok(Err(EditError::WrongName));
        }
        self.store().delete_app(id, self.now()).await?;
        tracing::info!(client_id = %id, by = by.0, "an app was deleted");
        Ok(Ok(()))
    }
}

/// The name that the team sees: of the version it edits.
pub(super) fn name_of(app: &App) -> &str {
    app.edited().map_or("", |version| version.manifest.name.as_str())
}
