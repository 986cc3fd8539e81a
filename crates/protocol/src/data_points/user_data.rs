//! The body of the user-data answer (the walkthrough's step 8).

use super::name::camel_case;
use super::{Catalogue, DataPoints};
use crate::records::{Holder, PersonData};
use serde_json::{Map, Value};

/// `userId`, `username`, then one object per category in camelCase that holds only `allowed`.
///
/// A data point without a value is there and null, so that an app's lookup of what it was granted never fails.
/// What the catalogue no longer knows is left out.
pub fn user_data(holder: &Holder, data: &PersonData, allowed: &DataPoints, catalogue: &Catalogue) -> Value {
    let mut body = Map::new();
    body.insert("userId".into(), holder.person.0.into());
    body.insert("username".into(), holder.username.clone().into());
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
    use crate::vocabulary::PersonId;
    use serde_json::json;

    fn name(text: &str) -> DataPointName {
        DataPointName::parse(text).unwrap()
    }

    #[test]
    fn holds_exactly_what_is_allowed() {
        let holder = Holder {
            person: PersonId(7),
            username: "asha".into(),
            disabled: false,
            on_team: false,
            test_of: None,
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
            user_data(&holder, &data, &allowed, &catalogue),
            json!({
                "userId": 7,
                "username": "asha",
                "person": {"roles": roles},
                "student": {"branch name": "Physics", "currentYear": null},
            })
        );
    }
}
