//! Who asks: the other end of the connection, or whom a trusted proxy names.

use crate::config::Network;
use crate::server::tls::Authorities;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::{Extensions, HeaderMap, HeaderName};
use omniport_engine::caller::{ClientAddress, ClientCertificate};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
const CLIENT_CERT_CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");

/// The other end of a connection, as the server puts it on each of its requests.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    address: IpAddr,
    certificate: Option<ClientCertificate>,
}

impl Peer {
    pub(crate) fn new(address: SocketAddr, certificate: Option<ClientCertificate>) -> Self {
        Self {
            address: address.ip().to_canonical(),
            certificate,
        }
    }
}

/// Whose word counts, and about what.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    proxies: Vec<Network>,
    certificates: Option<Arc<Authorities>>,
}

impl Peers {
    /// The proxies whose `X-Forwarded-For` is believed; and, where there are `certificates`, their `Client-Cert`
    /// (RFC 9440) too.
    pub(crate) const fn new(proxies: Vec<Network>, certificates: Option<Arc<Authorities>>) -> Self {
        Self {
            proxies,
            certificates,
        }
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|proxy| proxy.contains(address))
    }

    /// Puts a [`ClientAddress`], and a [`ClientCertificate`] where there is one, on the request. Nothing where it did not
    /// come over a socket.
    pub(crate) fn tell(&self, headers: &HeaderMap, extensions: &mut Extensions) {
        let Some(Peer { address, certificate }) = extensions.remove::<Peer>() else {
            return;
        };
        let behind_proxy = self.is_proxy(address);
        let (address, certificate) = if behind_proxy {
            // The certificate of the connection is the proxy's own.
            (
                self.forwarded_for(address, headers),
                self.forwarded_certificate(headers),
            )
        } else {
            (address, certificate)
        };
        extensions.insert(ClientAddress(address));
        if let Some(certificate) = certificate {
            extensions.insert(certificate);
        }
    }

    /// From the right, since each proxy adds at the right whom it saw: the first that is no trusted proxy. What is no
    /// address was not written by one, so the proxy that passed it on is as far as one can see.
    fn forwarded_for(&self, proxy: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = proxy;
        let fields: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .map(|value| value.to_str().unwrap_or_default())
            .collect();
        for word in fields.iter().rev().flat_map(|field| field.rsplit(',')) {
            let Some(address) = address(word.trim()) else {
                return nearest;
            };
            nearest = address;
            if !self.is_proxy(address) {
                return nearest;
            }
        }
        nearest
    }

    fn forwarded_certificate(&self, headers: &HeaderMap) -> Option<ClientCertificate> {
        let authorities = self.certificates.as_ref()?;
        let mut fields = headers.get_all(CLIENT_CERT).iter();
        let (leaf, None) = (fields.next()?, fields.next()) else {
            tracing::warn!("a proxy sent Client-Cert twice: make it set the header, not add to it");
            return None;
        };
        let chain: Option<Vec<Vec<u8>>> = headers
            .get_all(CLIENT_CERT_CHAIN)
            .iter()
            .flat_map(|field| field.to_str().unwrap_or("?").split(','))
            .map(bytes)
            .collect();
        let weighed = leaf
            .to_str()
            .ok()
            .and_then(bytes)
            .and_then(|leaf| authorities.weigh(leaf, chain?));
        if weighed.is_none() {
            tracing::warn!(
                "a proxy sent a Client-Cert that is not as RFC 9440 says: a DER certificate in base64 between colons"
            );
        }
        weighed
    }
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|both| both.ip()))
        .ok()
        .map(|address| address.to_canonical())
}

