//! Facts that are not in the store but where clients publish them.

use crate::Engine;
use crate::fetch::FetchError;
use omniport_protocol::effect::{Load, Loaded};
use omniport_protocol::vocabulary::ClientId;

impl Engine {
    /// Fetches one fact; a sentence for the app's team where it cannot be had.
    pub(crate) async fn fetch_into(&self, load: &Load, loaded: &mut Loaded) {
        match load {
            Load::RemoteKeys { client, uri, kid } => {
                let fetcher = self.fetcher().for_client(client);
                let keys = self.keys_at(fetcher, uri, kid.as_deref()).await;
                loaded.remote_keys = Some(keys.map_err(|error| error.to_string()));
            }
            Load::IssuerKeys { uri, kid } => {
                let keys = self.client_keys(uri, kid.as_deref()).await;
                loaded.issuer_keys = Some(keys.map_err(|error| error.to_string()));
            }
            Load::RequestObject { client, uri } => {
                let object = self.request_object(client, uri).await;
                loaded.request_object = Some(object.map_err(|error| error.to_string()));
            }
            _ => {}
        }
    }

    /// The request object at a `request_uri` that its client registered (OpenID Connect Core section 6.2).
    async fn request_object(&self, client: &ClientId, uri: &str) -> Result<String, FetchError> {
        let fetched = self
            .fetcher()
            .for_client(client)
            .get(uri, "application/oauth-authz-req+jwt, application/jwt")
            .await?;
        Ok(fetched.text()?.trim().to_owned())
    }
}
