//! Pictures by URL: `logo_uri` (RFC 7591 section 2).

use super::FetchError;
use crate::apps::{Logo, LogoError};
use crate::{Engine, Fault};

/// The formats that become a logo.
const ACCEPT: &str = "image/png, image/webp, image/jpeg";

/// Why a URL gave no logo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// It was not fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What came cannot be a logo.
    #[error(transparent)]
    Logo(#[from] LogoError),
}

impl Engine {
    /// Fetches a picture and makes a logo of it: small, and a PNG of our own making, whatever came.
    ///
    /// # Errors
    /// The outer one is a [`Fault`]; the inner one is for the app's team.
    pub async fn fetch_image(&self, uri: &str) -> Result<Result<Logo, ImageError>, Fault> {
        match self.fetcher().get(uri, ACCEPT).await {
            Ok(fetched) => Ok(self
                .logo_desk
                .reencode(fetched.body.into())
                .await?
                .map_err(Into::into)),
            Err(error) => Ok(Err(error.into())),
        }
    }
}
