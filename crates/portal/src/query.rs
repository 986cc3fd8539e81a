//! The query of a page's address.

use crate::problem::Problem;
use axum::extract::FromRequestParts;
use http::request::Parts;
use omniport_protocol::vocabulary::Params;

/// A page's query, parsed with the same strictness as a form.
pub(crate) struct Query(pub(crate) Params);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let malformed = |_| Problem::malformed("The address is malformed. Go back and try again.");
        Params::parse(query.as_bytes()).map(Self).map_err(malformed)
    }
}
