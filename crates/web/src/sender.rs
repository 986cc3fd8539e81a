//! Who sends a request, by what it shows beside its credentials: `DPoP` headers, and its connection's certificate.

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use omniport_engine::Engine;
use omniport_engine::caller::ClientCertificate;
use omniport_protocol::extensions::dpop_rfc9449::nonce;
use omniport_protocol::extensions::sender::Sender;

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Reads it; nothing is checked here.
pub(crate) fn of(request: &Request) -> Sender {
    let proofs: Vec<&[u8]> = request
        .headers()
        .get_all(DPOP)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    let certificate = request.extensions().get::<ClientCertificate>();
    Sender::of(
        request.method().as_str(),
        request.uri().path(),
        &proofs,
        certificate.map(|shown| shown.seen().clone()),
    )
}

/// Gives out the nonce for the next proof (RFC 9449 section 8).
pub(crate) fn give_nonce(engine: &Engine, response: &mut Response) {
    if let Ok(nonce) = HeaderValue::try_from(nonce(&engine.ctx())) {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
}
