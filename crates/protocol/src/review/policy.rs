//! The institution's policy of review: which edits of an approved app a maintainer must see, and how soon they should.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A part of an app that an edit may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Its name.
    Name,
    /// Its logo.
    Logo,
    /// Another origin (scheme, host and port) among its redirect URLs.
    RedirectHosts,
    /// More data points, an optional one made required, or another purpose.
    DataPoints,
    /// More scopes of APIs.
    Scopes,
    /// More grants, or another way to authenticate.
    GrantTypes,
    /// The wording of its description.
    Description,
    /// Whom to ask about it.
    Contact,
    /// Where to read more about it.
    Links,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Logo,
        Self::RedirectHosts,
        Self::DataPoints,
        Self::Scopes,
        Self::GrantTypes,
        Self::Description,
        Self::Contact,
        Self::Links,
    ];

    /// Its word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Logo => "logo",
            Self::RedirectHosts => "redirect_hosts",
            Self::DataPoints => "data_points",
            Self::Scopes => "scopes",
            Self::GrantTypes => "grant_types",
            Self::Description => "description",
            Self::Contact => "contact",
            Self::Links => "links",
        }
    }
}

/// The section `[review]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewPolicy {
    /// The parts whose edits wait for a maintainer once an app is approved; the others go live directly.
    pub needs: Parts,
    /// After how many days in the queue an app is marked overdue.
    pub overdue_days: i64,
}

impl Default for ReviewPolicy {
    fn default() -> Self {
        let needs = [
            Part::Name,
            Part::Logo,
            Part::RedirectHosts,
            Part::DataPoints,
            Part::Scopes,
            Part::GrantTypes,
        ];
        Self {
            needs: Parts(needs.into()),
            overdue_days: 7,
        }
    }
}

/// Parts of an app; in the configuration their words, separated by spaces.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Parts(BTreeSet<Part>);

/// Why a text does not name parts of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected some of name, logo, redirect_hosts, data_points, scopes, grant_types, description, contact, links, separated by spaces"
)]
pub struct PartsError;

impl Parts {
    /// Reads words separated by spaces; none at all is no part.
    ///
    /// # Errors
    /// [`PartsError`] for a word that names no part.
    pub fn parse(text: &str) -> Result<Self, PartsError> {
        let part = |word: &str| Part::ALL.into_iter().find(|part| part.as_str() == word);
        let parts = text.split_whitespace().map(|word| part(word).ok_or(PartsError));
        parts.collect::<Result<_, _>>().map(Self)
    }

    /// Whether it holds `part`.
    pub fn holds(&self, part: Part) -> bool {
        self.0.contains(&part)
    }
}

impl TryFrom<String> for Parts {
    type Error = PartsError;
    fn try_from(text: String) -> Result<Self, PartsError> {
        Self::parse(&text)
    }
}

impl From<Parts> for String {
    fn from(parts: Parts) -> Self {
        parts.to_string()
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.0.iter().map(|part| part.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_words_and_come_back() {
        let policy = ReviewPolicy::default();
        let text = policy.needs.to_string();
        assert_eq!(text, "name logo redirect_hosts data_points scopes grant_types");
        assert_eq!(Parts::parse(&text), Ok(policy.needs));
        assert_eq!(Parts::parse(" "), Ok(Parts::default()));
        assert_eq!(Parts::parse("name shoe"), Err(PartsError));
        assert!(
            PartsError
                .to_string()
                .contains(Part::ALL.map(Part::as_str).join(", ").as_str())
        );
    }
}
