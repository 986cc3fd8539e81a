//! Changing what somebody may do here, and what is on file about them.

use super::{PersonError, PlatformRole};
use crate::{Engine, Fault};
use omniport_protocol::audit::{Act, Actor, Subject, difference};
use omniport_protocol::data_points::DataPointName;
use omniport_store::portal::PersonRecord;
use serde_json::{Value, json};

/// How often a change is tried while others change the same person.
const TRIES: usize = 8;

/// What is to change of a person, as given.
#[derive(Debug, Clone, Default)]
pub struct PersonChange {
    /// Roles to give.
    pub add_roles: Vec<PlatformRole>,
    /// Roles to take away.
    pub remove_roles: Vec<PlatformRole>,
    /// `name=value` pairs: data points and their values as text.
    pub set: Vec<(String, String)>,
    /// Data points of which nothing is to be on file.
    pub unset: Vec<String>,
}

/// What became of a change.
#[derive(Debug, Clone)]
pub struct Changed {
    /// The person as they are now.
    pub person: PersonRecord,
    /// Whether they were otherwise before.
    pub changed: bool,
}

/// Why a person cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangePersonError {
    /// Nobody has this sign-in name.
    #[error("nobody has the username '{0}'; `omniport person list` shows who there is")]
    Nobody(String),
    /// A test person has no roles, and values that are made up.
    #[error("'{0}' is a test person of an app; the app's team makes them anew on its page")]
    TestPerson(String),
    /// The same role or data point is to be there and not to be there, or is given twice.
    #[error("{0} is named twice; say once what is to become of it")]
    Twice(String),
    /// A data point, by the checks of adding somebody.
    #[error(transparent)]
    Value(#[from] PersonError),
}

impl Engine {
    /// Changes the roles and values of the person of this sign-in name. It counts from their next request on: what they
    /// may do and what apps read is looked up each time. Their sessions and what they allowed apps go on.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells what to change in what was given.
    pub async fn change_person(
        &self,
        username: &str,
        change: &PersonChange,
    ) -> Result<Result<Changed, ChangePersonError>, Fault> {
        if let Some(twice) = named_twice(change) {
            return Ok(Err(ChangePersonError::Twice(twice)));
        }
        for _ in 0..TRIES {
            let Some(was) = self.store().person_by_username(username).await? else {
                return Ok(Err(ChangePersonError::Nobody(username.to_owned())));
            };
            if was.test_of.is_some() {
                return Ok(Err(ChangePersonError::TestPerson(was.username)));
            }
            let becomes = match self.changed(&was, change) {
                Ok(becomes) => becomes,
                Err(error) => return Ok(Err(error.into())),
            };
            if becomes == was {
                let unchanged = Changed {
                    person: was,
                    changed: false,
                };
                return Ok(Ok(unchanged));
            }
            let subject = Subject::person(was.id, &was.username);
            let told = told(&was, &becomes);
            let store = self.telling(Actor::Operator, Act::PersonSet, subject, told);
            if store.edit_person(&was, &becomes).await? {
                let done = Changed {
                    person: becomes,
                    changed: true,
                };
                return Ok(Ok(done));
            }
        }
        Err(Fault::Contended(TRIES))
    }

    fn changed(&self, was: &PersonRecord, change: &PersonChange) -> Result<PersonRecord, PersonError> {
        let mut becomes = was.clone();
        let roles = change.add_roles.iter().map(|role| (role, true));
        for (role, has) in roles.chain(change.remove_roles.iter().map(|role| (role, false))) {
            match role {
                PlatformRole::Maintainer => becomes.is_maintainer = has,
                PlatformRole::Developer => becomes.is_developer = has,
            }
        }
        for name in &change.unset {
            // What a former catalogue had may be on file still, and must be able to go.
            let known = was.data.keys().find(|known| known.as_str() == name);
            match known {
                Some(known) => drop(becomes.data.remove(known)),
                None if self.settings().catalogue.get(name).is_some() => {}
                None => return Err(PersonError::UnknownDataPoint(name.clone())),
            }
        }
        becomes.data.extend(self.parse_values(&change.set)?);
        Ok(becomes)
    }
}

/// What is named twice in a change, if anything is.
fn named_twice(change: &PersonChange) -> Option<String> {
    let roles = change.add_roles.iter().chain(&change.remove_roles);
    let roles = roles.map(|role| match role {
        PlatformRole::Maintainer => "the role maintainer",
        PlatformRole::Developer => "the role developer",
    });
    let points = change.set.iter().map(|(name, _)| name);
    let points = points.chain(&change.unset).map(String::as_str);
    let mut seen = std::collections::BTreeSet::new();
    let mut all = roles.chain(points);
    all.find(|name| !seen.insert(*name)).map(str::to_owned)
}

/// What the log tells. Values are named only: it is kept longer than a person's values may be.
fn told(was: &PersonRecord, becomes: &PersonRecord) -> (Value, Value) {
    let of = |person: &PersonRecord| {
        let names: Vec<&str> = person.data.keys().map(DataPointName::as_str).collect();
        json!({
            "is_developer": person.is_developer,
            "is_maintainer": person.is_maintainer,
            "on_file": names,
        })
    };
    let (before, mut after) = difference(&of(was), &of(becomes));
    let differs = |name: &&DataPointName| {
        was.data
            .get(*name)
            .is_some_and(|value| becomes.data.get(*name) != Some(value))
    };
    let replaced: Vec<&str> = becomes
        .data
        .keys()
        .filter(differs)
        .map(DataPointName::as_str)
        .collect();
    if let (Value::Object(after), false) = (&mut after, replaced.is_empty()) {
        after.insert("replaced".to_owned(), replaced.into());
    }
    (before, after)
}
