//! The authorisation endpoint: two doors, one hallway.

mod door;

pub use door::{DefaultScope, Door};
