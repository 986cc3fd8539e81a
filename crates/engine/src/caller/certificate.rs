//! Reading a caller's certificate (RFC 5280): its thumbprint, and whose it says it is.

use omniport_protocol::vocabulary::{Certificate, CertificateName, Thumbprint, distinguished_name};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Name};

/// Most names that are read of one certificate.
const MAX_NAMES: usize = 64;

/// The certificate as the rules see it. Its names are read only where they mean something.
pub(super) fn read(der: &[u8], verified: bool) -> Certificate {
    Certificate {
        thumbprint: Thumbprint::of(der),
        verified,
        names: if verified { names(der) } else { Vec::new() },
    }
}

fn names(der: &[u8]) -> Vec<CertificateName> {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return Vec::new();
    };
    let subject = subject(certificate.subject());
    // Two extensions of one kind are an error (section 4.2), and then none counts.
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let alternative = alternative
        .iter()
        .flat_map(|extension| &extension.value.general_names);
    subject
        .into_iter()
        .chain(alternative.filter_map(name))
        .take(MAX_NAMES)
        .collect()
}

/// The subject as RFC 4514 writes it; none where it is empty or has a value that is no text.
fn subject(name: &X509Name<'_>) -> Option<CertificateName> {
    let parts: Option<Vec<Vec<(String, String)>>> = name
        .iter_rdn()
        .map(|part| {
            let attributes = part.iter().map(|attribute| {
                let value = attribute.as_str().ok()?;
                Some((attribute.attr_type().to_id_string(), value.to_owned()))
            });
            attributes.collect()
        })
        .collect();
    let parts = parts.filter(|parts| !parts.is_empty())?;
    Some(CertificateName::SubjectDn(distinguished_name::write(&parts)))
}

fn name(name: &GeneralName<'_>) -> Option<CertificateName> {
    Some(match name {
        GeneralName::DNSName(host) => CertificateName::Dns((*host).to_owned()),
        GeneralName::URI(uri) => CertificateName::Uri((*uri).to_owned()),
        GeneralName::RFC822Name(mail) => CertificateName::Email((*mail).to_owned()),
        GeneralName::IPAddress(bytes) => CertificateName::Ip(address(bytes)?),
        _ => return None,
    })
}

/// Section 4.2.1.6: four or sixteen bytes.
fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|bytes| IpAddr::V4(Ipv4Addr::from(bytes)));
    let v6 = <[u8; 16]>::try_from(bytes).map(|bytes| IpAddr::V6(Ipv6Addr::from(bytes)));
    v4.or(v6).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    fn made() -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["app.example".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CountryName, "IN");
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Institute, of Tests");
        params.distinguished_name.push(DnType::CommonName, "app");
        params.subject_alt_names.extend([
            SanType::URI("urn:app".try_into().unwrap()),
            SanType::Rfc822Name("app@example.org".try_into().unwrap()),
            SanType::IpAddress("192.0.2.7".parse().unwrap()),
            SanType::IpAddress("2001:db8::7".parse().unwrap()),
        ]);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_tells_its_names_where_an_authority_vouches_for_it() {
        let der = made();
        let seen = read(&der, true);
        let dn = "CN=app,O=Institute\\, of Tests,C=IN";
        let expected = [
            CertificateName::SubjectDn(dn.to_owned()),
            CertificateName::Dns("app.example".to_owned()),
            CertificateName::Uri("urn:app".to_owned()),
            CertificateName::Email("app@example.org".to_owned()),
            CertificateName::Ip("192.0.2.7".parse().unwrap()),
            CertificateName::Ip("2001:db8::7".parse().unwrap()),
        ];
        assert_eq!(seen.names, expected);
        assert_eq!(seen.thumbprint, Thumbprint::of(&der));
        let unvouched = read(&der, false);
        assert_eq!(
            (unvouched.names, unvouched.thumbprint),
            (Vec::new(), seen.thumbprint)
        );
    }

    #[test]
    fn what_is_no_certificate_has_no_names() {
        assert_eq!(read(b"x", true).names, []);
        let mut broken = made();
        broken.truncate(100);
        assert_eq!(read(&broken, true).names, []);
    }
}
