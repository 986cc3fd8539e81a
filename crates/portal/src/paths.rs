//! Paths on this site: the ones we are given to go to, and the ones we link to.

use crate::problem::Problem;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use omniport_protocol::apis::ResourceId;
use omniport_protocol::vocabulary::{ClientId, encode};

/// Longest path that is followed: an authorisation request with the longest state fits.
const MAX_PATH: usize = 16_384;

/// `text`, if it is a path on this site. A browser would read `//host`, `/\host` and a path with tabs in it as another
/// site's address, so only printable ASCII without backslash and with a single slash in front passes.
pub(crate) fn own(text: &str) -> Option<&str> {
    let second = text.as_bytes().get(1);
    let fits = text.starts_with('/')
        && second != Some(&b'/')
        && text.len() <= MAX_PATH
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    fits.then_some(text)
}

/// The sign-in page that leads to `path` afterwards.
pub(crate) fn sign_in_to(path: &str) -> String {
    if path == "/" {
        "/login".to_owned()
    } else {
        format!("/login?next={}", encode(path))
    }
}

/// An app's dashboard.
pub(crate) fn dashboard(app: &ClientId) -> String {
    format!("/developer/apps/{}", encode(app.as_str()))
}

/// The protocol's side of an app.
pub(crate) fn protocol(app: &ClientId) -> String {
    format!("{}/protocol", dashboard(app))
}

/// A person's APIs.
pub(crate) const APIS: &str = "/developer/apis";

/// An API's page.
pub(crate) fn api(id: &ResourceId) -> String {
    format!("{APIS}/{id}")
}

/// An app's review.
pub(crate) fn review(app: &ClientId) -> String {
    format!("/maintainer/review/{}", encode(app.as_str()))
}

/// The client identifier in a path. What is not one is not found, like an app that does not exist.
pub(crate) struct AppId(pub(crate) ClientId);

impl<S: Send + Sync> FromRequestParts<S> for AppId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| Problem::not_found())?;
        ClientId::parse(&text).map(Self).map_err(|_| Problem::not_found())
    }
}

/// The name of an API in a path, likewise.
pub(crate) struct ApiId(pub(crate) ResourceId);

impl<S: Send + Sync> FromRequestParts<S> for ApiId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| Problem::not_found())?;
        ResourceId::parse(&text).map(Self).ok_or_else(Problem::not_found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_on_this_site_are_followed() {
        for good in [
            "/",
            "/developer",
            "/oauth/authorise?client_id=a&state=%20",
            "/a//b",
            "/a?u=https://b.example",
        ] {
            assert_eq!(own(good), Some(good));
        }
        for bad in [
            "",
            "developer",
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "/\t/evil.example/",
            "/a\\b",
            "/a b",
            "/a\nLocation: b",
            "/caf\u{e9}",
            &format!("/{}", "x".repeat(MAX_PATH)),
        ] {
            assert_eq!(own(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_linked_to_is_encoded() {
        assert_eq!(sign_in_to("/"), "/login");
        assert_eq!(sign_in_to("/a?b=c&d"), "/login?next=%2Fa%3Fb%3Dc%26d");
        let odd = ClientId::parse("a/b ?#").unwrap();
        assert_eq!(dashboard(&odd), "/developer/apps/a%2Fb%20%3F%23");
    }
}
