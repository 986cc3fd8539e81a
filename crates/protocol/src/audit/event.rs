//! An event, its encoding and its hash.

use super::canonical;
use crate::vocabulary::{Timestamp, sha256};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// What is hashed begins with this, so that no hash of anything else is one of the chain's.
const DOMAIN: &str = "omniport audit event v1\n";

/// Longest line of an export, in bytes: an event as this program writes it is a good deal shorter.
pub const MAX_LINE_BYTES: usize = 1 << 20;

/// The hash of an event and, through the one before it, of all before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    /// What stands before the first event.
    pub const BEFORE_ALL: Self = Self([0; 32]);

    /// A hash read back.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hexadecimal digits; none of anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainHash({self})")
    }
}

/// Who did it, or what it was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Its identifier: a person's number, a client's identifier...; empty where there is none.
    pub id: String,
    /// What kind it is, as [`super::Actor::kind`] and [`super::SubjectKind`] name it.
    pub kind: String,
    /// What it was called at the time, for people; empty where it had no name.
    pub name: String,
}

/// An act that has its place in the log. All of it is text, so that one which only another omniport knows can be
/// verified here too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place: the first is 1, and none is left out.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What was done: an [`super::Act`]'s name.
    pub act: String,
    /// Who did it.
    pub actor: Party,
    /// The address that it came from, where it is known.
    pub address: Option<String>,
    /// The name of the request, where there was one.
    pub request: Option<String>,
    /// What it was done to.
    pub subject: Party,
    /// What it was before; of what changed only.
    pub before: Value,
    /// What it is since.
    pub after: Value,
}

impl Event {
    fn members(&self) -> Value {
        json!({
            "act": self.act,
            "actor": party(&self.actor),
            "address": self.address,
            "after": self.after,
            "at": self.at.seconds(),
            "before": self.before,
            "number": self.number,
            "request": self.request,
            "subject": party(&self.subject),
        })
    }

    /// The text that its hash is of, beside the one before it: its members in canonical JSON.
    pub fn canonical(&self) -> String {
        canonical(&self.members())
    }

    /// Its hash, behind `previous`: SHA-256 of `omniport audit event v1`, a line feed, the hash before it as 64
    /// hexadecimal digits, a line feed, and the canonical text.
    pub fn hash(&self, previous: ChainHash) -> ChainHash {
        let text = format!("{DOMAIN}{previous}\n{}", self.canonical());
        ChainHash(sha256(text.as_bytes()))
    }
}

fn party(party: &Party) -> Value {
    json!({"id": party.id, "kind": party.kind, "name": party.name})
}

/// An event with its hash and the one before it: what is stored and exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The event.
    pub event: Event,
    /// The hash of the event before it.
    pub previous: ChainHash,
    /// Its own.
    pub hash: ChainHash,
}

/// Why a line is not an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// It is no JSON, or lacks a member, or has one too many.
    #[error("it is not an event of an audit log")]
    NoEvent,
    /// It says the same as an event, in another way than an export writes it.
    #[error("it is not written as an export writes it: somebody edited it")]
    NotCanonical,
}

/// A line as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    act: String,
    actor: Party,
    address: Option<String>,
    after: Value,
    at: i64,
    before: Value,
    hash: String,
    number: u64,
    previous: String,
    request: Option<String>,
    subject: Party,
}

impl Entry {
    /// Puts an event behind the one whose hash is `previous`.
    pub fn seal(event: Event, previous: ChainHash) -> Self {
        Self {
            hash: event.hash(previous),
            event,
            previous,
        }
    }

    /// It as a line of an export, without the line's end: the members of its event, `previous` and `hash`, in
    /// canonical JSON.
    pub fn to_line(&self) -> String {
        let mut members = self.event.members();
        if let Value::Object(members) = &mut members {
            members.insert("hash".into(), self.hash.to_string().into());
            members.insert("previous".into(), self.previous.to_string().into());
        }
        canonical(&members)
    }

