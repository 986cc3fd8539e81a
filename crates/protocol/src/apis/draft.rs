//! What an API owner typed, and what is wrong with it: field by field.

use super::{ApiScope, DetailsType, Resource, ResourceId, ResourceUri, Schema, TokenFormat};
use crate::data_points::Catalogue;
use crate::jose::SigningAlgorithm;
use crate::review::{FieldError, FieldErrors, MAX_NAME_CHARS, is_reserved_scope, reorders};
use crate::vocabulary::{ClientId, PersonId, Scope};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Most scopes, and most types, of one API.
const MAX_NAMES: usize = 100;
/// Longest name of a scope or a type, in characters.
const MAX_SCOPE_CHARS: usize = 100;
/// Longest description, in characters: one sentence on the consent page.
const MAX_DESCRIPTION_CHARS: usize = 300;
/// A token's longest life, in seconds: a day.
pub const MAX_TOKEN_SECONDS: i64 = 86_400;
/// A token's life, in seconds: a minute to a day.
const TOKEN_SECONDS: std::ops::RangeInclusive<i64> = 60..=MAX_TOKEN_SECONDS;
/// Longest `max_age`, in seconds: a year.
const MAX_MAX_AGE: i64 = 31_536_000;

/// The form of an API as typed, nothing parsed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourceDraft {
    /// Field `uri`.
    pub uri: String,
    /// Field `name`.
    pub name: String,
    /// Field `description`.
    pub description: String,
    /// Field `scopes`: one a line, its name first, then what it lets an app do.
    pub scopes: String,
    /// Field `format`: `opaque` (the default) or `jwt`.
    pub format: String,
    /// Field `signing_alg`: `RS256` by default.
    pub signing_alg: String,
    /// Field `token_seconds`: how long an access token lives; an hour by default.
    pub token_seconds: String,
    /// Field `max_age`: how long ago a person may have signed in at most, in seconds; empty: however long ago.
    pub max_age: String,
    /// Field `introspected_by`: the `client_id` of the app that asks introspection for it; empty: nobody.
    pub introspected_by: String,
    /// Field `open`: any app may ask for its scopes without the owner's consent.
    pub open: bool,
    /// Field `details`: a JSON list of `{"type", "description", "schema"}`; empty: none.
    pub details: String,
}

/// One entry of the field `details`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeDraft {
    #[serde(rename = "type")]
    name: String,
    description: String,
    #[serde(default)]
    schema: Map<String, Value>,
}

/// The mistakes so far.
struct Mistakes(FieldErrors);

impl Mistakes {
    fn keep<T>(&mut self, checked: Result<T, FieldError>) -> Option<T> {
        checked.map_err(|error| self.0.push(error)).ok()
    }
}

