//! A maintainer's decision, applied.

use crate::{Engine, Fault};
use omniport_protocol::review::{Standing, Verdict, VerdictError};
use omniport_protocol::vocabulary::{ClientId, PersonId};
use omniport_store::portal::Ruling;

/// Why a decision was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// No such app.
    #[error("there is no such app")]
    NotFound,
    /// The rules of review say no.
    #[error(transparent)]
    Verdict(#[from] VerdictError),
}

impl Engine {
    /// Takes a decision about an app. `by` is none for the operator at the command line; `seen` is the version number
    /// that was looked at, none to take it as it stands.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the maintainer what to do.
    pub async fn review_app(
        &self,
        id: &ClientId,
        by: Option<PersonId>,
        verdict: Verdict,
        comment: &str,
        seen: Option<u32>,
    ) -> Result<Result<Standing, ReviewError>, Fault> {
        let Some(app) = self.store().app(id).await? else {
            return Ok(Err(ReviewError::NotFound));
        };
        let is_teammate = match by {
            Some(person) => self.store().is_member(id, person).await?,
            None => false,
        };
        let comment = comment.trim();
        let seen = seen.unwrap_or(app.last_version);
        let decided = match verdict.apply(&app, comment, seen, is_teammate) {
            Ok(decided) => decided,
            Err(error) => return Ok(Err(error.into())),
        };
        let ruling = Ruling {
            verdict,
            decided,
            by,
            comment: comment.to_owned(),
            at: self.now(),
        };
        if self.store().rule(&app, &ruling).await? {
            tracing::info!(client_id = %id, verdict = verdict.as_str(), "an app was decided");
            Ok(Ok(decided.standing))
        } else {
            Ok(Err(VerdictError::Changed.into()))
        }
    }
}
