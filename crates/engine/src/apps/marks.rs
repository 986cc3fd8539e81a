//! A maintainer's marks: what one app may do although it is unsafe.

use super::ReviewError;
use crate::acts::app_of;
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, By};
use omniport_protocol::review::{LegacyMark, VerdictError};
use omniport_protocol::vocabulary::ClientId;
use serde_json::{Map, Value};

impl Engine {
    /// Gives an app exactly these marks. Its history says which were given or taken, and its team hears of it. Nobody marks
    /// an app of their own team.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the maintainer what to do.
    pub async fn mark_app(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        marks: &[LegacyMark],
    ) -> Result<Result<(), ReviewError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app(id).await? else {
            return Ok(Err(ReviewError::NotFound));
        };
        if self.store().answers_for(id, by.person).await? {
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
        let marks = |now: bool| -> Value {
            let marks = changes
                .iter()
                .map(|(mark, set)| (mark.as_str().to_owned(), (*set == now).into()));
            marks.collect::<Map<String, Value>>().into()
        };
        let person = by.person;
        let store = self.telling(by, Act::AppMark, app_of(&app), (marks(false), marks(true)));
        let marked = store.mark_app(&app, &changes, person, self.now()).await?;
        Ok(if marked {
            tracing::info!(client_id = %id, by = person.0, ?changes, "an app was marked");
            Ok(())
        } else {
            Err(VerdictError::Changed.into())
        })
    }
}
