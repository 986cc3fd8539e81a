//! Data points as a form offers them, as a review states them, and as two versions differ.

use super::icons;

/// How much harm a data point can do in the wrong hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// Known to anybody at the institution.
    Ordinary,
    /// Tells something about the person.
    Personal,
    /// Must be argued for.
    Sensitive,
}

impl Sensitivity {
    /// The word that the stylesheet selects by.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
        }
    }

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ordinary => "Ordinary",
            Self::Personal => "Personal",
            Self::Sensitive => "Sensitive",
        }
    }
}

/// One data point in a form (a checkbox) or in a statement.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Its name, which is the checkbox's value: `person.full_name`.
    pub name: String,
    /// Its label: `Full name`.
    pub label: String,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
    /// Whether it is chosen.
    pub checked: bool,
    /// Whether a person may leave it out (checkbox `optional`).
    pub optional: bool,
    /// What it is for (field `purpose.NAME`).
    pub purpose: String,
}

/// The data points of one category, to choose from.
#[derive(Debug, Clone)]
pub struct ChoiceGroup {
    /// The category's name: `faculty_member`.
    pub key: String,
    /// The category's label: `Faculty member`.
    pub label: String,
    /// Its data points, in the catalogue's order.
    pub points: Vec<Choice>,
}

impl ChoiceGroup {
    /// How many are chosen.
    pub fn chosen(&self) -> usize {
        self.points.iter().filter(|point| point.checked).count()
    }
}

/// The data points of one category that an app asks for, as a reviewer reads them.
#[derive(Debug, Clone)]
pub struct StatedGroup {
    /// The category's label.
    pub label: String,
    /// Those asked for (`checked` is not looked at).
    pub points: Vec<Choice>,
}

/// One automatic check, for the reviewer and, before they see it, for the team.
#[derive(Debug, Clone)]
pub struct Check {
    /// What was looked at: `Redirect hosts`.
    pub title: &'static str,
    /// Whether nothing about it needs a second look.
    pub fine: bool,
    /// What was seen.
    pub evidence: String,
}

/// How one thing differs between the live version and the proposed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Only the proposed version has it.
    Added,
    /// Only the live version has it.
    Removed,
    /// Both have it.
    Kept,
}

impl DifferenceKind {
    /// The word for people, who may not see the colour.
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "Added",
            Self::Removed => "Removed",
            Self::Kept => "Kept",
        }
    }

    /// The word that the stylesheet selects by.
    pub fn key(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Kept => "kept",
        }
    }

    /// Its shape.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Added => icons::PLUS,
            Self::Removed => icons::MINUS,
            Self::Kept => icons::DOT,
        }
    }
}

/// One line of a difference.
#[derive(Debug, Clone)]
pub struct DifferenceRow {
    /// How it differs.
    pub kind: DifferenceKind,
    /// The thing: a data point's label, a URL, a whole description.
    pub text: String,
}

/// How one field differs between the live version and the proposed one.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The field: `Data points`, `Redirect URLs`.
    pub title: String,
    /// Its lines: added, removed, kept, in the order to be read.
    pub rows: Vec<DifferenceRow>,
}
