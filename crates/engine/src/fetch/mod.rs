//! The one place from which a URL that a client named is fetched: `jwks_uri`, `request_uri`, `sector_identifier_uri`,
//! `logo_uri`, a logout or notification endpoint.
//!
//! Such a URL is an outsider's wish, and this server stands inside the institution's network. So: `https` only; every
//! address of the host must be public, and the connection goes to one that was checked (a name that changes its mind in
//! between leads nowhere else); no redirect is followed, no proxy of the environment used, nothing compressed taken; an
//! answer has at most [`MAX_BODY`] bytes and all of it a few seconds; and only so much is fetched at a time, also from
//! one host and for one client. What fails is told to the app's team in the words of [`FetchError`].

mod address;
mod connect;
mod error;
mod exchange;
mod freshness;
mod image;
mod jwks;
mod places;
mod resolve;
mod settings;
mod target;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tls;
mod vouched;

pub use error::FetchError;
pub use image::ImageError;
pub use jwks::{JwksCache, JwksError, KeySet};
pub use settings::{AllowedHost, AllowedHostError, FetchSettings, MAX_TIMEOUT_SECONDS};
pub use target::MAX_URL;
pub use tls::FetchSetupError;

use bytes::Bytes;
use connect::Connector;
use exchange::{Answered, Asked, exchange};
use http::Method;
use omniport_protocol::vocabulary::{ClientId, Secret};
use places::Places;
use resolve::{Resolve, SystemResolver};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use target::Target;
use tokio::time::timeout;

/// Largest answer, in bytes.
pub const MAX_BODY: usize = 64 * 1_024;

/// Fetches what clients name.
pub struct Fetcher {
    connector: Connector,
    places: Places,
    deadline: Duration,
}

/// A document, as it was sent with status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its media type, with parameters, as the host says.
    pub content_type: Option<String>,
    /// For how many seconds it may be kept, where its host says.
    pub fresh_seconds: Option<i64>,
    /// It.
    pub body: Bytes,
}

impl Fetched {
    /// The document as text.
    ///
    /// # Errors
    /// [`FetchError::NotText`] where it is not UTF-8.
    pub fn text(&self) -> Result<&str, FetchError> {
        std::str::from_utf8(&self.body).map_err(|_| FetchError::NotText)
    }
}

/// What is sent to a client's endpoint. It may hold a token, so it cannot be printed.
#[derive(Clone)]
pub struct Post {
    content_type: &'static str,
    body: String,
    bearer: Option<Secret>,
}

impl Post {
    /// A form (`application/x-www-form-urlencoded`), such as a logout token's (OpenID Connect Back-Channel Logout
    /// section 2.5).
    pub fn form(fields: &[(&str, &str)]) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        Self {
            content_type: "application/x-www-form-urlencoded",
            body: form.extend_pairs(fields).finish(),
            bearer: None,
        }
    }

    /// A document of another type, such as `application/json`.
    pub const fn document(content_type: &'static str, body: String) -> Self {
        Self {
            content_type,
            body,
            bearer: None,
        }
    }

    /// With an `Authorization: Bearer` header, as a CIBA client's notification endpoint wants it (CIBA Core section 10.2).
    #[must_use]
    pub fn bearer(mut self, token: Secret) -> Self {
        self.bearer = Some(token);
        self
    }
}

/// A client's answer to a [`Post`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Its status; never one of a redirect.
    pub status: u16,
    /// Its body.
    pub body: Bytes,
}

impl Fetcher {
    /// A fetcher with the machine's resolver.
    ///
    /// # Errors
    /// [`FetchSetupError`] where the extra authorities cannot be used.
    pub fn new(settings: &FetchSettings) -> Result<Self, FetchSetupError> {
        Self::with(settings, Arc::new(SystemResolver), address::is_public)
    }

    fn with(
        settings: &FetchSettings,
        resolver: Arc<dyn Resolve>,
        is_public: fn(IpAddr) -> bool,
    ) -> Result<Self, FetchSetupError> {
        Ok(Self {
            connector: Connector::new(settings, resolver, is_public)?,
            places: Places::default(),
            deadline: settings.timeout,
        })
    }

    /// To be used for the sake of a client, among whose fetches it counts. What is fetched for nobody in particular (for
    /// apps that are not registered yet) counts together, as of one more client.
    pub const fn for_client<'a>(&'a self, client: &'a ClientId) -> Asking<'a> {
        Asking {
            fetcher: self,
            client: Some(client),
        }
    }

    /// [`Asking::get`] for nobody in particular.
    ///
    /// # Errors
    /// [`FetchError`] for the app's team.
    pub async fn get(&self, url: &str, accept: &'static str) -> Result<Fetched, FetchError> {
        Asking::from(self).get(url, accept).await
    }

