//! The audit log: every administrative act as an event, each tied to the one before it by a hash.
//!
//! Whoever changes, removes or reorders an event breaks the chain behind it; whoever rewrites the whole chain, or cuts
//! off its end, has another head than the one that was noted elsewhere. What an event is, how it is encoded and how a
//! sequence of them is verified stand here; keeping them is the store's, and what to tell the engine's. Why it is so:
//! `docs/decisions/0035-a-chain-of-acts.md`.

mod act;
mod canonical;
mod chain;
mod deed;
mod doer;
mod event;

pub use act::{Act, SubjectKind};
pub use canonical::canonical;
pub use chain::{Break, Broken, Head, HeadError, Verified, Verifier};
pub use deed::{Deed, Subject, difference};
pub use doer::{Actor, By, Doer};
pub use event::{ChainHash, Entry, Event, LineError, MAX_LINE_BYTES, Party};
