//! Which apps are to be told that a person has answered them (OpenID Connect CIBA Core section 10.2). That there is
//! something to tell is written with the answer itself, on the request's own row.

use super::deliveries::{Attempt, due_params};
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, SecretHash, Timestamp};

/// One app to be told of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePing {
    /// The request's code.
    pub code: SecretHash,
    /// The app.
    pub client: ClientId,
    /// What it is told with, sealed.
    pub sealed: Vec<u8>,
    /// How often it was tried.
    pub attempts: u32,
    /// When the request ends, and there is nothing to fetch any more.
    pub expires_at: Timestamp,
}

impl Store {
    /// At most `limit` apps to be told now, the longest waiting first, but none of `except`: of those at most
    /// [`super::EXCEPTED`] are looked at.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn due_pings(
        &self,
        now: Timestamp,
        limit: u32,
        except: &[ClientId],
    ) -> Result<Vec<DuePing>, Fault> {
        let query = Query::list(
            "SELECT code, client_id, notify, notify_attempts, expires_at FROM decoupled_requests \
             WHERE notify_at <= ?1 AND notify IS NOT NULL \
             AND client_id NOT IN (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ORDER BY notify_at, code LIMIT ?2",
            due_params(now, limit, except),
        );
        let read = |row: &mut Row| {
            Ok(DuePing {
                code: row.hash()?,
                client: row.client()?,
                sealed: row.blob()?,
                attempts: row.number()?,
                expires_at: row.at()?,
            })
        };
        self.list(query, read).await
    }

    /// Takes one: no other node tries it before `until`. `false` where one was faster, or the app has its answer.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn claim_ping(&self, ping: &DuePing, until: Timestamp) -> Result<bool, Fault> {
        let claim = Statement::one(
            "UPDATE decoupled_requests SET notify_attempts = notify_attempts + 1, notify_at = ?3 \
             WHERE code = ?1 AND notify_attempts = ?2 AND notify IS NOT NULL",
            vec![ping.code.into(), ping.attempts.into(), until.into()],
        );
        Ok(self.write(vec![claim]).await?.is_applied())
    }

    /// Notes how the attempt ended that was made under a claim; nothing where somebody else has it by now, or the app its
    /// answer. What is over is forgotten, the app's token with it.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn note_ping(&self, ping: &DuePing, ended: &Attempt) -> Result<(), Fault> {
        let claimed = ping.attempts + 1;
        let (sealed, at, attempts) = match ended {
            Attempt::Delivered | Attempt::GivenUp(_) => (None, None, claimed),
            Attempt::Again(at, _) => (Some(ping.sealed.clone()), Some(*at), claimed),
            Attempt::NotMade(at, _) => (Some(ping.sealed.clone()), Some(*at), ping.attempts),
        };
        let note = Statement::any(
            "UPDATE decoupled_requests SET notify = ?3, notify_at = CAST(?4 AS BIGINT), notify_attempts = ?5 \
             WHERE code = ?1 AND notify_attempts = ?2 AND notify IS NOT NULL",
            vec![
                ping.code.into(),
                claimed.into(),
                sealed.into(),
                at.into(),
                attempts.into(),
            ],
        );
        self.write(vec![note]).await.map(drop)
    }
}
