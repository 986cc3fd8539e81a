//! What a person reads from one screen and types into another (RFC 8628 section 6.1).

use crate::vocabulary::SecretHash;
use std::fmt;

/// The letters of a user code: no vowels, so that no word comes of them, and none that looks or sounds like another one
/// here (RFC 8628 section 6.1 has the same twenty). Eight of them are 34 bits: with ten guesses and then one in half a
/// minute, [`crate::ctx::Policy::device_code_seconds`] are over long before one in a million is tried.
pub const USER_CODE_ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How many of them.
pub const USER_CODE_LENGTH: usize = 8;

/// Longest text that is read as one, in bytes: room for spaces and dashes between all letters.
const MAX_BYTES: usize = 64;

/// A user code: eight letters, shown as `XXXX-XXXX`.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// Reads what somebody typed: in either case, with or without spaces and dashes. None where it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let is_between =
            |c: &char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '_' | '.');
        let letters: String = text
            .chars()
            .filter(|c| !is_between(c))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let is_letter = |b: u8| USER_CODE_ALPHABET.contains(&b);
        (letters.len() == USER_CODE_LENGTH && letters.bytes().all(is_letter)).then_some(Self(letters))
    }

    /// What is stored of it, and what it is found by.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

/// `XXXX-XXXX`.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(USER_CODE_LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

/// It is a secret while it lives.
impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_read_as_people_write_it() {
        let code = UserCode::parse("WDJB-MJHT").unwrap();
        assert_eq!(code.to_string(), "WDJB-MJHT");
        for same in [
            "wdjbmjht",
            " WDJB MJHT ",
            "wdjb - mjht",
            "W-D-J-B-M-J-H-T",
            "WDJB\u{2013}MJHT",
            "wdjb.mjht",
        ] {
            assert_eq!(UserCode::parse(same), Some(code.clone()), "{same}");
        }
        for other in [
            "",
            "WDJB",
            "WDJB-MJHTX",
            "WDJB-MJHA",
            "WDJB-MJH1",
            "WDJB/MJHT",
            "\u{17f}DJBMJHT",
        ] {
            assert_eq!(UserCode::parse(other), None, "{other}");
        }
        assert_eq!(UserCode::parse(&format!("WDJBMJHT{}", " ".repeat(100))), None);
        assert_eq!(format!("{code:?}"), "UserCode(..)");
    }

    #[test]
    fn no_letter_is_a_vowel_or_twice() {
        let mut letters = USER_CODE_ALPHABET.to_vec();
        letters.dedup();
        assert_eq!(letters.len(), USER_CODE_ALPHABET.len());
        assert!(!letters.iter().any(|letter| b"AEIOUY0123456789".contains(letter)));
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(text in "[BCDFGHJKLMNPQRSTVWXZ]{8}") {
            let code = UserCode::parse(&text).unwrap();
            prop_assert_eq!(UserCode::parse(&code.to_string()), Some(code));
        }

        #[test]
        fn anything_is_one_or_is_not(text in ".{0,80}") {
            let _ = UserCode::parse(&text);
        }
    }
}
