//! Client metadata (RFC 7591 section 2) as the operator's file and, later, registration give it.

use super::draft::{MAX_DESCRIPTION_CHARS, check_name, check_redirect_uris, start_of};
use super::{
    Asked, FieldError, FieldErrors, Manifest, Publisher, check_api_scopes, default_auth_methods,
    default_grant_types, is_reserved_scope,
};
use crate::data_points::Catalogue;
use crate::extensions::fapi2;
use crate::jose::MacAlgorithm;
use crate::openid::{OpenIdDocument, OpenIdMetadata, stands_for};
use crate::vocabulary::{AuthMethod, ClientKind, ExchangePolicy, GrantType, Legacy, Scope, Secret};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A metadata document. Fields that we do not know are ignored (section 2: "MUST ignore any client metadata ... that
/// it does not understand").
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ClientMetadata {
    /// The app's name.
    pub client_name: Option<String>,
    /// Its redirect URLs.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// One of `client_secret_basic`, `client_secret_post`, `none`. Absent: a confidential client that may send its
    /// secret either way.
    pub token_endpoint_auth_method: Option<String>,
    /// Its grants. Absent: `authorization_code` and `refresh_token`.
    pub grant_types: Option<Vec<String>>,
    /// What it says of itself for OpenID Connect, its response types among it.
    #[serde(flatten)]
    pub openid: OpenIdDocument,
    /// The scopes that it will ask for: bundles and data points by name, and those of APIs. Absent: those of
    /// `data_points`.
    pub scope: Option<String>,
    /// The types of `authorization_details` that it may ask for (RFC 9396 section 10).
    #[serde(default)]
    pub authorization_details_types: Vec<String>,
    /// A software statement (RFC 7591 section 2.3): no issuer of them is trusted here.
    pub software_statement: Option<String>,
    /// Ours: what the app does.
    pub description: Option<String>,
    /// Ours: the data points it asks for.
    #[serde(default)]
    pub data_points: Vec<String>,
    /// Ours: those of its data points that a person may leave out.
    #[serde(default)]
    pub optional_data_points: Vec<String>,
    /// Ours: what each data point is for, by name.
    #[serde(default)]
    pub purposes: BTreeMap<String, String>,
    /// Whom to ask: the first is kept.
    #[serde(default)]
    pub contacts: Vec<String>,
    /// The app's own page.
    pub client_uri: Option<String>,
    /// What becomes of the data.
    pub policy_uri: Option<String>,
    /// On what terms people use the app.
    pub tos_uri: Option<String>,
    /// Ours: whose tokens it may exchange, beside its own (RFC 8693).
    pub token_exchange: Option<ExchangePolicy>,
    /// An identifier to keep.
    pub client_id: Option<String>,
    /// A secret to keep.
    pub client_secret: Option<String>,
    /// Ours: may use PKCE's method `plain`.
    #[serde(default)]
    pub legacy_plain_pkce: bool,
    /// Ours: may have tokens from the authorisation endpoint.
    #[serde(default)]
    pub legacy_implicit: bool,
    /// Ours: may ask people for their password itself.
    #[serde(default)]
    pub legacy_password: bool,
}

impl ClientMetadata {
    /// The secret it brings along.
    pub fn secret(&self) -> Option<Secret> {
        self.client_secret.as_deref().map(Secret::new)
    }

    /// What it is to be allowed beyond what is safe, where its operator says so.
    pub const fn legacy(&self) -> Legacy {
        Legacy {
            plain_pkce: self.legacy_plain_pkce,
            implicit: self.legacy_implicit,
            password: self.legacy_password,
        }
    }

    /// Checks the document and makes a manifest of it. `known_grants` are the grants that the registry has.
    ///
    /// # Errors
    /// All the mistakes at once, each with the metadata's name for the field.
    pub fn check(&self, catalogue: &Catalogue, known_grants: &[&str]) -> Result<Manifest, FieldErrors> {
        let mut errors = FieldErrors::new();
        let method = self.auth_method().unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let kind = if method == Some(AuthMethod::None) {
            ClientKind::Public
        } else {
            ClientKind::Confidential
        };
        let grant_types = self.grants(kind, known_grants).unwrap_or_else(|error| {
            errors.push(error);
            default_grant_types()
        });
        let mut keep = |result: Result<(), FieldError>| errors.extend(result.err());
        let (mut name, mut uris, mut asked) = (String::new(), Vec::new(), Asked::default());
        keep(check_name(self.client_name.as_deref().unwrap_or_default()).map(|checked| name = checked));
        if grant_types
            .iter()
            .any(|grant| grant.0 == GrantType::AUTHORIZATION_CODE)
            || !self.redirect_uris.is_empty()
        {
            keep(check_redirect_uris(&self.redirect_uris.join("\n")).map(|checked| uris = checked));
        }
        let (mut points, mut api_scopes) = (Vec::new(), BTreeSet::new());
        keep(
            self.scopes(catalogue)
                .map(|checked| (points, api_scopes) = checked),
        );
        points.extend(self.data_points.iter().cloned());
        let typed = self.authorization_details_types.join(" ");
        let mut details_types = BTreeSet::new();
        keep(
            check_api_scopes(&typed, catalogue)
                .map_err(|error| mistake("authorization_details_types", error.message))
                .map(|checked| details_types = checked),
        );
        let purposes: Vec<(String, String)> = self.purposes.clone().into_iter().collect();
        let checked = Asked::check(&points, &self.optional_data_points, &purposes, catalogue);
        keep(checked.map(|checked| asked = checked));
        let openid = self.openid.check(&uris).unwrap_or_else(|mistakes| {
            errors.extend(mistakes);
            OpenIdMetadata::default()
        });
        let mut keep = |result: Result<(), FieldError>| errors.extend(result.err());
        keep(self.front_channel(&openid));
        keep(self.assertion_key(method));
        keep(profile_method(kind, method, &openid));
        keep(self.exchanges(kind, &grant_types));
        let description = self.description.clone().unwrap_or_default();
        if description.chars().count() > MAX_DESCRIPTION_CHARS {
            keep(Err(mistake(
                "description",
                format!("The description is longer than {MAX_DESCRIPTION_CHARS} characters."),
            )));
        }
        let publisher = self.publisher().unwrap_or_else(|mistakes| {
            errors.extend(mistakes);
            Publisher::default()
        });
        for error in &mut errors {
            error.field = metadata_name(error.field);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let auth_methods = method.map_or_else(|| default_auth_methods(kind), |method| [method].into());
        Ok(Manifest {
            description,
            auth_methods,
            grant_types,
            optional: asked.optional,
            purposes: asked.purposes,
            publisher,
            api_scopes,
            details_types,
            openid: Box::new(openid),
            token_exchange: self.token_exchange.clone(),
            ..Manifest::plain(&name, kind, uris, asked.points)
        })
    }

    fn publisher(&self) -> Result<Publisher, FieldErrors> {
        let text = |given: &Option<String>| given.clone().unwrap_or_default();
        Publisher::check(
            self.contacts.first().map_or("", String::as_str),
            &text(&self.client_uri),
            &text(&self.policy_uri),
            &text(&self.tos_uri),
        )
    }

    /// What `scope` asks for: the names of data points (a bundle stands for all that feed its claims), and the scopes of
    /// APIs, which are all that mean nothing here.
    fn scopes(&self, catalogue: &Catalogue) -> Result<(Vec<String>, BTreeSet<String>), FieldError> {
        let Some(text) = self.scope.as_deref().filter(|text| !text.is_empty()) else {
            return Ok((Vec::new(), BTreeSet::new()));
        };
        let scope = Scope::parse(text).map_err(|why| mistake("scope", format!("{why}.")))?;
        let others: Vec<&str> = scope
            .names()
            .filter(|name| !is_reserved_scope(name, catalogue))
            .collect();
        // `read` stands for whatever the app is approved for, so it asks for nothing by itself.
        let named = Scope::of(scope.names().filter(|name| *name != "read"));
        let points = catalogue.data_points().filter(|point| stands_for(&named, point));
        let points = points.map(|point| point.name.to_string()).collect();
        Ok((points, check_api_scopes(&others.join(" "), catalogue)?))
    }

    fn auth_method(&self) -> Result<Option<AuthMethod>, FieldError> {
        let Some(word) = &self.token_endpoint_auth_method else {
            return Ok(None);
        };
        let known = AuthMethod::ALL.into_iter().find(|method| method.as_str() == word);
        known.map(Some).ok_or_else(|| {
            let words = AuthMethod::ALL.map(AuthMethod::as_str).join(", ");
            mistake(
                "token_endpoint_auth_method",
                format!("The method is one of {words}."),
            )
        })
    }

    /// Who proves itself by a key has given one; whoever signs, by an algorithm of its method (OpenID Connect Core
    /// section 9).
    fn assertion_key(&self, method: Option<AuthMethod>) -> Result<(), FieldError> {
        let algorithm = self.openid.token_endpoint_auth_signing_alg.as_deref();
        let is_shared = algorithm.map(|name| MacAlgorithm::parse(name).is_some());
        let (field, message) = match (method, is_shared) {
            (Some(AuthMethod::PrivateKeyJwt), Some(true)) => (
                "token_endpoint_auth_signing_alg",
                "private_key_jwt needs an algorithm of public keys.",
            ),
            (Some(AuthMethod::ClientSecretJwt), Some(false)) => (
                "token_endpoint_auth_signing_alg",
                "client_secret_jwt is made with HS256.",
            ),
            (Some(AuthMethod::TlsClientAuth), _) if !self.openid.sender.has_certificate_name() => (
                "token_endpoint_auth_method",
                "tls_client_auth needs the name in the certificate: give one of tls_client_auth_subject_dn, \
                 tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip, tls_client_auth_san_email.",
            ),
            (Some(AuthMethod::SelfSignedTlsClientAuth), _)
                if self.openid.jwks.is_none() && self.openid.jwks_uri.is_none() =>
            {
                (
                    "token_endpoint_auth_method",
                    "self_signed_tls_client_auth needs the app's certificates: give jwks with x5c, or jwks_uri.",
                )
            }
            (Some(AuthMethod::PrivateKeyJwt), _)
                if self.openid.jwks.is_none() && self.openid.jwks_uri.is_none() =>
            {
                (
                    "token_endpoint_auth_method",
                    "private_key_jwt needs the app's keys: give jwks or jwks_uri.",
                )
            }
            _ => return Ok(()),
        };
        Err(mistake(field, message.to_owned()))
    }

    /// Whoever names apps whose tokens it exchanges uses the grant; and only who proves itself may (RFC 8693 section 5).
    fn exchanges(&self, kind: ClientKind, grants: &BTreeSet<GrantType>) -> Result<(), FieldError> {
        let uses = grants.iter().any(|grant| grant.0 == GrantType::TOKEN_EXCHANGE);
        let policy = self.token_exchange.as_ref();
        if uses && kind == ClientKind::Public {
            return Err(mistake(
                "grant_types",
                "A public client cannot exchange tokens.".to_owned(),
            ));
        }
        let message = match policy {
            Some(_) if !uses => format!("It needs the grant {} beside it.", GrantType::TOKEN_EXCHANGE),
            Some(policy) if policy.from.len() > ExchangePolicy::MOST => {
                format!("It names more than {} apps.", ExchangePolicy::MOST)
            }
            _ => return Ok(()),
        };
        Err(mistake("token_exchange", message))
    }

    /// Tokens in the front channel are for apps that a maintainer marks (RFC 9700 section 2.1.2).
    fn front_channel(&self, openid: &OpenIdMetadata) -> Result<(), FieldError> {
        if openid.response_types.iter().any(|one| one.is_legacy()) && !self.legacy_implicit {
            let message =
                "Tokens from the authorisation endpoint need a maintainer's mark (legacy_implicit).";
            return Err(mistake("response_types", message.to_owned()));
        }
        Ok(())
    }

    fn grants(&self, kind: ClientKind, known: &[&str]) -> Result<BTreeSet<GrantType>, FieldError> {
        let field = "grant_types";
        let Some(words) = &self.grant_types else {
            return Ok(default_grant_types());
        };
        // `implicit` is no grant of the token endpoint: what it stands for are response types.
        let is_known = |word: &str| known.contains(&word) || word == GrantType::IMPLICIT;
        if let Some(stranger) = words.iter().find(|word| !is_known(word)) {
            let message = format!(
                "There is no grant '{}'; there are {}.",
                start_of(stranger),
                known.join(", ")
            );
            return Err(mistake(field, message));
        }
        let has = |grant: &str| words.iter().any(|word| word == grant);
        if has(GrantType::PASSWORD) && !self.legacy_password {
            let message = "Asking people for their password needs a maintainer's mark (legacy_password).";
            return Err(mistake(field, message.to_owned()));
        }
        if has(GrantType::CIBA) && kind == ClientKind::Public {
            let message = "A public client cannot ask people elsewhere: anybody could, in its name.";
            return Err(mistake(field, message.to_owned()));
        }
        if has(GrantType::CLIENT_CREDENTIALS) && kind == ClientKind::Public {
            return Err(mistake(
                field,
                "A public client cannot use client_credentials.".to_owned(),
            ));
        }
        let wants_code = self
            .openid
            .response_types
            .as_ref()
            .map(|types| types.iter().any(|word| word == "code"));
        if wants_code == Some(true) && !has(GrantType::AUTHORIZATION_CODE) {
            return Err(mistake(
                field,
                "response_types has code, so grant_types needs authorization_code.".to_owned(),
            ));
        }
        let kept = words.iter().filter(|word| *word != GrantType::IMPLICIT);
        Ok(kept.cloned().map(GrantType).collect())
    }
}

/// The metadata's name for a field of the form.
fn metadata_name(field: &'static str) -> &'static str {
    match field {
        "name" => "client_name",
        "contact" => "contacts",
        "home_url" => "client_uri",
        "privacy_url" => "policy_uri",
        "terms_url" => "tos_uri",
        "scopes" => "scope",
        same => same,
    }
}

/// FAPI 2.0 section 5.3.2.1: a confidential client with a key or a certificate of its own.
fn profile_method(
    kind: ClientKind,
    method: Option<AuthMethod>,
    openid: &OpenIdMetadata,
) -> Result<(), FieldError> {
    let allowed = method.is_some_and(|method| fapi2::allows_method(kind, method));
    if openid.profile.is_none() || allowed {
        return Ok(());
    }
    Err(mistake(
        "token_endpoint_auth_method",
        "The profile leaves private_key_jwt, tls_client_auth and self_signed_tls_client_auth.".to_owned(),
    ))
}

const fn mistake(field: &'static str, message: String) -> FieldError {
    FieldError { field, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANTS: [&str; 3] = ["authorization_code", "refresh_token", "client_credentials"];

    fn check(json: &str) -> Result<Manifest, FieldErrors> {
        let metadata: ClientMetadata = serde_json::from_str(json).unwrap();
        metadata.check(&Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap(), &GRANTS)
    }

    #[test]
    fn a_small_document_gets_the_walkthroughs_defaults() {
        let manifest =
            check(r#"{"client_name": "A", "redirect_uris": ["https://a.example/"], "shoe": 1}"#).unwrap();
        assert_eq!(manifest.auth_methods.len(), 2);
        assert_eq!(manifest.grant_types, default_grant_types());
    }

    #[test]
    fn a_service_needs_no_redirect_url() {
        let manifest = check(r#"{"client_name": "A", "grant_types": ["client_credentials"]}"#).unwrap();
        assert!(manifest.redirect_uris.is_empty());
    }

    #[test]
    fn a_scope_asks_for_data_points() {
        let base = r#""client_name": "A", "redirect_uris": ["https://a.example/"]"#;
        let manifest = check(&format!(r#"{{{base}, "scope": "openid email person.roles"}}"#)).unwrap();
        let points: Vec<String> = manifest.data_points.iter().map(ToString::to_string).collect();
        assert_eq!(
            points,
            [
                "contact_information.email_address",
                "contact_information.email_address_verified",
                "person.roles"
            ]
        );
        let with_api = check(&format!(r#"{{{base}, "scope": "openid loans"}}"#)).unwrap();
        assert_eq!(with_api.api_scopes, ["loans".to_owned()].into());
        assert!(check(&format!(r#"{{{base}, "scope": "openid \u00e9"}}"#)).is_err());
    }

    #[test]
    fn the_front_channel_needs_a_mark() {
        let base = r#""client_name": "A", "redirect_uris": ["https://a.example/"], "response_types": ["id_token"],
            "grant_types": ["authorization_code", "implicit"]"#;
        assert!(check(&format!("{{{base}}}")).is_err());
        let manifest = check(&format!(r#"{{{base}, "legacy_implicit": true}}"#)).unwrap();
        assert_eq!(manifest.grant_types.len(), 1);
    }

    #[test]
    fn passwords_need_a_mark() {
        let base = r#""client_name": "A", "grant_types": ["password"]"#;
        let known = |json: &str| {
            let metadata: ClientMetadata = serde_json::from_str(json).unwrap();
            metadata.check(&Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap(), &["password"])
        };
        let refused = known(&format!("{{{base}}}")).unwrap_err();
        assert!(refused[0].message.contains("legacy_password"), "{refused:?}");
        let marked = format!(r#"{{{base}, "legacy_password": true}}"#);
        assert!(
            known(&marked)
                .unwrap()
                .grant_types
                .contains(&GrantType("password".to_owned()))
        );
    }

    #[test]
    fn token_exchange_is_for_apps_that_prove_themselves_and_use_it() {
        let grants = ["authorization_code", GrantType::TOKEN_EXCHANGE];
        let known = |more: &str| {
            let json = format!(r#"{{"client_name": "A", "redirect_uris": ["https://a.example/"], {more}}}"#);
            let metadata: ClientMetadata = serde_json::from_str(&json).unwrap();
            let checked = metadata.check(&Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap(), &grants);
            checked.map_err(|mistakes| mistakes[0].field)
        };
        let uses =
            r#""grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"]"#;
        let manifest = known(&format!(r#"{uses}, "token_exchange": {{"from": ["b"]}}"#)).unwrap();
        assert_eq!(manifest.token_exchange.unwrap().from.len(), 1);
        assert_eq!(
            known(r#""token_exchange": {"from": ["b"]}"#),
            Err("token_exchange")
        );
        let many: Vec<String> = (0..21).map(|n| format!("\"app-{n}\"")).collect();
        let many = format!(r#"{uses}, "token_exchange": {{"from": [{}]}}"#, many.join(","));
        assert_eq!(known(&many), Err("token_exchange"));
        let public = format!(r#"{uses}, "token_endpoint_auth_method": "none""#);
        assert_eq!(known(&public), Err("grant_types"));
    }

    #[test]
    fn mistakes_bear_the_metadatas_names() {
        let fields = |json: &str| {
            check(json)
                .unwrap_err()
                .into_iter()
                .map(|e| e.field)
                .collect::<Vec<_>>()
        };
        assert_eq!(fields("{}"), ["client_name", "redirect_uris"]);
        let base = r#""client_name": "A", "redirect_uris": ["https://a.example/"]"#;
        assert_eq!(
            fields(&format!(r#"{{{base}, "token_endpoint_auth_method": "magic"}}"#)),
            ["token_endpoint_auth_method"]
        );
        let keyed = format!(r#"{base}, "token_endpoint_auth_method": "private_key_jwt""#);
        assert_eq!(fields(&format!("{{{keyed}}}")), ["token_endpoint_auth_method"]);
        let keyed = format!(r#"{keyed}, "jwks_uri": "https://a.example/jwks""#);
        assert_eq!(
            fields(&format!(
                r#"{{{keyed}, "token_endpoint_auth_signing_alg": "HS256"}}"#
            )),
            ["token_endpoint_auth_signing_alg"]
        );
        assert!(!check(&format!("{{{keyed}}}")).unwrap().has_secret());
        assert_eq!(
            fields(&format!(r#"{{{base}, "grant_types": ["password"]}}"#)),
            ["grant_types"]
        );
        assert_eq!(
            fields(&format!(
                r#"{{{base}, "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]}}"#
            )),
            ["grant_types"]
        );
        assert_eq!(
            fields(&format!(r#"{{{base}, "data_points": ["person.shoe"]}}"#)),
            ["data_points"]
        );
    }
}
