//! People's values as text: for the commands and forms that set one.

use super::role::{active_role, is_role};
use super::{DataPoint, ValueKind};
use serde_json::Value;

/// Longest text value, in characters.
const MAX_VALUE_CHARS: usize = 1_000;

/// Why a text is no value of a data point: what is expected instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(pub &'static str);

impl DataPoint {
    /// Reads a value from text, as the catalogue says it must look.
    ///
    /// # Errors
    /// What is expected instead.
    pub fn read(&self, text: &str) -> Result<Value, ValueError> {
        read(self.kind, text).map_err(ValueError)
    }
}

fn read(kind: ValueKind, text: &str) -> Result<Value, &'static str> {
    if text.chars().count() > MAX_VALUE_CHARS {
        return Err("a value has at most 1,000 characters");
    }
    match kind {
        ValueKind::Text | ValueKind::Picture => Ok(text.into()),
        ValueKind::Date if is_date(text) => Ok(text.into()),
        ValueKind::Date => Err("a date looks like 2026-11-23"),
        ValueKind::Integer => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| "a whole number is expected"),
        ValueKind::Boolean => text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_| "true or false is expected"),
        ValueKind::List => match serde_json::from_str(text) {
            Ok(Value::Array(items)) if items.iter().all(Value::is_string) => Ok(Value::Array(items)),
            _ => Ok(split_list(text).map(Value::from).collect()),
        },
        ValueKind::Roles => match serde_json::from_str(text) {
            Ok(Value::Array(roles)) if roles.iter().all(is_role) => Ok(Value::Array(roles)),
            Ok(_) => Err("roles are a list of {\"role\": ..., \"activeStatus\": ...}"),
            Err(_) => Ok(split_list(text).map(active_role).collect()),
        },
    }
}

/// `Student, Hostel warden` -> the parts.
fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
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
    use crate::data_points::Catalogue;
    use serde_json::json;

    fn parse(name: &str, text: &str) -> Result<Value, ValueError> {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        catalogue.get(name).unwrap().read(text)
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
            assert!(parse(name, text).is_err(), "{name} {text}");
        }
    }
}
