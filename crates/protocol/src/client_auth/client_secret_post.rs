//! `client_secret_post`: the secret in the form (RFC 6749 section 2.3.1).

use super::{Credentials, Found, Presented, authenticate, parse_client_id};
use crate::extensions::sender::Sender;
use crate::vocabulary::{AuthMethod, Params, Secret};

/// The credentials in the form, where it holds a secret.
pub(super) fn find(params: &Params) -> Found {
    let secret = params.get("client_secret")?;
    let Some(id) = params.get("client_id") else {
        return Some(Err(authenticate::failed(
            "a client_secret came without client_id",
        )));
    };
    Some(parse_client_id(id).map(|client_id| Credentials {
        client_id,
        method: AuthMethod::ClientSecretPost,
        presented: Presented::Secret(Secret::new(secret)),
        sender: Sender::default(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::testing::params;

    #[test]
    fn reads_both_parts() {
        let found = find(&params(&[("client_id", "a"), ("client_secret", "s")]))
            .unwrap()
            .unwrap();
        assert_eq!(found.client_id.as_str(), "a");
        assert_eq!(found.method, AuthMethod::ClientSecretPost);
        assert!(matches!(found.presented, Presented::Secret(secret) if secret.expose() == "s"));
    }

    #[test]
    fn a_secret_without_a_client_is_refused_and_an_empty_one_is_none() {
        let alone = find(&params(&[("client_secret", "s")])).unwrap();
        assert_eq!(alone.unwrap_err().code, ErrorCode::InvalidClient);
        assert!(find(&params(&[("client_id", "a"), ("client_secret", "")])).is_none());
    }
}
