//! The body of a request is bounded: 64 KiB, and for a logo as much as the portal reads to say that it is too large.

use super::refusals::{Reader, refuse};
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, EXPECT};
use http_body_util::{BodyExt, Limited};
use omniport_portal::MAX_UPLOAD_BYTES;
use omniport_protocol::vocabulary::MAX_FORM_BYTES;

/// How much of a refused body is still read, so that its sender comes to read the answer.
const DRAINED: usize = 2 * 1_024 * 1_024;

/// A request whose announced body is over the bound.
#[derive(Debug)]
pub(super) struct TooLarge {
    body: Option<Body>,
    is_logo: bool,
    reader: Reader,
}

/// Lets a request through whose body fits; refuses one whose announced length does not. A body of unannounced length is
/// cut where it goes over, which its reader sees as [`http_body_util::LengthLimitError`] and answers in its own words.
pub(super) fn bounded(request: Request) -> Result<Request, TooLarge> {
    let path = request.uri().path();
    let most = limit(path);
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match announced {
        Some(length) if usize::try_from(length).is_ok_and(|length| length <= most) => Ok(request),
        Some(_) => {
            let (is_logo, reader) = (most == MAX_UPLOAD_BYTES, Reader::of(path));
            // Who asks first (RFC 9110 section 10.1.1) has sent nothing yet, and reads the answer.
            let waits = request.headers().contains_key(EXPECT);
            let body = (!waits).then(|| request.into_body());
            Err(TooLarge {
                body,
                is_logo,
                reader,
            })
        }
        None if http_body::Body::is_end_stream(request.body()) => Ok(request),
        None => Ok(request.map(|body| Body::new(Limited::new(body, most)))),
    }
}

impl TooLarge {
    /// The answer, with 413.
    pub(super) async fn answer(self) -> Response {
        if let Some(body) = self.body {
            drain(body).await;
        }
        let detail = if self.is_logo {
            "The upload is larger than 16 MiB. Choose a picture of at most 1 MiB."
        } else {
            "What was sent is larger than 64 KiB. Send less at once."
        };
        refuse(self.reader, StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }
}

fn limit(path: &str) -> usize {
    let is_logo = path
        .strip_prefix("/developer/apps/")
        .and_then(|rest| rest.strip_suffix("/logo"))
        .is_some_and(|id| !id.is_empty() && !id.contains('/'));
    if is_logo { MAX_UPLOAD_BYTES } else { MAX_FORM_BYTES }
}

async fn drain(mut body: Body) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, bytes::Bytes::len);
        if read > DRAINED {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_logo_may_be_large() {
        assert_eq!(limit("/developer/apps/x/logo"), MAX_UPLOAD_BYTES);
        for path in [
            "/developer/apps/x",
            "/developer/apps//logo",
            "/developer/apps/x/y/logo",
            "/logo",
            "/",
        ] {
            assert_eq!(limit(path), MAX_FORM_BYTES, "{path}");
        }
    }
}
