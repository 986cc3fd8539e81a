//! The part of JSON Schema by which API owners say what their `authorization_details` are
//! (`docs/decisions/`, "A part of JSON Schema of our own").
//!
//! `type`, `properties`, `required`, `additionalProperties` (a boolean), `items`, `enum`, `const`, `minLength`,
//! `maxLength`, `minimum`, `maximum`, `minItems`, `maxItems`, and to be read by people `title` and `description`. Any
//! other keyword is refused when it is registered, so that nobody relies on what is not checked.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Largest schema, in bytes of its JSON.
const MAX_BYTES: usize = 16_384;
/// Deepest schema.
const MAX_DEPTH: usize = 6;
/// The keywords of people, which check nothing.
const WORDS: [&str; 5] = ["title", "description", "$schema", "$id", "$comment"];

/// Why a text is not a schema that we read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Not JSON, too large or too deep.
    #[error("the schema is a JSON object of at most 16,384 bytes, nested at most {MAX_DEPTH} deep")]
    Malformed,
    /// A keyword that we do not check.
    #[error("the keyword '{0}' is not checked here, so it may not stand in a schema")]
    Unknown(String),
    /// A keyword whose value is of the wrong kind.
    #[error("the keyword '{0}' has a value that it cannot have")]
    Value(&'static str),
}

/// A JSON type's name (JSON Schema Validation section 6.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Object,
    Array,
    Number,
    Integer,
    String,
}

impl Type {
    const ALL: [(&'static str, Self); 7] = [
        ("null", Self::Null),
        ("boolean", Self::Boolean),
        ("object", Self::Object),
        ("array", Self::Array),
        ("number", Self::Number),
        ("integer", Self::Integer),
        ("string", Self::String),
    ];

    fn parse(word: &Value) -> Option<Self> {
        let word = word.as_str()?;
        Self::ALL
            .into_iter()
            .find(|(name, _)| *name == word)
            .map(|(_, kind)| kind)
    }
}

/// A schema, read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    pub(super) types: Vec<Type>,
    pub(super) properties: BTreeMap<String, Self>,
    pub(super) required: Vec<String>,
    /// `additionalProperties: false`.
    pub(super) closed: bool,
    pub(super) items: Option<Box<Self>>,
    pub(super) one_of: Option<Vec<Value>>,
    pub(super) length: (Option<u64>, Option<u64>),
    pub(super) range: (Option<f64>, Option<f64>),
    pub(super) count: (Option<u64>, Option<u64>),
    /// What people read instead of the member's name.
    title: Option<String>,
    /// The text that it was read from, of the outermost.
    text: String,
}

// Numbers of a schema come from JSON, which has no NaN.
impl Eq for Schema {}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// [`SchemaError`].
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        if text.len() > MAX_BYTES {
            return Err(SchemaError::Malformed);
        }
        let value: Value = serde_json::from_str(text).map_err(|_| SchemaError::Malformed)?;
        let object = value.as_object().ok_or(SchemaError::Malformed)?;
        Ok(Self {
            text: text.to_owned(),
            ..Self::read(object, MAX_DEPTH)?
        })
    }

    /// The text that it was read from.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What people read instead of `member`, where the schema says it.
    pub fn title_of(&self, member: &str) -> Option<&str> {
        self.properties.get(member)?.title.as_deref()
    }

    fn read(object: &Map<String, Value>, depth: usize) -> Result<Self, SchemaError> {
        let depth = depth.checked_sub(1).ok_or(SchemaError::Malformed)?;
        let mut schema = Self::default();
        for (keyword, value) in object {
            schema.keyword(keyword, value, depth)?;
        }
        Ok(schema)
    }

    fn keyword(&mut self, keyword: &str, value: &Value, depth: usize) -> Result<(), SchemaError> {
        match keyword {
            "type" => self.types = types(value).ok_or(SchemaError::Value("type"))?,
            "properties" => {
                let object = value.as_object().ok_or(SchemaError::Value("properties"))?;
                for (name, inner) in object {
                    let inner = inner.as_object().ok_or(SchemaError::Value("properties"))?;
                    self.properties.insert(name.clone(), Self::read(inner, depth)?);
                }
            }
            "required" => self.required = words(value).ok_or(SchemaError::Value("required"))?,
            "additionalProperties" => {
                self.closed = !value
                    .as_bool()
                    .ok_or(SchemaError::Value("additionalProperties"))?;
            }
            "items" => {
                let inner = value.as_object().ok_or(SchemaError::Value("items"))?;
                self.items = Some(Box::new(Self::read(inner, depth)?));
            }
            "enum" => self.one_of = Some(value.as_array().ok_or(SchemaError::Value("enum"))?.clone()),
            "const" => self.one_of = Some(vec![value.clone()]),
            "minLength" => self.length.0 = Some(whole(value, "minLength")?),
            "maxLength" => self.length.1 = Some(whole(value, "maxLength")?),
            "minItems" => self.count.0 = Some(whole(value, "minItems")?),
            "maxItems" => self.count.1 = Some(whole(value, "maxItems")?),
            "minimum" => self.range.0 = Some(value.as_f64().ok_or(SchemaError::Value("minimum"))?),
            "maximum" => self.range.1 = Some(value.as_f64().ok_or(SchemaError::Value("maximum"))?),
            "title" => self.title = Some(value.as_str().ok_or(SchemaError::Value("title"))?.to_owned()),
            known if WORDS.contains(&known) => {}
            unknown => return Err(SchemaError::Unknown(unknown.chars().take(40).collect())),
        }
        Ok(())
    }
}

fn types(value: &Value) -> Option<Vec<Type>> {
    match value {
        Value::Array(list) => list.iter().map(Type::parse).collect(),
        one => Type::parse(one).map(|one| vec![one]),
    }
}

fn words(value: &Value) -> Option<Vec<String>> {
    let list = value.as_array()?;
    list.iter()
        .map(|word| word.as_str().map(ToOwned::to_owned))
        .collect()
}

fn whole(value: &Value, keyword: &'static str) -> Result<u64, SchemaError> {
    value.as_u64().ok_or(SchemaError::Value(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_bounded_and_holds_only_what_is_checked() {
        assert!(Schema::parse("{}").is_ok());
        let schema = Schema::parse(
            r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                "properties": {"copy": {"type": ["string", "null"], "title": "Copy"}}}"#,
        )
        .unwrap();
        assert_eq!(schema.title_of("copy"), Some("Copy"));
        assert_eq!(
            Schema::parse(r#"{"pattern": "(a+)+$"}"#),
            Err(SchemaError::Unknown("pattern".into()))
        );
        assert_eq!(
            Schema::parse(r##"{"properties": {"a": {"$ref": "#"}}}"##),
            Err(SchemaError::Unknown("$ref".into()))
        );
        assert_eq!(
            Schema::parse(r#"{"minLength": -1}"#),
            Err(SchemaError::Value("minLength"))
        );
        let deep = format!("{}{}{}", r#"{"items":"#.repeat(7), "{}", "}".repeat(7));
        for bad in ["", "[]", "true", &deep, &format!("{:>17000}", "{}")] {
            assert_eq!(Schema::parse(bad), Err(SchemaError::Malformed));
        }
    }
}
