//! The grants that are closed until an operator opens them: the section `[grants]` of the configuration.

use crate::jose::JwkSet;
use crate::vocabulary::{ClientId, Scope};
use serde::Deserialize;
use std::collections::BTreeSet;
use url::Url;

/// Most issuers that are trusted.
const MOST_ISSUERS: usize = 50;

/// What an operator opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrantSettings {
    /// Apps that are marked for it may ask people for their password (RFC 6749 section 4.3).
    pub password: bool,
    /// Whose assertions are good for a token (RFC 7523 section 2.1).
    pub trusted_issuers: Vec<TrustedIssuer>,
}

/// Somebody whose word about a person is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// Its `iss`.
    pub issuer: String,
    /// By what its signatures are checked.
    pub keys: IssuerKeys,
    /// The apps that may bring its assertions; at least one.
    pub clients: BTreeSet<ClientId>,
    /// Whom its `sub` means.
    pub subject: SubjectIs,
    /// The most that a token may do, and what it may where the request does not say.
    pub scope: Scope,
    /// How long an assertion may live, in seconds.
    pub longest_seconds: i64,
    /// Whether its word is taken on how the person signed in (`acr`, `amr`), and, of an app that speaks for itself, when.
    pub tells_sign_in: bool,
}

impl TrustedIssuer {
    /// Whether its word is taken on when the person signed in. Who may say who somebody is may say since when; but an app
    /// that brings its own word would meet every demand for a recent sign-in.
    pub fn tells_time(&self) -> bool {
        self.tells_sign_in || self.keys != IssuerKeys::Client
    }
}

/// Where an issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuerKeys {
    /// In the file.
    These(JwkSet),
    /// At this URL.
    At(String),
    /// The app's own, registered ones: the issuer is the app itself.
    Client,
}

/// What an assertion's `sub` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectIs {
    /// A sign-in name.
    #[default]
    Username,
    /// A person's number: `userId` of the user-data answer.
    UserId,
}

/// What is wrong with the file of trusted issuers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the trusted issuers cannot be used: {0}")]
pub struct IssuerError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    issuer: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    issuer: String,
    jwks: Option<String>,
    jwks_uri: Option<String>,
    keys: Option<String>,
    clients: BTreeSet<ClientId>,
    #[serde(default)]
    subject: SubjectIs,
    scope: String,
    #[serde(default = "five_minutes")]
    longest_seconds: i64,
    #[serde(default)]
    tells_sign_in: bool,
}

const fn five_minutes() -> i64 {
    300
}

