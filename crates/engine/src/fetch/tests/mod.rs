//! The fetcher against hosts that mean well, and against those that do not.

mod bounds;
mod guard;
mod jwks;
