//! One request, one answer, over one connection: HTTP/1.1, bounded.

use super::connect::Stream;
use super::target::Target;
use super::{FetchError, freshness};
use bytes::{Bytes, BytesMut};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, USER_AGENT,
};
use http::{HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use omniport_protocol::vocabulary::Secret;
use std::pin::pin;

/// Largest head of an answer, in bytes.
const MAX_HEAD: usize = 16 * 1_024;
/// Most header fields of an answer.
const MAX_FIELDS: usize = 64;

/// What is asked.
pub(super) struct Asked<'a> {
    pub(super) method: Method,
    pub(super) accept: &'static str,
    pub(super) content_type: Option<&'static str>,
    pub(super) body: String,
    pub(super) bearer: Option<&'a Secret>,
    /// Most bytes of the answer.
    pub(super) most: usize,
}

/// What comes back, whatever its status.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    /// For how many seconds it may be kept, where the host says.
    pub(super) fresh_seconds: Option<i64>,
    pub(super) body: Bytes,
}

/// Sends a request and reads its answer. Everything it started ends when it is dropped.
pub(super) async fn exchange(
    stream: Box<dyn Stream>,
    target: &Target,
    asked: Asked<'_>,
) -> Result<Answered, FetchError> {
    let most = asked.most;
    let request = request(target, asked)?;
    let (mut sender, connection) = Builder::new()
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_FIELDS)
        .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let mut answer = pin!(async move {
        let response = sender.send_request(request).await.map_err(broken)?;
        read(response, most).await
    });
    let mut connection = pin!(connection);
    // The connection moves the bytes. It may end before the last of them was read.
    tokio::select! {
        biased;
        done = &mut answer => return done,
        ended = &mut connection => if let Err(error) = ended {
            tracing::debug!(%error, "a host's connection ended early");
        },
    }
    answer.await
}

#[expect(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn broken(error: hyper::Error) -> FetchError {
    tracing::debug!(%error, "a host's answer was not understood");
    FetchError::Broken
}

fn request(target: &Target, asked: Asked<'_>) -> Result<Request<Full<Bytes>>, FetchError> {
    let mut request = Request::builder()
        .method(asked.method)
        .uri(target.path.clone())
        .header(HOST, &target.authority)
        .header(USER_AGENT, concat!("Omniport/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, asked.accept)
        .header(ACCEPT_ENCODING, "identity")
        .header(CONNECTION, "close");
    if let Some(content_type) = asked.content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    if let Some(bearer) = asked.bearer {
        let value = HeaderValue::try_from(format!("Bearer {}", bearer.expose()));
        let mut value = value.map_err(|_| FetchError::Url)?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    request
        .body(Full::new(asked.body.into()))
        .map_err(|_| FetchError::Url)
}

async fn read(response: Response<Incoming>, most: usize) -> Result<Answered, FetchError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(FetchError::Redirect(status.as_u16()));
    }
    let headers = response.headers();
    let is_plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
        return Err(FetchError::Encoded);
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let fresh_seconds = freshness::told(headers);
    let mut incoming = response.into_body();
    // What is announced as too large is not read at all.
    if incoming.size_hint().lower() > most as u64 {
        return Err(FetchError::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        if let Ok(data) = frame.map_err(broken)?.into_data() {
            if data.len() > most - body.len() {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&data);
        }
    }
    Ok(Answered {
        status: status.as_u16(),
        content_type,
        fresh_seconds,
        body: body.freeze(),
    })
}
