//! What people are invited to: a place on an app's team, or, being on it, the app itself.

use super::notices::{self, News};
use super::team;
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// Something that a person has yet to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The app.
    pub client: ClientId,
    /// What it is called now.
    pub app_name: String,
    /// Who is invited.
    pub person: PersonId,
    /// Their username.
    pub username: String,
    /// To own the app (`true`), or to join its team.
    pub as_owner: bool,
    /// The username of who invites.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
}

/// Those that wait at `?2`, and more conditions and an order.
macro_rules! invitations {
    ($which:literal) => {
        concat!(
            "SELECT i.client_id, m.name, p.id, p.username, i.as_owner, b.username, i.invited_at \
             FROM invitations i JOIN people p ON p.id = i.person_id JOIN people b ON b.id = i.invited_by \
             JOIN apps a ON a.client_id = i.client_id JOIN manifests m \
               ON m.client_id = a.client_id AND m.number = COALESCE(a.live_version, a.proposed_version) \
             WHERE i.expires_at > ?2 AND ",
            $which
        )
    };
}

fn read(row: &mut Row) -> Result<Invitation, Fault> {
    Ok(Invitation {
        client: row.client()?,
        app_name: row.text()?,
        person: row.person()?,
        username: row.text()?,
        as_owner: row.flag()?,
        by: row.text()?,
        at: row.at()?,
    })
}

