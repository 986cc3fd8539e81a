//! How often something may be tried, counted where every node looks.
//!
//! A bucket is one moment: until when what was spent of it is used up. A try moves it on by its cost, from now or from
//! where it is, and is refused where that would be further ahead than the bucket holds (the generic cell rate algorithm,
//! as a virtual schedule: ITU-T I.371). So a bucket is one small row, a try is one guarded statement, any number of nodes
//! count together, and a row whose moment has passed says nothing and is swept.

use crate::generations::Generations;
use crate::{Fault, Query, Row, Statement, Store, Written};
use omniport_protocol::vocabulary::{SecretHash, Timestamp};

/// Refusals that a node remembers at most, twice: a flood that is refused is then refused without the database.
const REFUSALS: usize = 4_096;

/// How often a try is made again that crossed another's way.
const TRIES: usize = 8;

/// What a try takes from a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spend {
    /// Which bucket: the hash of what is counted.
    pub bucket: SecretHash,
    /// What one try costs, in milliseconds: one may go on trying as often as that.
    pub cost: u32,
    /// What the bucket holds, in milliseconds: as many tries may be made at once as fit into it.
    pub holds: u32,
}

/// Until when a bucket is known to be empty, in milliseconds.
pub(crate) struct Refusals(Generations<SecretHash, i64>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Generations::new(REFUSALS))
    }
}

fn millis(at: Timestamp) -> i64 {
    at.seconds().saturating_mul(1_000)
}

impl Spend {
    /// Guarded: the bucket holds enough. On both databases the row's newest state decides, also where nodes race.
    pub(crate) fn statement(&self, now: Timestamp) -> Statement {
        let (now, cost) = (millis(now), i64::from(self.cost));
        Statement::one(
            "INSERT INTO rate_limits (bucket, spent_until) VALUES (?1, ?2) \
             ON CONFLICT (bucket) DO UPDATE SET spent_until = \
               CASE WHEN rate_limits.spent_until > ?3 THEN rate_limits.spent_until ELSE ?3 END + ?4 \
             WHERE rate_limits.spent_until <= ?5",
            vec![
                self.bucket.into(),
                (now + cost).into(),
                now.into(),
                cost.into(),
                (now + i64::from(self.holds) - cost).into(),
            ],
        )
    }

    fn refund(&self) -> Statement {
        Statement::any(
            "UPDATE rate_limits SET spent_until = spent_until - ?2 WHERE bucket = ?1",
            vec![self.bucket.into(), i64::from(self.cost).into()],
        )
    }
}

impl Store {
    /// Makes one try count in all these buckets, or in none. Answers how many seconds one has to wait where a bucket is
    /// empty, none where the try is free.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn spend(&self, spends: &[Spend], now: Timestamp) -> Result<Option<i64>, Fault> {
        let spends = in_order(spends);
        if let Some(wait) = self.refused(&spends, now) {
            return Ok(Some(wait));
        }
        for _ in 0..TRIES {
            let statements = spends.iter().map(|spend| spend.statement(now)).collect();
            if self.write(statements).await? == Written::Applied {
                return Ok(None);
            }
            // Either a bucket is empty, or two nodes crossed each other's way and it is tried again.
            if let Some(wait) = self.wait(&spends, now).await? {
                return Ok(Some(wait));
            }
        }
        Err(Fault::Unavailable(
            "too many callers count in the same buckets at once; try again".into(),
        ))
    }

    /// Gives back what was spent: the try was none, or a good one.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn refund(&self, spends: &[Spend]) -> Result<(), Fault> {
        let statements = in_order(spends).iter().map(Spend::refund).collect();
        for spend in spends {
            self.refusals().0.insert(spend.bucket, 0);
        }
        self.write(statements).await.map(drop)
    }

    /// Forgets all that was spent of a bucket.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn forget_spent(&self, spend: &Spend) -> Result<(), Fault> {
        self.refusals().0.insert(spend.bucket, 0);
        let delete = "DELETE FROM rate_limits WHERE bucket = ?1";
        self.write(vec![Statement::any(delete, vec![spend.bucket.into()])])
            .await
            .map(drop)
    }

    /// Whether this node knows that a bucket is empty: seconds to wait.
    pub(crate) fn refused(&self, spends: &[Spend], now: Timestamp) -> Option<i64> {
        let until = |spend: &Spend| self.refusals().0.get(&spend.bucket);
        let left = spends
            .iter()
            .filter_map(until)
            .map(|until| until - millis(now))
            .max()?;
        (left > 0).then(|| seconds(left))
    }

    /// Seconds until all of them hold enough; none where they do.
    pub(crate) async fn wait(&self, spends: &[Spend], now: Timestamp) -> Result<Option<i64>, Fault> {
        let mut longest = 0;
        for spend in spends {
            let query = Query::key(
                "SELECT spent_until FROM rate_limits WHERE bucket = ?1",
                vec![spend.bucket.into()],
            );
            let spent_until = self.maybe(query, Row::int).await?.unwrap_or_default();
            let free_at = spent_until + i64::from(spend.cost) - i64::from(spend.holds);
            if free_at > millis(now) {
                self.refusals().0.insert(spend.bucket, free_at);
                longest = longest.max(free_at - millis(now));
            }
        }
        Ok((longest > 0).then(|| seconds(longest)))
    }
}

/// One order on every node, so that they do not wait for each other in a circle.
pub(crate) fn in_order(spends: &[Spend]) -> Vec<Spend> {
    let mut spends = spends.to_vec();
    spends.sort_by_key(|spend| *spend.bucket.as_bytes());
    spends
}

/// Rounded up.
const fn seconds(millis: i64) -> i64 {
    (millis + 999) / 1_000
}
