//! The head of a request (its target and headers) is bounded: 100 KiB, for every endpoint.

use super::refusals::{Reader, refuse};
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};

/// Most bytes of target, header names and header values together.
pub const MAX_HEAD: usize = 100 * 1_024;

/// The refusal of a request above [`MAX_HEAD`], with 431 (RFC 6585 section 5). The server below reads a little more than
/// that, so that the caller gets this answer and not a broken connection.
pub(super) fn refusal(request: &Request) -> Option<Response> {
    (size(request.uri(), request.headers()) > MAX_HEAD).then(|| {
        refuse(
            Reader::of(request.uri().path()),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "too_large",
            "The request's headers are larger than 100 KiB. Clearing this site's cookies may help.",
        )
    })
}

fn size(uri: &Uri, headers: &HeaderMap) -> usize {
    let target = uri.path().len() + uri.query().map_or(0, str::len);
    let fields: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    target + fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn target_and_fields_count() {
        let mut headers = HeaderMap::new();
        headers.append("x-a", HeaderValue::from_static("12"));
        headers.append("x-a", HeaderValue::from_static("345"));
        assert_eq!(size(&"/p?q=1".parse().unwrap(), &headers), 2 + 3 + 5 + 6);
    }
}
