//! Values for people who do not exist: one for every data point there is, so that an app can be tried whole.

use super::{Catalogue, DataPoint, ValueKind, role::active_role};
use crate::records::PersonData;
use serde_json::{Value, json};

/// The values of the test person of this number. Nobody's: the names say so, addresses end in `.invalid` (RFC 2606), and
/// telephone numbers are of those set aside for fiction.
pub fn synthetic(catalogue: &Catalogue, number: usize) -> PersonData {
    let points = catalogue.data_points();
    points
        .map(|point| (point.name.clone(), value(point, number)))
        .collect()
}

fn value(point: &DataPoint, number: usize) -> Value {
    match point.kind {
        ValueKind::Text => text(point, number).into(),
        ValueKind::Date => format!("20{:02}-0{}-1{}", 10 + number % 10, 1 + number % 9, number % 10).into(),
        ValueKind::Integer => (1 + number % 4).into(),
        ValueKind::Boolean => true.into(),
        ValueKind::Roles => json!([active_role("Student"), active_role("Test person")]),
        ValueKind::List => json!([format!("https://test-{number}.invalid/")]),
        // A picture would have to exist; none is the honest value.
        ValueKind::Picture => Value::Null,
    }
}

fn text(point: &DataPoint, number: usize) -> String {
    let name = point.name.as_str();
    let claim = point.claim.as_deref();
    if claim == Some("email") || name.ends_with("email_address") || name.ends_with("webmail_address") {
        format!("test-{number}@example.invalid")
    } else if claim == Some("phone_number") || name.ends_with("phone_number") {
        format!("+1 555 01{:02}", number % 100)
    } else {
        match name {
            "person.full_name" => format!("Test Person {number}"),
            "person.short_name" => format!("Test {number}"),
            _ => format!("{} {number}", point.label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_point_has_a_value_of_its_kind() {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        for number in [0, 1, 99, 100_000] {
            let data = synthetic(&catalogue, number);
            for point in catalogue.data_points() {
                let value = &data[&point.name];
                let text = match value {
                    Value::Null => continue,
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(point.read(&text).as_ref(), Ok(value), "{}", point.name);
            }
        }
        assert_ne!(synthetic(&catalogue, 1), synthetic(&catalogue, 2));
    }
}
