//! A browser without JavaScript: keeps cookies, reads forms, follows redirects as far as they stay on the site.
//!
//! The walkthrough uses it, and so may tests: it goes by the element ids that the pages promise to scripts
//! (README.md, "For scripts").

mod cookies;
mod form;
mod html;

pub use form::Form;
pub use html::Document;

use super::client::{Answer, Client, NoAnswer, Sent, form as encode_form};
use cookies::Jar;
use http::{Method, StatusCode};
use url::Url;

/// Most redirects in a row.
const MAX_REDIRECTS: usize = 10;

/// Why a page was not reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// No answer.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// A link, a form or a redirect leads to what is no URL.
    #[error("'{0}' is no URL to go to")]
    Url(String),
    /// Too many redirects in a row.
    #[error("more than {MAX_REDIRECTS} redirects in a row, the last one to {0}")]
    Redirects(String),
    /// The page has no such element.
    #[error("the page {page} has no {what}")]
    Missing {
        /// The page's path.
        page: String,
        /// What was looked for.
        what: String,
    },
}

/// Somebody's browser, with cookies of its own.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    client: Client,
    jar: Jar,
}

impl Browser {
    /// A browser with no cookies, which speaks through `client`.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            jar: Jar::default(),
        }
    }

    /// Opens a URL.
    ///
    /// # Errors
    /// [`BrowserError`]
    pub async fn open(&mut self, url: &str) -> Result<Page, BrowserError> {
        let url = Url::parse(url).map_err(|_| BrowserError::Url(url.to_owned()))?;
        self.go(Method::GET, url, Vec::new(), None).await
    }

    /// Follows a page's link.
    ///
    /// # Errors
    /// [`BrowserError`]
    pub async fn follow(&mut self, page: &Page, href: &str) -> Result<Page, BrowserError> {
        self.go(Method::GET, page.join(href)?, Vec::new(), None).await
    }

    /// Sends a form by its button of this id.
    ///
    /// # Errors
    /// [`BrowserError`], where there is no such button too.
    pub async fn press(&mut self, form: Form, button: &str) -> Result<Page, BrowserError> {
        let submission = form.submit(button)?;
        let origin = form.page.origin().ascii_serialization();
        if submission.method == Method::GET {
            let mut url = submission.url;
            url.set_query(Some(&encode_form(&submission.fields)));
            return self.go(Method::GET, url, Vec::new(), None).await;
        }
        self.go(Method::POST, submission.url, submission.fields, Some(origin))
            .await
    }

    /// One request and the redirects behind it. One that leaves the site is not followed: it is the page that is
    /// answered, with its `Location`.
    async fn go(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut form: Vec<(String, String)>,
        mut origin: Option<String>,
    ) -> Result<Page, BrowserError> {
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.ask(&method, &url, &form, origin.as_deref()).await?;
            let target = answer
                .header("location")
                .filter(|_| answer.status.is_redirection());
            let Some(target) = target
                .map(|to| url.join(to).map_err(|_| BrowserError::Url(to.to_owned())))
                .transpose()?
            else {
                return Ok(Page::new(url, answer));
            };
            if target.origin() != url.origin() {
                return Ok(Page::new(url, answer));
            }
            // Fetch, "HTTP-redirect fetch": only 307 and 308 repeat a POST.
            let repeats =
                [StatusCode::TEMPORARY_REDIRECT, StatusCode::PERMANENT_REDIRECT].contains(&answer.status);
            if !repeats {
                (method, form, origin) = (Method::GET, Vec::new(), None);
            }
            url = target;
        }
        Err(BrowserError::Redirects(url.path().to_owned()))
    }

    async fn ask(
        &mut self,
        method: &Method,
        url: &Url,
        form: &[(String, String)],
        origin: Option<&str>,
    ) -> Result<Answer, BrowserError> {
        let mut sent = Sent {
            method: method.clone(),
            url: url.to_string(),
            headers: vec![("accept", "text/html,*/*;q=0.8".to_owned())],
            form: form.to_vec(),
        };
        if let Some(origin) = origin {
            sent = sent.with("origin", origin).with("sec-fetch-site", "same-origin");
        }
        if let Some(cookies) = self.jar.header(url) {
            sent = sent.with("cookie", cookies);
        }
        let exchange = self.client.send(sent).await?;
        for cookie in exchange.answer.headers.get_all("set-cookie") {
            if let Ok(text) = cookie.to_str() {
                self.jar.set(url, text);
            }
        }
        Ok(exchange.answer)
    }
}

/// A page as it was answered.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is.
    pub url: Url,
    /// The answer.
    pub answer: Answer,
    /// What it says.
    pub document: Document,
}

impl Page {
    fn new(url: Url, answer: Answer) -> Self {
        let document = Document::parse(&answer.body);
        Self {
            url,
            answer,
            document,
        }
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// Where a redirect that was not followed leads.
    pub fn leads_to(&self) -> Option<Url> {
        self.url.join(self.answer.header("location")?).ok()
    }

    /// The text of the element with this id.
    ///
    /// # Errors
    /// [`BrowserError::Missing`]
    pub fn text_of(&self, id: &str) -> Result<String, BrowserError> {
        self.document
            .text_of(id)
            .ok_or_else(|| self.missing(format!("element with the id '{id}'")))
    }

    /// Whether it has an element with this id.
    pub fn has(&self, id: &str) -> bool {
        self.document.text_of(id).is_some()
    }

    /// The form that the control with this id belongs to.
    ///
    /// # Errors
    /// [`BrowserError::Missing`]
    pub fn form_of(&self, control: &str) -> Result<Form, BrowserError> {
        Form::of_control(&self.url, &self.document, control)
            .ok_or_else(|| self.missing(format!("form with the control '{control}'")))
    }

    /// The first link whose text holds `text`.
    ///
    /// # Errors
    /// [`BrowserError::Missing`]
    pub fn link(&self, text: &str) -> Result<String, BrowserError> {
        self.document
            .link(text)
            .ok_or_else(|| self.missing(format!("link that says '{text}'")))
    }

    fn join(&self, href: &str) -> Result<Url, BrowserError> {
        self.url
            .join(href)
            .map_err(|_| BrowserError::Url(href.to_owned()))
    }

    fn missing(&self, what: String) -> BrowserError {
        BrowserError::Missing {
            page: self.path().to_owned(),
            what,
        }
    }
}
