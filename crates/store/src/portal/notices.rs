//! What people are told on their home page: what happened to their teams and to their apps' secrets.

use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::apis::ResourceId;
use omniport_protocol::review::{Sensitive, Verdict};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The person was put on a team.
    Added,
    /// The person was taken off a team.
    Removed,
    /// Somebody joined the person's team.
    Joined,
    /// Somebody declined what they were invited to.
    Declined,
    /// Somebody left the team.
    Left,
    /// Somebody else was taken off the team.
    OtherRemoved,
    /// The app has another owner.
    NewOwner,
    /// The app has a new secret.
    SecretMade,
    /// One of the app's secrets was revoked.
    SecretRevoked,
    /// Where the app has people sent was changed.
    RedirectsChanged,
    /// The app's keys, or how it proves itself, were changed.
    KeysChanged,
    /// A maintainer approved the app, or a change of it.
    Approved,
    /// A maintainer asked for changes.
    ChangesRequested,
    /// A maintainer refused it, or a change of it.
    Rejected,
    /// A maintainer stopped it.
    Suspended,
    /// A maintainer let it go on.
    Resumed,
    /// Somebody wrote to the team.
    Commented,
    /// An API's owner lets the app use scopes of it.
    ScopesApproved,
    /// An API's owner does not let it, or does not any more.
    ScopesDeclined,
}

impl From<Verdict> for News {
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

impl From<Sensitive> for News {
    fn from(changed: Sensitive) -> Self {
        match changed {
            Sensitive::Redirects => Self::RedirectsChanged,
            Sensitive::Keys => Self::KeysChanged,
        }
    }
}

impl News {
    const ALL: [(Self, &'static str); 19] = [
        (Self::Added, "added"),
        (Self::Removed, "removed"),
        (Self::Joined, "joined"),
        (Self::Declined, "declined"),
        (Self::Left, "left"),
        (Self::OtherRemoved, "other_removed"),
        (Self::NewOwner, "new_owner"),
        (Self::SecretMade, "secret_made"),
        (Self::SecretRevoked, "secret_revoked"),
        (Self::RedirectsChanged, "redirects_changed"),
        (Self::KeysChanged, "keys_changed"),
        (Self::Approved, "approved"),
        (Self::ChangesRequested, "changes_requested"),
        (Self::Rejected, "rejected"),
        (Self::Suspended, "suspended"),
        (Self::Resumed, "resumed"),
        (Self::Commented, "commented"),
        (Self::ScopesApproved, "scopes_approved"),
        (Self::ScopesDeclined, "scopes_declined"),
    ];

    fn as_str(self) -> &'static str {
        let known = Self::ALL.iter().find(|(news, _)| *news == self);
        known.map_or("", |(_, word)| word)
    }

    fn parse(text: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, word)| *word == text);
        known.map(|(news, _)| *news)
    }
}

/// Something a person is told, until they dismiss it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub id: i64,
    /// What happened.
    pub what: News,
    /// The app.
    pub client: ClientId,
    /// What the app was called then.
    pub app_name: String,
    /// The username of who did it; none: the operator, or of an edit the app itself.
    pub by: Option<String>,
    /// The username of whom it concerns, where that is neither the person told nor who did it, or the name of the API;
    /// else empty.
    pub about: String,
    /// When.
    pub at: Timestamp,
    /// Whether the person is on the app's team now.
    pub is_theirs: bool,
}

impl Store {
    /// At most `limit` of what a person has not dismissed, the newest first, what came before the one numbered `before`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn notices(
        &self,
        person: PersonId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Notice>, Fault> {
        let query = Query::list(
            "SELECT n.id, n.what, n.client_id, n.app_name, p.username, n.about, n.happened_at, \
               CASE WHEN t.person_id IS NULL THEN 0 ELSE 1 END \
             FROM notices n LEFT JOIN people p ON p.id = n.actor_id \
             LEFT JOIN team t ON t.client_id = n.client_id AND t.person_id = n.person_id \
             WHERE n.person_id = ?1 AND n.id < ?2 ORDER BY n.id DESC LIMIT ?3",
            vec![person.into(), before.unwrap_or(i64::MAX).into(), limit.into()],
        );
        let read = |row: &mut Row| {
            Ok(Notice {
                id: row.int()?,
                what: row.parsed("a kind of news", News::parse)?,
                client: row.client()?,
                app_name: row.text()?,
                by: row.opt_text()?,
                about: row.text()?,
                at: row.at()?,
                is_theirs: row.flag()?,
            })
        };
        self.list(query, read).await
    }

