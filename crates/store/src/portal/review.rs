//! An app's life in review: revisions by its team, decisions by maintainers, and the history of both.

use super::apis;
use super::apps::insert_version;
use super::notices::{self, News};
use crate::{Fault, Query, Statement, Store, Value};
use omniport_protocol::review::{
    App, Change, Decided, LegacyMark, Proposal, Revision, Sensitive, Stage, Standing, Verdict, Version,
};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// What happened to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewWhat {
    /// It was registered, or sent to review again.
    Submitted,
    /// A change of what was approved was sent to review.
    ChangeSubmitted,
    /// A waiting change was taken back by its team.
    ChangeWithdrawn,
    /// It was registered, and not sent to review yet.
    Drafted,
    /// Its team took it back from its first review.
    TakenBack,
    /// The team changed something that needs no review.
    Changed,
    /// A maintainer approved it, or a change of it.
    Approved,
    /// A maintainer asked for changes before they decide.
    ChangesRequested,
    /// A maintainer refused it, or a change of it.
    Rejected,
    /// A maintainer stopped it.
    Suspended,
    /// A maintainer let it go on.
    Resumed,
    /// Somebody wrote to the others: a maintainer to the team, or the team to the maintainers.
    Commented,
    /// A maintainer left a note for the other maintainers.
    Noted,
    /// A maintainer took the review upon themselves.
    Claimed,
    /// A maintainer gave a claimed review back.
    Released,
}

impl ReviewWhat {
    /// Everything that can happen.
    pub const ALL: [Self; 15] = [
        Self::Submitted,
        Self::ChangeSubmitted,
        Self::ChangeWithdrawn,
        Self::Drafted,
        Self::TakenBack,
        Self::Changed,
        Self::Approved,
        Self::ChangesRequested,
        Self::Rejected,
        Self::Suspended,
        Self::Resumed,
        Self::Commented,
        Self::Noted,
        Self::Claimed,
        Self::Released,
    ];

    /// The word stored and printed by the commands.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::ChangeSubmitted => "change_submitted",
            Self::ChangeWithdrawn => "change_withdrawn",
            Self::Drafted => "drafted",
            Self::TakenBack => "taken_back",
            Self::Changed => "changed",
            Self::Approved => "approved",
            Self::ChangesRequested => "changes_requested",
            Self::Rejected => "rejected",
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::Commented => "commented",
            Self::Noted => "noted",
            Self::Claimed => "claimed",
            Self::Released => "released",
        }
    }

    /// Whether only maintainers read of it.
    pub const fn is_for_maintainers(self) -> bool {
        matches!(self, Self::Noted | Self::Claimed | Self::Released)
    }

    /// Reads the stored word back.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.as_str() == text)
    }
}

impl From<Verdict> for ReviewWhat {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Approve => Self::Approved,
            Verdict::RequestChanges => Self::ChangesRequested,
            Verdict::Reject => Self::Rejected,
            Verdict::Suspend => Self::Suspended,
            Verdict::Resume => Self::Resumed,
        }
    }
}

/// One entry of an app's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewEvent {
    /// Its number: later ones are higher.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The username of who did it; none: the operator, or of an edit the app itself.
    pub actor: Option<String>,
    /// What.
    pub what: ReviewWhat,
    /// What they wrote; empty where they wrote nothing.
    pub comment: String,
    /// The version it concerned.
    pub version: u32,
}

/// A maintainer's decision, to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The decision.
    pub verdict: Verdict,
    /// What it makes of the app.
    pub decided: Decided,
    /// Who decided; none: the operator.
    pub by: Option<PersonId>,
    /// What they wrote; empty: nothing.
    pub comment: String,
    /// Now.
    pub at: Timestamp,
}

/// The columns and tables of a history; read by [`read_event`].
macro_rules! events {
    () => {
        "SELECT e.id, e.happened_at, p.username, e.what, e.comment, e.version \
         FROM review_events e LEFT JOIN people p ON p.id = e.actor_id"
    };
}

/// The guard of every change of an app: it is as it was read. Parameters 1 to 5 are [`seen`].
macro_rules! as_seen {
    () => {
        " WHERE client_id = ?1 AND last_version = ?2 AND standing || '/' || stage = ?3 \
           AND COALESCE(live_version, 0) = ?4 AND COALESCE(proposed_version, 0) = ?5"
    };
}

fn seen(app: &App) -> Vec<Value> {
    vec![
        (&app.id).into(),
        app.last_version.into(),
        format!("{}/{}", app.standing.stored(), app.stage.as_str()).into(),
        number(app.live.as_ref()).unwrap_or(0).into(),
        number(app.proposed.as_ref()).unwrap_or(0).into(),
    ]
}

