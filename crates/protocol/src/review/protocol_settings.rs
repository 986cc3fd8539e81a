//! The protocol's side of an app as its team edits it: members of its client metadata, all checked as a registration's
//! are ([`super::ClientMetadata`]). Which members a form offers is a table beside it ([`SETTINGS`]).

use super::settings_words::{AUTH_METHOD, GRANT_TYPES, SETTINGS, Setting, SettingKind};
use super::{App, ClientMetadata, FieldError, FieldErrors, Manifest};
use crate::data_points::{Catalogue, DataPoints};
use crate::openid::{OpenIdMetadata, registered_metadata};
use crate::token::registry;
use crate::vocabulary::{AuthMethod, ClientKind, ExchangePolicy, GrantType};
use SettingKind::{Flag, Json, Lines, Url, Urls, Word};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The setting that goes with the grant `authorization_code`.
const RESPONSE_TYPES: &str = "response_types";
/// The setting that goes with the grant of token exchange.
const TOKEN_EXCHANGE: &str = "token_exchange";

/// What a team typed, or what is stored as they would type it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypedSettings {
    /// The ticked grants.
    pub grant_types: Vec<String>,
    /// The other members by name; a flag that is not ticked is not there.
    pub values: Vec<(String, String)>,
}

/// The protocol's side of an app, valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtocolSettings {
    /// How it authenticates.
    pub auth_methods: BTreeSet<AuthMethod>,
    /// The grants it may use.
    pub grant_types: BTreeSet<GrantType>,
    /// The types of `authorization_details` that it asks for (RFC 9396).
    pub details_types: BTreeSet<String>,
    /// Whose tokens it exchanges (RFC 8693), where it uses that grant.
    pub token_exchange: Option<ExchangePolicy>,
    /// All the rest.
    pub openid: Box<OpenIdMetadata>,
}

impl Setting {
    /// What is typed, of a member that is stored.
    fn typed(&self, value: &Value) -> Option<String> {
        let text = match (self.kind, value) {
            (Flag, Value::Bool(on)) => return on.then(|| "on".to_owned()),
            (Urls | Lines, Value::Array(list)) => {
                let lines: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                lines.join("\n")
            }
            (Json, value) => serde_json::to_string_pretty(value).unwrap_or_default(),
            (_, Value::String(text)) => text.clone(),
            _ => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The member, of what was typed; none where nothing was.
    fn read(&self, typed: &str) -> Result<Option<Value>, FieldError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        Ok(Some(match self.kind {
            Flag => Value::Bool(true),
            Urls => typed.split_whitespace().collect::<Vec<_>>().into(),
            Lines => {
                let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
                lines.collect::<Vec<_>>().into()
            }
            Json => match serde_json::from_str::<Map<String, Value>>(typed) {
                Ok(object) => object.into(),
                Err(why) => {
                    return Err(FieldError {
                        field: self.name,
                        message: format!("This is not a JSON object: {why}."),
                    });
                }
            },
            Url | SettingKind::Text | Word(_) => typed.into(),
        }))
    }
}

impl TypedSettings {
    /// What is stored.
    pub fn of(manifest: &Manifest) -> Self {
        let mut told = registered_metadata(manifest);
        if manifest.auth_methods.len() != 1 {
            told.remove(AUTH_METHOD);
        }
        let typed = |one: &Setting| Some((one.name.to_owned(), one.typed(told.get(one.name)?)?));
        Self {
            grant_types: manifest.grant_types.iter().map(|grant| grant.0.clone()).collect(),
            values: SETTINGS.iter().filter_map(typed).collect(),
        }
    }

    /// What was typed of a member.
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.values.iter().find(|(known, _)| known == name);
        found.map(|(_, text)| text.as_str())
    }

