//! What a client says of how it is known by what it holds (RFC 9449 section 5.2, RFC 8705 sections 2.1.2 and 3.4).

use crate::vocabulary::{CertificateName, distinguished_name};
use serde::{Deserialize, Serialize};

/// The metadata, each member under its registered name, but for [`Self::tls_client_auth`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SenderMetadata {
    /// Whether each of its token requests must come with a DPoP proof (RFC 9449 section 5.2).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dpop_bound_access_tokens: bool,
    /// Ours: whether its proofs must hold a nonce, also where the instance does not ask for that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dpop_require_nonce: bool,
    /// Whether its tokens are bound to its certificate (RFC 8705 section 3.4).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tls_client_certificate_bound_access_tokens: bool,
    /// The name by which `tls_client_auth` knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth: Option<CertificateName>,
}

impl SenderMetadata {
    /// Whether it says nothing: then nothing is written of it.
    pub fn is_silent(&self) -> bool {
        *self == Self::default()
    }
}

/// The members as they came.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "each is registered under its own name, and SenderMetadata says what it means"
)]
pub struct SenderDocument {
    pub dpop_bound_access_tokens: bool,
    pub dpop_require_nonce: bool,
    pub tls_client_certificate_bound_access_tokens: bool,
    pub tls_client_auth_subject_dn: Option<String>,
    pub tls_client_auth_san_dns: Option<String>,
    pub tls_client_auth_san_uri: Option<String>,
    pub tls_client_auth_san_ip: Option<String>,
    pub tls_client_auth_san_email: Option<String>,
}

impl SenderDocument {
    /// Checks the members; what is wrong is told by name.
    pub(super) fn check(&self, wrong: &mut impl FnMut(&'static str, &'static str)) -> SenderMetadata {
        SenderMetadata {
            dpop_bound_access_tokens: self.dpop_bound_access_tokens,
            dpop_require_nonce: self.dpop_require_nonce,
            tls_client_certificate_bound_access_tokens: self.tls_client_certificate_bound_access_tokens,
            tls_client_auth: self.certificate_name(wrong),
        }
    }
}

/// Longest name in a certificate, in bytes.
const MAX_NAME: usize = 1_024;

impl SenderDocument {
    /// Whether it names a certificate at all.
    pub(crate) const fn has_certificate_name(&self) -> bool {
        self.tls_client_auth_subject_dn.is_some()
            || self.tls_client_auth_san_dns.is_some()
            || self.tls_client_auth_san_uri.is_some()
            || self.tls_client_auth_san_ip.is_some()
            || self.tls_client_auth_san_email.is_some()
    }

    /// RFC 8705 section 2.1.2: exactly one, so two are a mistake. That there is one is asked where the method is known.
    fn certificate_name(
        &self,
        wrong: &mut impl FnMut(&'static str, &'static str),
    ) -> Option<CertificateName> {
        let given = |text: &Option<String>, name: fn(String) -> CertificateName| text.clone().map(name);
        let mut names = [
            given(&self.tls_client_auth_subject_dn, CertificateName::SubjectDn),
            given(&self.tls_client_auth_san_dns, CertificateName::Dns),
            given(&self.tls_client_auth_san_uri, CertificateName::Uri),
            given(&self.tls_client_auth_san_email, CertificateName::Email),
            self.address(wrong),
        ]
        .into_iter()
        .flatten();
        let name = names.next()?;
        if let Some(another) = names.next() {
            wrong(
                another.field(),
                "Give one of the tls_client_auth_... members, not several.",
            );
        }
        if let Some(why) = unusable(&name) {
            wrong(name.field(), why);
        }
        Some(name)
    }

    fn address(&self, wrong: &mut impl FnMut(&'static str, &'static str)) -> Option<CertificateName> {
        let text = self.tls_client_auth_san_ip.as_deref()?;
        let address = text.parse().ok().map(CertificateName::Ip);
        if address.is_none() {
            wrong("tls_client_auth_san_ip", "It is no IP address.");
        }
        address
    }
}

/// What is wrong with a name, if something is.
fn unusable(name: &CertificateName) -> Option<&'static str> {
    let fits = |text: &str| !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control);
    let (good, why) = match name {
        CertificateName::SubjectDn(text) => (
            distinguished_name::parse(text).is_some(),
            "It is no distinguished name as RFC 4514 writes it, or has attributes that are not known.",
        ),
        CertificateName::Dns(text) => (
            fits(text)
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')),
            "It is no name of a host; a wildcard cannot be one.",
        ),
        CertificateName::Uri(text) => (fits(text) && text.contains(':'), "It is no absolute URI."),
        CertificateName::Email(text) => (
            fits(text) && text.split('@').filter(|part| !part.is_empty()).count() == 2,
            "It is no address of mail.",
        ),
        CertificateName::Ip(_) => return None,
    };
    (!good).then_some(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn checked(document: Value) -> Result<SenderMetadata, Vec<&'static str>> {
        let document: SenderDocument = serde_json::from_value(document).unwrap();
        let mut wrong = Vec::new();
        let metadata = document.check(&mut |field, _| wrong.push(field));
        if wrong.is_empty() {
            Ok(metadata)
        } else {
            Err(wrong)
        }
    }

    #[test]
    fn one_name_of_a_certificate_is_taken() {
        for (field, value) in [
            ("tls_client_auth_subject_dn", "CN=app,O=Institute"),
            ("tls_client_auth_san_dns", "app.example.org"),
            ("tls_client_auth_san_uri", "spiffe://example.org/app"),
            ("tls_client_auth_san_ip", "2001:db8::1"),
            ("tls_client_auth_san_email", "app@example.org"),
        ] {
            let metadata = checked(json!({field: value})).unwrap();
            let name = metadata.tls_client_auth.clone().unwrap();
            assert_eq!((name.field(), name.to_string().as_str()), (field, value));
            let stored = serde_json::to_string(&metadata).unwrap();
            assert_eq!(serde_json::from_str::<SenderMetadata>(&stored).unwrap(), metadata);
        }
        assert!(checked(json!({})).unwrap().is_silent());
    }

    #[test]
    fn two_names_and_unusable_ones_are_refused_by_name() {
        let two = json!({"tls_client_auth_san_dns": "a.example", "tls_client_auth_san_ip": "192.0.2.1"});
        assert_eq!(checked(two), Err(vec!["tls_client_auth_san_ip"]));
        for (field, value) in [
            ("tls_client_auth_subject_dn", "app"),
            ("tls_client_auth_san_dns", "*.example.org"),
            ("tls_client_auth_san_dns", ""),
            ("tls_client_auth_san_uri", "app"),
            ("tls_client_auth_san_ip", "app"),
            ("tls_client_auth_san_email", "app"),
        ] {
            assert_eq!(checked(json!({field: value})), Err(vec![field]), "{value}");
        }
    }
}
