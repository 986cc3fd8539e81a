//! The grants that exist here, a line each. Dispatch, the error message that names what there is, and the check of an
//! app's `grant_types` (RFC 7591 section 2) read this list.

use super::{Grant, grants};

/// Every grant.
pub fn registry() -> &'static [&'static dyn Grant] {
    &[
        &grants::AuthorizationCode,
        &grants::RefreshToken,
        &grants::ClientCredentials,
        &grants::TokenExchange,
        &grants::DEVICE_CODE,
        &grants::CIBA,
        &grants::JwtBearer,
        &grants::Password,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use url::Url;

    /// RFC 6749 appendix A.10: `grant-name / URI-reference`, the latter absolute (section 4.5).
    fn is_wire_name(name: &str) -> bool {
        let is_name_char = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let is_grant_name = !name.is_empty() && name.chars().all(is_name_char);
        is_grant_name || Url::parse(name).is_ok_and(|url| url.as_str() == name)
    }

    #[test]
    fn each_grant_stands_once_under_a_name_that_the_wire_can_carry() {
        let names: Vec<_> = registry().iter().map(|grant| grant.grant_type()).collect();
        assert!(!names.is_empty());
        for name in &names {
            assert!(is_wire_name(name), "{name:?} is no grant_type");
        }
        let different: BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "a grant stands twice: {names:?}");
    }

    #[test]
    fn a_wire_name_is_a_plain_name_or_an_absolute_uri() {
        for good in [
            "authorization_code",
            "password",
            "urn:ietf:params:oauth:grant-type:device_code",
        ] {
            assert!(is_wire_name(good), "{good}");
        }
        for bad in ["", "two words", "device/code", "cod\u{e9}", "a\"b"] {
            assert!(!is_wire_name(bad), "{bad}");
        }
    }
}
