//! The maintainer's area: the queue, and one app's review.

pub(crate) mod app;
mod decide;
pub(crate) mod preview;
pub(crate) mod queue;
pub(crate) mod record;
mod review;
pub(crate) mod version;
