//! TLS: the certificate and its key from files, asking callers for theirs, and taking new files while it runs.
//!
//! What is spoken is RFC 9325's (BCP 195): TLS 1.3, and 1.2 with the four suites of its section 4.2; no renegotiation, no
//! compression, no early data.

mod authorities;
mod files;
mod fresh;
mod verifier;

pub(crate) use authorities::Authorities;
pub use files::Material;

use crate::Failure;
use crate::config;
use omniport_engine::caller::ClientCertificate;
use omniport_protocol::vocabulary::Timestamp;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::server::{ClientHello, NoClientAuth, ResolvesServerCert, ServerConnection};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{CipherSuite, ServerConfig, SupportedCipherSuite};

/// A certificate in use, which may be changed for another at any time: a connection keeps the one it began with.
pub struct Tls {
    files: config::Tls,
    /// As the files were just before they were read.
    seen: fresh::Mark,
    current: Arc<Current>,
    authorities: Arc<Authorities>,
    asking: Arc<ServerConfig>,
    silent: Arc<ServerConfig>,
}

/// One listener's TLS.
#[derive(Clone)]
pub struct Speaker {
    acceptor: TlsAcceptor,
    authorities: Arc<Authorities>,
}

impl Tls {
    /// Reads the files; none where no certificate is configured.
    ///
    /// # Errors
    /// [`Failure`] that names the file, what is wrong with it and what to do.
    pub fn load(files: &config::Tls, authorities: Arc<Authorities>) -> Result<Option<Self>, Failure> {
        let seen = fresh::Mark::of(files);
        let Some(material) = Material::read(files)? else {
            return Ok(None);
        };
        let provider = Arc::new(provider());
        let current = Arc::new(Current::new(material));
        let config = |asks: bool| {
            let builder = ServerConfig::builder_with_provider(provider.clone())
                .with_protocol_versions(&[&TLS13, &TLS12])
                .map_err(|error| Failure::new(format!("TLS cannot be set up: {error}")))?;
            let builder = if asks {
                builder.with_client_cert_verifier(Arc::new(verifier::Anybody::new(&provider)))
            } else {
                builder.with_client_cert_verifier(Arc::new(NoClientAuth))
            };
            let mut config = builder.with_cert_resolver(current.clone());
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok::<_, Failure>(Arc::new(config))
        };
        Ok(Some(Self {
            asking: config(true)?,
            silent: config(false)?,
            files: files.clone(),
            seen,
            current,
            authorities,
        }))
    }

    /// TLS for a listener, which asks callers for a certificate or does not.
    pub fn speaker(&self, asks: bool) -> Speaker {
        let config = if asks { &self.asking } else { &self.silent };
        Speaker {
            acceptor: TlsAcceptor::from(config.clone()),
            authorities: self.authorities.clone(),
        }
    }

    /// What an operator should know of the certificate in use: see [`Material::warnings`].
    pub fn warnings(&self, issuer: &str, now: Timestamp) -> Vec<String> {
        self.current.material().warnings(issuer, now)
    }
}

impl Speaker {
    pub(super) const fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// The certificate that the other end proved to hold, if it showed one.
    pub(super) fn shown(&self, connection: &ServerConnection) -> Option<ClientCertificate> {
        let (leaf, intermediates) = connection.peer_certificates()?.split_first()?;
        Some(ClientCertificate::new(
            leaf.to_vec(),
            intermediates.iter().map(|one| one.to_vec()).collect(),
            self.authorities.vouch_for(leaf, intermediates),
        ))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Speaker").finish_non_exhaustive()
    }
}

/// What every new connection gets.
#[derive(Debug)]
struct Current(RwLock<Arc<Material>>);

impl Current {
    fn new(material: Material) -> Self {
        Self(RwLock::new(Arc::new(material)))
    }

    fn material(&self) -> Arc<Material> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, material: Material) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(material);
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.material().key())
    }
}

/// The suites of RFC 9325: all of TLS 1.3's (section 4.2 names no others), and of 1.2's the four recommended ones.
fn provider() -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    provider.cipher_suites.retain(is_recommended);
    provider
}

fn is_recommended(suite: &SupportedCipherSuite) -> bool {
    suite.tls13().is_some()
        || matches!(
            suite.suite(),
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
                | CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
                | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
                | CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
        )
}

#[cfg(test)]
mod tests;