    /// Forgets one notice of a person's own; `false` where it is not theirs or gone.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn dismiss(&self, person: PersonId, notice: i64) -> Result<bool, Fault> {
        let delete = Statement::one(
            "DELETE FROM notices WHERE id = ?1 AND person_id = ?2",
            vec![notice.into(), person.into()],
        );
        Ok(self.write(vec![delete]).await?.is_applied())
    }
}

/// The name that people know an app (`?1`) by.
macro_rules! app_name {
    () => {
        "(SELECT m.name FROM apps a JOIN manifests m ON m.client_id = a.client_id \
           AND m.number = COALESCE(a.live_version, a.proposed_version) WHERE a.client_id = ?1)"
    };
}

/// Tells a person what happened to them.
pub(super) fn tell(
    id: &ClientId,
    person: PersonId,
    what: News,
    actor: Option<PersonId>,
    at: Timestamp,
) -> Statement {
    Statement::one(
        concat!(
            "INSERT INTO notices (person_id, client_id, what, about, app_name, actor_id, happened_at) \
             VALUES (?2, ?1, ?3, '', ",
            app_name!(),
            ", ?4, ?5)"
        ),
        vec![
            id.into(),
            person.into(),
            what.as_str().into(),
            actor.into(),
            at.into(),
        ],
    )
}

/// Tells an app's team what happened, `but` one of them. `about` is whom it concerns; `actor` is none for the operator.
pub(super) fn tell_team(
    id: &ClientId,
    but: Option<PersonId>,
    what: News,
    about: Option<PersonId>,
    actor: impl Into<Option<PersonId>>,
    at: Timestamp,
) -> Statement {
    Statement::any(
        concat!(
            "INSERT INTO notices (person_id, client_id, what, about, app_name, actor_id, happened_at) \
             SELECT t.person_id, t.client_id, CAST(?3 AS TEXT), \
               COALESCE((SELECT p.username FROM people p WHERE p.id = CAST(?4 AS BIGINT)), ''), ",
            app_name!(),
            ", CAST(?5 AS BIGINT), CAST(?6 AS BIGINT) FROM team t \
             WHERE t.client_id = ?1 AND t.person_id <> CAST(?2 AS BIGINT) ORDER BY t.person_id"
        ),
        vec![
            id.into(),
            but.unwrap_or(PersonId(i64::MIN)).into(),
            what.as_str().into(),
            about.into(),
            actor.into().into(),
            at.into(),
        ],
    )
}

/// Tells an app's team, all but who said it, what the owner of the API `api` said to it.
pub(super) fn tell_team_of_api(
    id: &ClientId,
    api: &ResourceId,
    what: News,
    actor: Option<PersonId>,
    at: Timestamp,
) -> Statement {
    Statement::any(
        concat!(
            "INSERT INTO notices (person_id, client_id, what, about, app_name, actor_id, happened_at) \
             SELECT t.person_id, t.client_id, CAST(?2 AS TEXT), r.name, ",
            app_name!(),
            ", CAST(?4 AS BIGINT), CAST(?5 AS BIGINT) FROM team t JOIN resources r ON r.id = ?3 \
             WHERE t.client_id = ?1 AND t.person_id <> CAST(?6 AS BIGINT) ORDER BY t.person_id"
        ),
        vec![
            id.into(),
            what.as_str().into(),
            api.as_str().into(),
            actor.into(),
            at.into(),
            actor.unwrap_or(PersonId(i64::MIN)).into(),
        ],
    )
}
