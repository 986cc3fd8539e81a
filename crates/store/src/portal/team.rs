//! An app's team: who may edit it, and use it before it is approved; and who owns it.

use super::notices::{self, News};
use crate::tables::team;
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::records::PersonData;
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// One of the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    /// Their number.
    pub person: PersonId,
    /// Their sign-in name.
    pub username: String,
    /// Their values, for a name and a picture.
    pub data: PersonData,
    /// Whether they registered the app: then nobody else can remove them.
    pub is_creator: bool,
    /// Whether the app is theirs: then nobody can remove them, nor may they leave.
    pub is_owner: bool,
    /// Since when.
    pub since: Timestamp,
}

impl Store {
    /// An app's team, its owner first, then by since when; 500 at most.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn team(&self, id: &ClientId) -> Result<Vec<TeamMember>, Fault> {
        let query = Query::list(
            "SELECT p.id, p.username, p.data, CASE WHEN p.id = a.creator_id THEN 1 ELSE 0 END, \
               CASE WHEN p.id = COALESCE(a.owner_id, a.creator_id) THEN 1 ELSE 0 END AS is_owner, t.since \
             FROM team t JOIN apps a ON a.client_id = t.client_id JOIN people p ON p.id = t.person_id \
             WHERE t.client_id = ?1 ORDER BY is_owner DESC, t.since, p.id LIMIT 500",
            vec![id.into()],
        );
        let read = |row: &mut Row| {
            Ok(TeamMember {
                person: row.person()?,
                username: row.text()?,
                data: row.json()?,
                is_creator: row.flag()?,
                is_owner: row.flag()?,
                since: row.at()?,
            })
        };
        self.list(query, read).await
    }

    /// Whether a person is on an app's team.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn is_member(&self, id: &ClientId, person: PersonId) -> Result<bool, Fault> {
        let rows = self.rows(team::membership(person, id)).await?;
        Ok(!rows.is_empty())
    }

    /// Whether an app is a person's own to a reviewer's eye: they are on its team, registered it, or wrote any of what
    /// was not approved yet, also where they left meanwhile. Of an app that changes itself, by its registration access token
    /// or its document, nobody knows who wrote: whoever was ever on its team may still hold the one or the other.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn answers_for(&self, id: &ClientId, person: PersonId) -> Result<bool, Fault> {
        let query = Query::key(
            "SELECT 1 FROM apps a WHERE a.client_id = ?1 AND (a.creator_id = ?2 \
               OR EXISTS (SELECT 1 FROM team t WHERE t.client_id = a.client_id AND t.person_id = ?2) \
               OR EXISTS (SELECT 1 FROM manifests m WHERE m.client_id = a.client_id AND m.made_by = ?2 \
                            AND m.number > COALESCE(a.live_version, 0)) \
               OR (EXISTS (SELECT 1 FROM former_team f WHERE f.client_id = a.client_id AND f.person_id = ?2) \
                   AND (EXISTS (SELECT 1 FROM registrations r WHERE r.client_id = a.client_id) \
                     OR EXISTS (SELECT 1 FROM client_documents d WHERE d.client_id = a.client_id))))",
            vec![id.into(), person.into()],
        );
        Ok(!self.rows(query).await?.is_empty())
    }

    /// Adds a person to an app's team and tells them; `false` where they are on it already (or there is no such app
    /// or person): then nothing happens and nobody is told.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn add_member(
        &self,
        id: &ClientId,
        person: PersonId,
        by: PersonId,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let statements = vec![
            insert(id, person, at),
            notices::tell(id, person, News::Added, Some(by), at),
        ];
        Ok(self.act(statements).await?.is_applied())
    }

    /// Takes a person off an app's team, and tells them and the others; `false` where they are not on it, own it, or
    /// are its creator and somebody else does it.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn remove_member(
        &self,
        id: &ClientId,
        person: PersonId,
        by: PersonId,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let mut statements = vec![
            Statement::one(
                "DELETE FROM team WHERE client_id = ?1 AND person_id = ?2 \
                 AND person_id <> (SELECT COALESCE(owner_id, creator_id) FROM apps WHERE client_id = ?1) \
                 AND (person_id = ?3 OR person_id <> (SELECT creator_id FROM apps WHERE client_id = ?1))",
                vec![id.into(), person.into(), by.into()],
            ),
            Statement::one(
                "INSERT INTO former_team (client_id, person_id, left_at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (client_id, person_id) DO UPDATE SET left_at = ?3",
                vec![id.into(), person.into(), at.into()],
            ),
            // What they were offered goes with their place.
            Statement::any(
                "DELETE FROM invitations WHERE client_id = ?1 AND person_id = ?2",
                vec![id.into(), person.into()],
            ),
        ];
        if person == by {
            statements.push(notices::tell_team(id, None, News::Left, None, by, at));
        } else {
            // Nor does anybody come in their place whom they invited: the team may invite them anew.
            statements.push(Statement::any(
                "DELETE FROM invitations WHERE client_id = ?1 AND invited_by = ?2",
                vec![id.into(), person.into()],
            ));
            statements.push(notices::tell(id, person, News::Removed, Some(by), at));
            statements.push(notices::tell_team(
                id,
                Some(by),
                News::OtherRemoved,
                Some(person),
                by,
                at,
            ));
        }
        Ok(self.act(statements).await?.is_applied())
    }
}

/// Puts a person on the team.
pub(super) fn insert(id: &ClientId, person: PersonId, at: Timestamp) -> Statement {
    Statement::one(
        "INSERT INTO team (client_id, person_id, since) VALUES (?1, ?2, ?3)",
        vec![id.into(), person.into(), at.into()],
    )
}