    /// Checks what was typed as a registration with these members would be; what a form does not offer stays as it is.
    ///
    /// # Errors
    /// Every mistake, under its member's name.
    pub fn check(
        &self,
        app: &App,
        manifest: &Manifest,
        catalogue: &Catalogue,
    ) -> Result<ProtocolSettings, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut document = self.document(manifest, &mut errors);
        if manifest.kind == ClientKind::Public {
            document.insert(AUTH_METHOD.to_owned(), AuthMethod::None.as_str().into());
        } else if document.get(AUTH_METHOD).and_then(Value::as_str) == Some(AuthMethod::None.as_str()) {
            errors.push(FieldError {
                field: AUTH_METHOD,
                message: "Whether an app can keep a secret is chosen when it is registered.".to_owned(),
            });
        }
        let Ok(mut metadata) = serde_json::from_value::<ClientMetadata>(document.into()) else {
            // Texts, lists and flags in their members' places always are a document.
            errors.push(FieldError {
                field: GRANT_TYPES,
                message: "The settings cannot be read.".to_owned(),
            });
            return Err(errors);
        };
        metadata.legacy_implicit = app.legacy.implicit;
        metadata.legacy_plain_pkce = app.legacy.plain_pkce;
        metadata.legacy_password = app.legacy.password;
        let known: Vec<&str> = registry().iter().map(|grant| grant.grant_type()).collect();
        match metadata.check(catalogue, &known) {
            Ok(checked) if errors.is_empty() => Ok(ProtocolSettings {
                auth_methods: checked.auth_methods,
                grant_types: checked.grant_types,
                details_types: checked.details_types,
                token_exchange: checked.token_exchange,
                openid: checked.openid,
            }),
            Ok(_) => Err(errors),
            Err(more) => {
                errors.extend(more);
                Err(errors)
            }
        }
    }

    /// The stored metadata with what was typed in place of what the form offers.
    fn document(&self, manifest: &Manifest, errors: &mut FieldErrors) -> Map<String, Value> {
        let bare = Manifest {
            redirect_uris: manifest.redirect_uris.clone(),
            openid: manifest.openid.clone(),
            ..Manifest::plain(&manifest.name, manifest.kind, Vec::new(), DataPoints::new())
        };
        let mut document = registered_metadata(&bare);
        for one in SETTINGS {
            document.remove(one.name);
            match one.read(self.value(one.name).unwrap_or_default()) {
                Ok(value) => document.extend(value.map(|value| (one.name.to_owned(), value))),
                Err(error) => errors.push(error),
            }
        }
        self.exchange(&mut document, errors);
        document.insert(GRANT_TYPES.to_owned(), self.grant_types.clone().into());
        let has_code = self
            .grant_types
            .iter()
            .any(|grant| grant == GrantType::AUTHORIZATION_CODE);
        if !has_code {
            let typed = document.remove(RESPONSE_TYPES);
            let typed = typed.as_ref().and_then(Value::as_array).into_iter().flatten();
            let has_no_code = |one: &&Value| {
                !one.as_str()
                    .is_some_and(|words| words.split(' ').any(|word| word == "code"))
            };
            let kept: Vec<Value> = typed.filter(has_no_code).cloned().collect();
            document.insert(RESPONSE_TYPES.to_owned(), kept.into());
        }
        document
    }
}

