//! Request parameters in `application/x-www-form-urlencoded` (RFC 6749 appendix B).

use percent_encoding::percent_decode;
use std::borrow::Cow;

/// Largest form, in bytes. Whoever reads a body stops there.
pub const MAX_FORM_BYTES: usize = 65_536;

/// Most parameters one request may carry.
const MAX_PARAMS: usize = 200;

/// The parameters that a request may name more than once (RFC 8707 section 2).
const REPEATABLE: [&str; 1] = ["resource"];

/// Why bytes are not a parameter list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// A name or value is not UTF-8 once decoded.
    #[error("a parameter is not valid UTF-8")]
    NotUtf8,
    /// More than the most that is read.
    #[error("a request may carry at most {MAX_PARAMS} parameters")]
    TooMany,
    /// A NUL character.
    #[error("a parameter holds a NUL character")]
    Nul,
}

/// A parameter given more than once (RFC 6749 section 3.1: `invalid_request`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the parameter '{0}' is given more than once")]
pub struct Duplicate(pub String);

/// The parameters of one request, in the order given.
///
/// A parameter without a value counts as left out (RFC 6749 section 3.1).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Parses a query or a form body.
    ///
    /// # Errors
    /// [`ParamsError`] for malformed UTF-8, a NUL, or too many parameters.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParamsError> {
        let mut list = Vec::new();
        for pair in bytes.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            if list.len() == MAX_PARAMS {
                return Err(ParamsError::TooMany);
            }
            let equals = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(equals);
            list.push((decode(name)?, decode(value.get(1..).unwrap_or_default())?));
        }
        Ok(Self(list))
    }

    /// Parameters from pairs: for tests and for requests that we make ourselves.
    pub fn from_pairs<I, K, V>(pairs: I) -> Self
    where
        I: IntoIterator<Item = (K, V)>,
        K: Into<String>,
        V: Into<String>,
    {
        Self(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }

    /// The one value of `name`; none where it is absent or empty. The first one where it was repeated: callers
    /// refuse repeats once, at the door, by [`Params::refuse_duplicates`].
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(n, v)| n == name && !v.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Every value of `name`, empty ones too: for forms with checkboxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Whether `name` is given more than once.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.all(name).nth(1).is_some()
    }

    /// The first repeated parameter, if any, beside those that may be (`REPEATABLE`).
    ///
    /// # Errors
    /// [`Duplicate`] with its name.
    pub fn refuse_duplicates(&self) -> Result<(), Duplicate> {
        let repeated = |(at, (name, _)): (usize, &(String, String))| {
            let is_repeated = self.0.iter().take(at).any(|(earlier, _)| earlier == name);
            (is_repeated && !REPEATABLE.contains(&name.as_str())).then(|| name.clone())
        };
        match self.0.iter().enumerate().find_map(repeated) {
            Some(name) => Err(Duplicate(name)),
            None => Ok(()),
        }
    }

    /// The list as a query or a form carries it: what [`Params::parse`] reads back.
    pub fn to_query(&self) -> String {
        let pairs: Vec<String> = self
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        pairs.join("&")
    }

    /// The list with one more parameter.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut list = self.0.clone();
        list.push((name.to_owned(), value.to_owned()));
        Self(list)
    }

    /// Every pair, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A text as a query or a form carries it (RFC 3986 section 2.3: all but unreserved characters percent-encoded). A
/// space becomes `%20`, which reads the same as a form and as a URI.
pub fn encode(text: &str) -> String {
    const KEPT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(text, KEPT).to_string()
}

/// Names only: a value may be a secret.
impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Whether a `Content-Type` says that a body is such a list; its parameters (`charset`) are not looked at.
pub fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn decode(bytes: &[u8]) -> Result<String, ParamsError> {
    let spaced: Cow<'_, [u8]> = if bytes.contains(&b'+') {
        bytes
            .iter()
            .map(|b| if *b == b'+' { b' ' } else { *b })
            .collect::<Vec<_>>()
            .into()
    } else {
        bytes.into()
    };
    let text = percent_decode(&spaced)
        .decode_utf8()
        .map_err(|_| ParamsError::NotUtf8)?;
    if text.contains('\0') {
        Err(ParamsError::Nul)
    } else {
        Ok(text.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decodes_forms() {
        let params = Params::parse(b"a=1+2&b=%C3%A9&empty=&flag&=x").unwrap();
        assert_eq!(params.get("a"), Some("1 2"));
        assert_eq!(params.get("b"), Some("\u{e9}"));
        assert_eq!(
            (params.get("empty"), params.get("flag"), params.get("c")),
            (None, None, None)
        );
    }

    #[test]
    fn refuses_malformed_bytes_and_floods() {
        assert_eq!(Params::parse(b"a=%FF"), Err(ParamsError::NotUtf8));
        assert_eq!(Params::parse(b"a=%00"), Err(ParamsError::Nul));
        assert_eq!(
            Params::parse("a=1&".repeat(201).as_bytes()),
            Err(ParamsError::TooMany)
        );
    }

    #[test]
    fn names_the_repeated_one() {
        let params = Params::parse(b"a=1&b=2&a=").unwrap();
        assert_eq!(params.refuse_duplicates(), Err(Duplicate("a".into())));
        assert!(params.is_repeated("a") && !params.is_repeated("b"));
        assert_eq!(Params::parse(b"a=1&b=2").unwrap().refuse_duplicates(), Ok(()));
    }

    #[test]
    fn debug_never_shows_values() {
        assert_eq!(
            format!("{:?}", Params::parse(b"client_secret=hush").unwrap()),
            r#"["client_secret"]"#
        );
    }

    #[test]
    fn a_form_is_known_by_its_media_type() {
        assert!(is_form("application/x-www-form-urlencoded"));
        assert!(is_form("Application/X-WWW-Form-Urlencoded; charset=UTF-8"));
        for other in [
            "",
            "application/json",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded2",
        ] {
            assert!(!is_form(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(pairs in proptest::collection::vec(("[^\\x00]{1,20}", "[^\\x00]{0,20}"), 0..8)) {
            let params = Params::from_pairs(pairs);
            prop_assert_eq!(Params::parse(params.to_query().as_bytes()), Ok(params));
        }

        #[test]
        fn any_bytes_parse_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Params::parse(&bytes);
        }
    }
}
