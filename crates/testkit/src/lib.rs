//! For tests only: a clock that stands still, a whole instance on a throw-away database, a browser that speaks to it
//! without a network.
#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test that cannot be set up must fail loudly"
)]

mod client_key;
mod clock;
mod exchange;
mod instance;
mod keys;

pub use client_key::{ClientKey, sign_with_secret};
pub use clock::FixedClock;
pub use exchange::{Answer, Sent};
pub use instance::{ISSUER, Instance, PASSWORD, TestApp};
pub use keys::{CachedKeys, key_settings};
