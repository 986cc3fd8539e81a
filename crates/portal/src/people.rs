//! People as pages show them.

use crate::{format, views};
use omniport_protocol::authorize::PersonCard;
use omniport_protocol::records::PersonData;
use omniport_store::portal::PersonRecord;

/// A person's card: the name on file, else the username.
pub(crate) fn of(username: &str, card: PersonCard) -> views::Person {
    let name = card.full_name.filter(|name| !name.trim().is_empty());
    views::Person {
        name: name.unwrap_or_else(|| username.to_owned()),
        username: username.to_owned(),
        picture_url: card.picture.as_deref().and_then(format::own_picture),
        roles: card.roles,
    }
}

/// The card of somebody's values.
pub(crate) fn with_data(username: &str, data: &PersonData) -> views::Person {
    of(username, PersonCard::of(data))
}

/// The card of somebody in the directory.
pub(crate) fn card(person: &PersonRecord) -> views::Person {
    with_data(&person.username, &person.data)
}
