//! Why a handler does not answer with its page.

use crate::respond::see_other;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use omniport_engine::Fault;
use omniport_engine::pages::ErrorPage;
use std::borrow::Cow;

/// What ends a handler early.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The machine failed: logged here and nowhere else, and told to nobody.
    Fault(Fault),
    /// A page for the person.
    Page(ErrorPage),
    /// The browser goes elsewhere: a path on this site.
    Elsewhere(String),
}

impl Problem {
    /// An error page.
    pub(crate) fn page(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Page(ErrorPage::new(status.as_u16(), code, detail))
    }

    /// Nothing here, or nothing that this person may know of: the same page.
    pub(crate) fn not_found() -> Self {
        Self::page(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing at this address.",
        )
    }

    /// A form that cannot be read.
    pub(crate) fn malformed(detail: &'static str) -> Self {
        Self::page(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    /// Not this person's.
    pub(crate) fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::page(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// Too many bytes.
    pub(crate) fn too_large(detail: &'static str) -> Self {
        Self::page(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<omniport_store::Fault> for Problem {
    fn from(fault: omniport_store::Fault) -> Self {
        Self::Fault(fault.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let page = match self {
            Self::Elsewhere(path) => return see_other(&path),
            Self::Page(page) => page,
            Self::Fault(fault) => {
                tracing::error!(error = %fault, "a page could not be made");
                ErrorPage::unavailable()
            }
        };
        let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(page);
        response
    }
}