    /// Whether a URL can never be fetched because it leads into a private network, or is no URL that is fetched at all.
    /// A host that has no address at the moment may have one tomorrow.
    pub async fn leads_inside(&self, url: &str) -> bool {
        let Ok(target) = Target::parse(url) else {
            return true;
        };
        let found = async {
            self.connector.check(&target)?;
            let place = self.places.take("", &target.host.to_string()).await?;
            self.connector.addresses(&target, place.of_client()).await
        };
        matches!(
            timeout(self.deadline, found).await,
            Ok(Err(FetchError::NotPublic
                | FetchError::NotHttps
                | FetchError::Port))
        )
    }

    /// The same as far as the URL itself says it, for whoever must not hear which names there are inside: nobody is asked
    /// for the host's addresses.
    pub fn is_written_inside(&self, url: &str) -> bool {
        Target::parse(url).map_or(true, |target| self.connector.check_as_written(&target).is_err())
    }
}

#[cfg(test)]
impl Fetcher {
    /// Takes all places of a client, until what comes back is dropped.
    async fn fill(&self, client: &ClientId) -> impl Sized {
        let mut held = Vec::new();
        let patience = Duration::from_millis(20);
        while let Ok(place) = timeout(patience, self.places.take(client.as_str(), "filled.example")).await {
            held.push(place.expect("a place"));
        }
        held
    }
}

/// A [`Fetcher`] with the client for whose sake it is used.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    fetcher: &'a Fetcher,
    client: Option<&'a ClientId>,
}

impl<'a> From<&'a Fetcher> for Asking<'a> {
    fn from(fetcher: &'a Fetcher) -> Self {
        Self {
            fetcher,
            client: None,
        }
    }
}

impl Asking<'_> {
    /// Gets a document; `accept` says of which media types.
    ///
    /// # Errors
    /// [`FetchError`] for the app's team.
    pub async fn get(&self, url: &str, accept: &'static str) -> Result<Fetched, FetchError> {
        self.get_within(url, accept, MAX_BODY).await
    }

    /// The same of a document that has at most so many bytes: no more are read.
    ///
    /// # Errors
    /// [`FetchError`] for the app's team.
    pub async fn get_within(
        &self,
        url: &str,
        accept: &'static str,
        most: usize,
    ) -> Result<Fetched, FetchError> {
        let asked = Asked {
            method: Method::GET,
            accept,
            content_type: None,
            body: String::new(),
            bearer: None,
            most: most.min(MAX_BODY),
        };
        let answered = self.ask(url, asked).await?;
        if answered.status != 200 {
            return Err(FetchError::Status(answered.status));
        }
        Ok(Fetched {
            content_type: answered.content_type,
            fresh_seconds: answered.fresh_seconds,
            body: answered.body,
        })
    }

    /// Posts to a client's endpoint. It is sent once: whether and when it is tried again is the caller's matter.
    ///
    /// # Errors
    /// [`FetchError`] for the app's team, where there was no answer or it was a redirect.
    pub async fn post(&self, url: &str, post: &Post) -> Result<Posted, FetchError> {
        let asked = Asked {
            method: Method::POST,
            accept: "*/*",
            content_type: Some(post.content_type),
            body: post.body.clone(),
            bearer: post.bearer.as_ref(),
            most: MAX_BODY,
        };
        let answered = self.ask(url, asked).await?;
        Ok(Posted {
            status: answered.status,
            body: answered.body,
        })
    }

    async fn ask(&self, url: &str, asked: Asked<'_>) -> Result<Answered, FetchError> {
        let target = Target::parse(url)?;
        let Fetcher {
            connector,
            places,
            deadline,
        } = self.fetcher;
        connector.check(&target)?;
        let host = target.host.to_string();
        let client = self.client.map_or("", ClientId::as_str);
        let has_begun = AtomicBool::new(false);
        let work = async {
            let place = places.take(client, &host).await?;
            has_begun.store(true, Ordering::Relaxed);
            let stream = connector.connect(&target, place.of_client()).await?;
            exchange(stream, &target, asked).await
        };
        let answered = timeout(*deadline, work).await.unwrap_or_else(|_| {
            // That others kept it waiting says nothing of the host.
            Err(if has_begun.load(Ordering::Relaxed) {
                FetchError::TimedOut(deadline.as_secs())
            } else {
                FetchError::Busy
            })
        });
        if let Err(error) = &answered {
            // Without path and query: they may hold what only the app is to know.
            tracing::info!(host, port = target.port, ?error, "a client's URL was not fetched");
        }
        answered
    }
}
