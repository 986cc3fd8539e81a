//! Whether a sequence of events is the one that was written.

use super::{Act, ChainHash, Entry};
use serde_json::json;
use std::fmt;

/// The end of a chain: its newest event. Noted elsewhere, it proves later that nothing before it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The event's number.
    pub number: u64,
    /// Its hash.
    pub hash: ChainHash,
}

/// Why a text is not a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a head is an event's number, a colon and 64 lower-case hexadecimal digits, as `omniport audit verify` prints it; or the digits alone"
)]
pub struct HeadError;

impl Head {
    /// What stands before the first event.
    pub const BEFORE_ALL: Self = Self {
        number: 0,
        hash: ChainHash::BEFORE_ALL,
    };

    /// The end that `entry` is.
    pub const fn of(entry: &Entry) -> Self {
        Self {
            number: entry.event.number,
            hash: entry.hash,
        }
    }

    /// What a checkpoint keeps of events up to this one ([`Act::AuditPrune`]): its `after`.
    pub fn kept(self) -> serde_json::Value {
        json!({"hash": self.hash.to_string(), "through": self.number})
    }

    /// Reads that back.
    fn read(entry: &Entry) -> Option<Self> {
        let after = &entry.event.after;
        Some(Self {
            number: after.get("through")?.as_u64()?,
            hash: ChainHash::parse(after.get("hash")?.as_str()?)?,
        })
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

/// How a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// The event's hash is not that of what it says.
    #[error(
        "what it says is not what was written: its contents give the hash {computed}, but {stored} is kept"
    )]
    Contents {
        /// The hash of what is there.
        computed: ChainHash,
        /// The hash that is there.
        stored: ChainHash,
    },
    /// It names another event before it than the one that is there.
    #[error(
        "it was written behind an event with the hash {named}, but the one before it has {found}: that one was replaced"
    )]
    Previous {
        /// The hash that it names.
        named: ChainHash,
        /// The hash of what is there.
        found: ChainHash,
    },
    /// Another number was due.
    #[error("number {due} was due here: events are missing, or not in their order")]
    Number {
        /// The number that was due.
        due: u64,
    },
    /// Events before the first are missing, and no checkpoint tells that they were cut.
    #[error("the events before it are missing, and no checkpoint says that they were cut")]
    Beginning,
    /// A checkpoint tells of another cut than was made.
    #[error("the newest checkpoint says that all up to {checkpoint} was cut, which does not lead to it")]
    Checkpoint {
        /// What the checkpoint keeps.
        checkpoint: Head,
    },
    /// A checkpoint that keeps nothing.
    #[error("it is a checkpoint that does not say what was cut")]
    Unreadable,
    /// The end is another one than is noted beside the events.
    #[error("the log ends here, but {head} is noted as its end: events were removed or added")]
    End {
        /// What is noted.
        head: Head,
    },
    /// The head that somebody noted elsewhere is not in it.
    #[error(
        "the log ends here, and the head {0} that you gave is not in it: the log was written anew, or its end is missing"
    )]
    Unknown(String),
    /// The head that somebody noted elsewhere has another hash now.
    #[error(
        "you gave the hash {noted} for it, but it has {found}: the log was written anew from here or before"
    )]
    Rewritten {
        /// What was noted.
        noted: ChainHash,
        /// What is there.
        found: ChainHash,
    },
}

/// A broken chain: where, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {number}: {how}")]
pub struct Broken {
    /// The event where it shows; 0 where there is none.
    pub number: u64,
    /// How.
    pub how: Break,
}

/// What a whole chain holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many events.
    pub events: u64,
    /// The number of the first, where there is any: greater than 1 where the oldest were cut.
    pub first: Option<u64>,
    /// Its end: to be noted elsewhere.
    pub head: Head,
}

/// What somebody noted elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Noted {
    number: Option<u64>,
    hash: ChainHash,
}

/// Looks at events one by one, in their order, and keeps none of them.
#[derive(Debug, Default)]
pub struct Verifier {
    noted: Option<Noted>,
    found: bool,
    /// What stands before the first event.
    base: Option<Head>,
    last: Option<Head>,
    /// What the newest checkpoint keeps, and where it stands.
    cut: Option<Head>,
    events: u64,
}