impl ResourceDraft {
    /// The form of an API as it is registered.
    pub fn of(resource: &Resource) -> Self {
        let scopes: Vec<String> = resource
            .scopes
            .iter()
            .map(|scope| format!("{} {}", scope.name, scope.description))
            .collect();
        let types: Vec<String> = resource
            .details
            .iter()
            .map(|one| {
                let text = |text: &str| Value::from(text).to_string();
                let (name, description) = (text(&one.name), text(&one.description));
                let schema = one.schema.as_str();
                format!(r#"{{"type": {name}, "description": {description}, "schema": {schema}}}"#)
            })
            .collect();
        Self {
            uri: resource.uri.to_string(),
            name: resource.name.clone(),
            description: resource.description.clone(),
            scopes: scopes.join("\n"),
            format: resource.format.as_str().to_owned(),
            signing_alg: resource.signing_alg.as_str().to_owned(),
            token_seconds: resource.token_seconds.to_string(),
            max_age: resource.max_age.map(|age| age.to_string()).unwrap_or_default(),
            introspected_by: resource
                .introspected_by
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            open: resource.open,
            details: if types.is_empty() {
                String::new()
            } else {
                format!("[{}]", types.join(",\n"))
            },
        }
    }

    /// Checks every field and makes the resource of it. Whether its names are free, and its app is one that may speak
    /// for it, is for the store and the engine to say.
    ///
    /// # Errors
    /// Every mistake, under its field's name.
    pub fn check(
        &self,
        id: ResourceId,
        owner: PersonId,
        catalogue: &Catalogue,
    ) -> Result<Resource, FieldErrors> {
        let mut wrong = Mistakes(FieldErrors::new());
        let uri = ResourceUri::parse(self.uri.trim());
        let uri = wrong.keep(uri.map_err(|why| mistake("uri", sentence(&why.to_string()))));
        let name = wrong.keep(line("name", &self.name, MAX_NAME_CHARS));
        let description = wrong.keep(line("description", &self.description, MAX_DESCRIPTION_CHARS));
        let scopes = wrong.keep(check_scope_lines(&self.scopes, catalogue));
        let format = wrong.keep(word("format", &self.format, TokenFormat::parse));
        let signing_alg = wrong.keep(word("signing_alg", &self.signing_alg, SigningAlgorithm::parse));
        let token_seconds = wrong.keep(self.token_seconds());
        let max_age = wrong.keep(self.max_age());
        let introspected_by = wrong.keep(self.introspected_by());
        let details = wrong.keep(self.details(catalogue));
        let parts = (uri, name, description, scopes, format, signing_alg);
        let more = (token_seconds, max_age, introspected_by, details);
        let (
            (Some(uri), Some(name), Some(description), Some(scopes), Some(format), Some(alg)),
            (Some(token_seconds), Some(max_age), Some(introspected_by), Some(details)),
        ) = (parts, more)
        else {
            return Err(wrong.0);
        };
        if let Some(twice) = details
            .iter()
            .find(|one| scopes.iter().any(|scope| scope.name == one.name))
        {
            let message = format!("'{}' is the name of a scope already.", twice.name);
            return Err(vec![mistake("details", message)]);
        }
        Ok(Resource {
            id,
            uri,
            owner,
            name,
            description,
            format: format.unwrap_or_default(),
            signing_alg: alg.unwrap_or(SigningAlgorithm::Rs256),
            token_seconds,
            max_age,
            introspected_by,
            open: self.open,
            scopes,
            details,
        })
    }

    fn token_seconds(&self) -> Result<i64, FieldError> {
        let text = self.token_seconds.trim();
        let seconds = if text.is_empty() {
            Some(3_600)
        } else {
            text.parse().ok()
        };
        seconds
            .filter(|seconds| TOKEN_SECONDS.contains(seconds))
            .ok_or_else(|| {
                mistake(
                    "token_seconds",
                    "An access token lives 60 to 86400 seconds.".to_owned(),
                )
            })
    }

    fn max_age(&self) -> Result<Option<i64>, FieldError> {
        let text = self.max_age.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let seconds = text.parse().ok().filter(|age| (0..=MAX_MAX_AGE).contains(age));
        seconds.map(Some).ok_or_else(|| {
            mistake(
                "max_age",
                "It is a whole number of seconds, or nothing.".to_owned(),
            )
        })
    }

    fn introspected_by(&self) -> Result<Option<ClientId>, FieldError> {
        let text = self.introspected_by.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let id = ClientId::parse(text);
        id.map(Some)
            .map_err(|_| mistake("introspected_by", "That is no client ID.".to_owned()))
    }

    fn details(&self, catalogue: &Catalogue) -> Result<Vec<DetailsType>, FieldError> {
        let wrong = |message: String| mistake("details", message);
        if self.details.trim().is_empty() {
            return Ok(Vec::new());
        }
        let drafts: Vec<TypeDraft> = serde_json::from_str(&self.details).map_err(|_| {
            wrong("Give a JSON list of objects with type, description and schema.".to_owned())
        })?;
        if drafts.len() > MAX_NAMES {
            return Err(wrong(format!("There are more than {MAX_NAMES} types.")));
        }
        let mut seen = BTreeSet::new();
        let mut types = Vec::new();
        for draft in drafts {
            let name = checked_name("details", &draft.name, catalogue)?;
            if !seen.insert(name.clone()) {
                return Err(wrong(format!("The type '{name}' is there twice.")));
            }
            let schema = Schema::parse(&Value::Object(draft.schema).to_string())
                .map_err(|why| wrong(format!("The type '{name}': {why}.")))?;
            let description = line("details", &draft.description, MAX_DESCRIPTION_CHARS)?;
            types.push(DetailsType {
                name,
                description,
                schema,
            });
        }
        Ok(types)
    }
}

/// Checks the field `scopes`: one a line, its name first, then (after blanks, a colon or an equals sign) what it lets an
/// app do.
///
/// # Errors
/// What is wrong with the first bad line.
pub fn check_scope_lines(typed: &str, catalogue: &Catalogue) -> Result<Vec<ApiScope>, FieldError> {
    let wrong = |message: String| mistake("scopes", message);
    let mut scopes: Vec<ApiScope> = Vec::new();
    for text in typed.lines().map(str::trim).filter(|text| !text.is_empty()) {
        let end = text
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let name = checked_name("scopes", name.trim_end_matches(':'), catalogue)?;
        let description = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '=' || c == ':');
        if description.is_empty() {
            return Err(wrong(format!(
                "Say after '{name}' what it lets an app do: people read that before they allow it."
            )));
        }
        let description = line("scopes", description, MAX_DESCRIPTION_CHARS)?;
        if scopes.iter().any(|scope| scope.name == name) {
            return Err(wrong(format!("The scope '{name}' is there twice.")));
        }
        scopes.push(ApiScope { name, description });
        if scopes.len() > MAX_NAMES {
            return Err(wrong(format!("There are more than {MAX_NAMES} scopes.")));
        }
    }
    Ok(scopes)
}

