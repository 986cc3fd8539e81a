//! The authorities whose word about a caller's names counts (`tls.client_ca_file`).

use super::files::certificates;
use super::verifier::MAX_INTERMEDIATES;
use crate::{Failure, config};
use omniport_engine::caller::ClientCertificate;
use omniport_engine::{Clock, SystemClock};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::server::{ParsedCertificate, WebPkiClientVerifier};

/// Those authorities; may be none.
#[derive(Default)]
pub struct Authorities(RwLock<Option<Arc<dyn ClientCertVerifier>>>);

impl Authorities {
    /// Reads the file that is configured, if one is.
    ///
    /// # Errors
    /// [`Failure`] that names the file, what is wrong with it and what to do.
    pub(crate) fn load(files: &config::Tls) -> Result<Self, Failure> {
        let verifier = files.client_ca_file.as_deref().map(verifier).transpose()?;
        Ok(Self(RwLock::new(verifier)))
    }

    /// Takes the authorities of another reading.
    pub(super) fn replace(&self, by: Self) {
        let new = by.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = new;
    }

    /// Whether this certificate leads to one of them, is in its time, and may be used by a client.
    pub(super) fn vouch_for(&self, leaf: &CertificateDer<'_>, beside: &[CertificateDer<'_>]) -> bool {
        let verifier = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let seconds = u64::try_from(SystemClock.now().seconds()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        verifier.is_some_and(|verifier| verifier.verify_client_cert(leaf, beside, now).is_ok())
    }

    /// A certificate of which a proxy says that its caller holds the key; none where these bytes are no certificate.
    pub(crate) fn weigh(&self, leaf: Vec<u8>, beside: Vec<Vec<u8>>) -> Option<ClientCertificate> {
        let certificate = CertificateDer::from(leaf.as_slice());
        if beside.len() > MAX_INTERMEDIATES || ParsedCertificate::try_from(&certificate).is_err() {
            return None;
        }
        let chain: Vec<CertificateDer<'_>> = beside.iter().map(|one| one.as_slice().into()).collect();
        let verified = self.vouch_for(&certificate, &chain);
        Some(ClientCertificate::new(leaf, beside, verified))
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorities").finish_non_exhaustive()
    }
}

fn verifier(path: &Path) -> Result<Arc<dyn ClientCertVerifier>, Failure> {
    let shown = path.display();
    let unusable = |why: String| {
        Failure::new(format!(
            "an authority in {shown} (tls.client_ca_file) cannot be used: {why}"
        ))
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path, "the authorities (tls.client_ca_file)")? {
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::new(aws_lc_rs::default_provider()))
        .build()
        .map_err(|error| unusable(error.to_string()))
}