    /// Reads a line of an export back, without looking whether its hash is right.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn parse_line(text: &str) -> Result<Self, LineError> {
        let line: Line = serde_json::from_str(text).map_err(|_| LineError::NoEvent)?;
        let hash = |text: &str| ChainHash::parse(text).ok_or(LineError::NoEvent);
        let entry = Self {
            previous: hash(&line.previous)?,
            hash: hash(&line.hash)?,
            event: Event {
                number: line.number,
                at: Timestamp::from_seconds(line.at),
                act: line.act,
                actor: line.actor,
                address: line.address,
                request: line.request,
                subject: line.subject,
                before: line.before,
                after: line.after,
            },
        };
        if entry.to_line() == text {
            Ok(entry)
        } else {
            Err(LineError::NotCanonical)
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn event(number: u64) -> Event {
        Event {
            number,
            at: Timestamp::from_seconds(1_800_000_000),
            act: "app.approve".into(),
            actor: Party {
                id: "3".into(),
                kind: "person".into(),
                name: "mai".into(),
            },
            address: Some("192.0.2.7".into()),
            request: None,
            subject: Party {
                id: "notes".into(),
                kind: "app".into(),
                name: "Notes \u{e9}".into(),
            },
            before: json!({"standing": "pending"}),
            after: json!({"standing": "approved", "live": 1}),
        }
    }

    /// The encoding never changes: a log of years is verified with it. Made with
    /// Python's `json` and `hashlib`.
    #[test]
    fn the_encoding_is_as_it_always_was() {
        let first = Entry::seal(event(1), ChainHash::BEFORE_ALL);
        assert_eq!(
            first.event.canonical(),
            "{\"act\":\"app.approve\",\"actor\":{\"id\":\"3\",\"kind\":\"person\",\"name\":\"mai\"},\
             \"address\":\"192.0.2.7\",\"after\":{\"live\":1,\"standing\":\"approved\"},\"at\":1800000000,\
             \"before\":{\"standing\":\"pending\"},\"number\":1,\"request\":null,\
             \"subject\":{\"id\":\"notes\",\"kind\":\"app\",\"name\":\"Notes \u{e9}\"}}"
        );
        assert_eq!(
            first.hash.to_string(),
            "a395828dcb079c21aa6d7a895629943c1f05f7e3482b6cc936fecf3168fb97cb"
        );
        let second = Entry::seal(event(2), first.hash);
        assert_eq!(
            second.hash.to_string(),
            "cbd45220b430bff3946890e80ba20f7ad57803423246d51b258ad2ac2e60dd4c"
        );
    }

    #[test]
    fn a_line_comes_back_whole() {
        let entry = Entry::seal(event(1), ChainHash::BEFORE_ALL);
        assert_eq!(Entry::parse_line(&entry.to_line()), Ok(entry));
    }

    #[test]
    fn a_line_that_says_the_same_in_another_way_is_refused() {
        let line = Entry::seal(event(1), ChainHash::BEFORE_ALL).to_line();
        let with = |from: &str, to: &str| Entry::parse_line(&line.replacen(from, to, 1));
        for (from, to) in [
            (",", ", "),
            ("\"mai\"", "\"\\u006dai\""),
            ("\"live\":1", "\"live\":1,\"live\":1"),
            ("1800000000", "18e8"),
        ] {
            assert!(with(from, to).is_err(), "{to}");
        }
        assert_eq!(with("{\"act\"", "{\"a\":0,\"act\""), Err(LineError::NoEvent));
        assert_eq!(with("\"request\":null,", ""), Err(LineError::NotCanonical));
        assert_eq!(Entry::parse_line("[]"), Err(LineError::NoEvent));
        let deep = format!("{}1", "[".repeat(100_000));
        assert_eq!(
            with("{\"live\":1,", &format!("{{\"live\":{deep},")),
            Err(LineError::NoEvent)
        );
    }

    #[test]
    fn a_hash_is_64_lower_case_digits() {
        let hash = ChainHash::from_bytes([0xa9; 32]);
        assert_eq!(ChainHash::parse(&"a9".repeat(32)), Some(hash));
        for bad in [
            "",
            "a9",
            &"A9".repeat(32),
            &"a9".repeat(33),
            &"g9".repeat(32),
            &"a9".repeat(31),
        ] {
            assert_eq!(ChainHash::parse(bad), None, "{bad}");
        }
    }
}
