//! What this server can do, in its own words (OpenID Connect Discovery section 3, RFC 8414 section 2): made from the
//! registries, so that nothing is promised that does not work, and everything that works is told.

use super::userinfo::USERINFO;
use crate::authorize::{Door, ResponseMode, ResponseType};
use crate::ctx::Ctx;
use crate::extensions::ciba::DeliveryMode;
use crate::extensions::fapi2;
use crate::extensions::pkce_rfc7636::Method;
use crate::jose::{ContentEncryption, KeyManagement, MacAlgorithm, SigningAlgorithm};
use crate::openid::{ACR_PASSWORD, BUNDLES, OFFLINE_ACCESS, OPENID, SubjectType};
use crate::token::registry;
use crate::vocabulary::{AuthMethod, ClientKind, GrantType, Profile};
use serde_json::{Map, Value};

/// The endpoints that metadata names, each with its path. A test of the router asks each of them.
pub const ENDPOINTS: [(&str, &str); 10] = [
    ("authorization_endpoint", Door::Standard.path()),
    ("token_endpoint", TOKEN_PATH),
    ("userinfo_endpoint", USERINFO),
    ("jwks_uri", "/oauth/jwks"),
    ("revocation_endpoint", "/oauth/revoke"),
    ("introspection_endpoint", "/oauth/introspect"),
    ("pushed_authorization_request_endpoint", "/oauth/par"),
    ("device_authorization_endpoint", Door::Device.path()),
    ("backchannel_authentication_endpoint", Door::Backchannel.path()),
    ("end_session_endpoint", "/logout"),
];

/// The token endpoint's path.
pub const TOKEN_PATH: &str = "/oauth/token";

/// The claims of every ID token, beside those about the person.
const OWN_CLAIMS: [&str; 10] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
];

/// What never differs: how the pages look and in which language, and when a request may ask for them (OpenID Connect
/// Prompt Create section 4.1).
const ALWAYS: [(&str, &[&str]); 5] = [
    ("claim_types_supported", &["normal"]),
    ("acr_values_supported", &[ACR_PASSWORD]),
    ("display_values_supported", &["page"]),
    ("ui_locales_supported", &["en-GB"]),
    (
        "prompt_values_supported",
        &["none", "login", "consent", "select_account"],
    ),
];

/// The document at `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
pub fn metadata(ctx: &Ctx<'_>) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("issuer".to_owned(), ctx.issuer.into());
    for (name, path) in ENDPOINTS {
        document.insert(name.to_owned(), format!("{}{path}", ctx.issuer).into());
    }
    // Nobody has a code of their own to give to apps (CIBA Core section 4).
    document.insert(
        "backchannel_user_code_parameter_supported".to_owned(),
        false.into(),
    );
    if ctx.sender.profile.is_some() {
        document.insert("require_pushed_authorization_requests".to_owned(), true.into());
    }
    if ctx.sender.profile == Some(Profile::Fapi2MessageSigning) {
        document.insert("require_signed_request_object".to_owned(), true.into());
    }
    if ctx.sender.certificates {
        document.insert(
            "tls_client_certificate_bound_access_tokens".to_owned(),
            true.into(),
        );
    }
    if let Some(base) = &ctx.sender.mtls_base {
        document.insert("mtls_endpoint_aliases".to_owned(), aliases(base).into());
    }
    for (name, values) in lists(ctx) {
        document.insert(name.to_owned(), values.into());
    }
    for (name, values) in ALWAYS {
        document.insert(name.to_owned(), values.to_vec().into());
    }
    for name in [
        "claims_parameter_supported",
        "request_parameter_supported",
        "request_uri_parameter_supported",
        "require_request_uri_registration",
        "authorization_response_iss_parameter_supported",
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
    ] {
        document.insert(name.to_owned(), true.into());
    }
    document
}

