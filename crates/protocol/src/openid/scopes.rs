//! OpenID's scopes as bundles over the catalogue (OpenID Connect Core section 5.4).

use crate::data_points::DataPoint;
use crate::vocabulary::Scope;

/// The scope that makes a request one of OpenID Connect (Core section 3.1.2.1).
pub const OPENID: &str = "openid";

/// The scope that asks for a refresh token (Core section 11). An app that may use the refresh grant gets one without
/// it too, as the apps before OpenID always have.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// Each bundle with its claims. `address` is one claim of several members; its data points feed `address.MEMBER`.
pub const BUNDLES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
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
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// Whether OpenID defines the scope. Every app may name these: what they stand for is what the app is approved for.
pub fn is_openid_scope(name: &str) -> bool {
    name == OPENID || name == OFFLINE_ACCESS || BUNDLES.iter().any(|(bundle, _)| *bundle == name)
}

/// Whether `scope` lets a data point be read: by its own name, by `read`, or by the bundle of the claim that it feeds.
pub fn stands_for(scope: &Scope, point: &DataPoint) -> bool {
    scope.reads(&point.name)
        || point
            .claim
            .as_deref()
            .and_then(bundle_of)
            .is_some_and(|bundle| scope.contains(bundle))
}

/// The claim that a data point feeds, or is a member of.
pub fn claim_of(point: &DataPoint) -> Option<&str> {
    point.claim.as_deref().map(top)
}

/// The bundle that a claim belongs to.
fn bundle_of(claim: &str) -> Option<&'static str> {
    let claim = top(claim);
    BUNDLES
        .iter()
        .find(|(_, claims)| claims.contains(&claim))
        .map(|(bundle, _)| *bundle)
}

/// The claim that a catalogue's word feeds: `address` for `address.locality`.
pub(super) fn top(claim: &str) -> &str {
    claim.split('.').next().unwrap_or(claim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_points::Catalogue;

    #[test]
    fn a_bundle_stands_for_the_data_points_that_feed_its_claims() {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let names = |scope: &str| {
            let scope = Scope::parse(scope).unwrap();
            let points = catalogue.data_points().filter(|point| stands_for(&scope, point));
            points.map(|point| point.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            names("openid email"),
            [
                "contact_information.email_address",
                "contact_information.email_address_verified"
            ]
        );
        assert!(names("openid offline_access").is_empty());
        assert!(names("address").len() > 3);
        assert!(names("profile").contains(&"person.full_name".to_owned()));
        assert!(!names("profile").contains(&"person.roles".to_owned()));
    }

    #[test]
    fn the_catalogue_feeds_every_claim_of_every_bundle() {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        for claim in BUNDLES.iter().flat_map(|(_, claims)| *claims) {
            // The person's sign-in name, which is no data point.
            let fed = *claim == "preferred_username"
                || catalogue
                    .data_points()
                    .any(|point| point.claim.as_deref().map(top) == Some(claim));
            assert!(fed, "{claim}");
        }
    }
}
