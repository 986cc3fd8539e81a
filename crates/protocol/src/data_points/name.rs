//! The name of a data point, which is also a scope.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text is not a data point's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a data point's name is a category and a dotted path in snake_case, such as student.branch.name")]
pub struct DataPointNameError;

/// `category.path` in `snake_case` (`person.full_name`, `student.branch.degree.name`), at most 100 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DataPointName(String);

impl DataPointName {
    /// Parses a name.
    ///
    /// # Errors
    /// [`DataPointNameError`] where it is not of that form.
    pub fn parse(text: &str) -> Result<Self, DataPointNameError> {
        let part_fits = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let fits = text.len() <= 100 && text.contains('.') && text.split('.').all(part_fits);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(DataPointNameError)
        }
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first dot.
    pub fn category(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }

    /// The key in the user-data answer: the path's parts in camelCase, joined by a space (`branch degree name`).
    pub fn wire_key(&self) -> String {
        self.0
            .split('.')
            .skip(1)
            .map(camel_case)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl TryFrom<String> for DataPointName {
    type Error = DataPointNameError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<DataPointName> for String {
    fn from(name: DataPointName) -> Self {
        name.0
    }
}

impl fmt::Display for DataPointName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `faculty_member` -> `facultyMember`.
pub(super) fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_dotted_snake_case_only() {
        assert!(DataPointName::parse("student.branch.degree.name").is_ok());
        for bad in [
            "person",
            "",
            ".",
            "person.",
            "Person.name",
            "person.full name",
            "person..x",
            "1a.b",
        ] {
            assert_eq!(DataPointName::parse(bad), Err(DataPointNameError), "{bad}");
        }
    }

    #[test]
    fn speaks_the_walkthroughs_keys() {
        let key = |name: &str| DataPointName::parse(name).unwrap().wire_key();
        assert_eq!(key("person.full_name"), "fullName");
        assert_eq!(key("student.branch.degree.name"), "branch degree name");
        assert_eq!(
            key("contact_information.email_address_verified"),
            "emailAddressVerified"
        );
        assert_eq!(camel_case("faculty_member"), "facultyMember");
    }
}
