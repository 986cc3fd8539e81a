//! What client metadata point at, looked at before they are kept: by registration and by a team's edit alike.

use crate::Engine;
use crate::fetch::{FetchError, JwksError};
use omniport_protocol::openid::check_sector;
use omniport_protocol::review::{FieldError, Manifest};

impl Engine {
    /// The sector's document must agree; what is fetched or told later must not lead inside (case 95).
    ///
    /// # Errors
    /// What is wrong, under its member's name.
    pub(crate) async fn fetched_as_promised(&self, manifest: &Manifest) -> Result<(), FieldError> {
        let openid = &manifest.openid;
        let wrong = |field, message: String| FieldError { field, message };
        let inside = |field| wrong(field, "It leads to no public host.".to_owned());
        if let Some(uri) = &openid.sector_identifier_uri {
            let wrong = |why: String| wrong("sector_identifier_uri", why);
            let fetched = self.fetcher().get(uri, "application/json").await;
            let fetched = fetched.map_err(|error| wrong(error.to_string()))?;
            let text = fetched.text().map_err(|error| wrong(error.to_string()))?;
            check_sector(text, &manifest.redirect_uris).map_err(|why| wrong(why.to_owned()))?;
        }
        if let Some(uri) = &openid.jwks_uri
            && let Err(JwksError::Fetch(FetchError::NotPublic | FetchError::NotHttps)) =
                self.client_keys(uri, None).await
        {
            return Err(inside("jwks_uri"));
        }
        let told = [("backchannel_logout_uri", &openid.backchannel_logout_uri)];
        for (field, uri) in told.into_iter().chain([("logo_uri", &openid.logo_uri)]) {
            if let Some(uri) = uri
                && self.fetcher().leads_inside(uri).await
            {
                return Err(inside(field));
            }
        }
        Ok(())
    }
}
