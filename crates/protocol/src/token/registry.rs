//! The grants that exist here. Dispatch, metadata (`grant_types_supported`) and documentation read this list.

use super::Grant;
use super::grants::{AuthorizationCode, ClientCredentials, RefreshToken};

/// Every grant, in the order in which metadata lists them.
pub fn registry() -> &'static [&'static dyn Grant] {
    &[&AuthorizationCode, &RefreshToken, &ClientCredentials]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::GrantType;

    #[test]
    fn each_grant_stands_once_under_its_wire_name() {
        let names: Vec<_> = registry().iter().map(|grant| grant.grant_type()).collect();
        assert_eq!(
            names,
            [
                GrantType::AUTHORIZATION_CODE,
                GrantType::REFRESH_TOKEN,
                GrantType::CLIENT_CREDENTIALS
            ]
        );
    }
}
