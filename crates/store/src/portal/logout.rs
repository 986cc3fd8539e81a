//! Who is to be told that a session has ended, and whether they were (OpenID Connect Back-Channel Logout). What is to
//! be told is written with the end of the session itself ([`Store::end_session`]).

use super::deliveries::{Attempt, due_params};
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, PersonId, SecretHash, Timestamp};

/// Apps of one session that are told in the browser at most: each is a frame.
const MAX_FRAMES: u32 = 50;

/// One app to be told of the end of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutDelivery {
    /// Its number.
    pub id: i64,
    /// The app.
    pub client: ClientId,
    /// Whose session it was.
    pub person: PersonId,
    /// The session's root.
    pub root: SecretHash,
    /// How often it was tried.
    pub attempts: u32,
    /// When the session ended.
    pub queued_at: Timestamp,
}

/// How telling an app went lately.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogoutHealth {
    /// Ends of sessions that it was told of, in 30 days.
    pub delivered: u64,
    /// Those that it could not be told of.
    pub given_up: u64,
    /// Those that it is being told of.
    pub waiting: u64,
    /// The last failure, also of an attempt that is made again: why, and of the session ended when.
    pub last_failure: Option<(String, Timestamp)>,
}

impl Store {
    /// At most `limit` deliveries whose moment has come, the longest waiting first, but none to the apps `except`: of
    /// those at most [`super::EXCEPTED`] are looked at.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn due_logouts(
        &self,
        now: Timestamp,
        limit: u32,
        except: &[ClientId],
    ) -> Result<Vec<LogoutDelivery>, Fault> {
        let query = Query::list(
            "SELECT id, client_id, person_id, root, attempts, queued_at FROM logout_deliveries WHERE due_at <= ?1 \
             AND client_id NOT IN (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ORDER BY due_at, id LIMIT ?2",
            due_params(now, limit, except),
        );
        let read = |row: &mut Row| {
            Ok(LogoutDelivery {
                id: row.int()?,
                client: row.client()?,
                person: row.person()?,
                root: row.hash()?,
                attempts: row.number()?,
                queued_at: row.at()?,
            })
        };
        self.list(query, read).await
    }

    /// Takes a delivery: no other node tries it before `until`. `false` where one was faster.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn claim_logout(&self, delivery: &LogoutDelivery, until: Timestamp) -> Result<bool, Fault> {
        let claim = Statement::one(
            "UPDATE logout_deliveries SET attempts = attempts + 1, due_at = ?3 \
             WHERE id = ?1 AND attempts = ?2 AND done_at IS NULL",
            vec![delivery.id.into(), delivery.attempts.into(), until.into()],
        );
        Ok(self.write(vec![claim]).await?.is_applied())
    }

    /// Notes how the attempt ended that was made under a claim; nothing where somebody else has it by now.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn note_logout(
        &self,
        delivery: &LogoutDelivery,
        ended: Attempt,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let claimed = delivery.attempts + 1;
        let (due_at, done_at, failure, attempts) = match ended {
            Attempt::Delivered => (None, Some(now), None, claimed),
            Attempt::Again(at, why) => (Some(at), None, Some(why), claimed),
            Attempt::NotMade(at, why) => (Some(at), None, Some(why), delivery.attempts),
            Attempt::GivenUp(why) => (None, Some(now), Some(why), claimed),
        };
        let note = Statement::any(
            "UPDATE logout_deliveries SET due_at = CAST(?3 AS BIGINT), done_at = CAST(?4 AS BIGINT), \
             failure = CAST(?5 AS TEXT), attempts = ?6 WHERE id = ?1 AND attempts = ?2 AND done_at IS NULL",
            vec![
                delivery.id.into(),
                claimed.into(),
                due_at.into(),
                done_at.into(),
                failure.into(),
                attempts.into(),
            ],
        );
        self.write(vec![note]).await.map(drop)
    }

    /// How telling an app went in the last 30 days.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn logout_health(&self, client: &ClientId) -> Result<LogoutHealth, Fault> {
        let counts = Query::list(
            "SELECT COUNT(*), COUNT(done_at), COUNT(CASE WHEN done_at IS NOT NULL THEN failure END) \
             FROM logout_deliveries WHERE client_id = ?1",
            vec![client.into()],
        );
        let last = Query::list(
            "SELECT failure, queued_at FROM logout_deliveries WHERE client_id = ?1 AND failure IS NOT NULL \
             ORDER BY id DESC LIMIT 1",
            vec![client.into()],
        );
        let number = |row: &mut Row| Ok(u64::try_from(row.int()?).unwrap_or_default());
        let (all, done, given_up) = self
            .maybe(counts, |row| Ok((number(row)?, number(row)?, number(row)?)))
            .await?
            .unwrap_or_default();
        Ok(LogoutHealth {
            delivered: done.saturating_sub(given_up),
            given_up,
            waiting: all.saturating_sub(done),
            last_failure: self.maybe(last, |row| Ok((row.text()?, row.at()?))).await?,
        })
    }

    /// The apps with people of the session of this root that may want a frame in the browser when it ends (OpenID
    /// Connect Front-Channel Logout); the present version of each says whether it does.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn apps_to_frame(&self, root: SecretHash) -> Result<Vec<ClientId>, Fault> {
        let query = Query::list(
            "SELECT DISTINCT g.client_id FROM grants g WHERE g.session = ?1 AND g.openid IS NOT NULL \
             AND EXISTS (SELECT 1 FROM manifests m WHERE m.client_id = g.client_id \
             AND m.manifest LIKE '%\"frontchannel_logout_uri\":\"%') ORDER BY g.client_id LIMIT ?2",
            vec![root.into(), MAX_FRAMES.into()],
        );
        self.list(query, Row::client).await
    }
}
