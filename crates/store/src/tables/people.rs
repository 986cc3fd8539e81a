//! People, as far as the rules read them.

use crate::portal::fold;
use crate::{Fault, Query, Row};
use omniport_protocol::records::{Holder, PersonData};
use omniport_protocol::vocabulary::PersonId;

/// The person of this sign-in name, whatever its case.
pub(crate) fn named(username: &str) -> Query {
    Query::key(
        "SELECT id, username, disabled_at, test_of FROM people WHERE username_folded = ?1",
        vec![fold(username).into()],
    )
}

/// The person of this number.
pub(crate) fn numbered(person: PersonId) -> Query {
    Query::key(
        "SELECT id, username, disabled_at, test_of FROM people WHERE id = ?1",
        vec![person.into()],
    )
}

/// Reads one of them; nobody knows yet for which client.
pub(crate) fn read(row: &mut Row) -> Result<Holder, Fault> {
    Ok(Holder {
        person: row.person()?,
        username: row.text()?,
        disabled: row.opt_at()?.is_some(),
        on_team: false,
        test_of: row.opt_client()?,
    })
}

/// A person's values.
pub(crate) fn data(person: PersonId) -> Query {
    Query::key("SELECT data FROM people WHERE id = ?1", vec![person.into()])
}

/// Reads them.
pub(crate) fn read_data(row: &mut Row) -> Result<PersonData, Fault> {
    row.json()
}
