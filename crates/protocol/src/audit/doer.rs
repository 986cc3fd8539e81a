//! Who does something, and from where.

use super::SubjectKind;
use crate::vocabulary::{ClientId, PersonId};
use std::net::IpAddr;

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, in the portal.
    Person(PersonId),
    /// Whoever has the command line.
    Operator,
    /// The same, in the name of a person whom they named.
    OperatorFor(PersonId),
    /// An app that registers or manages itself (RFC 7591, RFC 7592).
    App(ClientId),
    /// The server itself, because it was time.
    System,
}

impl Actor {
    /// [`Self::kind`] of a person.
    pub const PERSON: &'static str = SubjectKind::Person.as_str();
    /// [`Self::kind`] of the operator, also in somebody's name.
    pub const COMMAND_LINE: &'static str = "command line";
    /// [`Self::kind`] of an app.
    pub const APP: &'static str = SubjectKind::App.as_str();
    /// [`Self::kind`] of the server itself.
    pub const SYSTEM: &'static str = "system";

    /// What kind it is, in the log.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => Self::PERSON,
            Self::Operator | Self::OperatorFor(_) => Self::COMMAND_LINE,
            Self::App(_) => Self::APP,
            Self::System => Self::SYSTEM,
        }
    }
}

/// Who does something, and from where as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doer {
    /// Who.
    pub actor: Actor,
    /// The address that it came from.
    pub address: Option<IpAddr>,
    /// The name of the request, which the logs have too.
    pub request: Option<String>,
}

/// A person who does something, and from where as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub person: PersonId,
    /// The address that it came from.
    pub address: Option<IpAddr>,
    /// The name of the request, which the logs have too.
    pub request: Option<String>,
    /// Whether it is the operator who does it in their name, at the command line.
    pub by_operator: bool,
}

impl By {
    /// The operator, in a person's name.
    pub fn operator_for(person: PersonId) -> Self {
        Self {
            by_operator: true,
            ..person.into()
        }
    }
}

impl Doer {
    /// Somebody of whom no more is known.
    pub const fn new(actor: Actor) -> Self {
        Self {
            actor,
            address: None,
            request: None,
        }
    }

    /// The person, where it is one, or is done in their name.
    pub const fn person(&self) -> Option<PersonId> {
        match self.actor {
            Actor::Person(person) | Actor::OperatorFor(person) => Some(person),
            Actor::Operator | Actor::App(_) | Actor::System => None,
        }
    }
}

impl From<Actor> for Doer {
    fn from(actor: Actor) -> Self {
        Self::new(actor)
    }
}

impl From<By> for Doer {
    fn from(by: By) -> Self {
        Self {
            actor: if by.by_operator {
                Actor::OperatorFor(by.person)
            } else {
                Actor::Person(by.person)
            },
            address: by.address,
            request: by.request,
        }
    }
}

/// A person of whom no more is known.
impl From<PersonId> for By {
    fn from(person: PersonId) -> Self {
        Self {
            person,
            address: None,
            request: None,
            by_operator: false,
        }
    }
}

impl From<PersonId> for Doer {
    fn from(person: PersonId) -> Self {
        By::from(person).into()
    }
}

/// A person, or else the operator.
impl<B: Into<By>> From<Option<B>> for Doer {
    fn from(by: Option<B>) -> Self {
        by.map_or(Self::new(Actor::Operator), |by| by.into().into())
    }
}
