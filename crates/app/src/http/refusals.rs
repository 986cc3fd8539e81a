//! Refusals before any handler: a page for people, JSON for programs.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use omniport_engine::pages::ErrorPage;
use serde_json::{Value, json};

/// For whom a refusal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// A person: a page.
    Person,
    /// A program: JSON (RFC 6749 section 5.2).
    Program,
}

impl Reader {
    /// Who asks for this path.
    pub(super) fn of(path: &str) -> Self {
        let authorise = path.starts_with("/oauth/authori");
        let programs = ["/oauth/", "/open_auth/", "/.well-known/", "/health/"];
        if !authorise && programs.iter().any(|start| path.starts_with(start)) {
            Self::Program
        } else {
            Self::Person
        }
    }
}

/// A refusal. A person's carries an [`ErrorPage`], which the portal renders.
pub(super) fn refuse(
    reader: Reader,
    status: StatusCode,
    code: &'static str,
    detail: &'static str,
) -> Response {
    let mut response = if reader == Reader::Program {
        let word = match code {
            "not_found" | "temporarily_unavailable" | "server_error" => code,
            _ => "invalid_request",
        };
        json_body(status, &json!({"error": word, "error_description": detail}))
    } else {
        let page = ErrorPage {
            status: status.as_u16(),
            code: code.into(),
            detail: detail.into(),
            sign_in_to: None,
            look_again: None,
        };
        let mut response = (status, detail).into_response();
        response.extensions_mut().insert(page);
        response
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An answer in JSON.
pub(super) fn json_body(status: StatusCode, value: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// No such path.
pub(super) async fn not_found(request: Request) -> Response {
    refuse(
        Reader::of(request.uri().path()),
        StatusCode::NOT_FOUND,
        "not_found",
        "There is no page at this address. Check it for a typing mistake.",
    )
}

/// A path that does not take this method. The router adds `Allow` (RFC 9110 section 15.5.6).
pub(super) async fn method_not_allowed(method: Method, request: Request) -> Response {
    let detail = if method == Method::GET {
        "This address takes a form that is sent to it; it cannot be opened as a page."
    } else {
        "This address does not take this kind of request."
    };
    refuse(
        Reader::of(request.uri().path()),
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        detail,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_json_and_people_get_a_page() {
        let is_page = |path| {
            let response = refuse(Reader::of(path), StatusCode::NOT_FOUND, "not_found", "No.");
            response.extensions().get::<ErrorPage>().is_some()
        };
        for path in [
            "/",
            "/login",
            "/oauth/authorise",
            "/oauth/authorize",
            "/developer/apps/x",
        ] {
            assert!(is_page(path), "{path}");
        }
        for path in [
            "/oauth/token",
            "/open_auth/token",
            "/open_auth/x",
            "/health/x",
            "/.well-known/x",
        ] {
            assert!(!is_page(path), "{path}");
        }
    }
}
