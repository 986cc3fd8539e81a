//! `tls_client_auth`: a certificate that an authority vouches for, with the name that the client registered (RFC 8705
//! section 2.1).

use super::authenticate::failed;
use crate::error::Refusal;
use crate::vocabulary::{Certificate, Client};

/// Whether the connection's certificate is the client's.
///
/// # Errors
/// `invalid_client`.
pub(super) fn check(shown: Option<&Certificate>, client: &Client) -> Result<(), Refusal> {
    let shown =
        shown.ok_or_else(|| failed("the client must connect with its certificate, and showed none"))?;
    if !shown.verified {
        return Err(failed(
            "the certificate does not lead to an authority of tls.client_ca_file, or is not in its time",
        ));
    }
    let registered = client.openid.sender.tls_client_auth.as_ref();
    let registered =
        registered.ok_or_else(|| failed("the client has registered no name for its certificate"))?;
    if shown.names.iter().any(|name| registered.is(name)) {
        return Ok(());
    }
    let names: Vec<String> = shown
        .names
        .iter()
        .map(|name| format!("{}: {name}", name.field()))
        .collect();
    Err(failed(format!(
        "the certificate has another name than the one registered\nregistered {}: {registered}\ncertificate's {}",
        registered.field(),
        names.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_auth::Credentials;
    use crate::effect::Loaded;
    use crate::error::ErrorCode;
    use crate::extensions::sender::Sender;
    use crate::testing::{CLIENT, World, basic, client, params};
    use crate::vocabulary::{AuthMethod, CertificateName, Thumbprint};

    fn registered() -> Client {
        let mut client = Client {
            auth_methods: [AuthMethod::TlsClientAuth].into(),
            secrets: vec![],
            ..client()
        };
        client.openid.sender.tls_client_auth =
            Some(CertificateName::SubjectDn("CN=app, O=Institute".to_owned()));
        client
    }

    fn certificate() -> Certificate {
        Certificate {
            thumbprint: Thumbprint::of(b"certificate"),
            verified: true,
            names: vec![
                CertificateName::Dns("app.example".to_owned()),
                CertificateName::SubjectDn("CN=App,O=Institute".to_owned()),
            ],
        }
    }

    fn authenticate(client: Client, shown: Option<Certificate>) -> Result<(), Refusal> {
        let mut credentials = Credentials::from_request(None, &params(&[("client_id", CLIENT)])).unwrap();
        credentials.seen(Sender::of("POST", "/oauth/token", &[], shown));
        let loaded = Loaded {
            client: Some(client.into()),
            ..Loaded::default()
        };
        crate::client_auth::authenticate_confidential(&credentials, &loaded, &World::new().ctx()).map(|_| ())
    }

    #[test]
    fn its_name_under_an_authority_is_the_client() {
        assert_eq!(authenticate(registered(), Some(certificate())), Ok(()));
    }

    #[test]
    fn without_it_unvouched_or_by_another_name_it_is_nobody() {
        let unvouched = Certificate {
            verified: false,
            ..certificate()
        };
        let another = Certificate {
            names: vec![CertificateName::SubjectDn("CN=App,O=Institute,C=IN".to_owned())],
            ..certificate()
        };
        let of_another_kind = Certificate {
            names: vec![CertificateName::Dns("CN=App,O=Institute".to_owned())],
            ..certificate()
        };
        for shown in [None, Some(unvouched), Some(another), Some(of_another_kind)] {
            let refusal = authenticate(registered(), shown).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::InvalidClient);
        }
        let mut unnamed = registered();
        unnamed.openid.sender.tls_client_auth = None;
        assert!(authenticate(unnamed, Some(certificate())).is_err());
    }

    #[test]
    fn case_037_a_certificate_is_no_method_of_a_client_with_a_secret() {
        let mut named = registered();
        named.auth_methods = client().auth_methods;
        assert!(authenticate(named, Some(certificate())).is_err());
        let mut with_secret = Credentials::from_request(Some(&basic(CLIENT, "x")), &params(&[])).unwrap();
        with_secret.seen(Sender::of("POST", "/oauth/token", &[], Some(certificate())));
        let loaded = Loaded {
            client: Some(registered().into()),
            ..Loaded::default()
        };
        let world = World::new();
        assert!(crate::client_auth::authenticate(&with_secret, &loaded, &world.ctx()).is_err());
    }
}
