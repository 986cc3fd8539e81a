//! A team's edit of the protocol's side of its app.

use super::EditError;
use crate::promises::Listener;
use crate::{Engine, Fault};
use omniport_protocol::audit::By;
use omniport_protocol::review::{Edit, FieldErrors, Manifest, Revision, TypedSettings};
use omniport_protocol::vocabulary::ClientId;

/// Why settings were not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsError {
    /// For a reason that any edit may be refused for.
    Edit(EditError),
    /// What was typed is not right: each mistake under its member's name.
    Fields(FieldErrors),
}

impl From<EditError> for SettingsError {
    fn from(error: EditError) -> Self {
        Self::Edit(error)
    }
}

impl Engine {
    /// Saves the protocol's side of an app, checked as a registration's metadata are; `seen` as in
    /// [`Self::edit_app_as_seen`].
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn save_settings(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        typed: &TypedSettings,
        seen: Option<u32>,
    ) -> Result<Result<Revision, SettingsError>, Fault> {
        let by = by.into();
        let app = self.store().app_of_member(id, by.person).await?;
        let Some((app, manifest)) = app.as_ref().and_then(|app| Some((app, &app.edited()?.manifest))) else {
            return Ok(Err(EditError::NotFound.into()));
        };
        let settings = match typed.check(app, manifest, &self.settings().catalogue) {
            Ok(settings) => settings,
            Err(mistakes) => return Ok(Err(SettingsError::Fields(mistakes))),
        };
        let after = Manifest {
            openid: settings.openid.clone(),
            ..manifest.clone()
        };
        // Nothing is fetched for an edit that leaves it all as it was.
        if after.openid != manifest.openid
            && let Err(mistake) = self.fetched_as_promised(&after, Listener::Team).await
        {
            return Ok(Err(SettingsError::Fields(vec![mistake])));
        }
        let edit = Edit::Protocol(Box::new(settings));
        Ok(self
            .edit_app_as_seen(id, by, &edit, seen)
            .await?
            .map_err(Into::into))
    }
}
