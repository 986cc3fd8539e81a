//! A maintainer's marks: what one app may do although it is unsafe.

use super::ReviewError;
use crate::{Engine, Fault};
use omniport_protocol::review::{LegacyMark, VerdictError};
use omniport_protocol::vocabulary::{ClientId, PersonId};

impl Engine {
    /// Gives an app exactly these marks. Its history says which were given or taken, and its team hears of it. Nobody marks
    /// an app of their own team.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the maintainer what to do.
    pub async fn mark_app(
        &self,
        id: &ClientId,
        by: PersonId,
        marks: &[LegacyMark],
    ) -> Result<Result<(), ReviewError>, Fault> {
        let Some(app) = self.store().app(id).await? else {
            return Ok(Err(ReviewError::NotFound));
        };
        if self.store().answers_for(id, by).await? {
            return Ok(Err(VerdictError::OwnApp.into()));
        }
        let changes: Vec<(LegacyMark, bool)> = LegacyMark::ALL
            .into_iter()
            .map(|mark| (mark, marks.contains(&mark)))
            .filter(|(mark, set)| mark.is_set(app.legacy) != *set)
            .collect();
        if changes.is_empty() {
            return Ok(Ok(()));
        }
        let marked = self.store().mark_app(&app, &changes, by, self.now()).await?;
        Ok(if marked {
            tracing::info!(client_id = %id, by = by.0, ?changes, "an app was marked");
            Ok(())
        } else {
            Err(VerdictError::Changed.into())
        })
    }
}