/// Where callers with a certificate find what is called by apps and not by browsers (RFC 8705 section 5).
fn aliases(base: &str) -> Map<String, Value> {
    const BY_BROWSERS: [&str; 3] = ["authorization_endpoint", "end_session_endpoint", "jwks_uri"];
    let called = ENDPOINTS.iter().filter(|(name, _)| !BY_BROWSERS.contains(name));
    called
        .map(|(name, path)| ((*name).to_owned(), format!("{base}{path}").into()))
        .collect()
}

type List = (&'static str, Vec<String>);

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(ToOwned::to_owned).collect()
}

fn lists(ctx: &Ctx<'_>) -> Vec<List> {
    let signing = signing(ctx);
    let shared = MacAlgorithm::ALL.map(MacAlgorithm::as_str).into_iter();
    let shared = words(shared.filter(|_| !is_strict(ctx)));
    let assertions: Vec<String> = signing.iter().cloned().chain(shared).collect();
    let encryption = words(KeyManagement::ALL.map(KeyManagement::as_str));
    let content = words(ContentEncryption::ALL.map(ContentEncryption::as_str));
    let standard_claims = BUNDLES.iter().flat_map(|(_, claims)| *claims).copied();
    let methods = methods(ctx);
    let mut callers = methods.clone();
    callers.retain(|method| method != AuthMethod::None.as_str());
    vec![
        ("scopes_supported", scopes(ctx)),
        (
            "claims_supported",
            words(OWN_CLAIMS.into_iter().chain(standard_claims)),
        ),
        (
            "response_types_supported",
            words(response_types(ctx).map(ResponseType::as_str)),
        ),
        (
            "response_modes_supported",
            words(ResponseMode::ALL.map(ResponseMode::as_str)),
        ),
        ("grant_types_supported", words(grants(ctx))),
        (
            "subject_types_supported",
            words(SubjectType::ALL.map(SubjectType::as_str)),
        ),
        ("code_challenge_methods_supported", words([Method::S256.as_str()])),
        ("token_endpoint_auth_methods_supported", methods.clone()),
        (
            "token_endpoint_auth_signing_alg_values_supported",
            assertions.clone(),
        ),
        (
            "introspection_endpoint_auth_signing_alg_values_supported",
            assertions.clone(),
        ),
        (
            "revocation_endpoint_auth_signing_alg_values_supported",
            assertions.clone(),
        ),
        ("introspection_endpoint_auth_methods_supported", callers),
        ("revocation_endpoint_auth_methods_supported", methods),
        (
            "backchannel_token_delivery_modes_supported",
            words(DeliveryMode::ALL.map(DeliveryMode::as_str)),
        ),
        (
            "backchannel_authentication_request_signing_alg_values_supported",
            signing.clone(),
        ),
        ("dpop_signing_alg_values_supported", signing.clone()),
        ("authorization_signing_alg_values_supported", signing.clone()),
        ("id_token_signing_alg_values_supported", signing.clone()),
        ("id_token_encryption_alg_values_supported", encryption.clone()),
        ("id_token_encryption_enc_values_supported", content.clone()),
        ("introspection_signing_alg_values_supported", signing.clone()),
        ("userinfo_signing_alg_values_supported", signing.clone()),
        ("userinfo_encryption_alg_values_supported", encryption.clone()),
        ("userinfo_encryption_enc_values_supported", content.clone()),
        ("request_object_signing_alg_values_supported", signing),
        ("request_object_encryption_alg_values_supported", encryption),
        ("request_object_encryption_enc_values_supported", content),
    ]
}

/// Whether everybody here is held to FAPI 2.0: then nothing is promised that the profile takes away.
const fn is_strict(ctx: &Ctx<'_>) -> bool {
    ctx.sender.profile.is_some()
}

fn signing(ctx: &Ctx<'_>) -> Vec<String> {
    let allowed = |algorithm: &SigningAlgorithm| !is_strict(ctx) || fapi2::allows(*algorithm);
    let all = SigningAlgorithm::ALL.into_iter().filter(allowed);
    words(all.map(SigningAlgorithm::as_str))
}

