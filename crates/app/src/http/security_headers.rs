//! What every answer says to browsers. A page's own policy (`Content-Security-Policy`) is the portal's.

use http::header::{REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue};

/// How people reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// By `https`, and so it shall stay.
    Https,
    /// By `http` on loopback.
    Loopback,
}

impl Transport {
    /// As the issuer says.
    pub(super) fn of(issuer: &str) -> Self {
        if issuer.starts_with("https:") {
            Self::Https
        } else {
            Self::Loopback
        }
    }
}

/// Adds the headers, where the answer has not said more itself.
pub(super) fn add(transport: Transport, headers: &mut HeaderMap) {
    headers
        .entry(X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    headers
        .entry(REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    if transport == Transport::Https {
        // Two years (RFC 6797 section 6.1.1), and not for other hosts of the institution.
        headers
            .entry(STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=63072000"));
    }
}
