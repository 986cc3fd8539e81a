//! Omniport: the binary's parts. Commands, configuration, the wiring of the rooms into one server, and the demo.
//!
//! [`compose`] is the whole site as one router, for the server and for tests that need no network.
#![forbid(unsafe_code)]

mod bounded;
mod commands;
pub mod config;
pub mod demo;
mod encryption_key;
mod failure;
pub mod http;
mod logging;
mod output;
mod roster;
pub mod server;
pub mod wiring;

pub use commands::{Cli, run};
pub use failure::Failure;
pub use http::compose;
