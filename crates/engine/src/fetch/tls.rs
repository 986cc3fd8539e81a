//! Encryption towards hosts that clients name: TLS 1.2 and 1.3 with the authorities of the machine, and one file more.

use super::FetchError;
use super::vouched::Vouched;
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use url::Host;

/// Why the fetcher cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchSetupError {
    /// The extra authorities.
    #[error(
        "the authorities (fetch.extra_ca_file) {path} {what}; name a readable file of certificates in PEM"
    )]
    ExtraAuthorities {
        /// The file.
        path: String,
        /// What is the matter with it.
        what: String,
    },
    /// The cryptographic library.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// Makes a connection's stream a TLS one.
pub(super) struct Encryption(TlsConnector);

impl Encryption {
    /// Trusts the authorities of the machine, which its administrator keeps current and extends with the institution's
    /// own, and those in `extra`, which may also be hosts' own certificates ([`Vouched`]).
    pub(super) fn new(extra: Option<&Path>) -> Result<Self, FetchSetupError> {
        let mut roots = RootCertStore::empty();
        match omniport_store::system_authorities().map(certificates) {
            Some(Ok(found)) => {
                roots.add_parsable_certificates(found);
            }
            // Those who never fetch need none.
            Some(Err(error)) => {
                tracing::warn!(%error, "this machine's list of authorities cannot be read; https fetches will fail");
            }
            None => tracing::warn!(
                "this machine has no list of authorities; install ca-certificates, or https fetches will fail"
            ),
        }
        let mut own = Vec::new();
        if let Some(path) = extra {
            let refuse = |what: String| FetchSetupError::ExtraAuthorities {
                path: path.display().to_string(),
                what,
            };
            let found = certificates(path).map_err(|error| refuse(format!("cannot be read ({error})")))?;
            own.clone_from(&found);
            let (taken, spoilt) = roots.add_parsable_certificates(found);
            if taken == 0 || spoilt > 0 {
                return Err(refuse("holds no certificate, or one that cannot be used".into()));
            }
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| FetchSetupError::Tls(error.to_string()))?;
        let builder = if own.is_empty() {
            builder.with_root_certificates(roots)
        } else {
            let authorities = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
            let authorities = authorities.map_err(|error| FetchSetupError::Tls(error.to_string()))?;
            let verifier = Arc::new(Vouched { authorities, own });
            builder.dangerous().with_custom_certificate_verifier(verifier)
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Shakes hands, and checks that the certificate is the host's.
    pub(super) async fn over(
        &self,
        stream: TcpStream,
        host: &Host,
    ) -> Result<TlsStream<TcpStream>, FetchError> {
        let name = match host {
            Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| FetchError::Url)?,
            Host::Ipv4(address) => ServerName::from(std::net::IpAddr::V4(*address)),
            Host::Ipv6(address) => ServerName::from(std::net::IpAddr::V6(*address)),
        };
        self.0.connect(name, stream).await.map_err(|error| told(&error))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| error.to_string())
}

/// What the app's team can change.
fn told(error: &io::Error) -> FetchError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    FetchError::Tls(match inner {
        Some(Error::InvalidCertificate(why)) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is not for this host"
            }
            CertificateError::UnknownIssuer => {
                "the certificate is not of an authority that is trusted here, or an intermediate one is not sent along"
            }
            _ => "the certificate cannot be accepted",
        },
        Some(Error::AlertReceived(_) | Error::PeerIncompatible(_)) => {
            "the host and this server have no TLS version (1.2 or 1.3), cipher suite or protocol in common"
        }
        _ => "the host does not speak TLS, or broke the connection",
    })
}
