//! What must hold, and what is said where it does not.

use crate::demo::browser::{BrowserError, Page};
use crate::demo::client::{Answer, NoAnswer};
use http::StatusCode;

/// Something that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, but {came} came")]
pub(super) struct Broken {
    expected: String,
    came: String,
}

impl Broken {
    /// Something else came than was expected.
    pub(super) fn new(expected: impl Into<String>, came: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            came: came.into(),
        }
    }
}

impl From<NoAnswer> for Broken {
    fn from(error: NoAnswer) -> Self {
        Self::new("an answer", error.to_string())
    }
}

impl From<BrowserError> for Broken {
    fn from(error: BrowserError) -> Self {
        Self::new("a page that leads on", error.to_string())
    }
}

/// Fails unless `holds`.
pub(super) fn expect(holds: bool, expected: &str, came: impl Into<String>) -> Result<(), Broken> {
    if holds {
        Ok(())
    } else {
        Err(Broken::new(expected, came))
    }
}

/// Fails unless an answer has this status.
pub(super) fn status(answer: &Answer, expected: StatusCode) -> Result<(), Broken> {
    let body: String = answer.body.chars().take(300).collect();
    expect(
        answer.status == expected,
        &format!("status {expected}"),
        format!("{} with {body:?}", answer.status),
    )
}

/// Fails unless a page is at this path, with status 200.
pub(super) fn page(page: &Page, path: &str) -> Result<(), Broken> {
    let came = || {
        let title = page.document.title().unwrap_or_default();
        let error = page
            .text_of("error-code")
            .map(|code| format!(", error-code {code}"))
            .unwrap_or_default();
        format!("{} {} ({title}{error})", page.answer.status, page.path())
    };
    expect(
        page.answer.status == StatusCode::OK && page.path() == path,
        &format!("the page {path}"),
        came(),
    )
}

/// The text member of a JSON answer.
pub(super) fn member(answer: &Answer, name: &str) -> Result<String, Broken> {
    let value = answer
        .json()
        .get(name)
        .and_then(|value| value.as_str())
        .map(ToOwned::to_owned);
    value.ok_or_else(|| Broken::new(format!("a text '{name}' in the answer"), "none"))
}

/// Fails unless `token` is 30 letters and digits.
pub(super) fn thirty(token: &str, what: &str) -> Result<(), Broken> {
    let fits = token.len() == 30 && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    expect(
        fits,
        &format!("{what} of 30 letters and digits"),
        format!("{} characters", token.chars().count()),
    )
}
