//! The document about a client at the address that is its identifier (draft-ietf-oauth-client-id-metadata-document).
//!
//! It is client metadata (RFC 7591 section 2) that everybody can read and that is written for every server alike: it holds
//! no shared secret, and what it asks for beyond what this server lets such apps have is left out instead of refused.

use crate::review::ClientMetadata;
use crate::vocabulary::{AuthMethod, ClientIdUrl, Scope};
use serde_json::{Map, Value};

/// Largest document, in bytes. Section 8.7 recommends 5 kilobytes; keys by value and our own members (`description`,
/// `purposes`) may need more.
pub const MAX_BYTES: usize = 16 * 1_024;

/// The members of a JWK that only its owner may know (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a document cannot be used: sentences for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not a JSON object, or a member is of the wrong type.
    #[error("It is not a JSON object of client metadata.")]
    NotMetadata,
    /// Section 4: the document names another client, or none.
    #[error("Its client_id is not, letter by letter, the URL that it was fetched from.")]
    ClientId,
    /// Section 4.1: what everybody can read is no secret.
    #[error("It holds client_secret or client_secret_expires_at, which such a document must not.")]
    Secret,
    /// Section 4.1: a method that needs a shared secret, or that we do not take of such clients.
    #[error("Its token_endpoint_auth_method must be none or private_key_jwt.")]
    Method,
    /// Nothing of what it would do is open to such apps here.
    #[error("It asks for none of the grant_types that such apps may use here.")]
    Grants,
    /// Section 4.1: a key that is no secret any more.
    #[error("Its jwks holds a private key. Replace that key, and publish the public one only.")]
    PrivateKey,
}

/// What such an app may have here, whatever its document asks for.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// The scopes.
    pub scope: &'a Scope,
    /// The grants, by their `grant_type`, separated by spaces.
    pub grant_types: &'a str,
}