/// A scope's or a type's name: one scope token (RFC 6749 appendix A.4) that means nothing here yet.
fn checked_name(field: &'static str, name: &str, catalogue: &Catalogue) -> Result<String, FieldError> {
    let shown: String = name.chars().take(MAX_SCOPE_CHARS).collect();
    let is_one = Scope::parse(name).is_ok_and(|scope| scope.names().eq([name]));
    if !is_one || name.len() > MAX_SCOPE_CHARS {
        return Err(mistake(
            field,
            format!(
                "'{shown}' is no name for it: at most {MAX_SCOPE_CHARS} printable ASCII characters without blank, quote or backslash."
            ),
        ));
    }
    if is_reserved_scope(name, catalogue) {
        return Err(mistake(field, format!("'{shown}' means something here already.")));
    }
    Ok(name.to_owned())
}

/// One line of text that people read.
fn line(field: &'static str, typed: &str, most: usize) -> Result<String, FieldError> {
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = text.chars().count();
    if text.is_empty() {
        return Err(mistake(field, "This is missing.".to_owned()));
    }
    if chars > most || text.chars().any(|c| c.is_control() || reorders(c)) {
        let message = format!("This has {chars} characters; {most} plain ones are the most.");
        return Err(mistake(field, message));
    }
    Ok(text)
}

/// A known word, or nothing.
fn word<T>(field: &'static str, typed: &str, parse: fn(&str) -> Option<T>) -> Result<Option<T>, FieldError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let unknown = || mistake(field, "Choose one of those that there are.".to_owned());
    parse(typed).map(Some).ok_or_else(unknown)
}

fn sentence(why: &str) -> String {
    let mut chars = why.chars();
    let first: String = chars
        .next()
        .map(|c| c.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

const fn mistake(field: &'static str, message: String) -> FieldError {
    FieldError { field, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(draft: &ResourceDraft) -> Result<Resource, Vec<&'static str>> {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        draft
            .check(ResourceId::parse("r1").unwrap(), PersonId(1), &catalogue)
            .map_err(|errors| errors.iter().map(|error| error.field).collect())
    }

    fn draft() -> ResourceDraft {
        ResourceDraft {
            uri: "https://library.example/api".into(),
            name: "Library".into(),
            description: "Loans and fines.".into(),
            scopes: "loans.read See your loans\nloans.renew: Renew your loans\nfines = See your fines".into(),
            details:
                r#"[{"type": "renewal", "description": "Renew one loan", "schema": {"type": "object"}}]"#
                    .into(),
            ..ResourceDraft::default()
        }
    }

    #[test]
    fn a_small_form_gets_the_usual_values_and_comes_back_as_typed() {
        let resource = check(&draft()).unwrap();
        assert_eq!(
            (resource.format, resource.token_seconds),
            (TokenFormat::Opaque, 3_600)
        );
        let read: Vec<_> = resource
            .scopes
            .iter()
            .map(|s| (s.name.as_str(), s.description.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                ("loans.read", "See your loans"),
                ("loans.renew", "Renew your loans"),
                ("fines", "See your fines"),
            ]
        );
        assert_eq!(check(&ResourceDraft::of(&resource)).unwrap(), resource);
        assert!(resource.knows("renewal") && resource.knows("fines") && !resource.knows_scope("renewal"));
    }

    /// The mistakes of the usual form once it is changed.
    fn wrong(change: impl FnOnce(&mut ResourceDraft)) -> Vec<&'static str> {
        let mut typed = draft();
        change(&mut typed);
        check(&typed).unwrap_err()
    }

    #[test]
    fn every_field_says_what_is_wrong_with_it() {
        assert_eq!(
            check(&ResourceDraft::default()),
            Err(vec!["uri", "name", "description"])
        );
        assert_eq!(wrong(|form| form.uri = "/api".into()), ["uri"]);
        assert_eq!(wrong(|form| form.name = "x".repeat(101)), ["name"]);
        assert_eq!(wrong(|form| form.name = "\u{202e}yrarbiL".into()), ["name"]);
        assert_eq!(wrong(|form| form.format = "saml".into()), ["format"]);
        assert_eq!(wrong(|form| form.signing_alg = "none".into()), ["signing_alg"]);
        assert_eq!(wrong(|form| form.token_seconds = "5".into()), ["token_seconds"]);
        assert_eq!(wrong(|form| form.max_age = "-1".into()), ["max_age"]);
        assert_eq!(
            wrong(|form| form.introspected_by = "caf\u{e9}".into()),
            ["introspected_by"]
        );
        let many: Vec<String> = (0..101).map(|n| format!("s{n} Words")).collect();
        for scopes in [
            "read Everything",
            "person.full_name Name",
            "loans",
            "a One\na Two",
            "caf\u{e9} Coffee",
            &many.join("\n"),
        ] {
            assert_eq!(wrong(|form| form.scopes = scopes.into()), ["scopes"], "{scopes}");
        }
        for details in [
            "{}",
            r#"[{"type": "a", "description": "b", "schema": {"pattern": "x"}}]"#,
            r#"[{"type": "fines", "description": "b"}]"#,
            r#"[{"type": "a", "description": ""}]"#,
            r#"[{"type": "a", "description": "b"}, {"type": "a", "description": "b"}]"#,
        ] {
            assert_eq!(
                wrong(|form| form.details = details.into()),
                ["details"],
                "{details}"
            );
        }
    }
}