/// A byte sequence of a structured field (RFC 9651 section 3.3.5): base64 between colons.
fn bytes(item: &str) -> Option<Vec<u8>> {
    let inner = item.trim().strip_prefix(':')?.strip_suffix(':')?;
    BASE64_STANDARD.decode(inner).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn peers() -> Peers {
        let proxies = ["127.0.0.1", "10.0.0.0/8"].map(|text| text.parse().unwrap());
        Peers::new(proxies.to_vec(), Some(Arc::default()))
    }

    fn told(from: &str, headers: &[(HeaderName, &str)]) -> Extensions {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(Peer::new(format!("{from}:5").parse().unwrap(), None));
        peers().tell(&map, &mut extensions);
        extensions
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        for (from, fields, expected) in [
            ("192.0.2.1", vec!["203.0.113.9"], "192.0.2.1"),
            ("127.0.0.1", vec![], "127.0.0.1"),
            ("127.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
            ("[::ffff:127.0.0.1]", vec!["203.0.113.9"], "203.0.113.9"),
            // What stands further left was sent by the caller.
            ("127.0.0.1", vec!["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            (
                "127.0.0.1",
                vec!["198.51.100.1", "203.0.113.9, 10.1.1.1"],
                "203.0.113.9",
            ),
            ("127.0.0.1", vec!["203.0.113.9, unknown, 10.1.1.1"], "10.1.1.1"),
            ("127.0.0.1", vec!["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
            ("127.0.0.1", vec![""], "127.0.0.1"),
            ("127.0.0.1", vec!["203.0.113.9:443"], "203.0.113.9"),
            ("127.0.0.1", vec!["[2001:db8::1]:443"], "2001:db8::1"),
            ("127.0.0.1", vec!["[2001:db8::1]"], "2001:db8::1"),
        ] {
            let headers: Vec<_> = fields.iter().map(|field| (FORWARDED_FOR, *field)).collect();
            let seen = told(from, &headers).get::<ClientAddress>().copied();
            assert_eq!(
                seen,
                Some(ClientAddress(expected.parse().unwrap())),
                "{from} {fields:?}"
            );
        }
    }

    fn certificate() -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(vec!["app.example".to_owned()]).unwrap();
        made.cert.der().to_vec()
    }

    #[test]
    fn a_certificate_comes_from_a_trusted_proxy_in_its_header_and_from_nobody_else() {
        let der = certificate();
        let field = format!(":{}:", BASE64_STANDARD.encode(&der));
        let seen = |from: &str, headers: &[(HeaderName, &str)]| {
            told(from, headers).get::<ClientCertificate>().cloned()
        };
        let shown = seen("127.0.0.1", &[(CLIENT_CERT, &field), (CLIENT_CERT_CHAIN, &field)]).unwrap();
        assert_eq!((shown.der(), shown.intermediates().len()), (der.as_slice(), 1));
        assert!(!shown.verified());
        assert_eq!(seen("192.0.2.1", &[(CLIENT_CERT, &field)]), None);
        assert_eq!(
            seen("127.0.0.1", &[(CLIENT_CERT, &field), (CLIENT_CERT, &field)]),
            None
        );
        let bare = BASE64_STANDARD.encode(&der);
        for broken in [bare.as_str(), "::", ":AAAA:", ":%%%:", ""] {
            assert_eq!(seen("127.0.0.1", &[(CLIENT_CERT, broken)]), None, "{broken}");
        }
        let deaf = Peers::new(vec!["127.0.0.1".parse().unwrap()], None);
        let mut extensions = Extensions::new();
        extensions.insert(Peer::new("127.0.0.1:5".parse().unwrap(), None));
        let headers = HeaderMap::from_iter([(CLIENT_CERT, HeaderValue::from_str(&field).unwrap())]);
        deaf.tell(&headers, &mut extensions);
        assert!(
            extensions.get::<ClientCertificate>().is_none(),
            "client_certificates is off"
        );
    }

    #[test]
    fn the_certificate_of_a_proxy_s_own_connection_is_not_the_caller_s() {
        let mut extensions = Extensions::new();
        let own = ClientCertificate::new(certificate(), Vec::new(), true);
        extensions.insert(Peer::new("127.0.0.1:5".parse().unwrap(), Some(own.clone())));
        peers().tell(&HeaderMap::new(), &mut extensions);
        assert!(extensions.get::<ClientCertificate>().is_none());
        extensions.insert(Peer::new("192.0.2.1:5".parse().unwrap(), Some(own)));
        peers().tell(&HeaderMap::new(), &mut extensions);
        assert!(extensions.get::<ClientCertificate>().is_some());
    }
}
