//! The audit log as it is read, and cut at its old end.

use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::audit::{Act, Actor, ChainHash, Deed, Entry, Event, Head, Party, Subject};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};
use serde_json::Value;

/// Which events a list shows; everything by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Only what was done to this app.
    pub app: Option<ClientId>,
    /// Only what was done by this person or to them.
    pub person: Option<PersonId>,
    /// Only this act, by its name in the log.
    pub act: Option<String>,
    /// Only what was done at this moment or later.
    pub since: Option<Timestamp>,
}

/// The end of the log: the two are the same, unless somebody changed the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuditEnd {
    /// As it is noted beside the events; none before the first.
    pub noted: Option<Head>,
    /// The newest event.
    pub newest: Option<Head>,
}

/// A part of the log that was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// How many events.
    pub events: u64,
    /// Whether there is more to cut.
    pub more: bool,
}

const END: &str = "SELECT h.number, h.hash, e.number, e.hash FROM (SELECT 1 AS one) AS x \
     LEFT JOIN audit_heads h ON h.chain = 'acts' \
     LEFT JOIN audit_events e ON e.number = (SELECT MAX(number) FROM audit_events)";

/// A checkpoint for each event that grows too old would be an event for an event: the oldest waits until it is a day
/// older than it may get, in seconds.
const DAY: i64 = 86_400;

macro_rules! audit_columns {
    () => {
        "SELECT number, happened_at, act, actor_kind, actor_id, actor_name, address, request, subject_kind, subject_id, \
         subject_name, was, became, previous, hash FROM audit_events WHERE "
    };
}

/// The newest events behind a place: parameters 1 to 4, and what else is asked for.
macro_rules! newest {
    ($also:literal) => {
        concat!(
            audit_columns!(),
            "number < ?1 AND happened_at >= ?2 AND (?3 = '' OR act = ?3)",
            $also,
            " ORDER BY number DESC LIMIT ?4"
        )
    };
}

/// A row as it is, also one that somebody has changed: verifying says what is wrong with it.
fn read(row: &mut Row) -> Result<Entry, Fault> {
    let number = u64::try_from(row.int()?).unwrap_or_default();
    let at = row.at()?;
    let act = row.text()?;
    let actor = party(row)?;
    let (address, request) = (row.opt_text()?, row.opt_text()?);
    let subject = party(row)?;
    let (before, after) = (json(row)?, json(row)?);
    Ok(Entry {
        event: Event {
            number,
            at,
            act,
            actor,
            address,
            request,
            subject,
            before,
            after,
        },
        previous: hash(row)?,
        hash: hash(row)?,
    })
}

fn party(row: &mut Row) -> Result<Party, Fault> {
    let (kind, id, name) = (row.text()?, row.text()?, row.text()?);
    Ok(Party { id, kind, name })
}

fn json(row: &mut Row) -> Result<Value, Fault> {
    let text = row.text()?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// An event's number and hash; none where there is no such event.
pub(crate) fn head(row: &mut Row) -> Result<Option<Head>, Fault> {
    let (number, hash) = (row.opt_int()?, row.opt_blob()?);
    Ok(number.zip(hash).map(|(number, hash)| Head {
        number: u64::try_from(number).unwrap_or_default(),
        hash: ChainHash::from_bytes(hash.try_into().unwrap_or([0; 32])),
    }))
}

fn hash(row: &mut Row) -> Result<ChainHash, Fault> {
    let bytes = row.blob()?.try_into().unwrap_or([0; 32]);
    Ok(ChainHash::from_bytes(bytes))
}

impl Store {
    /// At most `limit` events, the newest first, behind the number `before`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn audit_events(
        &self,
        filter: &AuditFilter,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Entry>, Fault> {
        let before = before.and_then(|number| i64::try_from(number).ok());
        let since = filter.since.unwrap_or(Timestamp::from_seconds(i64::MIN));
        let mut params = vec![
            before.unwrap_or(i64::MAX).into(),
            since.into(),
            filter.act.as_deref().unwrap_or_default().into(),
            limit.into(),
        ];
        let sql = match (&filter.app, filter.person) {
            (None, None) => newest!(""),
            (Some(_), None) => newest!(" AND subject_kind = 'app' AND subject_id = ?5"),
            (None, Some(_)) => newest!(
                " AND ((actor_kind = 'person' AND actor_id = ?5) OR (subject_kind = 'person' AND subject_id = ?5))"
            ),
            (Some(_), Some(_)) => newest!(
                " AND subject_kind = 'app' AND subject_id = ?5 AND actor_kind = 'person' AND actor_id = ?6"
            ),
        };
        params.extend(filter.app.as_ref().map(|app| app.as_str().into()));
        params.extend(filter.person.map(|person| person.to_string().into()));
        self.list(Query::list(sql, params), read).await
    }

    /// At most `limit` events in their order, behind the number `after` and up to `through`: for verifying and exporting.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn audit_chain(&self, after: u64, through: u64, limit: u32) -> Result<Vec<Entry>, Fault> {
        let sql = concat!(
            audit_columns!(),
            "number > ?1 AND number <= ?2 ORDER BY number LIMIT ?3"
        );
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let params = vec![number(after).into(), number(through).into(), limit.into()];
        self.list(Query::list(sql, params), read).await
    }

    /// The end of the log.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn audit_end(&self) -> Result<AuditEnd, Fault> {
        let query = Query::key(END, Vec::new());
        let read = |row: &mut Row| {
            Ok(AuditEnd {
                noted: head(row)?,
                newest: head(row)?,
            })
        };
        Ok(self.maybe(query, read).await?.unwrap_or_default())
    }

    /// Cuts events from before `limit`, the oldest first and `batch` at most, and tells of it by a checkpoint, by which
    /// the rest can still be verified. Nothing happens as long as no event is older than that by a day, nor where there
    /// is nothing but checkpoints.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn prune_audit(&self, limit: Timestamp, batch: u32, at: Timestamp) -> Result<Pruned, Fault> {
        let oldest = self.audit_chain(0, u64::MAX, batch).await?;
        let over = oldest.iter().take_while(|entry| entry.event.at < limit);
        let over: Vec<&Entry> = over.collect();
        let nothing = Pruned {
            events: 0,
            more: false,
        };
        let (Some(first), Some(last)) = (over.first(), over.last()) else {
            return Ok(nothing);
        };
        let is_due = limit.is_at_or_after(first.event.at.plus(DAY));
        let is_checkpoint = |entry: &&Entry| entry.event.act == Act::AuditPrune.as_str();
        if !is_due || over.iter().all(is_checkpoint) {
            return Ok(nothing);
        }
        let cut = Head::of(last);
        let deed = Deed {
            doer: Actor::System.into(),
            act: Act::AuditPrune,
            subject: Subject::instance(),
            before: Value::Null,
            after: cut.kept(),
            at,
        };
        let number = i64::try_from(cut.number).unwrap_or(i64::MAX);
        let events = over.len() as u64;
        // Guarded: nobody else cuts them meanwhile.
        let delete = Statement {
            sql: "DELETE FROM audit_events WHERE number <= ?1",
            params: vec![number.into()],
            rows: crate::Rows::Exactly(events),
        };
        let written = self.act_as(&deed, vec![delete]).await?;
        Ok(if written.is_applied() {
            Pruned {
                events,
                more: over.len() == batch as usize,
            }
        } else {
            nothing
        })
    }
}
