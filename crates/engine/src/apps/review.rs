//! A maintainer's work on an app: decisions, comments and notes, claims.

use crate::acts::{self, app_of, made, ruled};
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, By};
use omniport_protocol::review::{
    App, Check, Evidence, MAX_COMMENT_CHARS, Standing, Verdict, VerdictError, checks,
};
use omniport_protocol::vocabulary::{ClientId, ClientIdUrl, PersonId, Timestamp};
use omniport_store::portal::{ReviewWhat, Ruling};
use serde_json::json;

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

/// Most comments and notes of one person about one app in a day: the history is kept for good.
const MOST_REMARKS: u64 = 50;
/// A day, in seconds.
const DAY: i64 = 86_400;

/// Why a comment, a note or a claim was not written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemarkError {
    /// No such app, or it is not theirs to write about: the same answer.
    #[error("there is no such app")]
    NotFound,
    /// Nothing was written.
    #[error("write something first")]
    Empty,
    /// Too much was written.
    #[error("the text is longer than {MAX_COMMENT_CHARS} characters; shorten it")]
    TooLong,
    /// They wrote a lot today.
    #[error("you wrote {MOST_REMARKS} times about this app today; go on tomorrow, or put it into one text")]
    TooMany,
    /// Somebody else was quicker.
    #[error("another maintainer claimed it, or gave it back, since you opened it; look at it again")]
    Claimed,
}

/// What a maintainer had in front of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The app's highest version.
    pub version: u32,
    /// The newest entry of its history, where the page says so.
    pub event: Option<i64>,
}

impl Engine {
    /// Takes a decision about an app. `by` is none for the operator at the command line; `seen` is what was looked at,
    /// none to take the app as it stands.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the maintainer what to do.
    pub async fn review_app(
        &self,
        id: &ClientId,
        by: Option<By>,
        verdict: Verdict,
        comment: &str,
        seen: Option<Seen>,
    ) -> Result<Result<Standing, ReviewError>, Fault> {
        let Some(app) = self.store().app(id).await? else {
            return Ok(Err(ReviewError::NotFound));
        };
        let is_teammate = match &by {
            Some(by) => self.store().answers_for(id, by.person).await?,
            None => false,
        };
        if let Some(event) = seen.and_then(|seen| seen.event)
            && !is_teammate
            && self.store().decided_since(id, event).await?
        {
            return Ok(Err(VerdictError::Decided.into()));
        }
        let comment = comment.trim();
        let version = seen.map_or(app.last_version, |seen| seen.version);
        let decided = match verdict.apply(&app, comment, version, is_teammate) {
            Ok(decided) => decided,
            Err(error) => return Ok(Err(error.into())),
        };
        let ruling = Ruling {
            verdict,
            decided,
            by: by.as_ref().map(|by| by.person),
            comment: comment.to_owned(),
            at: self.now(),
        };
        let change = ruled(&app, decided, comment);
        let store = self.telling(by, acts::verdict(verdict), app_of(&app), change);
        if store.rule(&app, &ruling).await? {
            tracing::info!(client_id = %id, verdict = verdict.as_str(), "an app was decided");
            Ok(Ok(decided.standing))
        } else {
            Ok(Err(VerdictError::Changed.into()))
        }
    }

    /// Writes a maintainer's comment to the team, or a note that only maintainers read. `by` is none for the operator.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the maintainer what to do.
    pub async fn remark_on_app(
        &self,
        id: &ClientId,
        by: Option<By>,
        text: &str,
        for_maintainers: bool,
    ) -> Result<Result<(), RemarkError>, Fault> {
        let app = self.store().app(id).await?;
        let what = if for_maintainers {
            ReviewWhat::Noted
        } else {
            ReviewWhat::Commented
        };
        self.remark(app, by, what, text).await
    }

    /// Writes a comment by one of the app's own team, which the maintainers read too.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the person what to do.
    pub async fn answer_reviewers(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        text: &str,
    ) -> Result<Result<(), RemarkError>, Fault> {
        let by = by.into();
        let app = self.store().app_of_member(id, by.person).await?;
        self.remark(app, Some(by), ReviewWhat::Commented, text).await
    }

    async fn remark(
        &self,
        app: Option<App>,
        by: Option<By>,
        what: ReviewWhat,
        text: &str,
    ) -> Result<Result<(), RemarkError>, Fault> {
        let text = text.trim();
        let Some(app) = app else {
            return Ok(Err(RemarkError::NotFound));
        };
        if text.is_empty() {
            return Ok(Err(RemarkError::Empty));
        }
        if text.chars().count() > MAX_COMMENT_CHARS {
            return Ok(Err(RemarkError::TooLong));
        }
        let day_ago = self.now().plus(-DAY);
        let person = by.as_ref().map(|by| by.person);
        if let Some(person) = person
            && self.store().remarks_since(&app.id, person, day_ago).await? >= MOST_REMARKS
        {
            return Ok(Err(RemarkError::TooMany));
        }
        let act = if what.is_for_maintainers() {
            Act::AppNote
        } else {
            Act::AppComment
        };
        let store = self.telling(by, act, app_of(&app), made(json!({"comment": text})));
        let written = store.remark(&app, person, what, text, self.now()).await?;
        Ok(if written {
            Ok(())
        } else {
            Err(RemarkError::NotFound)
        })
    }

    /// Claims an app's review for a maintainer, or gives it back. `was` is who had claimed it on the page they saw: a
    /// claim can be taken over by whoever saw it.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells the maintainer what to do.
    pub async fn claim_app(
        &self,
        id: &ClientId,
        by: impl Into<By>,
        claims: bool,
        was: Option<PersonId>,
    ) -> Result<Result<(), RemarkError>, Fault> {
        let by = by.into();
        let Some(app) = self.store().app(id).await? else {
            return Ok(Err(RemarkError::NotFound));
        };
        let act = if claims { Act::AppClaim } else { Act::AppRelease };
        let person = by.person;
        let change = (
            json!({"claimed_by": was.map(|person| person.0)}),
            json!({"claimed_by": claims.then_some(person.0)}),
        );
        let store = self.telling(by, act, app_of(&app), change);
        let claimed = store.claim(id, was, person, claims, self.now()).await?;
        Ok(if claimed {
            Ok(())
        } else {
            Err(RemarkError::Claimed)
        })
    }

    /// What was sent to review before this is overdue.
    pub fn overdue_since(&self) -> Timestamp {
        self.now().plus(-self.settings().review.overdue_days * DAY)
    }

    /// The automatic checks of the version that the team edits; none of an app without one.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn check_app(&self, app: &App) -> Result<Vec<Check>, Fault> {
        let Some(version) = app.edited() else {
            return Ok(Vec::new());
        };
        let now = self.now();
        let alike = self.store().names_alike(&app.id, &version.manifest.name).await?;
        let secrets = self.store().secrets(&app.id).await?;
        let lives = secrets
            .iter()
            .filter(|secret| secret.expires_at.is_none_or(|at| !now.is_at_or_after(at)));
        let settings = self.settings();
        let known_as = ClientIdUrl::parse(&app.id).ok();
        let evidence = Evidence {
            institution: &settings.institution,
            catalogue: &settings.catalogue,
            alike: &alike,
            oldest_secret: lives.map(|secret| secret.created_at).min(),
            legacy: app.legacy,
            known_as: known_as.as_ref().map(ClientIdUrl::host),
            now,
        };
        Ok(checks(&version.manifest, &evidence))
    }
}
