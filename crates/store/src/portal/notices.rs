//! What people are told: that they were added to or removed from a team.

use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// Something a person is told, until they dismiss it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub id: i64,
    /// Added (`true`) or removed.
    pub added: bool,
    /// The app.
    pub client: ClientId,
    /// What the app was called then.
    pub app_name: String,
    /// The username of who did it; none: the operator.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// What a person has not dismissed, the newest first; 50 at most.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn notices(&self, person: PersonId) -> Result<Vec<Notice>, Fault> {
        let query = Query::list(
            "SELECT n.id, n.added, n.client_id, n.app_name, p.username, n.happened_at \
             FROM notices n LEFT JOIN people p ON p.id = n.actor_id \
             WHERE n.person_id = ?1 ORDER BY n.id DESC LIMIT 50",
            vec![person.into()],
        );
        let read = |row: &mut Row| {
            Ok(Notice {
                id: row.int()?,
                added: row.flag()?,
                client: row.client()?,
                app_name: row.text()?,
                by: row.opt_text()?,
                at: row.at()?,
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

/// Tells a person that their place on a team changed, with the name that people know the app by.
pub(super) fn tell(
    id: &ClientId,
    person: PersonId,
    added: bool,
    actor: Option<PersonId>,
    at: Timestamp,
) -> Statement {
    Statement::one(
        "INSERT INTO notices (person_id, client_id, added, app_name, actor_id, happened_at) \
         VALUES (?2, ?1, ?3, (SELECT m.name FROM apps a JOIN manifests m ON m.client_id = a.client_id \
           AND m.number = COALESCE(a.live_version, a.proposed_version) WHERE a.client_id = ?1), ?4, ?5)",
        vec![id.into(), person.into(), added.into(), actor.into(), at.into()],
    )
}
