//! A client's certificate as the rules see it: read elsewhere, since nothing here parses X.509.

use super::{Thumbprint, distinguished_name};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The certificate of which the other end of a connection proved that it holds the private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The SHA-256 of its DER.
    pub thumbprint: Thumbprint,
    /// Whether it leads to an authority that the operator trusts: only then do its names mean anything.
    pub verified: bool,
    /// What it says whose it is.
    pub names: Vec<CertificateName>,
}

/// A name in a certificate, or the one that a client registered (RFC 8705 section 2.1.2): exactly one of these.
///
/// Each is kept as it is written there; [`Self::is`] compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CertificateName {
    /// `tls_client_auth_subject_dn`: the subject, as RFC 4514 writes it.
    #[serde(rename = "tls_client_auth_subject_dn")]
    SubjectDn(String),
    /// `tls_client_auth_san_dns`: a name of the DNS.
    #[serde(rename = "tls_client_auth_san_dns")]
    Dns(String),
    /// `tls_client_auth_san_uri`: a URI.
    #[serde(rename = "tls_client_auth_san_uri")]
    Uri(String),
    /// `tls_client_auth_san_ip`: an address.
    #[serde(rename = "tls_client_auth_san_ip")]
    Ip(std::net::IpAddr),
    /// `tls_client_auth_san_email`: an address of mail.
    #[serde(rename = "tls_client_auth_san_email")]
    Email(String),
}

impl CertificateName {
    /// Whether a name that a certificate shows is this one. No wildcard is one: it would be everybody's beneath it.
    pub fn is(&self, shown: &Self) -> bool {
        match (self, shown) {
            (Self::SubjectDn(own), Self::SubjectDn(shown)) => distinguished_name::same(own, shown),
            (Self::Dns(own), Self::Dns(shown)) => own.eq_ignore_ascii_case(shown),
            (Self::Uri(own), Self::Uri(shown)) => own == shown,
            (Self::Ip(own), Self::Ip(shown)) => own.to_canonical() == shown.to_canonical(),
            (Self::Email(own), Self::Email(shown)) => match (own.rsplit_once('@'), shown.rsplit_once('@')) {
                // RFC 5280 section 7.5: the local part as it is, the host in any case.
                (Some((own, at)), Some((shown, host))) => own == shown && at.eq_ignore_ascii_case(host),
                _ => false,
            },
            _ => false,
        }
    }

    /// The metadata's word for this kind.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::SubjectDn(_) => "tls_client_auth_subject_dn",
            Self::Dns(_) => "tls_client_auth_san_dns",
            Self::Uri(_) => "tls_client_auth_san_uri",
            Self::Ip(_) => "tls_client_auth_san_ip",
            Self::Email(_) => "tls_client_auth_san_email",
        }
    }
}

impl fmt::Display for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SubjectDn(text) | Self::Dns(text) | Self::Uri(text) | Self::Email(text) => {
                f.write_str(text)
            }
            Self::Ip(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_compared_as_its_kind_is() {
        let email = |text: &str| CertificateName::Email(text.to_owned());
        let dns = |text: &str| CertificateName::Dns(text.to_owned());
        let uri = |text: &str| CertificateName::Uri(text.to_owned());
        let ip = |text: &str| CertificateName::Ip(text.parse().unwrap());
        let dn = |text: &str| CertificateName::SubjectDn(text.to_owned());
        for (own, shown) in [
            (email("App@x.example"), email("App@X.Example")),
            (dns("app.example"), dns("APP.example")),
            (uri("urn:app"), uri("urn:app")),
            (ip("192.0.2.1"), ip("::ffff:192.0.2.1")),
            (dn("CN=app,O=x"), dn("cn=APP, o=X")),
        ] {
            assert!(own.is(&shown), "{own} {shown}");
        }
        for (own, shown) in [
            (email("App@x.example"), email("app@x.example")),
            (email("x"), email("x")),
            (dns("app.example"), dns("*.example")),
            (dns("app.example"), uri("app.example")),
            (uri("urn:app"), uri("URN:app")),
            (ip("192.0.2.1"), ip("192.0.2.2")),
            (dn("CN=app"), dn("CN=app,O=x")),
        ] {
            assert!(!own.is(&shown), "{own} {shown}");
        }
    }
}