impl TypedSettings {
    /// Whose tokens the app exchanges, of a document: gone where it does not use the grant, and a mistake where it is no
    /// such policy.
    fn exchange(&self, document: &mut Map<String, Value>, errors: &mut FieldErrors) {
        let Some(policy) = document.get(TOKEN_EXCHANGE) else {
            return;
        };
        let uses = self
            .grant_types
            .iter()
            .any(|grant| grant == GrantType::TOKEN_EXCHANGE);
        let read = serde_json::from_value::<ExchangePolicy>(policy.clone());
        if uses && let Err(why) = &read {
            errors.push(FieldError {
                field: TOKEN_EXCHANGE,
                message: format!("This is no such policy: {why}."),
            });
        }
        if !uses || read.is_err() {
            document.remove(TOKEN_EXCHANGE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::{app, manifest};
    use super::*;
    use crate::review::Standing;
    use crate::vocabulary::Profile;

    fn typed(more: &[(&str, &str)]) -> TypedSettings {
        let mut typed = TypedSettings::of(&manifest());
        typed
            .values
            .retain(|(name, _)| !more.iter().any(|(given, _)| given == name));
        let given = more
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        typed.values.extend(given);
        typed
    }

    fn check(typed: &TypedSettings, manifest: &Manifest) -> Result<ProtocolSettings, Vec<&'static str>> {
        let app = app(Standing::Draft, None, Some(manifest.clone()));
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let checked = typed.check(&app, manifest, &catalogue);
        checked.map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    /// The manifest after the settings were saved.
    fn saved(manifest: &Manifest, settings: ProtocolSettings) -> Manifest {
        Manifest {
            auth_methods: settings.auth_methods,
            grant_types: settings.grant_types,
            details_types: settings.details_types,
            token_exchange: settings.token_exchange,
            openid: settings.openid,
            ..manifest.clone()
        }
    }

    #[test]
    fn what_is_stored_is_saved_again_unchanged() {
        let mut full = manifest();
        full.openid.default_max_age = Some(60);
        full.openid.request_uris = vec!["https://app.example/a".into(), "https://app.example/b".into()];
        full.openid.require_pushed_authorization_requests = true;
        full.auth_methods = [AuthMethod::ClientSecretPost].into();
        let mut public = manifest();
        public.kind = ClientKind::Public;
        public.auth_methods = [AuthMethod::None].into();
        for stored in [manifest(), full, public] {
            let settings = check(&TypedSettings::of(&stored), &stored).unwrap();
            assert_eq!(saved(&stored, settings), stored);
        }
    }

    #[test]
    fn each_setting_changes_its_member_and_nothing_else() {
        let with_others = [RESPONSE_TYPES, "profile", TOKEN_EXCHANGE];
        for one in SETTINGS.iter().filter(|one| !with_others.contains(&one.name)) {
            let good = match one.kind {
                Flag => "on",
                Url | Urls | Lines => "https://app.example/x",
                SettingKind::Text if one.name.ends_with("_dn") => "CN=app",
                SettingKind::Text if one.name.ends_with("_uri") => "urn:app",
                SettingKind::Text if one.name.ends_with("_ip") => "192.0.2.1",
                SettingKind::Text if one.name.ends_with("_email") => "app@app.example",
                SettingKind::Text => "app.example",
                Json => {
                    r#"{"keys": [{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#
                }
                Word(words) => words()[1],
            };
            let settings = check(&typed(&[(one.name, good)]), &manifest())
                .unwrap_or_else(|errors| panic!("{}: {errors:?}", one.name));
            let stored = saved(&manifest(), settings);
            assert_ne!(stored, manifest(), "{}", one.name);
            let after = TypedSettings::of(&stored);
            assert!(after.value(one.name).is_some(), "{}", one.name);
            assert!(!one.hint.is_empty(), "{}", one.name);
        }
    }

    #[test]
    fn whose_tokens_are_exchanged_is_said_with_the_grant_and_goes_with_it() {
        let policy = (TOKEN_EXCHANGE, r#"{"from": ["front"], "delegation": true}"#);
        let exchanging = |value| TypedSettings {
            grant_types: vec![
                GrantType::AUTHORIZATION_CODE.into(),
                GrantType::TOKEN_EXCHANGE.into(),
            ],
            ..typed(&[(TOKEN_EXCHANGE, value)])
        };
        let settings = check(&exchanging(policy.1), &manifest()).unwrap();
        let stored = saved(&manifest(), settings);
        assert!(
            stored
                .token_exchange
                .as_ref()
                .is_some_and(|policy| policy.delegation)
        );
        let again = check(&TypedSettings::of(&stored), &stored).unwrap();
        assert_eq!(saved(&stored, again), stored);
        let without = check(&typed(&[policy]), &stored).unwrap();
        assert_eq!(without.token_exchange, None);
        for bad in [
            "[]",
            r#"{"form": ["front"]}"#,
            r#"{"from": "front"}"#,
            r#"{"from": [1]}"#,
        ] {
            let errors = check(&exchanging(bad), &manifest()).unwrap_err();
            assert_eq!(errors, [TOKEN_EXCHANGE], "{bad}");
        }
    }

    #[test]
    fn a_marked_app_keeps_the_grant_of_passwords() {
        let mut marked = app(Standing::Approved, Some(manifest()), None);
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let asking = TypedSettings {
            grant_types: vec![GrantType::AUTHORIZATION_CODE.into(), GrantType::PASSWORD.into()],
            ..typed(&[])
        };
        assert_eq!(check(&asking, &manifest()), Err(vec![GRANT_TYPES]));
        marked.legacy.password = true;
        let settings = asking.check(&marked, &manifest(), &catalogue).unwrap();
        assert!(
            settings
                .grant_types
                .contains(&GrantType(GrantType::PASSWORD.into()))
        );
    }

    #[test]
    fn a_profile_comes_with_what_it_needs() {
        let alone = typed(&[("profile", "fapi2")]);
        let mut wrong = check(&alone, &manifest()).unwrap_err();
        wrong.sort_unstable();
        let (answers, id_tokens) = (
            "authorization_signed_response_alg",
            "id_token_signed_response_alg",
        );
        assert_eq!(wrong, [answers, id_tokens]);
        let signed = [("profile", "fapi2"), (answers, "PS256"), (id_tokens, "PS256")];
        assert_eq!(check(&typed(&signed), &manifest()), Err(vec![AUTH_METHOD]));
        let key = [
            ("profile", "fapi2"),
            (AUTH_METHOD, "private_key_jwt"),
            ("jwks_uri", "https://app.example/jwks"),
            (answers, "PS256"),
            (id_tokens, "PS256"),
        ];
        let settings = check(&typed(&key), &manifest()).unwrap();
        assert_eq!(settings.openid.profile, Some(Profile::Fapi2));
    }

    #[test]
    fn tokens_in_the_front_channel_need_the_mark() {
        let asked = typed(&[(RESPONSE_TYPES, "code\r\ncode id_token\r\n")]);
        assert_eq!(check(&asked, &manifest()), Err(vec![RESPONSE_TYPES]));
        let mut marked = app(Standing::Approved, Some(manifest()), None);
        marked.legacy.implicit = true;
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let settings = asked.check(&marked, &manifest(), &catalogue).unwrap();
        assert_eq!(settings.openid.response_types.len(), 2);
        let stored = saved(&manifest(), settings);
        assert_eq!(
            TypedSettings::of(&stored).value(RESPONSE_TYPES),
            Some("code\ncode id_token")
        );
    }

    #[test]
    fn mistakes_stand_at_their_fields() {
        for (name, bad) in [
            ("jwks_uri", "http://app.example/"),
            ("jwks", "keys"),
            ("post_logout_redirect_uris", "https://app.example/#x"),
            ("backchannel_logout_uri", "x"),
            ("id_token_signed_response_alg", "none"),
            ("subject_type", "x"),
            (AUTH_METHOD, "none"),
            (AUTH_METHOD, "private_key_jwt"),
            ("initiate_login_uri", "javascript:alert(1)"),
        ] {
            let errors = check(&typed(&[(name, bad)]), &manifest()).unwrap_err();
            assert!(errors.contains(&name), "{name} {bad}: {errors:?}");
        }
        let unknown = TypedSettings {
            grant_types: vec!["magic".into()],
            ..typed(&[])
        };
        assert_eq!(check(&unknown, &manifest()), Err(vec![GRANT_TYPES]));
    }

    #[test]
    fn a_service_without_people_needs_no_response_type() {
        let typed = TypedSettings {
            grant_types: vec![GrantType::CLIENT_CREDENTIALS.into()],
            ..typed(&[])
        };
        let service = saved(&manifest(), check(&typed, &manifest()).unwrap());
        assert!(service.openid.response_types.is_empty());
        let back = TypedSettings {
            grant_types: vec![GrantType::AUTHORIZATION_CODE.into()],
            ..typed
        };
        assert_eq!(check(&back, &service).unwrap().openid, manifest().openid);
    }
}