impl GrantSettings {
    /// Reads the file `grants.trusted_issuers`: TOML, an `[[issuer]]` for each.
    ///
    /// # Errors
    /// [`IssuerError`], with the issuer that it is about.
    pub fn parse_issuers(text: &str) -> Result<Vec<TrustedIssuer>, IssuerError> {
        let file: File = toml::from_str(text).map_err(|error| IssuerError(error.message().to_owned()))?;
        if file.issuer.len() > MOST_ISSUERS {
            return Err(IssuerError(format!("there are more than {MOST_ISSUERS}")));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = file.issuer.iter().find(|entry| !seen.insert(&entry.issuer)) {
            return Err(IssuerError(format!("'{}' stands twice", twice.issuer)));
        }
        let all = file.issuer.into_iter().map(|entry| {
            let issuer = entry.issuer.clone();
            entry
                .check()
                .map_err(|why| IssuerError(format!("'{issuer}': {why}")))
        });
        all.collect()
    }

    /// The trusted issuer of this name.
    pub fn issuer(&self, name: &str) -> Option<&TrustedIssuer> {
        self.trusted_issuers.iter().find(|trusted| trusted.issuer == name)
    }
}

impl Entry {
    fn check(self) -> Result<TrustedIssuer, String> {
        let keys = match (self.jwks, self.jwks_uri, self.keys.as_deref()) {
            (Some(text), None, None) => {
                IssuerKeys::These(JwkSet::parse(&text).map_err(|why| format!("jwks: {why}"))?)
            }
            (None, Some(uri), None) if is_url(&uri) => IssuerKeys::At(uri),
            (None, Some(_), None) => return Err("jwks_uri is no https URL".to_owned()),
            (None, None, Some("client")) => IssuerKeys::Client,
            _ => return Err("give one of jwks, jwks_uri and keys = \"client\"".to_owned()),
        };
        if self.issuer.is_empty() || self.clients.is_empty() {
            return Err("issuer and clients must name somebody".to_owned());
        }
        let is_itself = self.clients.iter().all(|client| client.as_str() == self.issuer);
        if keys == IssuerKeys::Client && !is_itself {
            return Err("with keys = \"client\", clients is the issuer itself, and nobody else".to_owned());
        }
        if !(10..=3_600).contains(&self.longest_seconds) {
            return Err("longest_seconds is 10 to 3600".to_owned());
        }
        Ok(TrustedIssuer {
            issuer: self.issuer,
            keys,
            clients: self.clients,
            subject: self.subject,
            scope: Scope::parse(&self.scope).map_err(|why| why.to_string())?,
            longest_seconds: self.longest_seconds,
            tells_sign_in: self.tells_sign_in,
        })
    }
}

/// The fetcher says the rest, when it is asked for.
fn is_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.host().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [[issuer]]
        issuer = "https://timetable.example.org"
        jwks_uri = "https://timetable.example.org/jwks"
        clients = ["timetable"]
        subject = "user_id"
        scope = "read"
        [[issuer]]
        issuer = "porter"
        keys = "client"
        clients = ["porter"]
        scope = "person.full_name"
        longest_seconds = 60
        tells_sign_in = true
    "#;

    #[test]
    fn reads_whom_to_trust_for_what() {
        let issuers = GrantSettings::parse_issuers(GOOD).unwrap();
        assert_eq!(
            (issuers[0].subject, issuers[0].longest_seconds),
            (SubjectIs::UserId, 300)
        );
        assert_eq!(
            (&issuers[1].keys, issuers[1].subject),
            (&IssuerKeys::Client, SubjectIs::Username)
        );
        let told = |issuer: &TrustedIssuer| (issuer.tells_sign_in, issuer.tells_time());
        assert_eq!(
            [told(&issuers[0]), told(&issuers[1])],
            [(false, true), (true, true)]
        );
        let mut own = issuers[1].clone();
        own.tells_sign_in = false;
        assert!(!own.tells_time(), "an app's own word says nothing of when");
        let settings = GrantSettings {
            trusted_issuers: issuers,
            ..GrantSettings::default()
        };
        assert!(settings.issuer("porter").is_some() && settings.issuer("else").is_none());
        assert_eq!(GrantSettings::parse_issuers("").unwrap(), []);
    }

    #[test]
    fn refuses_what_would_trust_more_than_is_meant() {
        for (from, to) in [
            (
                "keys = \"client\"\n        clients = [\"porter\"]",
                "keys = \"client\"\n        clients = [\"porter\", \"b\"]",
            ),
            ("keys = \"client\"", "keys = \"anybody\""),
            ("keys = \"client\"", "jwks = \"{}\""),
            ("keys = \"client\"", ""),
            ("clients = [\"timetable\"]", "clients = []"),
            ("jwks_uri = \"https:", "jwks_uri = \"ftp:"),
            ("scope = \"read\"", "scope = \"\""),
            ("longest_seconds = 60", "longest_seconds = 86400"),
            ("longest_seconds = 60", "longest = 60"),
            ("tells_sign_in = true", "tells_sign_in = \"yes\""),
            (
                "issuer = \"porter\"",
                "issuer = \"https://timetable.example.org\"",
            ),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let bad = GOOD.replace(from, to);
            assert!(GrantSettings::parse_issuers(&bad).is_err(), "{to}");
        }
    }
}
