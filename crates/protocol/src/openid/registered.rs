//! What a registered client is told of itself (RFC 7591 section 3.2.1, RFC 7592 section 3).

use super::{OpenIdMetadata, ResponseEncryption};
use crate::jose::Jwk;
use crate::review::Manifest;
use crate::vocabulary::{AuthMethod, RedirectUri};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The method that a client uses where it may use several: the registration's default (RFC 7591 section 2).
fn auth_method(manifest: &Manifest) -> AuthMethod {
    let preferred = [AuthMethod::ClientSecretBasic];
    let own = manifest.auth_methods.iter().copied();
    preferred
        .into_iter()
        .find(|method| manifest.auth_methods.contains(method))
        .or_else(|| own.into_iter().next())
        .unwrap_or(AuthMethod::None)
}

/// The client metadata of a manifest, every registered value among it.
pub fn registered_metadata(manifest: &Manifest) -> Map<String, Value> {
    let mut told = openid_members(&manifest.openid);
    let uris: Vec<&str> = manifest.redirect_uris.iter().map(RedirectUri::as_str).collect();
    let grants: Vec<&str> = manifest
        .grant_types
        .iter()
        .map(|grant| grant.0.as_str())
        .collect();
    let points: Vec<&str> = manifest
        .data_points
        .iter()
        .map(crate::data_points::DataPointName::as_str)
        .collect();
    let api_scopes = manifest.api_scopes.iter().map(String::as_str);
    let scope = std::iter::once("openid")
        .chain(points.iter().copied())
        .chain(api_scopes);
    for (name, value) in [
        ("client_name", Value::from(manifest.name.clone())),
        ("redirect_uris", uris.into()),
        ("grant_types", grants.into()),
        (
            "token_endpoint_auth_method",
            auth_method(manifest).as_str().into(),
        ),
        ("scope", scope.collect::<Vec<_>>().join(" ").into()),
    ] {
        told.insert(name.to_owned(), value);
    }
    if let Some(policy) = &manifest.token_exchange
        && let Ok(value) = serde_json::to_value(policy)
    {
        told.insert("token_exchange".to_owned(), value);
    }
    told.extend(in_words(manifest));
    if !manifest.details_types.is_empty() {
        let types: Vec<&str> = manifest.details_types.iter().map(String::as_str).collect();
        told.insert("authorization_details_types".to_owned(), types.into());
    }
    told
}

/// What is said to people, and ours: which data points may be left out, and what each is for.
fn in_words(manifest: &Manifest) -> impl Iterator<Item = (String, Value)> {
    let publisher = &manifest.publisher;
    let optional: Vec<&str> = manifest
        .optional
        .iter()
        .map(crate::data_points::DataPointName::as_str)
        .collect();
    let purposes: Map<String, Value> = manifest
        .purposes
        .iter()
        .map(|(point, text)| (point.to_string(), text.clone().into()))
        .collect();
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let said = [
        ("contacts", publisher.contact.clone().map(|one| vec![one].into())),
        ("client_uri", text(&publisher.home)),
        ("policy_uri", text(&publisher.privacy)),
        ("tos_uri", text(&publisher.terms)),
        (
            "description",
            Some(manifest.description.clone().into()).filter(|_| !manifest.description.is_empty()),
        ),
        (
            "optional_data_points",
            Some(optional.into()).filter(|_| !manifest.optional.is_empty()),
        ),
        (
            "purposes",
            Some(purposes.into()).filter(|_| !manifest.purposes.is_empty()),
        ),
    ];
    said.into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
}

/// `OpenIdMetadata` under the registered names: pairs of `alg` and `enc` are stored as one.
fn openid_members(openid: &OpenIdMetadata) -> Map<String, Value> {
    // A struct of strings, lists and flags is an object; there is no other outcome.
    let Ok(Value::Object(mut told)) = serde_json::to_value(openid) else {
        return Map::new();
    };
    for name in [
        "sector",
        "sender",
        "ciba",
        "id_token_encryption",
        "userinfo_encryption",
    ] {
        told.remove(name);
    }
    if let Ok(Value::Object(sender)) = serde_json::to_value(&openid.sender) {
        told.extend(sender);
    }
    if let Ok(Value::Object(ciba)) = serde_json::to_value(&openid.ciba) {
        told.extend(ciba);
    }
    if let Some(name) = &openid.sender.tls_client_auth {
        told.remove("tls_client_auth");
        told.insert(name.field().to_owned(), name.to_string().into());
    }
    let mut encryption = |of: &str, how: Option<ResponseEncryption>| {
        if let Some(how) = how {
            told.insert(format!("{of}_encrypted_response_alg"), how.alg.as_str().into());
            told.insert(format!("{of}_encrypted_response_enc"), how.enc.as_str().into());
        }
    };
    encryption("id_token", openid.id_token_encryption);
    encryption("userinfo", openid.userinfo_encryption);
    told
}

