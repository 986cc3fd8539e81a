//! The pages as a browser meets them, over an in-process router on a throw-away database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends where it stands")]

mod account;
mod apis;
mod audit;
mod browser;
mod consent;
mod developer;
mod maintainer;
mod meanwhile;
mod paging;
mod protocol;
mod sign_in;
