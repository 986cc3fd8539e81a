//! Standard claims, each fed by a data point of the catalogue (OpenID Connect Core section 5.1).

use super::scopes::{stands_for, top};
use super::{SubjectType, Wanted};
use crate::ctx::Ctx;
use crate::data_points::{Catalogue, DataPoints};
use crate::records::{Holder, PersonData};
use crate::vocabulary::{Client, Scope};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The claim that a person's sign-in name feeds: it is no data point.
const PREFERRED_USERNAME: &str = "preferred_username";

/// The claims about a person that are told in one place, an ID token or userinfo, and what bounds them.
#[derive(Debug, Clone, Copy)]
pub struct ToldClaims<'a> {
    /// Of whom.
    pub holder: &'a Holder,
    /// Their values.
    pub data: &'a PersonData,
    /// The data points that the app may have.
    pub allowed: &'a DataPoints,
    /// The scope whose claims are told here (Core section 5.4); none where they are told elsewhere.
    pub scope: Option<&'a Scope>,
    /// Whether the app may have the person's sign-in name ([`tells_username`]).
    pub username: bool,
    /// The claims that were asked for by name, to be told here (Core section 5.5).
    pub asked: Option<&'a BTreeMap<String, Wanted>>,
}

impl ToldClaims<'_> {
    /// The claims: those that the scope stands for or that were asked for by name, as far as a data point that is allowed
    /// feeds them; what is not on file, or not a value that was asked for, is left out (sections 5.3.2 and 5.5.1).
    ///
    /// `preferred_username` comes where it is wanted and the app may have it.
    pub fn claims(&self, ctx: &Ctx<'_>) -> Map<String, Value> {
        let mut claims = Map::new();
        let by_profile = self.scope.is_some_and(|scope| scope.contains("profile"));
        if self.username && (by_profile || self.is_asked(PREFERRED_USERNAME)) {
            claims.insert(PREFERRED_USERNAME.into(), self.holder.username.clone().into());
        }
        for point in ctx.catalogue.data_points() {
            let fed = point.claim.as_deref().filter(|claim| {
                self.is_asked(top(claim)) || self.scope.is_some_and(|scope| stands_for(scope, point))
            });
            let value = self.data.get(&point.name).filter(|value| !value.is_null());
            let (Some(claim), Some(value), true) = (fed, value, self.allowed.contains(&point.name)) else {
                continue;
            };
            put(&mut claims, claim, absolute(claim, value, ctx.issuer));
        }
        claims.retain(|claim, value| self.wanted(claim).is_none_or(|wanted| wanted.accepts(value)));
        claims
    }

    fn wanted(&self, claim: &str) -> Option<&Wanted> {
        self.asked?.get(claim)
    }

    fn is_asked(&self, claim: &str) -> bool {
        self.wanted(claim).is_some()
    }
}

/// Whether an app that is allowed these data points may have the person's sign-in name: who signed in is what a sign-in
/// tells, and the name is one for all apps. Of an app that is to know people by a name of its own only where it is
/// allowed something of `profile`, to which the sign-in name belongs (Core section 5.4).
pub fn tells_username(client: &Client, allowed: &DataPoints, catalogue: &Catalogue) -> bool {
    let profile = Scope::of(["profile"]);
    let mut points = catalogue.data_points();
    client.openid.subject_type == SubjectType::Public
        || points.any(|point| allowed.contains(&point.name) && stands_for(&profile, point))
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
    use crate::testing::{World, client, holder, point, points};
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
        let all: DataPoints = data.keys().cloned().collect();
        let world = World::new();
        let tell = |allowed: &DataPoints, scope: &str, asked: &Value| {
            let asked = asked.as_object().unwrap().iter();
            let asked = asked
                .map(|(claim, values)| {
                    let values = values.as_array().cloned().unwrap_or_default();
                    let wanted = Wanted {
                        values,
                        ..Wanted::default()
                    };
                    (claim.clone(), wanted)
                })
                .collect();
            let told = ToldClaims {
                holder: &holder(),
                data: &data,
                allowed,
                scope: Some(&Scope::parse(scope).unwrap()),
                username: true,
                asked: Some(&asked),
            };
            Value::from(told.claims(&world.ctx()))
        };
        assert_eq!(
            tell(&all, "openid profile email address", &json!({})),
            json!({
                "preferred_username": "asha",
                "name": "Asha Rao",
                "picture": "https://id.example.org/pictures/asha.png",
                "email": "a@example.org",
                "address": {"locality": "Roorkee", "country": "India"},
            })
        );
        let email = json!({"email": "a@example.org"});
        assert_eq!(tell(&all, "openid email", &json!({})), email);
        assert_eq!(tell(&all, "openid", &json!({"email": null})), email);
        let other = json!({"email": ["b@example.org"]});
        assert_eq!(tell(&all, "openid email", &other), json!({}));
        let by_name = json!({"preferred_username": null, "name": null});
        assert_eq!(
            tell(&DataPoints::new(), "openid email", &by_name),
            json!({"preferred_username": "asha"})
        );
        let mut app = client();
        let catalogue = world.ctx().catalogue;
        assert!(tells_username(&app, &DataPoints::new(), catalogue));
        app.openid.subject_type = SubjectType::Pairwise;
        assert!(!tells_username(
            &app,
            &points(["contact_information.email_address"]),
            catalogue
        ));
        assert!(tells_username(&app, &points(["person.full_name"]), catalogue));
    }
}
