//! Sweeping out what time has ended.
//!
//! Nothing here is needed for safety: what is expired is refused wherever it is read. What stays:
//! - a code stays with its grant until everything that it led to is dead, so that using it again kills what lives;
//! - a rotated-out refresh token stays until its own expiry, so that its reuse is noticed;
//! - a revoked grant stays a day, so that the use of a token it killed can be told from one that never was.

use crate::{Fault, Query, Statement, Store};
use omniport_protocol::vocabulary::Timestamp;

/// A table, and what of it is over: a count of it (as far as the batch) and its deletion, the same rows.
struct Broom {
    table: &'static str,
    count: &'static str,
    delete: &'static str,
}

/// `?1` is the moment, `?2` the most rows.
macro_rules! broom {
    ($table:literal, $key:literal, $over:literal) => {
        Broom {
            table: $table,
            count: concat!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM ",
                $table,
                " WHERE ",
                $over,
                " LIMIT ?2) AS found"
            ),
            delete: concat!(
                "DELETE FROM ",
                $table,
                " WHERE (",
                $key,
                ") IN (SELECT ",
                $key,
                " FROM ",
                $table,
                " WHERE ",
                $over,
                // Once more: a row that another node has just prolonged is left alone.
                " LIMIT ?2) AND ",
                $over
            ),
        }
    };
}

const BROOMS: [Broom; 21] = [
    // With each grant go its codes and whatever tokens of it are left. By one of OpenID Connect a session knows whom to
    // tell of its end, so it stays until then.
    broom!(
        "grants",
        "id",
        "dies_at <= ?1 AND (openid IS NULL OR NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.expires_at > ?1 AND \
         (sessions.hash = grants.session OR sessions.root = grants.session)))"
    ),
    broom!("access_tokens", "hash", "expires_at <= ?1"),
    broom!("refresh_tokens", "hash", "expires_at <= ?1"),
    broom!("sessions", "hash", "expires_at <= ?1"),
    broom!("parked_requests", "hash", "expires_at <= ?1"),
    broom!("pushed_requests", "hash", "expires_at <= ?1"),
    // A day more, in which an app that comes back late is told that it is too late.
    broom!(
        "decoupled_requests",
        "code",
        "expires_at <= CAST(?1 AS BIGINT) - 86400"
    ),
    broom!("used_jtis", "hash", "expires_at <= ?1"),
    // What the team and the maintainers see of it: 30 days.
    broom!(
        "logout_deliveries",
        "id",
        "done_at <= CAST(?1 AS BIGINT) - 2592000"
    ),
    broom!("initial_access_tokens", "hash", "expires_at <= ?1"),
    // Apps that registered themselves and that nobody approved or used, nor made a test person for, in 30 days.
    broom!(
        "apps",
        "client_id",
        "live_version IS NULL \
         AND EXISTS (SELECT 1 FROM registrations r WHERE r.client_id = apps.client_id \
           AND r.registered_at <= CAST(?1 AS BIGINT) - 2592000) \
         AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.client_id = apps.client_id) \
         AND NOT EXISTS (SELECT 1 FROM people p WHERE p.test_of = apps.client_id AND p.disabled_at IS NULL)"
    ),
    // Apps that are known by a document at their address, that nobody has used for as long, and about which no maintainer
    // has said yes or stop: they come back by themselves when somebody uses them.
    broom!(
        "apps",
        "client_id",
        "standing <> 'suspended' \
         AND EXISTS (SELECT 1 FROM client_documents d WHERE d.client_id = apps.client_id \
           AND d.read_at <= CAST(?1 AS BIGINT) - 2592000) \
         AND NOT EXISTS (SELECT 1 FROM review_events e JOIN client_documents d ON d.client_id = e.client_id \
           WHERE e.client_id = apps.client_id AND e.what IN ('approved', 'suspended') \
           AND (e.actor_id IS NOT NULL OR e.happened_at > d.found_at)) \
         AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.client_id = apps.client_id) \
         AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.client_id = apps.client_id) \
         AND NOT EXISTS (SELECT 1 FROM people p WHERE p.test_of = apps.client_id AND p.disabled_at IS NULL)"
    ),
    // What people were told and did not dismiss: 180 days.
    broom!("notices", "id", "happened_at <= CAST(?1 AS BIGINT) - 15552000"),
    broom!("signing_keys", "kid", "ends_at <= ?1"),
    broom!("invitations", "client_id, person_id", "expires_at <= ?1"),
    broom!(
        "rate_limits",
        "bucket",
        "spent_until <= CAST(?1 AS BIGINT) * 1000"
    ),
    broom!("client_secrets", "client_id, id", "expires_at <= ?1"),
    // What an app's team sees of its requests: 30 days; of its use: 400 days; who was counted: until the day is over
    // everywhere.
    broom!("flow_events", "id", "happened_at <= CAST(?1 AS BIGINT) - 2592000"),
    broom!(
        "usage_days",
        "client_id, day",
        "day <= CAST(?1 AS BIGINT) / 86400 - 400"
    ),
    broom!(
        "usage_people",
        "client_id, day, person_id",
        "day <= CAST(?1 AS BIGINT) / 86400 - 2"
    ),
    broom!(
        "logos",
        "digest",
        "put_at + 86400 <= ?1 AND NOT EXISTS (SELECT 1 FROM manifests WHERE manifests.logo = logos.digest)"
    ),
];

/// How long what is over is kept all the same, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Grants, with their codes: so that it can still be said who had allowed what, and that a code was used again.
    pub grants: i64,
    /// Events of the audit log; 0: for good.
    pub audit: i64,
}

impl Retention {
    fn seconds(self, table: &str) -> i64 {
        match table {
            "grants" => self.grants.max(0),
            _ => 0,
        }
    }
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// How many rows went, of those counted when it began.
    pub rows: u64,
    /// Whether a table may hold more: sweep again.
    pub more: bool,
}

impl Store {
    /// Deletes what is over at `now`, at most `batch` rows of each table, so that writers never wait long.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn sweep(&self, now: Timestamp, batch: u32) -> Result<Swept, Fault> {
        self.sweep_keeping(now, batch, Retention::default()).await
    }

    /// As [`Self::sweep`], but keeps longer what is to be kept longer.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn sweep_keeping(
        &self,
        now: Timestamp,
        batch: u32,
        retention: Retention,
    ) -> Result<Swept, Fault> {
        let params = |broom: &Broom| {
            let over = now.plus(-retention.seconds(broom.table));
            vec![over.into(), batch.into()]
        };
        let counts = BROOMS.iter().map(|broom| Query::list(broom.count, params(broom)));
        let counted = self.read(counts.collect()).await?;
        let mut swept = Swept { rows: 0, more: false };
        let mut deletes = Vec::new();
        for (broom, mut rows) in BROOMS.iter().zip(counted) {
            let found = rows.first_mut().map_or(Ok(0), crate::Row::int)?;
            let found = u64::try_from(found).unwrap_or_default();
            if found > 0 {
                swept.rows += found;
                swept.more |= found >= u64::from(batch);
                deletes.push(Statement::any(broom.delete, params(broom)));
            }
        }
        self.write(deletes).await.map(|_| swept)
    }
}
