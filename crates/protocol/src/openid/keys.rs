//! A client's own keys: registered by value, or where it says that they are (Registration section 2).

use crate::effect::{Load, Loaded};
use crate::jose::JwkSet;
use crate::vocabulary::Client;

/// What to load before a client's keys can be used: nothing where they are registered by value. A `kid` that is not
/// among those known makes them be fetched again, within bounds.
pub fn keys_load(client: &Client, kid: Option<String>) -> Option<Load> {
    let uri = client.openid.jwks_uri.clone()?;
    let client = client.id.clone();
    Some(Load::RemoteKeys { client, uri, kid })
}

/// A client's keys.
///
/// # Errors
/// Why there are none, for the log and the app's team.
pub fn keys_of<'a>(client: &'a Client, loaded: &'a Loaded) -> Result<&'a JwkSet, String> {
    if let Some(keys) = &client.openid.jwks {
        return Ok(keys);
    }
    match (&client.openid.jwks_uri, &loaded.remote_keys) {
        (Some(_), Some(Ok(keys))) => Ok(keys),
        (Some(uri), Some(Err(why))) => Err(format!("the client's keys at {uri} could not be had: {why}")),
        (Some(_), None) => Err("the client's keys were not fetched".to_owned()),
        (None, _) => Err("the client has registered no keys".to_owned()),
    }
}

/// What to load before an ID token can be encrypted to a client, where it registered that.
pub fn encryption_keys_load(client: &Client) -> Option<Load> {
    client
        .openid
        .id_token_encryption
        .and_then(|_| keys_load(client, None))
}
