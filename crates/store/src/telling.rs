//! Acts: changes that are told in the audit log, each in one transaction with the event that tells of it.
//!
//! The events are a chain (`omniport_protocol::audit`), so that one is added after another, whichever node adds it: each
//! is made behind the end that was read, and written only if that is still the end; else it is made again.

use crate::patience::bounded;
use crate::portal::audit::head;
use crate::value::to_json;
use crate::{Fault, Query, Row, Statement, Store, Written};
use omniport_protocol::audit::{ChainHash, Deed, Entry, Head};
use omniport_protocol::vocabulary::SecretHash;
use std::sync::Arc;

/// How often the end of the chain is looked for again while other nodes move it on.
const TRIES: usize = 64;

/// The end as it is noted, the newest event beside it, and the name of the person who acts.
const PLACE: &str = "SELECT h.number, h.hash, e.number, e.hash, (SELECT username FROM people WHERE id = ?1) \
     FROM (SELECT 1 AS one) AS x LEFT JOIN audit_heads h ON h.chain = 'acts' \
     LEFT JOIN audit_events e ON e.number = (SELECT MAX(number) FROM audit_events)";

/// Where the next event goes.
struct Place {
    /// The end as it is noted: what guards the change.
    noted: Head,
    /// What the next event stands behind.
    behind: Head,
    /// What the person who acts is called; empty of anybody else.
    name: String,
}

impl Store {
    /// This store, telling what is done with it as `deed`. Without one, nothing that must be told can be done.
    #[must_use]
    pub fn telling(&self, deed: Deed) -> Self {
        let mut store = self.clone();
        store.deed = Some(Arc::new(deed));
        store
    }

    /// What is told of what is done with this store.
    pub(crate) fn deed(&self) -> Result<&Deed, Fault> {
        self.deed
            .as_deref()
            .ok_or_else(|| Fault::Bug("something was to be done that nobody tells of".into()))
    }

    /// Changes, all or none, told as this store tells.
    pub(crate) async fn act(&self, statements: Vec<Statement>) -> Result<Written, Fault> {
        self.act_as(self.deed()?, statements).await
    }

    /// The same, told as `deed`.
    pub(crate) async fn act_as(&self, deed: &Deed, statements: Vec<Statement>) -> Result<Written, Fault> {
        // Acts of this node wait for each other here: they would only make each other try again.
        let _turn = bounded(async { Ok(self.acts.lock().await) }).await?;
        for _ in 0..TRIES {
            let place = self.place(deed).await?;
            let event = deed.event(place.behind.number.saturating_add(1), &place.name);
            let entry = Entry::seal(event, place.behind.hash);
            let mut all = statements.clone();
            all.extend([insert(&entry)?, move_head(Head::of(&entry), place.noted)]);
            match self.write(all).await? {
                Written::Conflict { statement } if statement >= statements.len() => {}
                Written::Applied => {
                    let (number, hash) = (entry.event.number, entry.hash);
                    // Beside the log and elsewhere: what was told here proves the chain up to this event.
                    tracing::info!(audit = number, %hash, act = deed.act.as_str(), "an act was told");
                    return Ok(Written::Applied);
                }
                refused @ Written::Conflict { .. } => return Ok(refused),
            }
        }
        Err(Fault::Unavailable(
            "too much is being done at once for the audit log; try again".into(),
        ))
    }

    async fn place(&self, deed: &Deed) -> Result<Place, Fault> {
        let query = Query::key(PLACE, vec![deed.doer.person().into()]);
        let read = |row: &mut Row| {
            let noted = head(row)?.unwrap_or(Head::BEFORE_ALL);
            let newest = head(row)?.unwrap_or(Head::BEFORE_ALL);
            Ok(Place {
                noted,
                // They are the same, unless somebody changed the tables: then what is there goes on, and verifying shows it.
                behind: if newest.number > noted.number {
                    newest
                } else {
                    noted
                },
                name: row.opt_text()?.unwrap_or_default(),
            })
        };
        let place = self.maybe(query, read).await?;
        place.ok_or_else(|| Fault::Bug("the audit log has no end".into()))
    }
}

fn number(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| Fault::Bug("the audit log is full".into()))
}

/// A hash as it is kept.
fn kept(hash: ChainHash) -> SecretHash {
    SecretHash::from_bytes(*hash.as_bytes())
}

fn insert(entry: &Entry) -> Result<Statement, Fault> {
    let event = &entry.event;
    Ok(Statement::one(
        "INSERT INTO audit_events (number, happened_at, act, actor_kind, actor_id, actor_name, address, request, \
         subject_kind, subject_id, subject_name, was, became, previous, hash) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        vec![
            number(event.number)?.into(),
            event.at.into(),
            event.act.as_str().into(),
            event.actor.kind.as_str().into(),
            event.actor.id.as_str().into(),
            event.actor.name.as_str().into(),
            event.address.as_deref().into(),
            event.request.as_deref().into(),
            event.subject.kind.as_str().into(),
            event.subject.id.as_str().into(),
            event.subject.name.as_str().into(),
            to_json(&event.before)?,
            to_json(&event.after)?,
            kept(entry.previous).into(),
            kept(entry.hash).into(),
        ],
    ))
}

/// Guarded: the end is as it was read.
fn move_head(to: Head, from: Head) -> Statement {
    let number = |head: Head| i64::try_from(head.number).unwrap_or(i64::MAX);
    Statement::one(
        "INSERT INTO audit_heads (chain, number, hash) VALUES ('acts', ?1, ?2) \
         ON CONFLICT (chain) DO UPDATE SET number = ?1, hash = ?2 \
         WHERE audit_heads.number = ?3 AND audit_heads.hash = ?4",
        vec![
            number(to).into(),
            kept(to.hash).into(),
            number(from).into(),
            kept(from.hash).into(),
        ],
    )
}
