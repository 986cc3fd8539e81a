//! What client metadata point at, looked at before they are kept: by registration and by a team's edit alike.

use crate::Engine;
use crate::fetch::{FetchError, JwksError};
use omniport_protocol::openid::{SubjectType, check_sector};
use omniport_protocol::review::{FieldError, Manifest};
use omniport_protocol::vocabulary::RedirectUri;
use std::collections::BTreeSet;

/// Who hears why something was not fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    /// The app's team: what to change.
    Team,
    /// Anybody. What answers how at which port is not for them to find out by us; the log says it.
    Stranger,
}

impl Engine {
    /// The sector's document must agree; what is fetched or told later must not lead inside (case 95).
    ///
    /// # Errors
    /// What is wrong, under its member's name.
    pub(crate) async fn fetched_as_promised(
        &self,
        manifest: &Manifest,
        listener: Listener,
    ) -> Result<(), FieldError> {
        let openid = &manifest.openid;
        let wrong = |field, message: String| FieldError { field, message };
        let inside = |field| wrong(field, "It leads to no public host.".to_owned());
        if let Some(uri) = &openid.sector_identifier_uri {
            let listed = self.sector_lists(uri, &manifest.redirect_uris, listener).await;
            listed.map_err(|why| wrong("sector_identifier_uri", why))?;
        }
        if let Some(uri) = &openid.jwks_uri
            && self.keys_lead_inside(uri, listener).await
        {
            return Err(inside("jwks_uri"));
        }
        for (field, uri) in [
            ("backchannel_logout_uri", &openid.backchannel_logout_uri),
            (
                "backchannel_client_notification_endpoint",
                &openid.ciba.notification_endpoint,
            ),
            ("logo_uri", &openid.logo_uri),
        ] {
            if let Some(uri) = uri
                && self.leads_inside(uri, listener).await
            {
                return Err(inside(field));
            }
        }
        Ok(())
    }

    /// Whether a URL leads inside. A stranger hears it only where the URL says so itself: else they would learn which names
    /// there are inside. Where it does all the same, it is found out when it is fetched.
    async fn leads_inside(&self, uri: &str, listener: Listener) -> bool {
        match listener {
            Listener::Team => self.fetcher().leads_inside(uri).await,
            Listener::Stranger => self.fetcher().is_written_inside(uri),
        }
    }

    /// The same of keys, which a team has fetched at once.
    async fn keys_lead_inside(&self, uri: &str, listener: Listener) -> bool {
        match listener {
            Listener::Team => matches!(
                self.client_keys(uri, None).await,
                Err(JwksError::Fetch(FetchError::NotPublic | FetchError::NotHttps))
            ),
            Listener::Stranger => self.fetcher().is_written_inside(uri),
        }
    }

    /// Whether an app may have these redirect URLs in place of its own: who knows people by a name of its sector goes on
    /// knowing them by it (OpenID Connect Core section 8.1).
    ///
    /// # Errors
    /// What is wrong with them.
    pub async fn may_redirect_to(&self, manifest: &Manifest, uris: &[RedirectUri]) -> Result<(), FieldError> {
        let openid = &manifest.openid;
        if openid.subject_type != SubjectType::Pairwise {
            return Ok(());
        }
        let hosts: BTreeSet<Option<String>> = uris.iter().map(RedirectUri::site).collect();
        let wrong = match &openid.sector_identifier_uri {
            Some(uri) => self.sector_lists(uri, uris, Listener::Team).await.err(),
            None => (hosts.len() > 1).then(|| {
                "This app knows people by pairwise numbers: for several hosts, give a sector_identifier_uri under \
                 Protocol first."
                    .to_owned()
            }),
        };
        let mistake = |message| FieldError {
            field: "redirect_uris",
            message,
        };
        wrong.map_or(Ok(()), |message| Err(mistake(message)))
    }

    /// Whether a sector's document lists every redirect URL.
    async fn sector_lists(&self, uri: &str, uris: &[RedirectUri], listener: Listener) -> Result<(), String> {
        let unfetched = |error: FetchError| match listener {
            Listener::Team => error.to_string(),
            Listener::Stranger => "It could not be fetched, or is no text.".to_owned(),
        };
        let fetched = self.fetcher().get(uri, "application/json").await;
        let fetched = fetched.map_err(unfetched)?;
        let text = fetched.text().map_err(unfetched)?;
        check_sector(text, uris).map_err(ToOwned::to_owned)
    }
}
