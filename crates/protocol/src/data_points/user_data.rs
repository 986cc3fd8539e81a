//! The body of the user-data answer (the walkthrough's step 8).

use super::name::camel_case;
use super::{Catalogue, DataPoints};
use crate::records::PersonData;
use serde_json::{Map, Value};

/// Who it is, as the app is told: `userId`, and `username` where it may have that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The person's number; or the name that only this app knows.
    pub user_id: Value,
    /// The sign-in name.
    pub username: Option<String>,
}

/// `userId`, `username`, then one object per category in camelCase that holds only `allowed`.
///
/// A data point without a value is there and null, so that an app's lookup of what it was granted never fails.
/// What the catalogue no longer knows is left out.
pub fn user_data(told: Told, data: &PersonData, allowed: &DataPoints, catalogue: &Catalogue) -> Value {
    let mut body = Map::new();
    body.insert("userId".into(), told.user_id);
    body.extend(
        told.username
            .map(|username| ("username".to_owned(), username.into())),
    );
    for (category, points) in catalogue.by_category(|name| allowed.contains(name)) {
        let value = |name| data.get(name).cloned().unwrap_or(Value::Null);
        let values: Map<String, Value> = points
            .into_iter()
            .map(|point| (point.name.wire_key(), value(&point.name)))
            .collect();
        body.insert(camel_case(&category.name), values.into());
    }
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_points::DataPointName;
    use serde_json::json;

    fn name(text: &str) -> DataPointName {
        DataPointName::parse(text).unwrap()
    }

    #[test]
    fn holds_exactly_what_is_allowed() {
        let told = Told {
            user_id: json!(7),
            username: Some("asha".into()),
        };
        let roles = json!([{"role": "Student", "activeStatus": "ActiveStatus.IS_ACTIVE"}]);
        let data = PersonData::from([
            (name("person.full_name"), json!("Asha Rao")),
            (name("person.roles"), roles.clone()),
            (name("student.branch.name"), json!("Physics")),
            (name("biological_information.sex"), json!("female")),
        ]);
        let allowed = ["person.roles", "student.branch.name", "student.current_year"]
            .map(name)
            .into();
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        assert_eq!(
            user_data(told, &data, &allowed, &catalogue),
            json!({
                "userId": 7,
                "username": "asha",
                "person": {"roles": roles},
                "student": {"branch name": "Physics", "currentYear": null},
            })
        );
    }
}
