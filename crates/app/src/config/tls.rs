//! `[tls]`

use super::ConfigError;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Encryption of its own, and the certificates of those who call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// The certificate and those that lead from it to an authority, PEM. None: plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// Whether callers are asked for a certificate (RFC 8705), which they need not have; from a trusted proxy it comes in
    /// `Client-Cert` (RFC 9440).
    pub client_certificates: bool,
    /// The authorities whose certificates' names count, PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ca_file: Option<PathBuf>,
    /// A second address on which callers are asked for a certificate; then not on the first, where browsers would show
    /// people a window about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtls_listen: Option<SocketAddr>,
    /// Where apps reach the endpoints with their certificate, if not at the issuer: what metadata names beside it (RFC
    /// 8705 section 5). An absolute `https` URL without trailing slash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtls_url: Option<String>,
}

impl Tls {
    /// Whether everything is there that what is set needs.
    ///
    /// # Errors
    /// [`ConfigError::Incomplete`] that names the setting which is missing.
    pub fn complete(&self) -> Result<(), ConfigError> {
        let wrong = if self.certificate.is_some() != self.key.is_some() {
            "tls.certificate and tls.key go together: set both, or neither for plain HTTP"
        } else if self.client_ca_file.is_some() && !self.client_certificates {
            "tls.client_ca_file needs tls.client_certificates = true, without which no certificate is asked for"
        } else if self.mtls_listen.is_some() && !(self.certificate.is_some() && self.client_certificates) {
            "tls.mtls_listen needs tls.certificate, tls.key and tls.client_certificates = true"
        } else if self.mtls_url.is_some() && !self.client_certificates {
            "tls.mtls_url needs tls.client_certificates = true, without which no certificate is asked for"
        } else {
            return Ok(());
        };
        Err(ConfigError::Incomplete(wrong))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_needs_what_it_stands_on() {
        let full = Tls {
            certificate: Some("c".into()),
            key: Some("k".into()),
            client_certificates: true,
            client_ca_file: Some("a".into()),
            mtls_listen: Some("127.0.0.1:0".parse().unwrap()),
            mtls_url: Some("https://mtls.id.example".to_owned()),
        };
        assert_eq!(full.complete(), Ok(()));
        assert_eq!(Tls::default().complete(), Ok(()));
        let without = |take: fn(&mut Tls)| {
            let mut tls = full.clone();
            take(&mut tls);
            tls.complete().unwrap_err().to_string()
        };
        assert!(without(|tls| tls.key = None).contains("go together"));
        assert!(without(|tls| tls.certificate = None).contains("go together"));
        assert!(without(|tls| tls.client_certificates = false).starts_with("tls.client_ca_file needs"));
        let unencrypted = without(|tls| (tls.certificate, tls.key) = (None, None));
        assert!(unencrypted.starts_with("tls.mtls_listen needs"), "{unencrypted}");
    }
}
