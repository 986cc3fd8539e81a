//! The `claims` parameter (OpenID Connect Core section 5.5): single claims, and where they are to go.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Longest `claims`, in bytes.
const MAX_BYTES: usize = 8_192;
/// Most claims asked for in either place.
const MAX_CLAIMS: usize = 100;

/// The claims that a request asks for by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// To be told at userinfo.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, Wanted>,
    /// To be told in the ID token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, Wanted>,
}

/// How a claim is wanted (section 5.5.1).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Wanted {
    /// Without it the app cannot do what the person came for. It is no reason to refuse where there is none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The values that the app would take; any where it names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl Wanted {
    /// Whether a value is one that was asked for.
    pub fn accepts(&self, value: &Value) -> bool {
        self.values.is_empty() || self.values.contains(value)
    }
}

/// Why a text is no claims request: a sentence for the app.
pub(crate) type Why = &'static str;

impl ClaimsRequest {
    /// Reads the parameter. Members that we do not know are ignored (section 5.5).
    ///
    /// # Errors
    /// A sentence, where it is too large or not of the form that section 5.5 gives.
    pub(crate) fn parse(text: &str) -> Result<Self, Why> {
        if text.len() > MAX_BYTES {
            return Err("claims is too long.");
        }
        let value: Value = serde_json::from_str(text).map_err(|_| "claims is not JSON.")?;
        Self::from_value(value)
    }

    /// Reads its value, as a request object carries it.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub(crate) fn from_value(value: Value) -> Result<Self, Why> {
        let Value::Object(mut members) = value else {
            return Err("claims is not a JSON object.");
        };
        Ok(Self {
            userinfo: place(members.remove("userinfo"))?,
            id_token: place(members.remove("id_token"))?,
        })
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// Whether a claim is asked for in either place.
    pub fn names(&self, claim: &str) -> bool {
        self.userinfo.contains_key(claim) || self.id_token.contains_key(claim)
    }
}

fn place(value: Option<Value>) -> Result<BTreeMap<String, Wanted>, Why> {
    let members = match value {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err("A member of claims is not a JSON object."),
    };
    if members.len() > MAX_CLAIMS {
        return Err("claims asks for too many claims.");
    }
    members
        .into_iter()
        .map(|(name, value)| Ok((name, wanted(value)?)))
        .collect()
}

fn wanted(value: Value) -> Result<Wanted, Why> {
    match value {
        Value::Null => Ok(Wanted::default()),
        Value::Object(members) => read(members),
        _ => Err("A claim in claims is neither null nor a JSON object."),
    }
}

fn read(mut members: Map<String, Value>) -> Result<Wanted, Why> {
    let essential = match members.remove("essential") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(essential)) => essential,
        Some(_) => return Err("essential in claims is neither true nor false."),
    };
    let values = match (members.remove("value"), members.remove("values")) {
        (None | Some(Value::Null), None | Some(Value::Null)) => Vec::new(),
        (Some(value), None) => vec![value],
        (None, Some(Value::Array(values))) => values,
        _ => return Err("A claim in claims has value and values, or values that are no list."),
    };
    Ok(Wanted { essential, values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn reads_the_specifications_example() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo": {"given_name": {"essential": true}, "nickname": null, "http://example.info/claims/groups": null},
                "id_token": {"auth_time": {"essential": true}, "acr": {"values": ["urn:mace:incommon:iap:silver"]}}, "x": 1}"#,
        )
        .unwrap();
        assert!(request.userinfo["given_name"].essential && !request.userinfo["nickname"].essential);
        assert!(request.names("auth_time") && !request.names("email"));
        let acr = &request.id_token["acr"];
        assert!(acr.accepts(&json!("urn:mace:incommon:iap:silver")) && !acr.accepts(&json!("0")));
        let stored = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<ClaimsRequest>(&stored).unwrap(), request);
    }

    #[test]
    fn refuses_what_is_not_of_the_form() {
        let many: Map<String, Value> = (0..101).map(|n| (n.to_string(), Value::Null)).collect();
        for bad in [
            "",
            "[]",
            "{",
            "1",
            r#"{"userinfo": []}"#,
            r#"{"userinfo": {"name": 1}}"#,
            r#"{"id_token": {"name": {"essential": "yes"}}}"#,
            r#"{"id_token": {"name": {"values": "a"}}}"#,
            r#"{"id_token": {"name": {"value": "a", "values": ["a"]}}}"#,
            &json!({"userinfo": many}).to_string(),
            &format!("{}{}", "[".repeat(4_000), "]".repeat(4_000)),
            &format!("{{\"x\": \"{}\"}}", "y".repeat(9_000)),
        ] {
            assert!(ClaimsRequest::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,200}") {
            let _ = ClaimsRequest::parse(&text);
        }
    }
}
