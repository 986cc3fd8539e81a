//! What a protected resource says of itself (RFC 9728 section 2).

use crate::apis::{Resource, ResourceId};
use crate::ctx::Ctx;
use crate::jose::SigningAlgorithm;
use crate::openid::{BUNDLES, OPENID};
use serde_json::{Value, json};

/// Where the documents are, each with the path of its resource after it (section 3.1).
pub const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
/// The path after which those of registered APIs are: an API's own path is its owner's host's.
pub const APIS: &str = "/apis/";

/// The address of the document of our own resource at `path`.
pub fn url(issuer: &str, path: &str) -> String {
    format!("{issuer}{WELL_KNOWN}{path}")
}

/// The address of a registered API's document.
pub fn url_of_api(issuer: &str, id: &ResourceId) -> String {
    format!("{issuer}{WELL_KNOWN}{APIS}{id}")
}

/// The document of our own resource at `path`; of all of them together where that is empty.
pub fn own(ctx: &Ctx<'_>, path: &str) -> Value {
    let bundles = BUNDLES.iter().map(|(bundle, _)| (*bundle).to_owned());
    let points = ctx.catalogue.data_points().map(|point| point.name.to_string());
    let scopes: Vec<String> = [OPENID.to_owned()]
        .into_iter()
        .chain(bundles)
        .chain(points)
        .collect();
    json!({
        "resource": format!("{}{path}", ctx.issuer),
        "authorization_servers": [ctx.issuer],
        "scopes_supported": scopes,
        "bearer_methods_supported": if path == super::userinfo::USERINFO { vec!["header", "body"] } else { vec!["header"] },
        "resource_name": "Omniport",
        "dpop_signing_alg_values_supported": SigningAlgorithm::ALL.map(SigningAlgorithm::as_str),
    })
}

/// The document of a registered API.
pub fn of_api(ctx: &Ctx<'_>, resource: &Resource) -> Value {
    let scopes: Vec<&str> = resource.scopes.iter().map(|scope| scope.name.as_str()).collect();
    let mut document = json!({
        "resource": resource.uri.as_str(),
        "authorization_servers": [ctx.issuer],
        "scopes_supported": scopes,
        "bearer_methods_supported": ["header"],
        "resource_name": resource.name,
    });
    let types: Vec<&str> = resource.details.iter().map(|one| one.name.as_str()).collect();
    if let (Some(members), false) = (document.as_object_mut(), types.is_empty()) {
        members.insert("authorization_details_types_supported".to_owned(), types.into());
    }
    document
}
