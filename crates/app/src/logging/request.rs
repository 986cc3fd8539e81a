//! On behalf of which request something is done, so that every line about it can say so.

use omniport_engine::pages::RequestId;
use std::fmt;

tokio::task_local! {
    static REQUEST: Option<RequestId>;
}

/// Does `work` on behalf of a request, as far as it goes in this task.
pub(crate) fn scope<F: Future>(id: Option<RequestId>, work: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(id, work)
}

/// Tells `of` the request's name, if this is on behalf of one.
pub(super) fn with_current(mut of: impl FnMut(&str) -> fmt::Result) -> fmt::Result {
    let told = REQUEST.try_with(|request| request.as_ref().map_or(Ok(()), |RequestId(id)| of(id)));
    told.unwrap_or(Ok(()))
}
