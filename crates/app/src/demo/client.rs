//! A small HTTP client for loopback: what the sample app and the walkthrough speak with, and a record of what was said.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::{Client as Pool, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use omniport_protocol::vocabulary::encode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Longest wait for an answer: somewhat more than the server gives itself.
const PATIENCE: Duration = Duration::from_secs(40);
/// Largest answer that is read, in bytes.
const MAX_ANSWER: usize = 2 * 1_024 * 1_024;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url} gave no answer: {why}")]
pub struct NoAnswer {
    url: String,
    why: String,
}

/// A request to be sent, in the parts that a reader wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// Headers beyond the ordinary ones.
    pub headers: Vec<(&'static str, String)>,
    /// The form's fields; the body of a POST.
    pub form: Vec<(String, String)>,
}

impl Sent {
    /// A GET request.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: Vec::new(),
            form: Vec::new(),
        }
    }

    /// A POST request with a form.
    pub fn post<N: Into<String>, V: Into<String>>(
        url: impl Into<String>,
        form: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let form = form
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self {
            method: Method::POST,
            url: url.into(),
            headers: Vec::new(),
            form,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as text.
    pub body: String,
}

impl Answer {
    /// A header as text; none where it is absent or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// A request and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Who asked.
    pub who: &'static str,
    /// What was asked.
    pub sent: Sent,
    /// What came.
    pub answer: Answer,
}

/// What was said, in order, by everybody who shares it.
#[derive(Debug, Clone, Default)]
pub struct Trail(Arc<Mutex<Vec<Exchange>>>);

impl Trail {
    /// Every exchange since this was last asked.
    pub fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn add(&self, exchange: Exchange) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(exchange);
    }
}

/// The client. Cheap to clone; the clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    who: &'static str,
    trail: Option<Trail>,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            pool: Pool::builder(TokioExecutor::new()).build_http(),
            who: "",
            trail: None,
        }
    }
}

impl Client {
    /// A client of somebody's, which notes what is said.
    pub fn noting(who: &'static str, trail: Trail) -> Self {
        Self {
            who,
            trail: Some(trail),
            ..Self::default()
        }
    }

    /// Sends a request and reads the whole answer. Redirects are answers.
    ///
    /// # Errors
    /// [`NoAnswer`] where the URL cannot be used, nobody answers in time, or the answer is too large.
    pub async fn send(&self, sent: Sent) -> Result<Exchange, NoAnswer> {
        let failed = |why: String| NoAnswer {
            url: without_query(&sent.url),
            why,
        };
        let request = request(&sent).map_err(|error| failed(error.to_string()))?;
        let whole = async {
            let response = self
                .pool
                .request(request)
                .await
                .map_err(|error| failed(causes(&error)))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, MAX_ANSWER)
                .collect()
                .await
                .map_err(|error| failed(error.to_string()))?;
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
            })
        };
        let answer = tokio::time::timeout(PATIENCE, whole).await;
        let answer = answer.map_err(|_| failed(format!("{} s went by", PATIENCE.as_secs())))??;
        let exchange = Exchange {
            who: self.who,
            sent,
            answer,
        };
        if let Some(trail) = &self.trail {
            trail.add(exchange.clone());
        }
        Ok(exchange)
    }
}

fn request(sent: &Sent) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder().method(&sent.method).uri(&sent.url);
    if !sent
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case(ACCEPT.as_str()))
    {
        request = request.header(ACCEPT, "*/*");
    }
    for (name, value) in &sent.headers {
        request = request.header(*name, value);
    }
    if sent.method == Method::GET {
        return request.body(Full::default());
    }
    request
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::from(form(&sent.form)))
}

/// Fields in `application/x-www-form-urlencoded`.
pub fn form(fields: &[(String, String)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}

/// A URL for a message: its query may hold a secret.
fn without_query(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_there_is_told_without_the_query() {
        let sent = Sent::get("http://127.0.0.1:1/x?code=hush");
        let told = Client::default().send(sent).await.unwrap_err().to_string();
        assert!(told.starts_with("http://127.0.0.1:1/x gave no answer"), "{told}");
        assert!(!told.contains("hush"));
    }

    #[test]
    fn fields_are_encoded() {
        let fields = [("a b".to_owned(), "c&d=\u{e9}+".to_owned())];
        assert_eq!(form(&fields), "a%20b=c%26d%3D%C3%A9%2B");
    }
}