impl Verifier {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks also for a head that was noted elsewhere: `NUMBER:HASH`, or the hash alone.
    ///
    /// # Errors
    /// [`HeadError`] where `text` is neither.
    pub fn expecting(self, text: &str) -> Result<Self, HeadError> {
        let (number, hash) = match text.split_once(':') {
            Some((number, hash)) => (Some(number.parse().map_err(|_| HeadError)?), hash),
            None => (None, text),
        };
        let hash = ChainHash::parse(hash).ok_or(HeadError)?;
        Ok(Self {
            noted: Some(Noted { number, hash }),
            ..self
        })
    }

    /// The next event.
    ///
    /// # Errors
    /// How it breaks the chain. What comes behind it is of no more use then.
    pub fn add(&mut self, entry: &Entry) -> Result<(), Broken> {
        let number = entry.event.number;
        let broken = |how| Err(Broken { number, how });
        let computed = entry.event.hash(entry.previous);
        match self.last {
            Some(last) if number != last.number.saturating_add(1) => {
                return broken(Break::Number {
                    due: last.number.saturating_add(1),
                });
            }
            None if number == 0 => return broken(Break::Number { due: 1 }),
            _ if computed != entry.hash => {
                return broken(Break::Contents {
                    computed,
                    stored: entry.hash,
                });
            }
            Some(last) if last.hash != entry.previous => {
                return broken(Break::Previous {
                    named: entry.previous,
                    found: last.hash,
                });
            }
            Some(_) => {}
            None => self.begin(entry)?,
        }
        if entry.event.act == Act::AuditPrune.as_str() {
            match Head::read(entry) {
                Some(cut) => self.cut = Some(cut),
                None => return broken(Break::Unreadable),
            }
        }
        self.last = Some(Head::of(entry));
        self.events += 1;
        self.note(Head::of(entry))
    }

    fn begin(&mut self, entry: &Entry) -> Result<(), Broken> {
        let base = Head {
            number: entry.event.number - 1,
            hash: entry.previous,
        };
        if base.number == 0 && base.hash != ChainHash::BEFORE_ALL {
            return Err(Broken {
                number: entry.event.number,
                how: Break::Previous {
                    named: base.hash,
                    found: ChainHash::BEFORE_ALL,
                },
            });
        }
        self.base = Some(base);
        // What was cut last may be what was noted.
        self.note(base)
    }

    /// Compares a place in the chain with what was noted elsewhere.
    fn note(&mut self, here: Head) -> Result<(), Broken> {
        let Some(noted) = self.noted else {
            return Ok(());
        };
        self.found |= noted.hash == here.hash && noted.number.is_none_or(|number| number == here.number);
        if noted.number == Some(here.number) && noted.hash != here.hash {
            return Err(Broken {
                number: here.number,
                how: Break::Rewritten {
                    noted: noted.hash,
                    found: here.hash,
                },
            });
        }
        Ok(())
    }

