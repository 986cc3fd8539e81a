//! What an app asks of people: data points, which of them may be left out, and what each is for; and scopes of APIs.

use super::FieldError;
use super::draft::{check_data_points, start_of};
use super::names::reorders;
use crate::data_points::{Catalogue, DataPointName, DataPoints};
use crate::vocabulary::Scope;
use std::collections::{BTreeMap, BTreeSet};

/// Longest purpose, in characters: it stands beside the data point on the consent page.
pub const MAX_PURPOSE_CHARS: usize = 300;
/// Most API scopes of one app.
const MAX_API_SCOPES: usize = 50;
/// Longest name of an API's scope, in characters.
const MAX_API_SCOPE_CHARS: usize = 100;
/// Names that mean something here, and so are no API's scope.
const RESERVED: [&str; 8] = [
    "read",
    "write",
    "openid",
    "offline_access",
    "profile",
    "email",
    "phone",
    "address",
];

/// Data points as a form asks for them, all of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// All of them.
    pub points: DataPoints,
    /// Those that a person may leave out.
    pub optional: DataPoints,
    /// What each is for; those without are not in it.
    pub purposes: BTreeMap<DataPointName, String>,
}

impl From<DataPoints> for Asked {
    /// All required, with nothing said of what for.
    fn from(points: DataPoints) -> Self {
        Self {
            points,
            ..Self::default()
        }
    }
}

impl Asked {
    /// Checks the fields `data_points` and `optional` (ticked names) and each data point's purpose. What is said of a
    /// data point that is not asked for is left out.
    ///
    /// # Errors
    /// The first name that does not exist, or the first purpose that is too long.
    pub fn check(
        ticked: &[String],
        optional: &[String],
        purposes: &[(String, String)],
        catalogue: &Catalogue,
    ) -> Result<Self, FieldError> {
        let points = check_data_points(ticked, catalogue)?;
        let find = |name: &str| points.iter().find(|point| point.as_str() == name).cloned();
        let optional = optional.iter().filter_map(|name| find(name)).collect();
        let mut said = BTreeMap::new();
        for (name, text) in purposes {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let Some(point) = find(name).filter(|_| !text.is_empty()) else {
                continue;
            };
            let chars = text.chars().count();
            if chars > MAX_PURPOSE_CHARS || text.chars().any(|c| c.is_control() || reorders(c)) {
                let message = format!(
                    "The purpose of '{}' has {chars} characters; {MAX_PURPOSE_CHARS} plain ones are the most.",
                    start_of(name)
                );
                return Err(FieldError {
                    field: "data_points",
                    message,
                });
            }
            said.insert(point, text);
        }
        Ok(Self {
            points,
            optional,
            purposes: said,
        })
    }
}

/// Whether a scope's name means something here already: a data point, or one of our own words.
pub fn is_reserved_scope(name: &str, catalogue: &Catalogue) -> bool {
    RESERVED.contains(&name) || catalogue.get(name).is_some()
}

/// Checks the field `scopes`: names of APIs' scopes, separated by spaces or line ends; none at all is fine.
///
/// # Errors
/// What is wrong with the first bad one.
pub fn check_api_scopes(typed: &str, catalogue: &Catalogue) -> Result<BTreeSet<String>, FieldError> {
    let wrong = |message: String| FieldError {
        field: "scopes",
        message,
    };
    let mut scopes = BTreeSet::new();
    for name in typed.split_whitespace() {
        if Scope::parse(name).is_err() || name.chars().count() > MAX_API_SCOPE_CHARS {
            return Err(wrong(format!(
                "'{}' is no scope: at most {MAX_API_SCOPE_CHARS} printable ASCII characters without quote or backslash.",
                start_of(name)
            )));
        } else if is_reserved_scope(name, catalogue) {
            return Err(wrong(format!(
                "'{name}' is not an API's scope: it has its own place here."
            )));
        }
        scopes.insert(name.to_owned());
        if scopes.len() > MAX_API_SCOPES {
            return Err(wrong(format!("There are more than {MAX_API_SCOPES} scopes.")));
        }
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{point, points};

    fn catalogue() -> Catalogue {
        Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap()
    }

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_said_of_others_is_left_out() {
        let purposes = [
            ("person.roles", "  To show\n  your floor. "),
            ("person.full_name", " "),
            ("student.end_date", "x"),
        ];
        let purposes: Vec<_> = purposes.map(|(n, t)| (n.to_owned(), t.to_owned())).into();
        let asked = Asked::check(
            &texts(&["person.roles", "person.full_name"]),
            &texts(&["person.roles", "student.end_date", "nonsense"]),
            &purposes,
            &catalogue(),
        )
        .unwrap();
        assert_eq!(asked.points, points(["person.roles", "person.full_name"]));
        assert_eq!(asked.optional, points(["person.roles"]));
        let said = BTreeMap::from([(point("person.roles"), "To show your floor.".to_owned())]);
        assert_eq!(asked.purposes, said);
    }

    #[test]
    fn a_purpose_is_short() {
        let long = [("person.roles".to_owned(), "x".repeat(MAX_PURPOSE_CHARS + 1))];
        assert!(Asked::check(&texts(&["person.roles"]), &[], &long, &catalogue()).is_err());
        let turned = [("person.roles".to_owned(), "For \u{202e}ecnavda".to_owned())];
        assert!(Asked::check(&texts(&["person.roles"]), &[], &turned, &catalogue()).is_err());
        assert!(Asked::check(&texts(&["person.shoe"]), &[], &[], &catalogue()).is_err());
    }

    #[test]
    fn scopes_of_apis_are_names_that_mean_nothing_here() {
        let good = check_api_scopes(" library:loans\n canteen.menu library:loans", &catalogue()).unwrap();
        assert_eq!(good.len(), 2);
        let many: Vec<_> = (0..=MAX_API_SCOPES).map(|n| format!("s{n}")).collect();
        for bad in [
            "read",
            "openid",
            "person.roles",
            "a\"b",
            "caf\u{e9}",
            &"x".repeat(101),
            &many.join(" "),
        ] {
            assert!(check_api_scopes(bad, &catalogue()).is_err(), "{bad}");
        }
    }
}
