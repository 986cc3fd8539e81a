//! People, as far as the rules read them: their values.

use crate::{Fault, Query, Row};
use omniport_protocol::records::PersonData;
use omniport_protocol::vocabulary::PersonId;

/// A person's values.
pub(crate) fn data(person: PersonId) -> Query {
    Query::key("SELECT data FROM people WHERE id = ?1", vec![person.into()])
}

/// Reads them.
pub(crate) fn read_data(row: &mut Row) -> Result<PersonData, Fault> {
    row.json()
}