    /// The end: `head` is what is noted beside the events, where anything is.
    ///
    /// # Errors
    /// How the whole of it is broken.
    pub fn finish(self, head: Option<Head>) -> Result<Verified, Broken> {
        let last = self.last.unwrap_or(Head::BEFORE_ALL);
        let first = self.base.map(|base| base.number.saturating_add(1));
        let at = |number, how| Err(Broken { number, how });
        let begins_at = first.unwrap_or_default();
        match (self.base, self.cut) {
            (Some(base), Some(cut)) if base != cut => {
                return at(begins_at, Break::Checkpoint { checkpoint: cut });
            }
            (Some(base), None) if base.number > 0 => return at(begins_at, Break::Beginning),
            _ => {}
        }
        if let Some(head) = head.filter(|head| *head != last) {
            return at(last.number, Break::End { head });
        }
        if let Some(noted) = self.noted.filter(|_| !self.found) {
            let text = match noted.number {
                Some(number) => Head {
                    number,
                    hash: noted.hash,
                }
                .to_string(),
                None => noted.hash.to_string(),
            };
            return at(last.number, Break::Unknown(text));
        }
        Ok(Verified {
            events: self.events,
            first,
            head: last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::tests::event;
    use super::*;
    use crate::audit::Event;
    use crate::vocabulary::Timestamp;

    fn seal(events: impl IntoIterator<Item = Event>) -> Vec<Entry> {
        let mut previous = ChainHash::BEFORE_ALL;
        let seal = |event| {
            let entry = Entry::seal(event, previous);
            previous = entry.hash;
            entry
        };
        events.into_iter().map(seal).collect()
    }

    fn chain(length: u64) -> Vec<Entry> {
        seal((1..=length).map(event))
    }

    fn verify(entries: &[Entry], noted: Option<&str>, head: Option<Head>) -> Result<Verified, Broken> {
        let mut verifier = Verifier::new();
        if let Some(noted) = noted {
            verifier = verifier.expecting(noted).unwrap();
        }
        for entry in entries {
            verifier.add(entry)?;
        }
        verifier.finish(head)
    }

    /// What was cut from `entries` up to `through`, told by a checkpoint at the end, and what is left.
    fn pruned(mut entries: Vec<Entry>, through: u64) -> Vec<Entry> {
        let cut = Head::of(&entries[usize::try_from(through).unwrap() - 1]);
        let last = Head::of(entries.last().unwrap());
        let checkpoint = Event {
            act: Act::AuditPrune.as_str().into(),
            after: cut.kept(),
            ..event(last.number + 1)
        };
        entries.push(Entry::seal(checkpoint, last.hash));
        entries.split_off(usize::try_from(through).unwrap())
    }

    #[test]
    fn what_was_written_is_whole() {
        assert_eq!(verify(&[], None, None).unwrap().head, Head::BEFORE_ALL);
        let entries = chain(5);
        let head = Head::of(&entries[4]);
        let whole = verify(&entries, None, Some(head)).unwrap();
        assert_eq!((whole.events, whole.first, whole.head), (5, Some(1), head));
        for noted in &entries {
            let noted = Head::of(noted);
            assert!(verify(&entries, Some(&noted.to_string()), None).is_ok());
            assert!(verify(&entries, Some(&noted.hash.to_string()), None).is_ok());
        }
    }

    #[test]
    fn whatever_is_changed_shows_where_it_is() {
        let changes: [fn(&mut Event); 14] = [
            |e| e.at = Timestamp::from_seconds(1),
            |e| e.act = "app.reject".into(),
            |e| e.actor.id = "4".into(),
            |e| e.actor.kind = "app".into(),
            |e| e.actor.name = "eve".into(),
            |e| e.address = None,
            |e| e.address = Some("192.0.2.8".into()),
            |e| e.request = Some("r".into()),
            |e| e.subject.id = "other".into(),
            |e| e.subject.kind = "person".into(),
            |e| e.subject.name = "Other".into(),
            |e| e.before = json!({}),
            |e| e.after = json!({"standing": "approved", "live": 2}),
            |e| e.after = serde_json::Value::Null,
        ];
        for (which, change) in changes.into_iter().enumerate() {
            let mut entries = chain(3);
            change(&mut entries[1].event);
            let broken = verify(&entries, None, None).unwrap_err();
            assert_eq!(broken.number, 2, "{which}");
            assert!(matches!(broken.how, Break::Contents { .. }), "{which}");
            // The hash made right again, it shows in the next one.
            entries[1] = Entry::seal(entries[1].event.clone(), entries[1].previous);
            let broken = verify(&entries, None, None).unwrap_err();
            assert!(
                matches!((broken.number, broken.how), (3, Break::Previous { .. })),
                "{which}"
            );
        }
        let mut entries = chain(3);
        entries[1].previous = ChainHash::from_bytes([1; 32]);
        assert!(matches!(
            verify(&entries, None, None).unwrap_err().how,
            Break::Contents { .. }
        ));
        entries[1] = Entry::seal(entries[1].event.clone(), entries[1].previous);
        assert!(matches!(
            verify(&entries, None, None).unwrap_err().how,
            Break::Previous { .. }
        ));
    }

    #[test]
    fn what_is_removed_or_moved_shows() {
        let due = |entries: &[Entry]| match verify(entries, None, None).unwrap_err() {
            Broken {
                number,
                how: Break::Number { due },
            } => (number, due),
            other => panic!("{other}"),
        };
        let mut entries = chain(5);
        entries.remove(2);
        assert_eq!(due(&entries), (4, 3));
        let mut entries = chain(5);
        entries.swap(1, 2);
        assert_eq!(due(&entries), (3, 2));
        let mut entries = chain(5);
        entries.insert(2, entries[1].clone());
        assert_eq!(due(&entries), (2, 3));
        let entries = chain(5);
        let broken = verify(&entries[1..], None, None).unwrap_err();
        assert_eq!((broken.number, broken.how), (2, Break::Beginning));
        let zero = seal([event(0)]);
        assert_eq!(due(&zero), (0, 1));
        let elsewhere = Entry::seal(event(1), ChainHash::from_bytes([9; 32]));
        assert!(matches!(
            verify(&[elsewhere], None, None).unwrap_err().how,
            Break::Previous { .. }
        ));
    }

    #[test]
    fn an_end_that_is_cut_off_shows_to_whoever_knows_the_head() {
        let entries = chain(5);
        let head = Head::of(&entries[4]);
        // By itself a shorter chain is whole: that is why the head is noted elsewhere.
        assert!(verify(&entries[..3], None, None).is_ok());
        let broken = verify(&entries[..3], None, Some(head)).unwrap_err();
        assert_eq!((broken.number, broken.how), (3, Break::End { head }));
        for noted in [head.to_string(), head.hash.to_string()] {
            let broken = verify(&entries[..3], Some(&noted), None).unwrap_err();
            assert_eq!((broken.number, broken.how), (3, Break::Unknown(noted)));
        }
        assert!(matches!(
            verify(&[], None, Some(head)).unwrap_err().how,
            Break::End { .. }
        ));
    }

    #[test]
    fn a_chain_that_was_written_anew_shows_to_whoever_knows_a_head() {
        let noted = Head::of(&chain(5)[2]);
        let anew = seal((1..=5).map(|number| Event {
            address: None,
            ..event(number)
        }));
        assert!(verify(&anew, None, None).is_ok());
        let broken = verify(&anew, Some(&noted.to_string()), None).unwrap_err();
        assert!(matches!(
            (broken.number, broken.how),
            (3, Break::Rewritten { .. })
        ));
        let broken = verify(&anew, Some(&noted.hash.to_string()), None).unwrap_err();
        assert!(matches!(broken.how, Break::Unknown(_)));
    }

    #[test]
    fn a_checkpoint_stands_for_what_was_cut() {
        let whole = chain(5);
        let left = pruned(whole.clone(), 3);
        let verified = verify(&left, None, None).unwrap();
        assert_eq!((verified.events, verified.first), (3, Some(4)));
        // What was cut last can still be recognised; what was cut before it cannot.
        assert!(verify(&left, Some(&Head::of(&whole[2]).to_string()), None).is_ok());
        assert!(verify(&left, Some(&Head::of(&whole[1]).to_string()), None).is_err());
        let again = pruned(left.clone(), 2);
        assert!(verify(&again, None, None).is_ok());
        // Cut further than the checkpoint says, or less far.
        let broken = verify(&left[1..], None, None).unwrap_err();
        assert!(matches!(
            (broken.number, broken.how),
            (5, Break::Checkpoint { .. })
        ));
        let mut back = whole[..3].to_vec();
        back.extend(left);
        assert!(matches!(
            verify(&back, None, None).unwrap_err().how,
            Break::Checkpoint { .. }
        ));
    }

    #[test]
    fn a_checkpoint_that_keeps_nothing_is_none() {
        let empty = Event {
            act: Act::AuditPrune.as_str().into(),
            ..event(1)
        };
        let broken = verify(&seal([empty]), None, None).unwrap_err();
        assert_eq!((broken.number, broken.how), (1, Break::Unreadable));
    }

    #[test]
    fn a_head_is_read_in_both_ways_and_in_no_other() {
        let hash = "0f".repeat(32);
        for good in [hash.clone(), format!("7:{hash}")] {
            assert!(Verifier::new().expecting(&good).is_ok());
        }
        for bad in [
            "",
            "7",
            ":",
            &format!("x:{hash}"),
            &format!("-1:{hash}"),
            &format!("7:{hash} "),
        ] {
            assert!(Verifier::new().expecting(bad).is_err(), "{bad}");
        }
    }
}
