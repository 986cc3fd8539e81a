//! One request and its answer, without a network; the answer read as an app's script or a browser would.

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use omniport_engine::caller::{ClientAddress, ClientCertificate};
use omniport_protocol::vocabulary::{Params, encode};
use tower::ServiceExt;

/// A request on its way.
pub struct Sent<'a> {
    router: &'a Router,
    request: http::request::Builder,
    body: Body,
}

impl<'a> Sent<'a> {
    pub(crate) fn new(router: &'a Router, method: Method, path: &str) -> Self {
        Self {
            router,
            request: Request::builder().method(method).uri(path),
            body: Body::empty(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl AsRef<str>, value: &str) -> Self {
        self.request = self.request.header(name.as_ref(), value);
        self
    }

    /// Says from which address it comes.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        let address = address.parse().expect("an IP address");
        self.request = self.request.extension(ClientAddress(address));
        self
    }

    /// Says with which certificate it came, in DER, and whether an authority vouches for it.
    #[must_use]
    pub fn certificate(mut self, der: &[u8], verified: bool) -> Self {
        let shown = ClientCertificate::new(der.to_vec(), Vec::new(), verified);
        self.request = self.request.extension(shown);
        self
    }

    /// Adds a `Cookie` header.
    #[must_use]
    pub fn cookie(self, cookie: &str) -> Self {
        self.header(COOKIE, cookie)
    }

    /// Adds a bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// Adds HTTP Basic credentials, which are letters and digits here.
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Self {
        let pair = STANDARD.encode(format!("{user}:{password}"));
        self.header(AUTHORIZATION, &format!("Basic {pair}"))
    }

    /// Sets a form as the body.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        self.raw("application/x-www-form-urlencoded", pairs.join("&").into_bytes())
    }

    /// Sets any body.
    #[must_use]
    pub fn raw(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.request = self.request.header(CONTENT_TYPE, content_type);
        self.body = Body::from(body);
        self
    }

    /// Sends it and waits for the whole answer.
    pub async fn send(self) -> Answer {
        let request = self.request.body(self.body).expect("a well-formed request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("the router never fails");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body in memory").to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as text.
    pub body: String,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where it redirects to.
    pub fn location(&self) -> Option<&str> {
        self.header(LOCATION.as_str())
    }

    /// A parameter of the URL it redirects to.
    pub fn redirect_param(&self, name: &str) -> Option<String> {
        let query = self.location()?.split_once('?')?.1;
        let params = Params::parse(query.as_bytes()).ok()?;
        params.get(name).map(ToOwned::to_owned)
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// A text member of the JSON body.
    pub fn member(&self, name: &str) -> String {
        let value = self.json();
        value
            .get(name)
            .and_then(|v| v.as_str())
            .unwrap_or_else(|| panic!("no {name}: {}", self.body))
            .to_owned()
    }

    /// The value of the first input of this name on a page.
    pub fn field(&self, name: &str) -> String {
        let tag = self.tag_with(&format!("name=\"{name}\""));
        attribute(tag, "value").unwrap_or_default()
    }

    /// The text inside the element of this id, tags left out.
    pub fn text_of(&self, id: &str) -> Option<String> {
        let mark = format!("id=\"{id}\"");
        let after = self.body.split_once(&mark)?.1;
        let inner = after.split_once('>')?.1.split("</").next()?;
        Some(unescape(inner.trim()))
    }

    /// Whether an element has this id.
    pub fn has_id(&self, id: &str) -> bool {
        self.body.contains(&format!("id=\"{id}\""))
    }

    /// The `Set-Cookie` of a cookie.
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        let cookies = self
            .headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        cookies
            .into_iter()
            .find(|cookie| cookie.starts_with(&format!("{name}=")))
    }

    fn tag_with(&self, mark: &str) -> &str {
        let at = self
            .body
            .find(mark)
            .unwrap_or_else(|| panic!("no {mark}: {}", self.body));
        let start = self.body[..at].rfind('<').unwrap_or(0);
        let end = self.body[at..].find('>').map_or(self.body.len(), |end| at + end);
        &self.body[start..end]
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1.split('"').next()?;
    Some(unescape(value))
}

/// Undoes the template engine's escapes.
fn unescape(html: &str) -> String {
    let named = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    named
        .into_iter()
        .fold(html.to_owned(), |text, (from, to)| text.replace(from, to))
}
