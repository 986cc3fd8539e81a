//! The audit log: read whole, for verifying and exporting it, and what is looked for in it.

use crate::{Engine, Fault, Store};
use jiff::civil::Date;
use omniport_protocol::audit::{Act, Broken, Entry, Head, Verified, Verifier};
use omniport_protocol::vocabulary::{ClientId, IdError, Timestamp};
use omniport_store::portal::{AuditEnd, AuditFilter};

/// Events that are read at a time.
const PAGE: u32 = 500;

/// The log as it was when this was made, a page at a time. What is told meanwhile is not in it.
pub struct AuditReader {
    store: Store,
    after: u64,
    through: u64,
}

impl AuditReader {
    /// The next events, in their order; none behind the last.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn next(&mut self) -> Result<Vec<Entry>, Fault> {
        let entries = self.store.audit_chain(self.after, self.through, PAGE).await?;
        if let Some(last) = entries.last() {
            self.after = last.event.number;
        }
        Ok(entries)
    }
}

/// What somebody looks for in the log, as they typed it; everything where that is nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sought<'a> {
    /// What was done to the app of this client ID.
    pub app: Option<&'a str>,
    /// What was done by or to the person of this username.
    pub person: Option<&'a str>,
    /// This act, by its name in the log.
    pub act: Option<&'a str>,
    /// What was done on this day, in UTC, or later: `2026-11-23`.
    pub since: Option<&'a str>,
}

/// Why it cannot be looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SoughtError {
    /// No client has such an identifier.
    #[error(transparent)]
    App(#[from] IdError),
    /// There is no such person.
    #[error("nobody here has the username '{0}'")]
    Nobody(String),
    /// There is no such act.
    #[error("there is no act '{0}'")]
    Act(String),
    /// It is no day.
    #[error("a day is written 2026-11-23")]
    Day,
}

/// When a day begins, in UTC.
///
/// # Errors
/// [`SoughtError::Day`].
pub fn day(text: &str) -> Result<Timestamp, SoughtError> {
    let day: Date = text.parse().map_err(|_| SoughtError::Day)?;
    let begin: Result<jiff::Timestamp, _> = format!("{day}T00:00:00Z").parse();
    let begin = begin.map_err(|_| SoughtError::Day)?;
    Ok(Timestamp::from_seconds(begin.as_second()))
}

impl Engine {
    /// What shows of the log what is looked for. The inner error says why nothing can.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn audit_filter(&self, sought: Sought<'_>) -> Result<Result<AuditFilter, SoughtError>, Fault> {
        let mut filter = AuditFilter::default();
        if let Some(app) = sought.app {
            match ClientId::parse(app) {
                Ok(id) => filter.app = Some(id),
                Err(error) => return Ok(Err(error.into())),
            }
        }
        if let Some(person) = sought.person {
            match self.store().person_by_username(person).await? {
                Some(found) => filter.person = Some(found.id),
                None => return Ok(Err(SoughtError::Nobody(person.to_owned()))),
            }
        }
        if let Some(act) = sought.act {
            match Act::parse(act) {
                Some(known) => filter.act = Some(known.as_str().to_owned()),
                None => return Ok(Err(SoughtError::Act(act.to_owned()))),
            }
        }
        if let Some(since) = sought.since {
            match day(since) {
                Ok(begin) => filter.since = Some(begin),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(filter))
    }

    /// The whole log as it is now.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn audit_reader(&self) -> Result<AuditReader, Fault> {
        Ok(self.reader(self.store().audit_end().await?))
    }

    fn reader(&self, end: AuditEnd) -> AuditReader {
        AuditReader {
            store: self.store().clone(),
            after: 0,
            through: end.newest.map_or(0, |newest| newest.number),
        }
    }

    /// Whether the log is the one that was written, as `verifier` looks at it. The inner error says where and how it is
    /// not.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn verify_audit(&self, mut verifier: Verifier) -> Result<Result<Verified, Broken>, Fault> {
        // Its end first: what is told while this goes on is left for the next time.
        let end = self.store().audit_end().await?;
        let mut reader = self.reader(end);
        loop {
            let entries = reader.next().await?;
            if entries.is_empty() {
                return Ok(verifier.finish(Some(end.noted.unwrap_or(Head::BEFORE_ALL))));
            }
            for entry in &entries {
                if let Err(broken) = verifier.add(entry) {
                    return Ok(Err(broken));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        assert_eq!(day("2026-11-23"), Ok(Timestamp::from_seconds(1_795_392_000)));
        for bad in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-13-01",
            "23.11.2026",
            "2026-11-23T00:00:00Z[Europe/Berlin]",
            "99999-01-01",
        ] {
            assert_eq!(day(bad), Err(SoughtError::Day), "{bad}");
        }
    }
}