/// Whether this is the media type of JSON, or of something in JSON (section 4).
pub fn is_json(content_type: Option<&str>) -> bool {
    let essence = content_type.and_then(|text| text.split(';').next());
    let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
    let kind = essence.strip_prefix("application/");
    kind.is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

/// Reads the document at `url` and leaves out what goes beyond `limits`. What it says of redirect URLs, keys and all the
/// rest is checked as a registration is ([`ClientMetadata::check`]).
///
/// # Errors
/// [`DocumentError`], for its author.
pub fn read(url: &ClientIdUrl, text: &str, limits: Limits<'_>) -> Result<ClientMetadata, DocumentError> {
    let Ok(Value::Object(document)) = serde_json::from_str(text) else {
        return Err(DocumentError::NotMetadata);
    };
    if document.get("client_id").and_then(Value::as_str) != Some(url.id().as_str()) {
        return Err(DocumentError::ClientId);
    }
    let secret = ["client_secret", "client_secret_expires_at"];
    if secret.into_iter().any(|name| document.contains_key(name)) {
        return Err(DocumentError::Secret);
    }
    if has_private_key(&document) {
        return Err(DocumentError::PrivateKey);
    }
    let mut metadata: ClientMetadata =
        serde_json::from_value(Value::Object(document)).map_err(|_| DocumentError::NotMetadata)?;
    let known = [AuthMethod::None, AuthMethod::PrivateKeyJwt].map(AuthMethod::as_str);
    match metadata.token_endpoint_auth_method.as_deref() {
        // RFC 7591's default needs a secret, which nobody has here.
        None => metadata.token_endpoint_auth_method = Some(AuthMethod::None.as_str().to_owned()),
        Some(method) if known.contains(&method) => {}
        Some(_) => return Err(DocumentError::Method),
    }
    narrow(&mut metadata, limits);
    match &metadata.grant_types {
        Some(grants) if grants.is_empty() => Err(DocumentError::Grants),
        _ => Ok(metadata),
    }
}

/// Leaves out what this server does not let such apps have.
fn narrow(metadata: &mut ClientMetadata, limits: Limits<'_>) {
    if let Some(grants) = &mut metadata.grant_types {
        grants.retain(|grant| limits.grant_types.split(' ').any(|allowed| allowed == grant));
    }
    let asked = metadata.scope.as_deref().and_then(|text| Scope::parse(text).ok());
    if let Some(asked) = asked {
        let rest = Scope::of(asked.names().filter(|name| limits.scope.contains(name)));
        metadata.scope = (!rest.is_empty()).then(|| rest.to_string());
    }
    let types = &mut metadata.authorization_details_types;
    types.retain(|name| limits.scope.contains(name));
    // Which redirect URLs it may have is for their own rules to say: a native app may have `https` ones that it claims
    // (RFC 8252 section 7.2) beside those on loopback, and writes one document for all.
    metadata.openid.application_type = None;
}

fn has_private_key(document: &Map<String, Value>) -> bool {
    let keys = document.get("jwks").and_then(|set| set.get("keys"));
    let mut keys = keys.and_then(Value::as_array).into_iter().flatten();
    keys.any(|key| PRIVATE_MEMBERS.iter().any(|member| key.get(member).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::ClientId;
    use serde_json::json;

    const URL: &str = "https://agent.example/client.json";

    fn read_text(text: &str) -> Result<ClientMetadata, DocumentError> {
        let url = ClientIdUrl::parse(&ClientId::parse(URL).unwrap()).unwrap();
        let scope = Scope::parse("openid profile loans").unwrap();
        let limits = Limits {
            scope: &scope,
            grant_types: "authorization_code refresh_token",
        };
        read(&url, text, limits)
    }

    fn read_with(more: &Value) -> Result<ClientMetadata, DocumentError> {
        let mut document = json!({"client_id": URL, "client_name": "Agent",
            "redirect_uris": ["http://127.0.0.1/callback", "https://agent.example/callback"]});
        let members = document.as_object_mut().unwrap();
        for (name, value) in more.as_object().unwrap() {
            members.insert(name.clone(), value.clone());
        }
        read_text(&document.to_string())
    }

    #[test]
    fn a_document_is_metadata_of_a_public_client_unless_it_says_otherwise() {
        let metadata = read_with(&json!({"client_uri": "https://agent.example/", "shoe": 1})).unwrap();
        assert_eq!(metadata.token_endpoint_auth_method.as_deref(), Some("none"));
        assert_eq!((metadata.scope, metadata.grant_types), (None, None));
        let keyed = json!({"token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}});
        let keyed = read_with(&keyed).unwrap();
        assert_eq!(
            keyed.token_endpoint_auth_method.as_deref(),
            Some("private_key_jwt")
        );
    }

    #[test]
    fn what_is_written_for_all_servers_is_narrowed_to_this_one() {
        let metadata = read_with(&json!({
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
            "scope": "openid mail.read loans", "authorization_details_types": ["payment", "loans"],
            "application_type": "native"}))
        .unwrap();
        assert_eq!(
            metadata.grant_types.unwrap(),
            ["authorization_code", "refresh_token"]
        );
        assert_eq!(metadata.scope.as_deref(), Some("openid loans"));
        assert_eq!(metadata.authorization_details_types, ["loans"]);
        assert_eq!(metadata.openid.application_type, None);
        let elsewhere = read_with(&json!({"scope": "mail.read"})).unwrap();
        assert_eq!(elsewhere.scope, None);
    }

    #[test]
    fn what_the_draft_forbids_is_refused() {
        for (more, why) in [
            (
                json!({"client_id": "https://agent.example/client.json/"}),
                DocumentError::ClientId,
            ),
            (
                json!({"client_id": "https://AGENT.example/client.json"}),
                DocumentError::ClientId,
            ),
            (
                json!({"client_id": "https://agent.example:443/client.json"}),
                DocumentError::ClientId,
            ),
            (json!({"client_id": 1}), DocumentError::ClientId),
            (json!({"client_id": null}), DocumentError::ClientId),
            (json!({"client_secret": "s"}), DocumentError::Secret),
            (json!({"client_secret": null}), DocumentError::Secret),
            (json!({"client_secret_expires_at": 0}), DocumentError::Secret),
            (
                json!({"jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "eA", "d": "eA"}]}}),
                DocumentError::PrivateKey,
            ),
            (
                json!({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}),
                DocumentError::PrivateKey,
            ),
            (json!({"grant_types": ["password"]}), DocumentError::Grants),
            (json!({"grant_types": []}), DocumentError::Grants),
            (
                json!({"redirect_uris": "https://x.example/"}),
                DocumentError::NotMetadata,
            ),
        ] {
            assert_eq!(read_with(&more).unwrap_err(), why, "{more}");
        }
        for method in [
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "tls_client_auth",
            "magic",
        ] {
            let refused = read_with(&json!({"token_endpoint_auth_method": method}));
            assert_eq!(refused.unwrap_err(), DocumentError::Method, "{method}");
        }
        for text in ["", "{", "[]", "\"x\"", "null", &"[".repeat(5_000)] {
            assert_eq!(read_text(text).unwrap_err(), DocumentError::NotMetadata);
        }
        assert_eq!(read_text("{}").unwrap_err(), DocumentError::ClientId);
    }

    #[test]
    fn json_is_told_by_its_media_type() {
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/cimd+json",
        ] {
            assert!(is_json(Some(good)), "{good}");
        }
        for bad in ["text/html", "application/jsonp", "text/json", "json", ""] {
            assert!(!is_json(Some(bad)), "{bad}");
        }
        assert!(!is_json(None));
    }
}
