//! `omniport demo`: a complete instance in one process, with sample people, a sample app, and a walk through it all.

pub mod browser;
pub mod client;
mod instance;
mod people;
mod pictures;
mod sample_app;
mod walkthrough;

pub use instance::{Demo, Place};
pub use people::{Kind, SamplePerson};
pub use walkthrough::walk;