impl Store {
    /// At most `limit` of what a person has yet to answer, the newest first, behind the one made at `after` for that app:
    /// nobody hides one by sending many.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn invitations_of(
        &self,
        person: PersonId,
        now: Timestamp,
        after: Option<(Timestamp, &ClientId)>,
        limit: u32,
    ) -> Result<Vec<Invitation>, Fault> {
        let query = Query::list(
            invitations!(
                "i.person_id = ?1 AND (i.invited_at < ?3 OR (i.invited_at = ?3 AND i.client_id > ?4)) \
                 ORDER BY i.invited_at DESC, i.client_id LIMIT ?5"
            ),
            vec![
                person.into(),
                now.into(),
                after
                    .map_or(Timestamp::from_seconds(i64::MAX), |(at, _)| at)
                    .into(),
                after.map_or("", |(_, id)| id.as_str()).into(),
                limit.into(),
            ],
        );
        self.list(query, read).await
    }

    /// What a person has yet to answer about one app.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn invitation(
        &self,
        id: &ClientId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Option<Invitation>, Fault> {
        let query = Query::key(
            invitations!("i.client_id = ?1 AND i.person_id = ?3"),
            vec![id.into(), now.into(), person.into()],
        );
        self.maybe(query, read).await
    }

    /// Whom an app waits for, the oldest first: fewer than a team may have people.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn invitations_to(&self, id: &ClientId, now: Timestamp) -> Result<Vec<Invitation>, Fault> {
        let query = Query::list(
            invitations!("i.client_id = ?1 ORDER BY i.invited_at, i.person_id LIMIT 100"),
            vec![id.into(), now.into()],
        );
        self.list(query, read).await
    }

    /// Invites a person who is not on the team to join it, until `until`; `false` where they are on it, are invited
    /// already, or team and invitations are `most` together.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn invite(
        &self,
        id: &ClientId,
        person: PersonId,
        by: PersonId,
        most: u32,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Fault> {
        let statements = vec![
            expired(id, at),
            Statement::one(
                "INSERT INTO invitations (client_id, person_id, as_owner, invited_by, invited_at, expires_at) \
                 SELECT a.client_id, CAST(?2 AS BIGINT), 0, CAST(?3 AS BIGINT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT) \
                 FROM apps a WHERE a.client_id = ?1 \
                   AND NOT EXISTS (SELECT 1 FROM team t WHERE t.client_id = ?1 AND t.person_id = CAST(?2 AS BIGINT)) \
                   AND (SELECT COUNT(*) FROM team t WHERE t.client_id = ?1) \
                     + (SELECT COUNT(*) FROM invitations i WHERE i.client_id = ?1 AND i.as_owner = 0) < CAST(?6 AS BIGINT)",
                vec![
                    id.into(),
                    person.into(),
                    by.into(),
                    at.into(),
                    until.into(),
                    most.into(),
                ],
            ),
        ];
        Ok(self.act(statements).await?.is_applied())
    }

    /// Offers the app to one of its team, in place of whom it was offered to before; `false` where `by` does not own
    /// it, or `to` is not on the team.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn offer(
        &self,
        id: &ClientId,
        to: PersonId,
        by: PersonId,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Fault> {
        let statements = vec![
            Statement::any(
                "DELETE FROM invitations WHERE client_id = ?1 AND (as_owner = 1 OR person_id = ?2)",
                vec![id.into(), to.into()],
            ),
            Statement::one(
                "INSERT INTO invitations (client_id, person_id, as_owner, invited_by, invited_at, expires_at) \
                 SELECT a.client_id, t.person_id, 1, CAST(?3 AS BIGINT), CAST(?4 AS BIGINT), CAST(?5 AS BIGINT) \
                 FROM apps a JOIN team t ON t.client_id = a.client_id \
                 WHERE a.client_id = ?1 AND t.person_id = ?2 AND COALESCE(a.owner_id, a.creator_id) = CAST(?3 AS BIGINT) \
                   AND t.person_id <> CAST(?3 AS BIGINT)",
                vec![id.into(), to.into(), by.into(), at.into(), until.into()],
            ),
        ];
        Ok(self.act(statements).await?.is_applied())
    }

    /// Takes an invitation or an offer back; `false` where there is none.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn uninvite(&self, id: &ClientId, person: PersonId) -> Result<bool, Fault> {
        Ok(self.act(vec![end(id, person)]).await?.is_applied())
    }

    /// Accepts what a person was invited to, and tells the team; `false` where nothing waits any more, it is too late,
    /// or (an offer) whoever made it does not own the app any more.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn accept(&self, invitation: &Invitation, at: Timestamp) -> Result<bool, Fault> {
        let (id, person) = (&invitation.client, invitation.person);
        let guard = Statement::one(
            "UPDATE invitations SET expires_at = expires_at \
             WHERE client_id = ?1 AND person_id = ?2 AND as_owner = ?3 AND expires_at > ?4",
            vec![id.into(), person.into(), invitation.as_owner.into(), at.into()],
        );
        let mut statements = vec![guard];
        if invitation.as_owner {
            statements.push(Statement::one(
                "UPDATE apps SET owner_id = ?2 WHERE client_id = ?1 AND COALESCE(owner_id, creator_id) = \
                 (SELECT invited_by FROM invitations WHERE client_id = ?1 AND person_id = ?2) \
                 AND EXISTS (SELECT 1 FROM team t WHERE t.client_id = ?1 AND t.person_id = ?2)",
                vec![id.into(), person.into()],
            ));
        } else {
            statements.push(team::insert(id, person, at));
        }
        statements.push(end(id, person));
        let what = if invitation.as_owner {
            News::NewOwner
        } else {
            News::Joined
        };
        statements.push(notices::tell_team(id, Some(person), what, None, person, at));
        Ok(self.act(statements).await?.is_applied())
    }

    /// Declines what a person was invited to, and tells who invited them; `false` where nothing waits.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn decline(&self, invitation: &Invitation, at: Timestamp) -> Result<bool, Fault> {
        let (id, person) = (&invitation.client, invitation.person);
        let inviter = Query::key(
            "SELECT invited_by FROM invitations WHERE client_id = ?1 AND person_id = ?2",
            vec![id.into(), person.into()],
        );
        let Some(inviter) = self.maybe(inviter, Row::person).await? else {
            return Ok(false);
        };
        let statements = vec![
            end(id, person),
            notices::tell(id, inviter, News::Declined, Some(person), at),
        ];
        Ok(self.act(statements).await?.is_applied())
    }

    /// Who owns an app.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn owner(&self, id: &ClientId) -> Result<Option<PersonId>, Fault> {
        let query = Query::key(
            "SELECT COALESCE(owner_id, creator_id) FROM apps WHERE client_id = ?1",
            vec![id.into()],
        );
        self.maybe(query, Row::person).await
    }
}

fn end(id: &ClientId, person: PersonId) -> Statement {
    Statement::one(
        "DELETE FROM invitations WHERE client_id = ?1 AND person_id = ?2",
        vec![id.into(), person.into()],
    )
}

fn expired(id: &ClientId, at: Timestamp) -> Statement {
    Statement::any(
        "DELETE FROM invitations WHERE client_id = ?1 AND expires_at <= ?2",
        vec![id.into(), at.into()],
    )
}
