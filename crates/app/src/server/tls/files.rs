//! The files: a certificate with those that lead from it to an authority, and its private key.

use super::provider;
use crate::{Failure, bounded, config};
use omniport_protocol::vocabulary::Timestamp;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error, InconsistentKeys};
use x509_parser::parse_x509_certificate;

/// Largest file, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// How long before a certificate's end one begins to say so, in seconds.
const SOON: i64 = 14 * 86_400;

/// A certificate and its key, which belong together.
#[derive(Debug)]
pub struct Material {
    key: Arc<CertifiedKey>,
    certificate_file: PathBuf,
    key_file: PathBuf,
    /// Seconds since 1970, between which it counts.
    from: i64,
    until: i64,
    too_open: Option<u32>,
}

impl Material {
    /// Reads the files that are configured; none where none are.
    ///
    /// # Errors
    /// [`Failure`] that names the file, what is wrong with it and what to do.
    pub fn read(files: &config::Tls) -> Result<Option<Self>, Failure> {
        files.complete()?;
        let (Some(certificate_file), Some(key_file)) = (&files.certificate, &files.key) else {
            return Ok(None);
        };
        let chain = certificates(certificate_file, "the certificate (tls.certificate)")?;
        let key = private_key(key_file)?;
        let (from, until) = chain
            .first()
            .and_then(|leaf| validity(leaf))
            .ok_or_else(|| unreadable(certificate_file))?;
        let key = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => Failure::new(format!(
                "the key {} (tls.key) is not the one of the certificate {} (tls.certificate): name the two that were \
                 issued together, the server's own certificate first in its file",
                key_file.display(),
                certificate_file.display()
            )),
            error => Failure::new(format!(
                "the key {} (tls.key) cannot be used ({error}): take an ECDSA key on P-256 or P-384, Ed25519, or RSA of \
                 2048 bits or more",
                key_file.display()
            )),
        })?;
        Ok(Some(Self {
            key: Arc::new(key),
            certificate_file: certificate_file.clone(),
            key_file: key_file.clone(),
            from,
            until,
            too_open: too_open(key_file),
        }))
    }

    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        self.key.clone()
    }

    /// What an operator should know, a sentence each: the certificate is over, not begun, over soon, or for another
    /// name than the issuer's; others may read the key.
    pub fn warnings(&self, issuer: &str, now: Timestamp) -> Vec<String> {
        let certificate = self.certificate_file.display();
        let now = now.seconds();
        let time = if now > self.until {
            Some(format!(
                "the certificate {certificate} has expired, and clients refuse it: renew it; the new file is taken without a restart"
            ))
        } else if now < self.from {
            Some(format!(
                "the certificate {certificate} is not valid yet, and clients refuse it: check this machine's clock, or take an older one"
            ))
        } else if self.until - now < SOON {
            Some(format!(
                "the certificate {certificate} expires in {} days: renew it; the new file is taken without a restart",
                (self.until - now) / 86_400
            ))
        } else {
            None
        };
        let name = (!self.is_for(issuer)).then(|| {
            format!("the certificate {certificate} is not for the issuer's name, {issuer}, and clients refuse it there")
        });
        let open = self.too_open.map(|mode| {
            format!(
                "others on this machine may read or change the key {0} (mode {mode:03o}): chmod 600 {0}",
                self.key_file.display()
            )
        });
        [time, name, open].into_iter().flatten().collect()
    }

    /// Whether it names the issuer's host.
    fn is_for(&self, issuer: &str) -> bool {
        let host = url::Url::parse(issuer)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        let name = host.and_then(|host| {
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            ServerName::try_from(host).ok()
        });
        let leaf = self
            .key
            .cert
            .first()
            .and_then(|leaf| ParsedCertificate::try_from(leaf).ok());
        match (leaf, name) {
            (Some(leaf), Some(name)) => verify_server_name(&leaf, &name).is_ok(),
            _ => false,
        }
    }
}

/// The certificates in a PEM file: at least one.
pub(super) fn certificates(path: &Path, what: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let text = bounded::read(path, MAX_FILE, what)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(Failure::new(format!(
            "{what} {} is no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----: check the path, or convert \
             it with openssl x509 -inform DER",
            path.display()
        ))),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Failure> {
    let text = zeroize::Zeroizing::new(bounded::read(path, MAX_FILE, "the key (tls.key)")?);
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
        let shown = path.display();
        Failure::new(if text.contains("ENCRYPTED") {
            format!(
                "the key {shown} (tls.key) is under a passphrase: write it without one (openssl pkey -in {shown} -out NEW) \
                 into a file that only this user may read"
            )
        } else {
            format!(
                "the key {shown} (tls.key) is no private key in PEM, which begins with -----BEGIN PRIVATE KEY-----: check the path"
            )
        })
    })
}

fn validity(leaf: &[u8]) -> Option<(i64, i64)> {
    let (_, certificate) = parse_x509_certificate(leaf).ok()?;
    let validity = certificate.validity();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

fn unreadable(path: &Path) -> Failure {
    Failure::new(format!(
        "the certificate {} (tls.certificate) cannot be understood: check it with openssl x509 -in {0} -text",
        path.display()
    ))
}

/// The mode of a file that others than its owner and group may read, or others than its owner may change. Its group may
/// read it, as Debian's `ssl-cert` does.
fn too_open(path: &Path) -> Option<u32> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o027 != 0).then_some(mode)
}
