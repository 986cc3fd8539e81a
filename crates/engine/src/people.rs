//! The directory of people: who they are, and what is on file about them.

use crate::passwords::{PASSWORD_CHARS, PasswordLength};
use crate::{Engine, Fault};
use omniport_protocol::data_points::{DataPoint, DataPointName, ValueKind};
use omniport_protocol::records::PersonData;
use omniport_protocol::vocabulary::{PersonId, Secret};
use omniport_store::portal::{NewPerson, PersonRecord};
use serde_json::{Value, json};

/// Longest username, in characters.
const MAX_USERNAME_CHARS: usize = 150;
/// Longest text value, in characters.
const MAX_VALUE_CHARS: usize = 1_000;

/// What somebody may do here beside signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformRole {
    /// Reviews apps.
    Maintainer,
    /// Registers apps.
    Developer,
}

/// A person to add, as given.
#[derive(Debug, Clone)]
pub struct PersonDraft {
    /// The sign-in name.
    pub username: String,
    /// The password in the clear, hashed before it is stored.
    pub password: Secret,
    /// What they may do.
    pub roles: Vec<PlatformRole>,
    /// `name=value` pairs: data points and their values as text.
    pub values: Vec<(String, String)>,
}

/// Why a person cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// The username is empty, too long, or has spaces or control characters.
    #[error("a username has 1 to {MAX_USERNAME_CHARS} characters, without spaces or control characters")]
    Username,
    /// Somebody has that name (upper and lower case count as the same).
    #[error("the username '{0}' is taken")]
    Taken(String),
    /// The password's length.
    #[error(transparent)]
    Password(#[from] PasswordLength),
    /// A name that the catalogue does not know.
    #[error("there is no data point named '{0}'")]
    UnknownDataPoint(String),
    /// A value of the wrong form.
    #[error("{name}: {expected}")]
    Value {
        /// The data point.
        name: String,
        /// What its value must look like.
        expected: &'static str,
    },
}

impl Engine {
    /// Adds a person.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one tells what is wrong with the draft.
    pub async fn add_person(&self, draft: PersonDraft) -> Result<Result<PersonId, PersonError>, Fault> {
        let username = draft.username;
        let name_fits = (1..=MAX_USERNAME_CHARS).contains(&username.chars().count())
            && !username.chars().any(|c| c.is_whitespace() || c.is_control());
        if !name_fits {
            return Ok(Err(PersonError::Username));
        }
        let data = match self.parse_values(&draft.values) {
            Ok(data) => data,
            Err(error) => return Ok(Err(error)),
        };
        let password_hash = match self.hash_password(&draft.password).await? {
            Ok(hash) => hash,
            Err(length) => return Ok(Err(length.into())),
        };
        let person = NewPerson {
            username: username.clone(),
            password_hash,
            is_maintainer: draft.roles.contains(&PlatformRole::Maintainer),
            is_developer: draft.roles.contains(&PlatformRole::Developer),
            data,
            at: self.now(),
        };
        Ok(self
            .store()
            .insert_person(person)
            .await?
            .ok_or(PersonError::Taken(username)))
    }

    /// The person of these credentials; none where the name or the password is wrong, or the person disabled.
    pub(crate) async fn check_password(
        &self,
        username: &str,
        password: &Secret,
    ) -> Result<Option<PersonRecord>, Fault> {
        let length = password.expose().chars().count();
        let found = self.store().person_by_username(username).await?;
        let Some(person) = found.filter(|_| length <= *PASSWORD_CHARS.end()) else {
            // An oversized password is cut before it costs anything; its answer is the same.
            let shown: String = password.expose().chars().take(*PASSWORD_CHARS.end()).collect();
            self.passwords().verify_nobody(Secret::new(shown)).await?;
            return Ok(None);
        };
        if !self
            .passwords()
            .verify(password.clone(), person.password_hash.clone())
            .await?
            || person.disabled
        {
            return Ok(None);
        }
        if self.passwords().is_outdated(&person.password_hash) {
            let salt = self.new_salt()?;
            let hash = self.passwords().hash(password.clone(), salt).await?;
            self.store().set_password_hash(person.id, &hash).await?;
        }
        Ok(Some(person))
    }

