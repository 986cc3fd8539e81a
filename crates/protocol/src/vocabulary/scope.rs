//! Scopes (RFC 6749 section 3.3).

use crate::data_points::DataPointName;
use std::collections::BTreeSet;
use std::fmt;

/// Most scopes one request may name.
const MAX_TOKENS: usize = 256;
/// Longest `scope` value, in bytes.
const MAX_BYTES: usize = 8_192;

/// Why a text is not a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Too many scopes, or too long a text.
    #[error("scope may hold at most {MAX_TOKENS} names in {MAX_BYTES} bytes")]
    TooLarge,
    /// A character that RFC 6749 appendix A.4 does not allow, or no name at all.
    #[error("scope is names of printable ASCII without quote or backslash, separated by single spaces")]
    Malformed,
}

/// A set of scope names. Its order on the wire is the order in which they were given, without repeats.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    names: Vec<String>,
}

impl Scope {
    /// Parses the wire's form.
    ///
    /// # Errors
    /// [`ScopeError`] where it is too large or has a character the grammar forbids.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if text.len() > MAX_BYTES {
            return Err(ScopeError::TooLarge);
        }
        let allowed = |b: u8| b == 0x21 || (0x23..=0x5b).contains(&b) || (0x5d..=0x7e).contains(&b);
        let mut seen = BTreeSet::new();
        let mut names = Vec::new();
        for name in text.split(' ').filter(|name| !name.is_empty()) {
            if !name.bytes().all(allowed) {
                return Err(ScopeError::Malformed);
            }
            if seen.insert(name) {
                names.push(name.to_owned());
            }
        }
        match names.len() {
            0 => Err(ScopeError::Malformed),
            n if n > MAX_TOKENS => Err(ScopeError::TooLarge),
            _ => Ok(Self { names }),
        }
    }

    /// A scope of names known to be well-formed (catalogue names and our own words).
    pub fn of<I: IntoIterator<Item = S>, S: Into<String>>(names: I) -> Self {
        let mut scope = Self::default();
        for name in names {
            let name = name.into();
            if !scope.contains(&name) {
                scope.names.push(name);
            }
        }
        scope
    }

    /// The walkthrough's scope: `read write`, which stands for the app's approved data points.
    pub fn read_write() -> Self {
        Self::of(["read", "write"])
    }

    /// Whether it holds `name`.
    pub fn contains(&self, name: &str) -> bool {
        self.names.iter().any(|n| n == name)
    }

    /// Whether it lets a data point be read: by its own name, or by `read`, which stands for all there are.
    pub fn reads(&self, point: &DataPointName) -> bool {
        self.contains("read") || self.contains(point.as_str())
    }

    /// Whether every name of `self` is in `other`.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.names.iter().all(|name| other.contains(name))
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether it names nothing (never true of a parsed one).
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_keeps_order_and_drops_repeats() {
        let scope = Scope::parse("read write read person.full_name").unwrap();
        assert_eq!(scope.to_string(), "read write person.full_name");
        assert!(Scope::read_write().is_subset_of(&scope));
        assert!(!scope.is_subset_of(&Scope::read_write()));
    }

    #[test]
    fn read_stands_for_every_data_point() {
        let [name, roles] =
            ["person.full_name", "person.roles"].map(|name| DataPointName::parse(name).unwrap());
        let named = Scope::of(["person.full_name"]);
        assert!(named.reads(&name) && !named.reads(&roles));
        assert!(Scope::read_write().reads(&roles));
        assert!(!Scope::of(["write"]).reads(&name));
    }

    #[test]
    fn refuses_what_the_grammar_forbids() {
        for bad in ["", " ", "a\"b", "a\\b", "a\tb", "caf\u{e9}"] {
            assert_eq!(Scope::parse(bad), Err(ScopeError::Malformed), "{bad:?}");
        }
        let many: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
        assert_eq!(Scope::parse(&many.join(" ")), Err(ScopeError::TooLarge));
        let some: Vec<String> = (0..300).map(|n| n.to_string()).collect();
        assert_eq!(Scope::parse(&some.join(" ")), Err(ScopeError::TooLarge));
    }
}
