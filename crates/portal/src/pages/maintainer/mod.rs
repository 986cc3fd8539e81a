//! The maintainer's area: the queue, one app's review, and the audit log.

pub(crate) mod app;
pub(crate) mod audit;
mod decide;
pub(crate) mod preview;
pub(crate) mod queue;
pub(crate) mod record;
mod review;
pub(crate) mod version;
