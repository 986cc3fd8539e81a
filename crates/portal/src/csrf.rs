//! The token that ties a form to the browser it was shown to (case 102).
//!
//! It is derived from a cookie that only that browser has, so nothing is stored, and it dies with the cookie: a form
//! that was opened before a sign-in in another tab must be opened again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use omniport_protocol::vocabulary::{Secret, SecretHash, sha256};

/// The hidden field's name.
pub(crate) const FIELD: &str = "csrf_token";
/// Sets this use of the cookie apart from every other one.
const PURPOSE: &str = "omniport form";

/// The token for the browser that has `cookie`.
pub(crate) fn token(cookie: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(sha256(format!("{PURPOSE}{}", cookie.expose()).as_bytes()))
}

/// Whether `given` is the token of `cookie`, in time that does not depend on where they differ.
pub(crate) fn matches(given: &str, cookie: &Secret) -> bool {
    SecretHash::of(given).matches(&Secret::new(token(cookie)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_102_a_token_is_good_for_its_own_cookie_only() {
        let (own, other) = (Secret::new("one"), Secret::new("two"));
        assert!(matches(&token(&own), &own));
        assert!(!matches(&token(&other), &own));
        assert!(!matches("", &own));
        assert!(!matches(&token(&own)[1..], &own));
    }

    #[test]
    fn a_token_does_not_give_its_cookie_away() {
        let cookie = Secret::new("session-cookie-value");
        assert_eq!(token(&cookie).len(), 43);
        assert_ne!(SecretHash::of(&token(&cookie)), cookie.hash());
    }
}
