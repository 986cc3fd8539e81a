//! Who is at the other end of a connection: values that the server puts on a request, for `web` and `portal` to read.
//!
//! They are what was seen or proven, never a client's word: behind a proxy they come from its headers only where
//! `server.trusted_proxies` names it.

mod certificate;

use omniport_protocol::vocabulary::Certificate;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

/// The address of whoever asks. An extension of every request that came over a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// The certificate of which the other end of the TLS connection proved that it holds the private key (RFC 8705 section 2).
/// An extension of a request that came with one. Cheap to clone.
///
/// Any certificate is taken, a self-signed or an expired one too (RFC 8705 section 2.2): that it is *the client's* is for
/// the rule to find out, by its bytes or, where [`Self::verified`], by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate(Arc<Chain>);

#[derive(Debug, PartialEq, Eq)]
struct Chain {
    leaf: Vec<u8>,
    intermediates: Vec<Vec<u8>>,
    verified: bool,
    seen: OnceLock<Certificate>,
}

impl ClientCertificate {
    /// A certificate in DER, those sent beside it, and whether they lead to the configured authorities.
    pub fn new(leaf: Vec<u8>, intermediates: Vec<Vec<u8>>, verified: bool) -> Self {
        Self(Arc::new(Chain {
            leaf,
            intermediates,
            verified,
            seen: OnceLock::new(),
        }))
    }

    /// The certificate itself, DER (RFC 5280 section 4.1).
    pub fn der(&self) -> &[u8] {
        &self.0.leaf
    }

    /// The certificate as the rules see it; read once for all the requests of a connection.
    pub fn seen(&self) -> &Certificate {
        let Chain {
            leaf, verified, seen, ..
        } = &*self.0;
        seen.get_or_init(|| certificate::read(leaf, *verified))
    }

    /// What was sent beside it, in the order it was sent, DER each.
    pub fn intermediates(&self) -> &[Vec<u8>] {
        &self.0.intermediates
    }

    /// Whether it leads to an authority of `tls.client_ca_file`, is in its time, and may be used by a client; never where
    /// no such file is set. Only then do its names mean anything (RFC 8705 section 2.1, `tls_client_auth`).
    pub fn verified(&self) -> bool {
        self.0.verified
    }
}
