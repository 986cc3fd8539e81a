//! The catalogue: which data points exist here. It is configuration; `catalogue.toml` is the default.

use super::DataPointName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How careful one must be with a data point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// Known to anyone at the institution.
    Low,
    /// Personal.
    Medium,
    /// Of a kind that can harm when it leaks (health, birth, home, private numbers).
    High,
}

/// What a value looks like, for the commands and forms that set one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    /// Text of at most 1,000 characters.
    Text,
    /// A date, `YYYY-MM-DD`.
    Date,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list of `{"role": ..., "activeStatus": ...}`.
    Roles,
    /// A list of texts.
    List,
    /// A path or `https` URL of a picture.
    Picture,
}

/// One fact about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataPoint {
    /// Its name, which is also a scope.
    pub name: DataPointName,
    /// What people call it.
    pub label: String,
    /// What its value looks like.
    #[serde(default = "text")]
    pub kind: ValueKind,
    /// How careful one must be with it.
    pub sensitivity: Sensitivity,
    /// The `OpenID` claim it feeds, if any (OpenID Connect Core section 5.1).
    #[serde(default)]
    pub claim: Option<String>,
}

const fn text() -> ValueKind {
    ValueKind::Text
}

/// A group of data points, as forms and the consent page show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// The first part of its data points' names.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Its data points, in the order shown.
    #[serde(rename = "data_point")]
    pub data_points: Vec<DataPoint>,
}

/// Why a text is not a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// Not TOML, or not of the catalogue's form.
    #[error("the data point catalogue cannot be read: {0}")]
    Syntax(String),
    /// A data point stands twice, or in another category than its name says.
    #[error("the data point {0} stands twice, or not in the category that its name begins with")]
    Misplaced(DataPointName),
}

/// Every data point of this institution, by category, in the order shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "category")]
    categories: Vec<Category>,
}

/// The parser's words on one line, with the line that they are about.
fn syntax(text: &str, error: &toml::de::Error) -> CatalogueError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    let words = error.message().replace('\n', ", ");
    CatalogueError::Syntax(format!("line {line}: {words}"))
}

impl Catalogue {
    /// The text of the default catalogue, a starting point for an institution's own.
    pub const DEFAULT_TOML: &'static str = include_str!("catalogue.toml");

    /// Parses a catalogue from TOML.
    ///
    /// # Errors
    /// [`CatalogueError`], with the place.
    pub fn parse(toml: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self = toml::from_str(toml).map_err(|error| syntax(toml, &error))?;
        let mut seen = BTreeSet::new();
        for category in &catalogue.categories {
            for point in &category.data_points {
                if point.name.category() != category.name || !seen.insert(&point.name) {
                    return Err(CatalogueError::Misplaced(point.name.clone()));
                }
            }
        }
        Ok(catalogue)
    }

    /// The categories in the order shown.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// Every data point in the order shown.
    pub fn data_points(&self) -> impl Iterator<Item = &DataPoint> {
        self.categories.iter().flat_map(|category| &category.data_points)
    }

    /// The data points that `is_meant` says, by category, in the order shown; categories without one are left out.
    pub fn by_category(
        &self,
        is_meant: impl Fn(&DataPointName) -> bool,
    ) -> impl Iterator<Item = (&Category, Vec<&DataPoint>)> {
        self.categories.iter().filter_map(move |category| {
            let points = category.data_points.iter();
            let meant: Vec<&DataPoint> = points.filter(|point| is_meant(&point.name)).collect();
            (!meant.is_empty()).then_some((category, meant))
        })
    }

    /// The data point of a name, where it exists.
    pub fn get(&self, name: &str) -> Option<&DataPoint> {
        self.data_points().find(|point| point.name.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_catalogue_is_the_products() {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let names: Vec<_> = catalogue
            .categories()
            .iter()
            .map(|c| (c.name.as_str(), c.data_points.len()))
            .collect();
        assert_eq!(
            names,
            [
                ("person", 5),
                ("student", 8),
                ("faculty_member", 5),
                ("biological_information", 4),
                ("contact_information", 5),
                ("residential_information", 2),
                ("social_information", 1),
                ("openid_profile", 15),
            ]
        );
        assert_eq!(catalogue.get("student.start_date").unwrap().label, "Joining date");
        assert_eq!(
            catalogue.get("faculty_member.end_date").unwrap().label,
            "Leaving date"
        );
        assert!(catalogue.get("person.shoe_size").is_none());
    }

    #[test]
    fn groups_what_is_meant_in_the_order_shown() {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let meant = ["student.end_date", "person.roles", "student.start_date"];
        let grouped: Vec<(&str, Vec<&str>)> = catalogue
            .by_category(|name| meant.contains(&name.as_str()))
            .map(|(category, points)| {
                let names = points.iter().map(|point| point.name.as_str());
                (category.name.as_str(), names.collect())
            })
            .collect();
        assert_eq!(
            grouped,
            [
                ("person", vec!["person.roles"]),
                ("student", vec!["student.start_date", "student.end_date"]),
            ]
        );
    }

    #[test]
    fn refuses_strays_and_unknown_keys() {
        let stray = "[[category]]\nname='a'\nlabel='A'\n[[category.data_point]]\nname='b.c'\nlabel='C'\nsensitivity='low'";
        assert!(matches!(
            Catalogue::parse(stray),
            Err(CatalogueError::Misplaced(_))
        ));
        let unknown = stray.replace("label='C'", "label='C'\ncolour='red'");
        assert!(matches!(
            Catalogue::parse(&unknown),
            Err(CatalogueError::Syntax(_))
        ));
        let told = Catalogue::parse(&unknown).unwrap_err().to_string();
        assert!(told.contains("line 7") && !told.contains('\n'), "{told}");
    }
}
