//! Whether a value is what a schema says.

use super::schema::{Schema, Type};
use serde_json::Value;

impl Schema {
    /// Checks a value: the work is bounded by the value's and the schema's size.
    ///
    /// # Errors
    /// A sentence for the developer, with the place in it.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        self.check_at("", value)
    }

    fn check_at(&self, at: &str, value: &Value) -> Result<(), String> {
        let place = if at.is_empty() { "the object" } else { at };
        if !self.types.is_empty() && !self.types.iter().any(|kind| is_of(*kind, value)) {
            return Err(format!("{place} is not of the type that the API takes"));
        }
        if self.one_of.as_ref().is_some_and(|list| !list.contains(value)) {
            return Err(format!("{place} is not one of the values that the API takes"));
        }
        match value {
            Value::String(text) => {
                let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
                within(length, self.length)
                    .then_some(())
                    .ok_or_else(|| format!("{place} is too short or too long"))
            }
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or(f64::INFINITY);
                let low = self.range.0.is_none_or(|least| number >= least);
                let high = self.range.1.is_none_or(|most| number <= most);
                (low && high)
                    .then_some(())
                    .ok_or_else(|| format!("{place} is too small or too large"))
            }
            Value::Array(list) => {
                let count = u64::try_from(list.len()).unwrap_or(u64::MAX);
                if !within(count, self.count) {
                    return Err(format!("{place} has too few or too many entries"));
                }
                let Some(items) = &self.items else {
                    return Ok(());
                };
                let mut entries = list.iter().enumerate();
                entries.try_for_each(|(n, one)| items.check_at(&format!("{at}[{n}]"), one))
            }
            Value::Object(object) => {
                if let Some(missing) = self.required.iter().find(|name| !object.contains_key(*name)) {
                    return Err(format!("{place} lacks '{missing}'"));
                }
                object
                    .iter()
                    .try_for_each(|(name, inner)| match self.properties.get(name) {
                        Some(schema) => {
                            let dot = if at.is_empty() { "" } else { "." };
                            schema.check_at(&format!("{at}{dot}{name}"), inner)
                        }
                        None if self.closed => {
                            Err(format!("{place} has a member that the API does not know"))
                        }
                        None => Ok(()),
                    })
            }
            Value::Null | Value::Bool(_) => Ok(()),
        }
    }
}

fn within(n: u64, (least, most): (Option<u64>, Option<u64>)) -> bool {
    least.is_none_or(|least| n >= least) && most.is_none_or(|most| n <= most)
}

fn is_of(kind: Type, value: &Value) -> bool {
    match kind {
        Type::Null => value.is_null(),
        Type::Boolean => value.is_boolean(),
        Type::Object => value.is_object(),
        Type::Array => value.is_array(),
        Type::Number => value.is_number(),
        Type::Integer => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        Type::String => value.is_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_keyword_refuses_something() {
        let check =
            |schema: Value, value: Value| Schema::parse(&schema.to_string()).unwrap().check(&value).is_ok();
        for (schema, good, bad) in [
            (json!({"type": "string"}), json!("a"), json!(1)),
            (json!({"type": ["null", "boolean"]}), json!(true), json!("a")),
            (json!({"type": "integer"}), json!(3.0), json!(3.5)),
            (json!({"type": "number"}), json!(3.5), json!(null)),
            (json!({"enum": ["a", 1]}), json!(1), json!(2)),
            (json!({"const": {"a": 1}}), json!({"a": 1}), json!({"a": 2})),
            (json!({"minLength": 2}), json!("\u{e9}\u{e9}"), json!("\u{e9}")),
            (json!({"maxLength": 2}), json!("ab"), json!("abc")),
            (json!({"minimum": 1}), json!(1), json!(0.5)),
            (json!({"maximum": 1}), json!(1), json!(1.5)),
            (json!({"minItems": 1}), json!([1]), json!([])),
            (json!({"maxItems": 1}), json!([1]), json!([1, 2])),
            (
                json!({"items": {"type": "string"}}),
                json!(["a"]),
                json!(["a", 1]),
            ),
            (json!({"required": ["a"]}), json!({"a": 1}), json!({"b": 1})),
            (
                json!({"properties": {"a": {"const": 1}}}),
                json!({"a": 1, "b": 2}),
                json!({"a": 2}),
            ),
            (
                json!({"properties": {"a": {}}, "additionalProperties": false}),
                json!({"a": 1}),
                json!({"a": 1, "b": 2}),
            ),
        ] {
            assert!(check(schema.clone(), good.clone()), "{schema} takes {good}");
            assert!(!check(schema.clone(), bad.clone()), "{schema} refuses {bad}");
        }
    }

    #[test]
    fn a_mistake_names_its_place_and_never_the_value() {
        let schema = Schema::parse(
            r#"{"properties": {"loan": {"items": {"properties": {"copy": {"type": "string"}}}}}}"#,
        )
        .unwrap();
        let why = schema.check(&json!({"loan": [{}, {"copy": 12345}]})).unwrap_err();
        assert!(why.contains("loan[1].copy"), "{why}");
        assert!(!why.contains("12345"));
    }
}
