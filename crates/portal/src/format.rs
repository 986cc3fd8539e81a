//! Values as a person reads them.

use crate::views::PointValue;
use jiff::civil::Date;
use omniport_protocol::data_points::{ValueKind, is_active_role};
use serde_json::Value;

/// A person's value for a data point, as the catalogue says it looks. A value of another form is shown as it is: the
/// app would get it as it is.
pub(crate) fn value(kind: ValueKind, value: Option<&Value>) -> PointValue {
    match (kind, value) {
        (_, None | Some(Value::Null)) => PointValue::Nothing,
        (ValueKind::Roles, Some(Value::Array(roles))) => PointValue::List(roles.iter().map(role).collect()),
        (_, Some(Value::Array(items))) => PointValue::List(items.iter().map(text).collect()),
        (ValueKind::Picture, Some(Value::String(url))) => picture(url),
        (ValueKind::Date, Some(Value::String(date))) => PointValue::Bare(day(date)),
        (_, Some(Value::String(text))) if text.chars().any(char::is_alphabetic) => {
            PointValue::Text(text.clone())
        }
        // An enrolment or telephone number is a text without a letter.
        (_, Some(other @ (Value::Bool(_) | Value::Number(_) | Value::String(_)))) => {
            PointValue::Bare(text(other))
        }
        (_, Some(other)) => PointValue::Text(text(other)),
    }
}

/// `2026-11-23` as `23 Nov 2026`; any other text as it is.
fn day(text: &str) -> String {
    text.parse::<Date>()
        .map_or_else(|_| text.to_owned(), |date| date.strftime("%-d %b %Y").to_string())
}

/// A picture that this page may show; the address of any other.
fn picture(url: &str) -> PointValue {
    match own_picture(url) {
        Some(own) => PointValue::Picture(own),
        None => PointValue::Text(url.to_owned()),
    }
}

/// The address of a picture, if the pages' policy lets it be shown: one of this host, or one in the address itself.
pub(crate) fn own_picture(url: &str) -> Option<String> {
    (crate::paths::own(url).is_some() || url.starts_with("data:image/")).then(|| url.to_owned())
}

fn role(role: &Value) -> String {
    let name = role.get("role").map_or_else(|| text(role), text);
    if is_active_role(role) {
        name
    } else {
        format!("{name} (not at present)")
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "Yes".to_owned(),
        Value::Bool(false) => "No".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// A length of time in words: `a year`, `90 days`, `an hour`.
pub(crate) fn lasting(seconds: i64) -> String {
    let count = |number: i64, one: &str, many: &str| match number {
        1 => one.to_owned(),
        number => format!("{number} {many}"),
    };
    match seconds {
        s if s >= 365 * 86_400 && s % (365 * 86_400) < 86_400 => count(s / (365 * 86_400), "a year", "years"),
        s if s >= 86_400 => count(s / 86_400, "a day", "days"),
        s if s >= 3_600 => count(s / 3_600, "an hour", "hours"),
        s => count((s / 60).max(1), "a minute", "minutes"),
    }
}

/// Seconds as a person says them, rounded up.
pub(crate) fn wait(seconds: i64) -> String {
    match seconds {
        ..=1 => "a second".to_owned(),
        2..=60 => format!("{seconds} seconds"),
        _ => format!("{} minutes", (seconds + 59) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(kind: ValueKind, json: &Value) -> Vec<String> {
        match value(kind, Some(json)) {
            PointValue::Nothing => vec![],
            PointValue::Text(text) | PointValue::Bare(text) => vec![text],
            PointValue::List(texts) => texts,
            PointValue::Picture(url) => vec![format!("picture {url}")],
        }
    }

    #[test]
    fn values_are_told_in_words() {
        assert_eq!(shown(ValueKind::Date, &json!("2026-11-03")), ["3 Nov 2026"]);
        assert_eq!(shown(ValueKind::Date, &json!("soon")), ["soon"]);
        assert_eq!(shown(ValueKind::Boolean, &json!(true)), ["Yes"]);
        assert_eq!(shown(ValueKind::Boolean, &json!(false)), ["No"]);
        assert_eq!(shown(ValueKind::Integer, &json!(3)), ["3"]);
        assert_eq!(shown(ValueKind::List, &json!(["a", "b"])), ["a", "b"]);
        assert_eq!(shown(ValueKind::Text, &json!({"a": 1})), ["{\"a\":1}"]);
        assert!(shown(ValueKind::Text, &json!(null)).is_empty());
        assert!(matches!(value(ValueKind::Text, None), PointValue::Nothing));
    }

    #[test]
    fn what_says_nothing_by_itself_is_bare() {
        for (kind, json) in [
            (ValueKind::Integer, json!(5)),
            (ValueKind::Boolean, json!(true)),
            (ValueKind::Date, json!("2026-11-03")),
            (ValueKind::Text, json!("21114001")),
            (ValueKind::Text, json!("+91 1332 285 311")),
        ] {
            assert!(matches!(value(kind, Some(&json)), PointValue::Bare(_)), "{json}");
        }
        for text in ["Physics", "B-214", "भौतिकी"] {
            let shown = value(ValueKind::Text, Some(&json!(text)));
            assert!(matches!(shown, PointValue::Text(_)), "{text}");
        }
    }

    #[test]
    fn roles_are_words_and_former_ones_are_marked() {
        let roles = json!([
            {"role": "Student", "activeStatus": "ActiveStatus.IS_ACTIVE"},
            {"role": "Guide", "activeStatus": "ActiveStatus.HAS_BEEN_ACTIVE"},
            "odd",
        ]);
        assert_eq!(
            shown(ValueKind::Roles, &roles),
            ["Student", "Guide (not at present)", "odd"]
        );
    }

    #[test]
    fn only_our_own_pictures_are_shown() {
        let picture = |url: &str| shown(ValueKind::Picture, &json!(url)).join("");
        assert_eq!(picture("/media/a.png"), "picture /media/a.png");
        assert_eq!(
            picture("data:image/png;base64,AA"),
            "picture data:image/png;base64,AA"
        );
        for other in [
            "https://evil.example/a.png",
            "//evil.example/a.png",
            "data:text/html,x",
        ] {
            assert_eq!(picture(other), other);
        }
    }

    #[test]
    fn lengths_of_time_are_told_in_words() {
        for (seconds, words) in [
            (365 * 86_400, "a year"),
            (730 * 86_400, "2 years"),
            (366 * 86_400, "366 days"),
            (90 * 86_400, "90 days"),
            (86_400, "a day"),
            (7_200, "2 hours"),
            (60, "a minute"),
            (0, "a minute"),
        ] {
            assert_eq!(lasting(seconds), words);
        }
    }

    #[test]
    fn waiting_is_told_in_words() {
        assert_eq!(wait(1), "a second");
        assert_eq!(wait(45), "45 seconds");
        assert_eq!(wait(61), "2 minutes");
        assert_eq!(wait(290), "5 minutes");
    }
}
