//! One text for one value: the JSON Canonicalization Scheme (RFC 8785), without numbers that are not whole.

use serde_json::Value;

/// `value` without spaces, members in the order of their names' UTF-16 units (RFC 8785 section 3.2.3). A number that is
/// not whole, which no event has, becomes a string: how it is to be written depends on who writes it.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            text.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                string(name, text);
                text.push(':');
                write(member, text);
            }
            text.push('}');
        }
        Value::Number(number) if number.is_f64() => string(&number.to_string(), text),
        Value::String(words) => string(words, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
}

/// RFC 8785 section 3.2.2.2: what must be escaped, in its shortest form, and nothing else.
fn string(words: &str, text: &mut String) {
    text.push_str(&Value::from(words).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// RFC 8785 section 3.2.2 and 3.2.3, but for the numbers that are not whole.
    #[test]
    fn the_text_is_that_of_rfc_8785() {
        let value: Value = serde_json::from_str(
            r#"{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false], "n": [56, -1, 0]}"#,
        )
        .unwrap();
        assert_eq!(
            canonical(&value),
            "{\"literals\":[null,true,false],\"n\":[56,-1,0],\"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
        let value =
            json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        assert_eq!(
            canonical(&value),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn it_reads_back_as_itself() {
        let value = json!({"b": [{"z": "", "a": "\u{7f}\t"}], "a": {}, "c": i64::MIN, "d": 1.5});
        let text = canonical(&value);
        assert_eq!(
            text,
            "{\"a\":{},\"b\":[{\"a\":\"\u{7f}\\t\",\"z\":\"\"}],\"c\":-9223372036854775808,\"d\":\"1.5\"}"
        );
        assert_eq!(canonical(&serde_json::from_str(&text).unwrap()), text);
    }
}
