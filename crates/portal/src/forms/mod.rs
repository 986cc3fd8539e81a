//! Forms as they come in: bounded, strict, and from a page that this browser was shown.

mod multipart;
mod urlencoded;

pub(crate) use multipart::LogoUpload;
pub use multipart::MAX_UPLOAD_BYTES;
pub(crate) use urlencoded::{Form, read, token_of};

use crate::csrf;
use crate::problem::Problem;
use crate::visitor::Visit;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body_util::LengthLimitError;
use std::error::Error;

/// Refuses a form that does not carry the token of the page it was shown on (case 102). Nothing has been done yet.
fn check_token(given: &str, visit: &Visit) -> Result<(), Problem> {
    let fits = visit
        .form_cookie()
        .is_some_and(|cookie| csrf::matches(given, cookie));
    if fits {
        return Ok(());
    }
    tracing::info!("a form without its token was refused");
    let detail = "This form is not one that this browser was shown, or you signed in or out since it was opened. \
        Nothing was done. Go back, reload the page and send the form again.";
    Err(Problem::page(StatusCode::FORBIDDEN, "csrf", detail))
}

/// The media type in `Content-Type`, whole; empty where there is none.
fn content_type(parts: &Parts) -> &str {
    parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
}

/// Whether a body ended because it is longer than a bound, here or in the wiring around the pages.
fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn wrong_type() -> Problem {
    let detail = "The form was sent in a way that is not read here.";
    Problem::page(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request", detail)
}