/// How clients may prove themselves.
fn methods(ctx: &Ctx<'_>) -> Vec<String> {
    let offered = |method: &&AuthMethod| {
        let kept = !is_strict(ctx) || fapi2::allows_method(ClientKind::Confidential, **method);
        kept && (ctx.sender.certificates || !method.uses_certificate())
    };
    words(
        AuthMethod::ALL
            .iter()
            .filter(offered)
            .map(|method| method.as_str()),
    )
}

fn response_types(ctx: &Ctx<'_>) -> impl Iterator<Item = ResponseType> {
    let strict = is_strict(ctx);
    let all = ResponseType::ALL.into_iter();
    all.filter(move |kind| !strict || !kind.is_legacy())
}

/// The grants, and the front channel of legacy apps, which is no grant of the token endpoint (RFC 7591 section 2).
fn grants<'a>(ctx: &'a Ctx<'a>) -> impl Iterator<Item = &'static str> + use<'a> {
    let offered = registry().iter().filter(|grant| grant.is_offered(ctx));
    let all = offered
        .map(|grant| grant.grant_type())
        .chain([GrantType::IMPLICIT]);
    all.filter(|grant| !is_strict(ctx) || fapi2::allows_grant(grant))
}

/// OpenID's scopes, and every data point by its name.
fn scopes(ctx: &Ctx<'_>) -> Vec<String> {
    let bundles = BUNDLES.iter().map(|(bundle, _)| *bundle);
    let own = words(
        [OPENID]
            .into_iter()
            .chain(bundles)
            .chain([OFFLINE_ACCESS, "read", "write"]),
    );
    let points = ctx.catalogue.data_points().map(|point| point.name.to_string());
    own.into_iter().chain(points).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    #[test]
    fn a_profile_for_everybody_promises_nothing_that_it_takes_away() {
        let mut world = World::new();
        world.grants.password = true;
        world.sender.certificates = true;
        world.sender.profile = Some(Profile::Fapi2MessageSigning);
        let document = Value::Object(metadata(&world.ctx()));
        let list = |name: &str| document[name].as_array().unwrap().clone();
        for (name, value) in document.as_object().unwrap() {
            let algorithms = name.contains("signing_alg");
            let values = value.as_array().into_iter().flatten();
            let weak = values.filter(|value| **value == "RS256" || **value == "HS256");
            assert!(!algorithms || weak.count() == 0, "{name}");
        }
        assert_eq!(
            list("token_endpoint_auth_methods_supported"),
            [
                "private_key_jwt",
                "tls_client_auth",
                "self_signed_tls_client_auth"
            ]
        );
        assert_eq!(list("response_types_supported"), ["code"]);
        let grants = list("grant_types_supported");
        assert!(!grants.contains(&"password".into()) && !grants.contains(&"implicit".into()));
        assert_eq!(document["require_signed_request_object"], true);
        assert_eq!(document["require_pushed_authorization_requests"], true);
        world.sender.profile = Some(Profile::Fapi2);
        let document = metadata(&world.ctx());
        assert_eq!(document.get("require_signed_request_object"), None);
    }

    #[test]
    fn tells_what_the_registries_hold() {
        let document = Value::Object(metadata(&World::new().ctx()));
        assert_eq!(document["issuer"], "https://id.example.org");
        assert_eq!(document["token_endpoint"], "https://id.example.org/oauth/token");
        let list = |name: &str| document[name].as_array().unwrap().clone();
        let world = World::new();
        for grant in registry().iter().filter(|grant| grant.is_offered(&world.ctx())) {
            assert!(list("grant_types_supported").contains(&grant.grant_type().into()));
        }
        assert!(list("id_token_signing_alg_values_supported").contains(&"RS256".into()));
        assert!(list("scopes_supported").contains(&"openid".into()));
        assert!(!list("id_token_signing_alg_values_supported").contains(&"none".into()));
        for (name, value) in document.as_object().unwrap() {
            assert!(value.as_array().is_none_or(|list| !list.is_empty()), "{name}");
        }
    }
}
