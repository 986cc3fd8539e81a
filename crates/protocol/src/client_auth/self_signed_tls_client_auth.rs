//! `self_signed_tls_client_auth`: a certificate of the client's own making, which stands beside its key in its key set
//! (RFC 8705 section 2.2). Nobody vouches for it, and nobody needs to.

use super::authenticate::failed;
use crate::effect::Loaded;
use crate::error::Refusal;
use crate::openid::keys_of;
use crate::vocabulary::{Certificate, Client};

/// Whether the connection's certificate is one of those that the client publishes (`x5c`).
///
/// # Errors
/// `invalid_client`.
pub(super) fn check(shown: Option<&Certificate>, client: &Client, loaded: &Loaded) -> Result<(), Refusal> {
    let shown =
        shown.ok_or_else(|| failed("the client must connect with its certificate, and showed none"))?;
    let keys = keys_of(client, loaded).map_err(failed)?;
    if keys
        .keys
        .iter()
        .any(|key| key.certificate() == Some(shown.thumbprint))
    {
        return Ok(());
    }
    Err(failed(format!(
        "the certificate ({}) is none of those in the client's key set (x5c)",
        shown.thumbprint
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_auth::{Credentials, authenticate_confidential};
    use crate::effect::Load;
    use crate::error::ErrorCode;
    use crate::extensions::sender::Sender;
    use crate::jose::{JwkSet, SigningAlgorithm};
    use crate::testing::jose::key;
    use crate::testing::{CLIENT, World, client, params};
    use crate::vocabulary::{AuthMethod, Thumbprint};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;
    use std::sync::Arc;

    fn keys() -> JwkSet {
        let mut with = key("k", SigningAlgorithm::Es256, 1).to_object();
        with.insert("x5c".to_owned(), json!([STANDARD.encode(b"certificate"), "AAAA"]));
        let without = key("l", SigningAlgorithm::Es256, 2).to_object();
        let set = json!({"keys": [without, with]});
        JwkSet::from_object(set.as_object().unwrap()).unwrap()
    }

    fn registered() -> Client {
        let mut client = Client {
            auth_methods: [AuthMethod::SelfSignedTlsClientAuth].into(),
            secrets: vec![],
            ..client()
        };
        client.openid.jwks = Some(keys());
        client
    }

    fn credentials(certificate: Option<&[u8]>) -> Credentials {
        let mut credentials = Credentials::from_request(None, &params(&[("client_id", CLIENT)])).unwrap();
        let shown = certificate.map(|der| Certificate {
            thumbprint: Thumbprint::of(der),
            verified: false,
            names: Vec::new(),
        });
        credentials.seen(Sender::of("POST", "/oauth/token", &[], shown));
        credentials
    }

    fn authenticate(certificate: Option<&[u8]>, loaded: &Loaded) -> Result<(), ErrorCode> {
        let authenticated = authenticate_confidential(&credentials(certificate), loaded, &World::new().ctx());
        authenticated.map(|_| ()).map_err(|refusal| refusal.code)
    }

    #[test]
    fn one_of_its_key_set_is_the_client_and_no_other() {
        let loaded = Loaded {
            client: Some(registered().into()),
            ..Loaded::default()
        };
        assert_eq!(authenticate(Some(b"certificate"), &loaded), Ok(()));
        for other in [None, Some(&b"another"[..]), Some(&[0, 0, 0])] {
            assert_eq!(authenticate(other, &loaded), Err(ErrorCode::InvalidClient));
        }
    }

    #[test]
    fn its_key_set_is_fetched_where_it_is_published() {
        let mut client = registered();
        client.openid.jwks = None;
        client.openid.jwks_uri = Some("https://app.example.org/jwks".to_owned());
        let mut loaded = Loaded {
            client: Some(client.into()),
            ..Loaded::default()
        };
        let wanted = Load::RemoteKeys {
            client: loaded.client.as_deref().unwrap().id.clone(),
            uri: "https://app.example.org/jwks".to_owned(),
            kid: None,
        };
        assert_eq!(credentials(Some(b"certificate")).load_more(&loaded), Some(wanted));
        assert_eq!(
            credentials(None).load_more(&loaded),
            None,
            "nobody is fetched for"
        );
        assert!(authenticate(Some(b"certificate"), &loaded).is_err());
        loaded.remote_keys = Some(Ok(Arc::new(keys())));
        assert_eq!(authenticate(Some(b"certificate"), &loaded), Ok(()));
    }
}
