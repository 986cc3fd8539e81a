//! Standard claims, each fed by a data point of the catalogue (OpenID Connect Core section 5.1).

use super::scopes::top;
use crate::data_points::{Catalogue, DataPoints};
use crate::records::{Holder, PersonData};
use serde_json::{Map, Value};

/// The claim that a person's sign-in name feeds: it is no data point.
const PREFERRED_USERNAME: &str = "preferred_username";

/// The claims about a person that the default catalogue, or the sign-in name, can feed: what discovery may list.
pub const STANDARD_CLAIMS: [&str; 19] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "address",
    "phone_number",
    "phone_number_verified",
];

/// The claims that `allowed` data points feed, as far as `wants` says; what is not on file is left out (section 5.3.2).
///
/// `preferred_username` comes where it is wanted: who signed in is what a sign-in tells.
pub fn standard_claims(
    holder: &Holder,
    data: &PersonData,
    allowed: &DataPoints,
    catalogue: &Catalogue,
    issuer: &str,
    wants: impl Fn(&str) -> bool,
) -> Map<String, Value> {
    let mut claims = Map::new();
    if wants(PREFERRED_USERNAME) {
        claims.insert(PREFERRED_USERNAME.into(), holder.username.clone().into());
    }
    for point in catalogue.data_points() {
        let fed = point.claim.as_deref().filter(|claim| wants(top(claim)));
        let value = data.get(&point.name).filter(|value| !value.is_null());
        let (Some(claim), Some(value), true) = (fed, value, allowed.contains(&point.name)) else {
            continue;
        };
        put(&mut claims, claim, absolute(claim, value, issuer));
    }
    claims
}

/// Puts a value where its claim stands: a member of `address` (section 5.1.1), or the claim itself.
fn put(claims: &mut Map<String, Value>, claim: &str, value: Value) {
    match claim.split_once('.') {
        None => {
            claims.insert(claim.to_owned(), value);
        }
        Some((outer, member)) => {
            let object = claims.entry(outer).or_insert_with(|| Map::new().into());
            if let Value::Object(members) = object {
                members.insert(member.to_owned(), value);
            }
        }
    }
}

/// `picture` is a URL; a picture that we serve is on file as its path.
fn absolute(claim: &str, value: &Value, issuer: &str) -> Value {
    match value.as_str() {
        Some(path) if claim == "picture" && path.starts_with('/') => format!("{issuer}{path}").into(),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{holder, point};
    use serde_json::json;

    #[test]
    fn tells_what_is_allowed_wanted_and_on_file() {
        let data = PersonData::from([
            (point("person.full_name"), json!("Asha Rao")),
            (point("person.display_picture"), json!("/pictures/asha.png")),
            (point("contact_information.email_address"), json!("a@example.org")),
            (point("openid_profile.address_locality"), json!("Roorkee")),
            (point("openid_profile.address_country"), json!("India")),
            (point("person.short_name"), Value::Null),
        ]);
        let allowed: DataPoints = data.keys().cloned().collect();
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let tell = |allowed: &DataPoints, wants: &dyn Fn(&str) -> bool| {
            Value::from(standard_claims(
                &holder(),
                &data,
                allowed,
                &catalogue,
                "https://id.example",
                wants,
            ))
        };
        assert_eq!(
            tell(&allowed, &|_| true),
            json!({
                "preferred_username": "asha",
                "name": "Asha Rao",
                "picture": "https://id.example/pictures/asha.png",
                "email": "a@example.org",
                "address": {"locality": "Roorkee", "country": "India"},
            })
        );
        assert_eq!(
            tell(&allowed, &|claim| claim == "email"),
            json!({"email": "a@example.org"})
        );
        assert_eq!(
            tell(&DataPoints::new(), &|claim| claim != "preferred_username"),
            json!({})
        );
    }

    #[test]
    fn every_bundles_claims_are_standard() {
        let bundled: Vec<&str> = super::super::BUNDLES
            .iter()
            .flat_map(|(_, claims)| *claims)
            .copied()
            .collect();
        assert_eq!(bundled, STANDARD_CLAIMS);
    }
}
