//! `authorization_details` (RFC 9396 section 2): what is wanted in more words than a scope has.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Largest list, in bytes of its JSON.
pub const MAX_DETAILS_BYTES: usize = 16_384;
/// Most objects of one list.
const MAX_OBJECTS: usize = 20;
/// Deepest nesting, the list itself counted.
const MAX_DEPTH: usize = 8;
/// The members that the RFC itself defines as lists (section 2.2), of which a part is less than the whole.
const COMMON_LISTS: [&str; 4] = ["locations", "actions", "datatypes", "privileges"];

/// A list of objects, each with its `type`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Details(Vec<Map<String, Value>>);

impl Details {
    /// Reads the parameter's value: bounded before and while it is read.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > MAX_DETAILS_BYTES {
            return Err("authorization_details has more than 16,384 bytes.");
        }
        let value: Value =
            serde_json::from_str(text).map_err(|_| "authorization_details is not a JSON array.")?;
        let Value::Array(list) = value else {
            return Err("authorization_details is not a JSON array.");
        };
        if list.is_empty() || list.len() > MAX_OBJECTS {
            return Err("authorization_details holds 1 to 20 objects.");
        }
        let mut objects = Vec::with_capacity(list.len());
        for one in list {
            if depth(&one) >= MAX_DEPTH {
                return Err("authorization_details is nested too deeply.");
            }
            match one {
                Value::Object(object) if object.get("type").is_some_and(Value::is_string) => {
                    objects.push(object);
                }
                _ => return Err("Each of the authorization_details is an object with a type."),
            }
        }
        Ok(Self(objects))
    }

    /// A list of objects that were read before.
    pub const fn of(objects: Vec<Map<String, Value>>) -> Self {
        Self(objects)
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The objects, each with its type.
    pub fn objects(&self) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        let named = |object| Some((type_of(object)?, object));
        self.0.iter().filter_map(named)
    }

    /// Those whose type is `wanted`.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let objects = self.objects().filter(|(name, _)| wanted(name));
        Self(objects.map(|(_, object)| object.clone()).collect())
    }

    /// Whether each object lies within one of `most`: the same type and members, and of the lists that the RFC itself
    /// defines a part (section 6.1).
    pub fn is_within(&self, most: &Self) -> bool {
        self.0
            .iter()
            .all(|asked| most.0.iter().any(|granted| is_part(asked, granted)))
    }

    /// As JSON, for an answer.
    pub fn to_json(&self) -> Value {
        self.0.iter().cloned().map(Value::Object).collect()
    }
}

fn type_of(object: &Map<String, Value>) -> Option<&str> {
    object.get("type").and_then(Value::as_str)
}

/// Every member stands in both: to leave one out may well mean more, so what is not compared is not granted.
fn is_part(asked: &Map<String, Value>, granted: &Map<String, Value>) -> bool {
    let same_members = asked.len() == granted.len();
    same_members
        && asked.iter().all(|(name, value)| {
            granted.get(name).is_some_and(|most| {
                let lists = COMMON_LISTS
                    .contains(&name.as_str())
                    .then(|| value.as_array().zip(most.as_array()))
                    .flatten();
                value == most
                    || lists.is_some_and(|(part, whole)| {
                        !part.is_empty() && part.iter().all(|one| whole.contains(one))
                    })
            })
        })
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_bounded_and_of_typed_objects() {
        let good = r#"[{"type": "loan", "actions": ["read", "renew"], "copy": {"id": 7}}]"#;
        assert_eq!(Details::parse(good).unwrap().objects().count(), 1);
        let deep = format!(
            r#"[{{"type": "loan", "x": {}1{}}}]"#,
            "[".repeat(20),
            "]".repeat(20)
        );
        let very_deep = format!("{}{}", "[".repeat(8_000), "]".repeat(8_000));
        let many = format!("[{}]", vec![r#"{"type":"a"}"#; 21].join(","));
        let large = format!(r#"[{{"type":"a","x":"{}"}}]"#, "x".repeat(MAX_DETAILS_BYTES));
        for bad in [
            "",
            "{}",
            "[]",
            "[1]",
            r#"[{"actions": []}]"#,
            r#"[{"type": 1}]"#,
            r#"{"type": "loan"}"#,
            "[{",
            &deep,
            &very_deep,
            &many,
            &large,
        ] {
            assert!(Details::parse(bad).is_err(), "{}", &bad[..bad.len().min(60)]);
        }
    }

    #[test]
    fn a_part_has_the_same_members_and_no_more_of_a_list() {
        let granted =
            Details::parse(r#"[{"type":"loan","actions":["read","renew"],"copies":[1,2]},{"type":"fine"}]"#)
                .unwrap();
        let within = |text: &str| Details::parse(text).unwrap().is_within(&granted);
        assert!(within(r#"[{"type":"fine"}]"#));
        assert!(within(r#"[{"type":"loan","actions":["read"],"copies":[1,2]}]"#));
        for wider in [
            r#"[{"type":"loan","actions":["read"],"copies":[1]}]"#,
            r#"[{"type":"loan","actions":["delete"],"copies":[1,2]}]"#,
            r#"[{"type":"loan","actions":[],"copies":[1,2]}]"#,
            r#"[{"type":"loan","copies":[1,2]}]"#,
            r#"[{"type":"fine","amount":3}]"#,
            r#"[{"type":"other"}]"#,
        ] {
            assert!(!within(wider), "{wider}");
        }
    }
}
