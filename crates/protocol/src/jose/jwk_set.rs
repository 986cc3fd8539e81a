//! A set of public keys (RFC 7517 section 5).

use super::{JoseError, Jwk, KeyUse, MAX_BYTES, SigningAlgorithm, object};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

/// The most keys of a set.
const MAX_KEYS: usize = 100;

/// A set of public keys: a client's, or our own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct JwkSet {
    /// Those of use here.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// Reads a set: at most 64 KiB and 100 keys. Keys of unknown types and unusable ones are skipped (section 5).
    ///
    /// # Errors
    /// [`JoseError`]: too large, malformed, or with a private or symmetric key in it, which makes the whole set one
    /// that must not be used: whoever sent it has published a secret.
    pub fn parse(text: &str) -> Result<Self, JoseError> {
        if text.len() > MAX_BYTES {
            return Err(JoseError::TooLarge);
        }
        Self::from_object(&object::parse(text.as_bytes())?)
    }

    /// As [`Self::parse`], from JSON that has been read already (a member of client metadata).
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn from_object(object: &Map<String, Value>) -> Result<Self, JoseError> {
        let Some(Value::Array(keys)) = object.get("keys") else {
            return Err(JoseError::Malformed("there is no array keys"));
        };
        if keys.len() > MAX_KEYS {
            return Err(JoseError::TooLarge);
        }
        let mut usable = Vec::with_capacity(keys.len());
        for key in keys {
            let Value::Object(key) = key else {
                return Err(JoseError::Malformed("a key is not an object"));
            };
            usable.extend(Jwk::from_object(key)?);
        }
        Ok(Self { keys: usable })
    }

    /// The set as it is published.
    pub fn to_json(&self) -> Value {
        let keys = self.keys.iter().map(|key| Value::Object(key.to_object()));
        json!({"keys": keys.collect::<Vec<_>>()})
    }

    /// The keys that may check a signature by `algorithm`.
    pub fn fitting(&self, algorithm: SigningAlgorithm) -> impl Iterator<Item = &Jwk> {
        self.keys.iter().filter(move |key| key.fits(algorithm))
    }

    /// The keys that something may be encrypted to.
    pub fn for_encryption(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.iter().filter(|key| key.usage() != Some(KeyUse::Sig))
    }
}

impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = Map::deserialize(deserializer)?;
        Self::from_object(&object).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn unknown_keys_are_skipped() {
        let set = JwkSet::parse(&format!(
            r#"{{"keys":[{{"kty":"new"}},{ED},{{"kty":"EC","crv":"P-521"}},{{}}],"more":1}}"#
        ))
        .unwrap();
        assert_eq!(set.keys.len(), 1);
        assert_eq!(
            set.to_json().to_string(),
            format!("{{\"keys\":[{}]}}", Value::Object(set.keys[0].to_object()))
        );
        let kept: JwkSet = serde_json::from_str(&serde_json::to_string(&set).unwrap()).unwrap();
        assert_eq!(kept, set);
    }

    #[test]
    fn a_set_with_a_secret_in_it_is_refused_whole() {
        for secret in [r#"{"kty":"oct","k":"AA"}"#, r#"{"kty":"RSA","d":"AA"}"#] {
            let set = JwkSet::parse(&format!(r#"{{"keys":[{ED},{secret}]}}"#));
            assert_eq!(set, Err(JoseError::PrivateKey), "{secret}");
        }
    }

    #[test]
    fn sets_are_bounded_and_well_formed() {
        let many = |count: usize| format!(r#"{{"keys":[{}]}}"#, vec!["{}"; count].join(","));
        assert_eq!(JwkSet::parse(&many(MAX_KEYS)), Ok(JwkSet::default()));
        assert_eq!(JwkSet::parse(&many(MAX_KEYS + 1)), Err(JoseError::TooLarge));
        let long = format!(r#"{{"keys":[]{}}}"#, " ".repeat(MAX_BYTES));
        assert_eq!(JwkSet::parse(&long), Err(JoseError::TooLarge));
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":[1]}"#,
            r#"{"keys":[],"keys":[]}"#,
        ] {
            assert!(
                matches!(JwkSet::parse(wrong), Err(JoseError::Malformed(_))),
                "{wrong}"
            );
        }
    }
}
