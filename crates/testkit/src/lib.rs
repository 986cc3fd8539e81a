//! For tests only: a clock that stands still, a whole instance on a throw-away database, a browser that speaks to it
//! without a network.
#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up must fail loudly"
)]

mod clock;
mod instance;

pub use clock::FixedClock;
pub use instance::{Answer, ISSUER, Instance, PASSWORD, Sent, TestApp};