fn number(version: Option<&Version>) -> Option<u32> {
    version.map(|version| version.number)
}

/// The numbers that a revision gives an app's versions, and the statements that write new ones down.
struct Renumbered {
    live: Option<u32>,
    proposed: Option<u32>,
    last: u32,
    versions: Vec<Statement>,
}

impl Renumbered {
    fn of(app: &App, revision: &Revision, by: Option<PersonId>, at: Timestamp) -> Result<Self, Fault> {
        let mut renumbered = Self {
            live: number(app.live.as_ref()),
            proposed: number(app.proposed.as_ref()),
            last: app.last_version,
            versions: Vec::new(),
        };
        renumbered.live = renumbered.next(app, renumbered.live, &revision.live, by, at)?;
        renumbered.proposed = renumbered.next(app, renumbered.proposed, &revision.proposed, by, at)?;
        Ok(renumbered)
    }

    fn next(
        &mut self,
        app: &App,
        before: Option<u32>,
        change: &Change,
        by: Option<PersonId>,
        at: Timestamp,
    ) -> Result<Option<u32>, Fault> {
        if *change == Change::Keep {
            return Ok(before);
        }
        self.last = self.last.saturating_add(1);
        let Change::Set(manifest) = change else {
            return Ok(None);
        };
        self.versions
            .push(insert_version(&app.id, self.last, manifest, by, at)?);
        self.versions.extend(apis::asks(&app.id, manifest, at));
        Ok(Some(self.last))
    }
}

impl Store {
    /// Saves an edit by the team of the app as they read it. `false`: the app changed since, and nothing was saved.
    ///
    /// New versions are numbered on from the last one, the live one first. Taking a proposal back uses up a number too, so
    /// that whoever saw the proposal is told that it changed. `to_review`: a maintainer is asked to look
    /// ([`Revision::asks_for_review`]); the app goes to the end of the queue, unless it waits there already. `by` is none for
    /// the app itself. The whole team is told of what is sensitive ([`Revision::sensitive`]).
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn save_revision(
        &self,
        app: &App,
        revision: &Revision,
        to_review: bool,
        by: impl Into<Option<PersonId>>,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let by = by.into();
        let new = Renumbered::of(app, revision, by, at)?;
        let queued_at = (to_review && app.proposed.is_none()).then_some(at);
        // A change that begins now begins with the maintainers; one that goes on stays where it is.
        let begins = app.proposed.is_none() && new.proposed.is_some();
        let stage = if to_review || begins {
            Stage::Submitted
        } else {
            app.stage
        };
        let mut params = seen(app);
        params.extend([
            new.live.into(),
            new.proposed.into(),
            new.last.into(),
            queued_at.into(),
            stage.as_str().into(),
        ]);
        let update = Statement::one(
            concat!(
                "UPDATE apps SET live_version = ?6, proposed_version = ?7, last_version = ?8, \
                 submitted_at = COALESCE(?9, submitted_at), stage = ?10",
                as_seen!()
            ),
            params,
        );
        let what = match (to_review, &revision.proposed) {
            (true, _) => ReviewWhat::ChangeSubmitted,
            (false, Change::Clear) => ReviewWhat::ChangeWithdrawn,
            (false, _) => ReviewWhat::Changed,
        };
        let event = event(&app.id, at, by, what, "", new.last);
        let told = |part: Sensitive| notices::tell_team(&app.id, None, part.into(), None, by, at);
        let mut statements = vec![update];
        statements.extend(new.versions);
        statements.push(event);
        statements.extend(revision.sensitive(app).into_iter().map(told));
        Ok(self.act(statements).await?.is_applied())
    }

