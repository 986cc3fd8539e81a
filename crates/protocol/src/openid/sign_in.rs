//! When and how a person proved who they are: `auth_time`, `acr` and `amr` (OpenID Connect Core section 2).

use super::ACR_PASSWORD;
use crate::vocabulary::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A person's last proof of who they are, as far as this server may speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// Here, at this moment, by their password.
    Here(Timestamp),
    /// Somewhere else: only what somebody trusted says of it is told.
    Elsewhere(SignedInElsewhere),
}

/// What the issuer of an assertion says of a sign-in that this server did not see (RFC 7523). What it does not say is
/// not known, and meets no demand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SignedInElsewhere {
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Of which class it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By which methods.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
}

impl SignIn {
    /// When it was, where that is known.
    pub const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Here(at) => Some(*at),
            Self::Elsewhere(told) => told.at,
        }
    }

    /// What is stored of one that was not here.
    pub const fn elsewhere(&self) -> Option<&SignedInElsewhere> {
        match self {
            Self::Here(_) => None,
            Self::Elsewhere(told) => Some(told),
        }
    }

    /// Whether it is known to be at most `seconds` old: one of an unknown moment never is (RFC 9470 section 4).
    pub fn is_within(&self, seconds: i64, now: Timestamp) -> bool {
        self.at()
            .is_some_and(|at| now.seconds().saturating_sub(at.seconds()) <= seconds)
    }

    /// `auth_time` and `acr`, as far as they are known (RFC 9068 section 2.2.1, RFC 9470 section 6.2).
    pub fn claims(&self) -> Map<String, Value> {
        let acr = match self {
            Self::Here(_) => Some(ACR_PASSWORD),
            Self::Elsewhere(told) => told.acr.as_deref(),
        };
        let time = self.at().map(|at| ("auth_time".to_owned(), at.seconds().into()));
        let acr = acr.map(|acr| ("acr".to_owned(), acr.into()));
        time.into_iter().chain(acr).collect()
    }

    /// The same, with `amr` (OpenID Connect Core section 2).
    pub fn claims_with_methods(&self) -> Map<String, Value> {
        let methods: Vec<&str> = match self {
            Self::Here(_) => vec!["pwd"],
            Self::Elsewhere(told) => told.amr.iter().map(String::as_str).collect(),
        };
        let mut claims = self.claims();
        if !methods.is_empty() {
            claims.insert("amr".to_owned(), methods.into());
        }
        claims
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::NOW;
    use serde_json::json;

    #[test]
    fn tells_what_is_known_and_no_more() {
        let here = SignIn::Here(NOW);
        assert_eq!(
            Value::Object(here.claims_with_methods()),
            json!({"auth_time": NOW, "acr": ACR_PASSWORD, "amr": ["pwd"]})
        );
        assert!(here.is_within(0, NOW) && !here.is_within(5, NOW.plus(6)));
        let unknown = SignIn::Elsewhere(SignedInElsewhere::default());
        assert!(unknown.claims_with_methods().is_empty());
        assert!(
            !unknown.is_within(i64::MAX, NOW),
            "an unknown moment is no recent one"
        );
        let told = SignedInElsewhere {
            at: Some(NOW.plus(-60)),
            acr: Some("urn:example:two".into()),
            amr: vec!["hwk".into()],
        };
        let stored = serde_json::to_string(&told).unwrap();
        assert_eq!(serde_json::from_str::<SignedInElsewhere>(&stored).unwrap(), told);
        let told = SignIn::Elsewhere(told);
        assert_eq!(
            Value::Object(told.claims()),
            json!({"auth_time": NOW.plus(-60), "acr": "urn:example:two"})
        );
        assert!(told.is_within(60, NOW) && !told.is_within(59, NOW));
        assert_eq!(told.claims_with_methods()["amr"], json!(["hwk"]));
    }
}
