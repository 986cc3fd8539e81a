//! `/maintainer/audit`: what was done, by whom, with what it changed.

use super::{Chrome, Difference, Link, When, number};
use askama::Template;

/// The audit log. The filter is a GET form: `app`, `person`, `act`, `since`; the next page has `before` as well.
#[derive(Debug, Clone, Template)]
#[template(path = "maintainer/audit.html")]
pub struct Audit {
    /// The frame.
    pub chrome: Chrome,
    /// The events of this page, the newest first.
    pub events: Vec<AuditRow>,
    /// Field `app`: a client ID, or empty for all.
    pub app: String,
    /// Field `person`: a username, or empty for all.
    pub person: String,
    /// Field `act`: a name of [`Self::acts`], or empty for all.
    pub act: String,
    /// Field `since`: a day such as `2026-11-23`, or empty.
    pub since: String,
    /// What of the filter could not be used, in words; empty where all could.
    pub unusable: String,
    /// The acts that may be chosen: their names in the log.
    pub acts: Vec<&'static str>,
    /// The next page; none where this is the last.
    pub older: Option<Link>,
    /// The end of the log: its newest event's number and hash; none before the first.
    pub head: Option<String>,
    /// After how many days events are cut; 0: never.
    pub kept_days: u64,
}

impl Audit {
    /// Whether anything is filtered.
    pub fn is_filtered(&self) -> bool {
        [&self.app, &self.person, &self.act, &self.since]
            .into_iter()
            .any(|field| !field.is_empty())
    }

    fn is_act(&self, name: &str) -> bool {
        self.act == name
    }

    fn kept_words(&self) -> String {
        number(self.kept_days)
    }
}

/// One event.
#[derive(Debug, Clone)]
pub struct AuditRow {
    /// Its number.
    pub number: String,
    /// When.
    pub when: When,
    /// Who did it: a username, or what did it.
    pub who: String,
    /// What was done: what stands between who and what it was done to.
    pub words: String,
    /// What it was done to, by its name.
    pub subject: String,
    /// Where more is to be seen of that; none where it has no page.
    pub leads_to: Option<String>,
    /// The act's name in the log.
    pub act: String,
    /// The address that it came from; empty where it is not known.
    pub address: String,
    /// The request's name; empty where there was none.
    pub reference: String,
    /// What it changed: a path, and what was removed and added there.
    pub changes: Vec<Difference>,
    /// Its hash.
    pub hash: String,
}

impl AuditRow {
    /// Whether what it changed is short enough to be read at once.
    pub fn is_short(&self) -> bool {
        self.changes.len() <= 3 && self.changes.iter().all(|change| change.rows.len() <= 4)
    }
}