    /// Writes down a maintainer's decision about the app as they read it, and tells its team. `false`: the app changed since (or has
    /// nothing to promote, or to drop), and nothing was decided.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn rule(&self, app: &App, ruling: &Ruling) -> Result<bool, Fault> {
        let (live, proposed) = (number(app.live.as_ref()), number(app.proposed.as_ref()));
        let (live, left) = match ruling.decided.proposed {
            Proposal::Promote if proposed.is_none() => return Ok(false),
            Proposal::Promote => (proposed, None),
            Proposal::Drop if live.is_none() => return Ok(false),
            Proposal::Drop => (live, None),
            Proposal::Keep => (live, proposed),
        };
        let mut params = seen(app);
        params.extend([
            ruling.decided.standing.stored().into(),
            live.into(),
            left.into(),
            ruling.at.into(),
            ruling.decided.stage.as_str().into(),
        ]);
        let update = Statement::one(
            concat!(
                "UPDATE apps SET standing = ?6, live_version = ?7, proposed_version = ?8, decided_at = ?9, \
                 stage = ?10, claimed_by = NULL, claimed_at = NULL",
                as_seen!()
            ),
            params,
        );
        let concerned = proposed.or(live).unwrap_or(app.last_version);
        let event = event(
            &app.id,
            ruling.at,
            ruling.by,
            ruling.verdict.into(),
            &ruling.comment,
            concerned,
        );
        let news = News::from(ruling.verdict);
        let told = notices::tell_team(&app.id, ruling.by, news, None, ruling.by, ruling.at);
        Ok(self.act(vec![update, event, told]).await?.is_applied())
    }

    /// Sends an app, or a change of it, to review as it was read. `false`: it changed meanwhile, or there is nothing to
    /// send ([`App::may_be_submitted`]).
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn submit(&self, app: &App, by: PersonId, at: Timestamp) -> Result<bool, Fault> {
        if !app.may_be_submitted() {
            return Ok(false);
        }
        let is_change = app.live.is_some();
        let standing = if is_change {
            app.standing
        } else {
            Standing::Pending
        };
        let what = if is_change {
            ReviewWhat::ChangeSubmitted
        } else {
            ReviewWhat::Submitted
        };
        self.move_stage(app, standing, Stage::Submitted, what, by, at)
            .await
    }

    /// Takes an app back from its first review, as it was read: a draft again. `false`: it changed meanwhile, or is not
    /// in its first review.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn take_back(&self, app: &App, by: PersonId, at: Timestamp) -> Result<bool, Fault> {
        if app.standing != Standing::Pending {
            return Ok(false);
        }
        self.move_stage(app, Standing::Draft, Stage::Draft, ReviewWhat::TakenBack, by, at)
            .await
    }

    async fn move_stage(
        &self,
        app: &App,
        standing: Standing,
        stage: Stage,
        what: ReviewWhat,
        by: PersonId,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let mut params = seen(app);
        params.extend([at.into(), standing.stored().into(), stage.as_str().into()]);
        let update = Statement::one(
            concat!(
                "UPDATE apps SET standing = ?7, stage = ?8, submitted_at = ?6, claimed_by = NULL, claimed_at = NULL",
                as_seen!()
            ),
            params,
        );
        let concerned = number(app.edited()).unwrap_or(app.last_version);
        let event = event(&app.id, at, Some(by), what, "", concerned);
        Ok(self.act(vec![update, event]).await?.is_applied())
    }

    /// Writes down that a maintainer reviews an app (`by` some), or that nobody does any more. `false` where somebody
    /// else claimed it since `was` was read.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn claim(
        &self,
        id: &ClientId,
        was: Option<PersonId>,
        by: PersonId,
        claims: bool,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let update = Statement::one(
            "UPDATE apps SET claimed_by = ?3, claimed_at = ?4 WHERE client_id = ?1 AND COALESCE(claimed_by, 0) = ?2",
            vec![
                id.into(),
                was.unwrap_or(PersonId(0)).into(),
                claims.then_some(by).into(),
                claims.then_some(at).into(),
            ],
        );
        let what = if claims {
            ReviewWhat::Claimed
        } else {
            ReviewWhat::Released
        };
        let event = event(id, at, Some(by), what, "", 0);
        Ok(self.act(vec![update, event]).await?.is_applied())
    }

    /// Writes a comment for all, of which the team is told, or a note for maintainers, into an app's history.
    /// `false` where there is no such app.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn remark(
        &self,
        app: &App,
        by: Option<PersonId>,
        what: ReviewWhat,
        text: &str,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let mut statements = vec![event(&app.id, at, by, what, text, app.last_version)];
        if !what.is_for_maintainers() {
            statements.push(notices::tell_team(&app.id, by, News::Commented, None, by, at));
        }
        Ok(self.act(statements).await?.is_applied())
    }

    /// Gives an app marks, or takes them, as a comment in its history says. `false` where somebody else did meanwhile.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn mark_app(
        &self,
        app: &App,
        changes: &[(LegacyMark, bool)],
        by: PersonId,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let set = changes.iter().map(|(mark, set)| {
            let sql = match mark {
                LegacyMark::PlainPkce => {
                    "UPDATE apps SET legacy_plain_pkce = ?2 WHERE client_id = ?1 AND legacy_plain_pkce <> ?2"
                }
                LegacyMark::Implicit => {
                    "UPDATE apps SET legacy_implicit = ?2 WHERE client_id = ?1 AND legacy_implicit <> ?2"
                }
                LegacyMark::Password => {
                    "UPDATE apps SET legacy_password = ?2 WHERE client_id = ?1 AND legacy_password <> ?2"
                }
            };
            Statement::one(sql, vec![(&app.id).into(), (*set).into()])
        });
        let told: Vec<String> = changes.iter().map(|(mark, set)| mark.told(*set)).collect();
        let (what, text) = (ReviewWhat::Commented, told.join(" "));
        let mut statements: Vec<Statement> = set.collect();
        statements.push(event(&app.id, at, Some(by), what, &text, app.last_version));
        let (id, told) = (&app.id, News::Commented);
        statements.push(notices::tell_team(id, Some(by), told, None, Some(by), at));
        Ok(self.act(statements).await?.is_applied())
    }

    /// How many comments and notes a person wrote about an app after `since`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn remarks_since(&self, id: &ClientId, by: PersonId, since: Timestamp) -> Result<u64, Fault> {
        let sql = "SELECT COUNT(*) FROM review_events WHERE client_id = ?1 AND actor_id = ?2 AND happened_at > ?3 \
                   AND what IN ('commented', 'noted')";
        self.count(Query::list(sql, vec![id.into(), by.into(), since.into()]))
            .await
    }

    /// Whether a maintainer decided about an app after the event `seen`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn decided_since(&self, id: &ClientId, seen: i64) -> Result<bool, Fault> {
        let sql = "SELECT COUNT(*) FROM review_events WHERE client_id = ?1 AND id > ?2 AND what IN \
                   ('approved', 'changes_requested', 'rejected', 'suspended', 'resumed')";
        let decided = self.count(Query::list(sql, vec![id.into(), seen.into()])).await?;
        Ok(decided > 0)
    }

    /// What happened to an app as its team reads it, the newest first; 500 entries at most.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn history(&self, id: &ClientId) -> Result<Vec<ReviewEvent>, Fault> {
        self.history_page(id, false, None, 500).await
    }

    /// The same with what only maintainers read.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn history_for_maintainers(&self, id: &ClientId) -> Result<Vec<ReviewEvent>, Fault> {
        self.history_page(id, true, None, 500).await
    }

    /// At most `limit` entries of an app's history, the newest first, those before the one numbered `before`; with `all`
    /// also what only maintainers read.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn history_page(
        &self,
        id: &ClientId,
        all: bool,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ReviewEvent>, Fault> {
        let query = Query::list(
            concat!(
                events!(),
                " WHERE e.client_id = ?1 AND (e.for_maintainers = 0 OR e.for_maintainers = ?2) AND e.id < ?3 \
                 ORDER BY e.id DESC LIMIT ?4"
            ),
            vec![
                id.into(),
                all.into(),
                before.unwrap_or(i64::MAX).into(),
                limit.into(),
            ],
        );
        self.list(query, read_event).await
    }

    /// The newest entry of an app's history that is one of `kinds`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn last_event(
        &self,
        id: &ClientId,
        kinds: &[ReviewWhat],
    ) -> Result<Option<ReviewEvent>, Fault> {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let words = format!(" {} ", words.join(" "));
        let query = Query::list(
            concat!(
                events!(),
                " WHERE e.client_id = ?1 AND ?2 LIKE '% ' || e.what || ' %' ORDER BY e.id DESC LIMIT 1"
            ),
            vec![id.into(), words.into()],
        );
        self.maybe(query, read_event).await
    }
}

fn read_event(row: &mut crate::Row) -> Result<ReviewEvent, Fault> {
    Ok(ReviewEvent {
        id: row.int()?,
        at: row.at()?,
        actor: row.opt_text()?,
        what: row.parsed("what happened", ReviewWhat::parse)?,
        comment: row.text()?,
        version: row.number()?,
    })
}

/// Notes what happened.
pub(super) fn event(
    id: &ClientId,
    at: Timestamp,
    actor: Option<PersonId>,
    what: ReviewWhat,
    comment: &str,
    version: u32,
) -> Statement {
    Statement::one(
        "INSERT INTO review_events (client_id, happened_at, actor_id, what, comment, version, for_maintainers) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        vec![
            id.into(),
            at.into(),
            actor.into(),
            what.as_str().into(),
            comment.into(),
            version.into(),
            what.is_for_maintainers().into(),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::ReviewWhat;

    #[test]
    fn the_stored_word_comes_back() {
        for what in ReviewWhat::ALL {
            assert_eq!(ReviewWhat::parse(what.as_str()), Some(what));
        }
        assert_eq!(ReviewWhat::parse(""), None);
    }
}