/// What a reader of a page is told elsewhere, beside [`in_words`].
const TOLD_ELSEWHERE: [&str; 4] = ["client_name", "redirect_uris", "scope", "logo_uri"];

/// How an app speaks the protocols, for whoever reviews it: each setting by its registered name, with its values; keys by
/// their thumbprints (RFC 7638). Made of all that is registered, so that nothing that is added later can hide.
pub fn protocol_settings(manifest: &Manifest) -> BTreeMap<String, Vec<String>> {
    let mut told = registered_metadata(manifest);
    for name in TOLD_ELSEWHERE {
        told.remove(name);
    }
    for (name, _) in in_words(manifest) {
        told.remove(&name);
    }
    let methods: Vec<&str> = manifest
        .auth_methods
        .iter()
        .map(|method| method.as_str())
        .collect();
    told.insert("token_endpoint_auth_method".to_owned(), methods.into());
    if let Some(keys) = &manifest.openid.jwks {
        let thumbprints: Vec<String> = keys.keys.iter().map(Jwk::thumbprint).collect();
        told.insert("jwks".to_owned(), thumbprints.into());
    }
    let words = |value: Value| match value {
        Value::Array(values) => values.into_iter().map(word).collect(),
        value => vec![word(value)],
    };
    told.into_iter()
        .map(|(name, value)| (name, words(value)))
        .collect()
}

fn word(value: Value) -> String {
    match value {
        Value::String(text) => text,
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_points::Catalogue;
    use crate::jose::JwkSet;
    use crate::review::ClientMetadata;
    use crate::vocabulary::ClientKind;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_told_can_be_registered_again() {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let grants = ["authorization_code", "refresh_token"];
        let manifest = |document: Value| {
            let metadata: ClientMetadata = serde_json::from_value(document).unwrap();
            metadata.check(&catalogue, &grants).unwrap()
        };
        let first = manifest(json!({
            "client_name": "App", "redirect_uris": ["https://app.example/cb"],
            "token_endpoint_auth_method": "client_secret_post", "scope": "openid email",
            "id_token_encrypted_response_alg": "RSA-OAEP-256", "jwks_uri": "https://app.example/jwks",
            "post_logout_redirect_uris": ["https://app.example/bye"], "default_max_age": 60,
            "contacts": ["team@app.example"], "client_uri": "https://app.example/", "policy_uri": "https://app.example/p",
            "tos_uri": "https://app.example/t", "description": "What it does.",
            "optional_data_points": ["contact_information.email_address"],
            "purposes": {"contact_information.email_address": "To write to you."},
        }));
        let told = registered_metadata(&first);
        assert_eq!(told["id_token_encrypted_response_enc"], "A128CBC-HS256");
        assert_eq!(manifest(Value::Object(told)), first);
    }

    #[test]
    fn a_reviewer_is_told_of_keys_addresses_and_grants() {
        let mut manifest = Manifest::plain("App", ClientKind::Confidential, Vec::new(), BTreeSet::new());
        let before = protocol_settings(&manifest);
        manifest.openid.jwks = Some(JwkSet::parse(
            r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
        )
        .unwrap());
        manifest.openid.post_logout_redirect_uris = vec!["https://app.example/bye".to_owned()];
        manifest.auth_methods = [AuthMethod::PrivateKeyJwt].into();
        let after = protocol_settings(&manifest);
        let differ: Vec<&str> = after
            .iter()
            .filter(|(name, values)| before.get(*name) != Some(values))
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(
            differ,
            ["jwks", "post_logout_redirect_uris", "token_endpoint_auth_method"]
        );
        assert_eq!(after["jwks"].len(), 1);
        assert!(!after["jwks"][0].contains('{'), "a thumbprint");
    }
}
