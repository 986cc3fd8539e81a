//! Reading a form request: bounded, of one media type, with nothing secret in the URL.

use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use omniport_protocol::client_auth::refuse_credentials_in_query;
use omniport_protocol::error::{ErrorCode, Refusal};
use omniport_protocol::vocabulary::{MAX_FORM_BYTES, Params, is_form};

/// A form request, read.
pub(crate) struct Form {
    /// The `Authorization` header, where there is one.
    pub(crate) authorization: Option<String>,
    /// The body's parameters, repeats included.
    pub(crate) params: Params,
}

/// Why a request could not be read.
pub(crate) enum Unreadable {
    /// Refused in the protocol's words.
    Refused(Refusal),
    /// The body is over the limit, ours or the wiring's.
    TooLarge,
    /// The body broke off.
    Incomplete,
}

impl From<Refusal> for Unreadable {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Reads a form.
pub(crate) async fn read(request: Request) -> Result<Form, Unreadable> {
    let (head, body) = request.into_parts();
    let authorization = authorization(&head.headers)?;
    refuse_credentials_in_query(&query(head.uri.query())?)?;
    if !is_form(content_type(&head.headers)) {
        let told = "Send the parameters as application/x-www-form-urlencoded.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, told).into());
    }
    let params = parse(&collect(body).await?)?;
    Ok(Form {
        authorization,
        params,
    })
}

/// The `Authorization` header's value; two headers, or one that is not ASCII, are refused.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), more) = (values.next(), values.next()) else {
        return Ok(None);
    };
    match (value.to_str(), more) {
        (Ok(text), None) => Ok(Some(text.to_owned())),
        (_, Some(_)) => Err(Refusal::new(
            ErrorCode::InvalidRequest,
            "There are two Authorization headers; send one.",
        )),
        (Err(_), None) => Err(Refusal::new(
            ErrorCode::InvalidRequest,
            "The Authorization header is not printable ASCII.",
        )),
    }
}

/// The query's parameters.
pub(crate) fn query(query: Option<&str>) -> Result<Params, Refusal> {
    parse(query.unwrap_or_default().as_bytes())
}

/// A request's body, whatever it is, up to [`MAX_FORM_BYTES`].
pub(crate) async fn body(request: Request) -> Result<Bytes, Unreadable> {
    collect(request.into_body()).await
}

/// The body, up to [`MAX_FORM_BYTES`].
async fn collect(body: Body) -> Result<Bytes, Unreadable> {
    match Limited::new(body, MAX_FORM_BYTES).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if is_length_limit(&*error) => Err(Unreadable::TooLarge),
        Err(_) => Err(Unreadable::Incomplete),
    }
}

/// Whether a body ended because it is longer than a bound, here or in the wiring around the endpoints.
fn is_length_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(<dyn std::error::Error>::is::<LengthLimitError>)
}

fn parse(bytes: &[u8]) -> Result<Params, Refusal> {
    Params::parse(bytes).map_err(|error| {
        Refusal::new(
            ErrorCode::InvalidRequest,
            format!("The request is malformed: {error}."),
        )
    })
}

pub(crate) fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn one_authorization_header_at_most() {
        let mut headers = HeaderMap::new();
        assert_eq!(authorization(&headers).unwrap(), None);
        headers.append(AUTHORIZATION, HeaderValue::from_static("Basic eA=="));
        assert_eq!(authorization(&headers).unwrap().as_deref(), Some("Basic eA=="));
        headers.append(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        assert_eq!(
            authorization(&headers).unwrap_err().code,
            ErrorCode::InvalidRequest
        );
        let latin = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_bytes(b"Basic \xff").unwrap())]);
        assert_eq!(authorization(&latin).unwrap_err().code, ErrorCode::InvalidRequest);
    }
}
