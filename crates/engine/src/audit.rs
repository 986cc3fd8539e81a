//! The audit log, read whole: for verifying and exporting it.

use crate::{Engine, Fault, Store};
use omniport_protocol::audit::{Broken, Entry, Head, Verified, Verifier};
use omniport_store::portal::AuditEnd;

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

impl Engine {
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
