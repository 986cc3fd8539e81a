//! An app's last requests, for its team: written in bulk behind the requests, read page by page.

use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// Events of each kind (refused, or not) that an app keeps at least, if it has had so many; at most a batch more.
const RING: i64 = 500;

/// How long an event is kept, in days.
pub const FLOW_DAYS: i64 = 30;

/// Statements in one transaction: a request that waits behind them waits about a millisecond.
const BATCH: usize = 32;

/// Something that came of an app's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFlowEvent {
    /// The app.
    pub client: ClientId,
    /// When.
    pub at: Timestamp,
    /// Which endpoint, in one word.
    pub endpoint: &'static str,
    /// Whether it was refused.
    pub refused: bool,
    /// The error code of a refusal; else a word for what came of it.
    pub result: &'static str,
    /// Why exactly; empty where there is nothing to say.
    pub reason: String,
    /// Who was behind it: only ever somebody of the team, or one of its test people.
    pub person: Option<PersonId>,
    /// The request's name, which is also on its error page and in its answer's `x-request-id`.
    pub request_id: String,
}

/// The same, as its team reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowEvent {
    /// Its number, by which the next page begins.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Which endpoint.
    pub endpoint: String,
    /// Whether it was refused.
    pub refused: bool,
    /// The error code, or what came of it.
    pub result: String,
    /// Why exactly.
    pub reason: String,
    /// The username of who was behind it: a test person, or somebody while they are on the team.
    pub person: Option<String>,
    /// The request's name.
    pub request_id: String,
}

/// Which of an app's events a page shows; all by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlowFilter {
    /// Only the refused ones (`true`), or only the others.
    pub refused: Option<bool>,
    /// Only those of this endpoint; empty: of every one.
    pub endpoint: String,
    /// Only the request of this name; empty: every one.
    pub request_id: String,
}

impl Store {
    /// Adds events, and takes the oldest away from the apps in `trimmed`, so that each keeps about `RING` of each
    /// kind. An app that is gone is passed over.
    ///
    /// # Errors
    /// A [`Fault`]; what was written before it stays.
    pub async fn write_flow(&self, events: Vec<NewFlowEvent>, trimmed: &[ClientId]) -> Result<(), Fault> {
        let inserts = events.into_iter().map(insert);
        let trims = trimmed.iter().flat_map(|id| [trim(id, false), trim(id, true)]);
        self.write_in_bulk(inserts.chain(trims).collect()).await
    }

    /// At most `limit` of an app's events, the newest first, those before the one numbered `before`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn flow(
        &self,
        id: &ClientId,
        filter: &FlowFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<FlowEvent>, Fault> {
        let query = Query::list(
            "SELECT e.id, e.happened_at, e.endpoint, e.refused, e.result, e.reason, p.username, e.request_id \
             FROM flow_events e LEFT JOIN team t ON t.client_id = e.client_id AND t.person_id = e.person_id \
             LEFT JOIN people p ON p.id = e.person_id AND (t.person_id IS NOT NULL OR p.test_of = e.client_id) \
             WHERE e.client_id = ?1 AND (CAST(?2 AS BIGINT) = -1 OR e.refused = ?2) \
               AND (?3 = '' OR e.endpoint = ?3) AND (?4 = '' OR e.request_id = ?4) AND e.id < ?5 \
             ORDER BY e.id DESC LIMIT ?6",
            vec![
                id.into(),
                filter.refused.map_or(-1, i64::from).into(),
                filter.endpoint.as_str().into(),
                filter.request_id.as_str().into(),
                before.unwrap_or(i64::MAX).into(),
                limit.into(),
            ],
        );
        let read = |row: &mut Row| {
            Ok(FlowEvent {
                id: row.int()?,
                at: row.at()?,
                endpoint: row.text()?,
                refused: row.flag()?,
                result: row.text()?,
                reason: row.text()?,
                person: row.opt_text()?,
                request_id: row.text()?,
            })
        };
        self.list(query, read).await
    }

    /// Writes statements that do not depend on each other, a few at a time, so that whoever else writes gets a turn.
    /// Where one meets a constraint (its app was deleted this very moment), its neighbours are written all the same.
    ///
    /// # Errors
    /// A [`Fault`]; what was written before it stays.
    pub(super) async fn write_in_bulk(&self, mut statements: Vec<Statement>) -> Result<(), Fault> {
        while !statements.is_empty() {
            let rest = statements.split_off(BATCH.min(statements.len()));
            let batch = std::mem::replace(&mut statements, rest);
            if !self.write_quietly(batch.clone()).await?.is_applied() {
                for alone in batch {
                    let _passed_over = self.write_quietly(vec![alone]).await?;
                }
            }
        }
        Ok(())
    }
}

fn insert(event: NewFlowEvent) -> Statement {
    Statement::any(
        "INSERT INTO flow_events (client_id, happened_at, endpoint, refused, result, reason, person_id, request_id) \
         SELECT client_id, CAST(?2 AS BIGINT), CAST(?3 AS TEXT), CAST(?4 AS BIGINT), CAST(?5 AS TEXT), \
           CAST(?6 AS TEXT), CAST(?7 AS BIGINT), CAST(?8 AS TEXT) FROM apps WHERE client_id = ?1",
        vec![
            (&event.client).into(),
            event.at.into(),
            event.endpoint.into(),
            event.refused.into(),
            event.result.into(),
            event.reason.into(),
            event.person.into(),
            event.request_id.into(),
        ],
    )
}

fn trim(id: &ClientId, refused: bool) -> Statement {
    Statement::any(
        "DELETE FROM flow_events WHERE client_id = ?1 AND refused = ?2 AND id <= \
         (SELECT id FROM flow_events WHERE client_id = ?1 AND refused = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
        vec![id.into(), refused.into(), RING.into()],
    )
}