    fn parse_values(&self, pairs: &[(String, String)]) -> Result<PersonData, PersonError> {
        let mut data = PersonData::new();
        for (name, text) in pairs {
            let unknown = || PersonError::UnknownDataPoint(name.clone());
            let point = self.settings().catalogue.get(name).ok_or_else(unknown)?;
            let known: DataPointName = point.name.clone();
            data.insert(known, parse_value(point, text)?);
        }
        Ok(data)
    }
}

/// Reads a value from text, as the catalogue says it must look.
fn parse_value(point: &DataPoint, text: &str) -> Result<Value, PersonError> {
    let wrong = |expected| PersonError::Value {
        name: point.name.to_string(),
        expected,
    };
    if text.chars().count() > MAX_VALUE_CHARS {
        return Err(wrong("a value has at most 1,000 characters"));
    }
    match point.kind {
        ValueKind::Text | ValueKind::Picture => Ok(text.into()),
        ValueKind::Date if is_date(text) => Ok(text.into()),
        ValueKind::Date => Err(wrong("a date looks like 2026-11-23")),
        ValueKind::Integer => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| wrong("a whole number is expected")),
        ValueKind::Boolean => text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_| wrong("true or false is expected")),
        ValueKind::List => match serde_json::from_str(text) {
            Ok(Value::Array(items)) if items.iter().all(Value::is_string) => Ok(Value::Array(items)),
            _ => Ok(split_list(text).map(Value::from).collect()),
        },
        ValueKind::Roles => match serde_json::from_str(text) {
            Ok(Value::Array(roles)) if roles.iter().all(is_role) => Ok(Value::Array(roles)),
            Ok(_) => Err(wrong(
                "roles are a list of {\"role\": ..., \"activeStatus\": ...}",
            )),
            Err(_) => Ok(split_list(text).map(active_role).collect()),
        },
    }
}

/// `Student, Hostel warden` -> the parts.
fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// A role that somebody has now, in the form that existing apps read.
fn active_role(role: &str) -> Value {
    json!({"role": role, "activeStatus": "ActiveStatus.IS_ACTIVE"})
}

fn is_role(value: &Value) -> bool {
    value.get("role").is_some_and(Value::is_string) && value.get("activeStatus").is_some_and(Value::is_string)
}

/// `YYYY-MM-DD` of a day that exists.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else {
        return false;
    };
    let lengths_fit = (year.len(), month.len(), day.len()) == (4, 2, 2);
    let digits = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>())
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    lengths_fit && digits && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::data_points::Catalogue;

    fn parse(name: &str, text: &str) -> Result<Value, PersonError> {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        parse_value(catalogue.get(name).unwrap(), text)
    }

    #[test]
    fn values_are_read_as_the_catalogue_says() {
        assert_eq!(parse("person.full_name", "Asha Rao").unwrap(), json!("Asha Rao"));
        assert_eq!(parse("student.current_year", "3").unwrap(), json!(3));
        assert_eq!(
            parse("student.start_date", "2024-02-29").unwrap(),
            json!("2024-02-29")
        );
        assert_eq!(
            parse("contact_information.email_address_verified", "true").unwrap(),
            json!(true)
        );
        assert_eq!(
            parse("social_information.links", "https://a.example, https://b.example")
                .unwrap()
                .as_array()
                .unwrap()
                .len(),
            2
        );
        let roles = json!([{"role": "Student", "activeStatus": "ActiveStatus.IS_ACTIVE"}]);
        assert_eq!(parse("person.roles", "Student").unwrap(), roles);
        assert_eq!(parse("person.roles", &roles.to_string()).unwrap(), roles);
    }

    #[test]
    fn wrong_values_are_told() {
        for (name, text) in [
            ("student.current_year", "third"),
            ("student.start_date", "2023-02-29"),
            ("student.start_date", "24-2-1"),
            ("student.start_date", "2024-13-01"),
            ("contact_information.email_address_verified", "yes"),
            ("person.roles", "[{\"role\": 1}]"),
            ("person.full_name", &"x".repeat(1_001)),
        ] {
            assert!(
                matches!(parse(name, text), Err(PersonError::Value { .. })),
                "{name} {text}"
            );
        }
    }
}
