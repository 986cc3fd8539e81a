//! Who is on an app's team.

use crate::Query;
use omniport_protocol::vocabulary::{ClientId, PersonId};

/// One row where the person is on the client's team, else none.
pub(crate) fn membership(person: PersonId, client: &ClientId) -> Query {
    Query::key(
        "SELECT since FROM team WHERE client_id = ?2 AND person_id = ?1",
        vec![person.into(), client.into()],
    )
}
