//! What a maintainer decides of an app.

use super::{App, Stage, Standing};

/// Longest comment or note, in characters.
pub const MAX_COMMENT_CHARS: usize = 10_000;

/// A maintainer's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The proposed version becomes live.
    Approve,
    /// The proposed version goes back to its team, to be changed and sent again. What was approved goes on working.
    RequestChanges,
    /// The proposed version is refused. Of an approved app, what was approved goes on working.
    Reject,
    /// The app works for nobody, at once.
    Suspend,
    /// A suspension ends.
    Resume,
}

/// What becomes of the version that waits for review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposal {
    /// It stays as it is, if there is one.
    Keep,
    /// It becomes the live one.
    Promote,
    /// It is put away; what was approved goes on.
    Drop,
}

/// What a verdict makes of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// Where the app stands from now on.
    pub standing: Standing,
    /// How far its proposed version is from now on.
    pub stage: Stage,
    /// What becomes of its waiting version.
    pub proposed: Proposal,
}

/// Why a decision cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerdictError {
    /// Nothing waits for review.
    #[error("nothing of this app waits for review")]
    NothingToReview,
    /// The app changed since the maintainer opened it.
    #[error("the app changed since you opened it; look at it again, then decide")]
    Changed,
    /// Somebody else decided since the maintainer opened it.
    #[error("another maintainer decided since you opened it; look at it again, then decide")]
    Decided,
    /// The maintainer is on the app's team.
    #[error("this app is your own: you are on its team, or wrote what waits; another maintainer must decide")]
    OwnApp,
    /// Suspending what is suspended.
    #[error("the app is suspended already")]
    AlreadySuspended,
    /// Resuming what is not suspended.
    #[error("the app is not suspended")]
    NotSuspended,
    /// A reason is missing.
    #[error("say why in the comment: the team sees it")]
    CommentMissing,
    /// A comment over 10,000 characters.
    #[error("the comment is longer than 10,000 characters; shorten it")]
    CommentTooLong,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 5] = [
        Self::Approve,
        Self::RequestChanges,
        Self::Reject,
        Self::Suspend,
        Self::Resume,
    ];

    /// The word on forms and commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::RequestChanges => "request-changes",
            Self::Reject => "reject",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
        }
    }

    /// Parses the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == text)
    }

    /// What this verdict makes of `app`, whoever takes it.
    ///
    /// Resuming brings the app back as it was: to everyone where it had been approved, else to where its first review
    /// was. A refused change of an approved app is put away; a refused new app keeps its version, to be mended.
    ///
    /// # Errors
    /// [`VerdictError`] where there is nothing of that kind to decide: then no page offers it.
    pub fn on(self, app: &App) -> Result<Decided, VerdictError> {
        let returned = app.standing == Standing::ChangesRequested || app.has_returned_change();
        // The maintainer thought again: what was sent back or refused may be approved after all.
        let reviewable = match self {
            Self::Approve => app.awaits_review() || returned || app.standing == Standing::Rejected,
            Self::Reject => app.awaits_review() || returned,
            _ => app.awaits_review(),
        };
        let is_suspended = app.standing == Standing::Suspended;
        let is_live = app.live.is_some();
        let (standing, stage, proposed) = match self {
            Self::Approve | Self::RequestChanges | Self::Reject if !reviewable => {
                return Err(VerdictError::NothingToReview);
            }
            Self::Approve => (Standing::Approved, Stage::Submitted, Proposal::Promote),
            Self::RequestChanges if is_live => (Standing::Approved, Stage::Returned, Proposal::Keep),
            Self::RequestChanges => (Standing::ChangesRequested, Stage::Returned, Proposal::Keep),
            Self::Reject if is_live => (Standing::Approved, Stage::Submitted, Proposal::Drop),
            Self::Reject => (Standing::Rejected, Stage::Returned, Proposal::Keep),
            Self::Suspend if is_suspended => return Err(VerdictError::AlreadySuspended),
            Self::Suspend => (Standing::Suspended, app.stage, Proposal::Keep),
            Self::Resume if !is_suspended => return Err(VerdictError::NotSuspended),
            Self::Resume if is_live => (Standing::Approved, app.stage, Proposal::Keep),
            Self::Resume => (app.stage.standing(), app.stage, Proposal::Keep),
        };
        Ok(Decided {
            standing,
            stage,
            proposed,
        })
    }

    /// As [`Self::on`], taken by somebody: `seen` is the version that they looked at, `is_teammate` whether they are
    /// on the app's team or wrote what waits (never the operator at the command line, who is nobody's colleague).
    ///
    /// # Errors
    /// [`VerdictError`] with what to do.
    pub fn apply(
        self,
        app: &App,
        comment: &str,
        seen: u32,
        is_teammate: bool,
    ) -> Result<Decided, VerdictError> {
        if is_teammate {
            return Err(VerdictError::OwnApp);
        }
        if seen != app.last_version {
            return Err(VerdictError::Changed);
        }
        if matches!(self, Self::RequestChanges | Self::Reject | Self::Suspend) && comment.trim().is_empty() {
            return Err(VerdictError::CommentMissing);
        }
        if comment.chars().count() > MAX_COMMENT_CHARS {
            return Err(VerdictError::CommentTooLong);
        }
        self.on(app)
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::{app, manifest};
    use super::*;

    fn decide(verdict: Verdict, app: &App) -> Result<(Standing, Proposal), VerdictError> {
        let decided = verdict.apply(app, "because", app.last_version, false)?;
        Ok((decided.standing, decided.proposed))
    }

    #[test]
    fn the_first_review() {
        let pending = app(Standing::Pending, None, Some(manifest()));
        assert_eq!(
            decide(Verdict::Approve, &pending),
            Ok((Standing::Approved, Proposal::Promote))
        );
        assert_eq!(
            decide(Verdict::Reject, &pending),
            Ok((Standing::Rejected, Proposal::Keep))
        );
        assert_eq!(
            decide(Verdict::Suspend, &pending),
            Ok((Standing::Suspended, Proposal::Keep))
        );
        assert_eq!(decide(Verdict::Resume, &pending), Err(VerdictError::NotSuspended));
        let rejected = app(Standing::Rejected, None, Some(manifest()));
        assert_eq!(
            decide(Verdict::Approve, &rejected),
            Ok((Standing::Approved, Proposal::Promote))
        );
        assert_eq!(
            decide(Verdict::Reject, &rejected),
            Err(VerdictError::NothingToReview)
        );
    }

    #[test]
    fn a_rejected_change_leaves_the_approved_app_working() {
        let changed = app(Standing::Approved, Some(manifest()), Some(manifest()));
        assert_eq!(
            decide(Verdict::Reject, &changed),
            Ok((Standing::Approved, Proposal::Drop))
        );
        let quiet = app(Standing::Approved, Some(manifest()), None);
        assert_eq!(
            decide(Verdict::Approve, &quiet),
            Err(VerdictError::NothingToReview)
        );
    }

    #[test]
    fn what_is_sent_back_waits_for_its_team() {
        let pending = app(Standing::Pending, None, Some(manifest()));
        let back = (Standing::ChangesRequested, Proposal::Keep);
        assert_eq!(decide(Verdict::RequestChanges, &pending), Ok(back));
        let mut changed = app(Standing::Approved, Some(manifest()), Some(manifest()));
        let decided = Verdict::RequestChanges.on(&changed).unwrap();
        assert_eq!(
            (decided.standing, decided.stage),
            (Standing::Approved, Stage::Returned)
        );
        changed.stage = decided.stage;
        assert!(!changed.awaits_review() && changed.may_be_submitted());
        assert_eq!(
            decide(Verdict::RequestChanges, &changed),
            Err(VerdictError::NothingToReview)
        );
        assert_eq!(
            decide(Verdict::Approve, &changed),
            Ok((Standing::Approved, Proposal::Promote))
        );
        let draft = app(Standing::Draft, None, Some(manifest()));
        for verdict in [Verdict::Approve, Verdict::RequestChanges, Verdict::Reject] {
            assert_eq!(decide(verdict, &draft), Err(VerdictError::NothingToReview));
        }
    }

    #[test]
    fn a_suspension_ends_where_it_began() {
        let was_live = app(Standing::Suspended, Some(manifest()), None);
        assert_eq!(
            decide(Verdict::Resume, &was_live),
            Ok((Standing::Approved, Proposal::Keep))
        );
        assert_eq!(
            decide(Verdict::Suspend, &was_live),
            Err(VerdictError::AlreadySuspended)
        );
        let mut never_live = app(Standing::Suspended, None, Some(manifest()));
        never_live.stage = Stage::Draft;
        assert_eq!(
            decide(Verdict::Resume, &never_live),
            Ok((Standing::Draft, Proposal::Keep))
        );
        never_live.stage = Stage::Submitted;
        assert_eq!(
            decide(Verdict::Resume, &never_live),
            Ok((Standing::Pending, Proposal::Keep))
        );
    }

    #[test]
    fn nobody_decides_their_own_app_or_one_that_changed_or_without_a_reason() {
        let pending = app(Standing::Pending, None, Some(manifest()));
        let by = |comment, seen, team| Verdict::Reject.apply(&pending, comment, seen, team);
        assert_eq!(by("x", 2, true), Err(VerdictError::OwnApp));
        assert_eq!(by("x", 1, false), Err(VerdictError::Changed));
        assert_eq!(by(" ", 2, false), Err(VerdictError::CommentMissing));
        assert_eq!(
            by(&"x".repeat(10_001), 2, false),
            Err(VerdictError::CommentTooLong)
        );
    }
}
