//! How two versions of an app differ, line by line.

use crate::views::{Difference, DifferenceKind, DifferenceRow};
use crate::{marks, prose};
use omniport_protocol::data_points::{Catalogue, DataPoint, DataPointName};
use omniport_protocol::openid::protocol_settings;
use omniport_protocol::review::{App, Manifest, Publisher, SETTINGS};
use std::collections::{BTreeMap, BTreeSet};

/// How what waits for review differs from what lives; empty where nothing waits, or nothing lives yet.
pub fn of_app(app: &App, catalogue: &Catalogue) -> Vec<Difference> {
    match (&app.live, &app.proposed) {
        (Some(live), Some(proposed)) => between(&live.manifest, &proposed.manifest, catalogue),
        _ => Vec::new(),
    }
}

/// How two versions differ.
pub(crate) fn between(live: &Manifest, proposed: &Manifest, catalogue: &Catalogue) -> Vec<Difference> {
    let uris = |manifest: &Manifest| {
        manifest
            .redirect_uris
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    let words = |text: &str| Vec::from([text.to_owned()]);
    let logo = |manifest: &Manifest| {
        words(if manifest.logo.is_some() {
            "A logo"
        } else {
            "No logo"
        })
    };
    let kind = |manifest: &Manifest| words(marks::client_type(manifest.kind).word());
    let mut parts = vec![
        compare("Name", &words(&live.name), &words(&proposed.name)),
        compare(
            "Data points",
            &points(live, catalogue),
            &points(proposed, catalogue),
        ),
        compare(
            "Optional data points",
            &labels(live, catalogue, |point| live.optional.contains(point)),
            &labels(proposed, catalogue, |point| proposed.optional.contains(point)),
        ),
        compare(
            "What for",
            &purposes(live, catalogue),
            &purposes(proposed, catalogue),
        ),
        compare("Scopes of APIs", &scopes(live), &scopes(proposed)),
        compare("Redirect URLs", &uris(live), &uris(proposed)),
        compare("Client type", &kind(live), &kind(proposed)),
        (live.description != proposed.description).then(|| Difference {
            title: "Description".to_owned(),
            rows: prose::compare(&live.description, &proposed.description),
        }),
    ];
    let same_words = logo(live) == logo(proposed);
    parts.push(if live.logo != proposed.logo && same_words {
        compare("Logo", &words("The logo until now"), &words("Another logo"))
    } else {
        compare("Logo", &logo(live), &logo(proposed))
    });
    parts.push(compare("Contact and links", &links(live), &links(proposed)));
    parts.extend(protocols(live, proposed));
    parts.into_iter().flatten().collect()
}

/// How the app speaks the protocols: each setting that differs, by what its team calls it or its registered name.
fn protocols(live: &Manifest, proposed: &Manifest) -> Vec<Option<Difference>> {
    let (had, has) = (protocol_settings(live), protocol_settings(proposed));
    let names: BTreeSet<&String> = had.keys().chain(has.keys()).collect();
    let of = |settings: &BTreeMap<String, Vec<String>>, name| settings.get(name).cloned().unwrap_or_default();
    let title = |name: &String| {
        let known = SETTINGS.iter().find(|setting| setting.name == name);
        known.map_or_else(|| name.clone(), |setting| setting.label.to_owned())
    };
    names
        .into_iter()
        .map(|name| compare(&title(name), &of(&had, name), &of(&has, name)))
        .collect()
}

fn scopes(manifest: &Manifest) -> Vec<String> {
    manifest.api_scopes.iter().cloned().collect()
}

fn links(manifest: &Manifest) -> Vec<String> {
    let Publisher {
        contact,
        home,
        privacy,
        terms,
    } = manifest.publisher.clone();
    [contact, home, privacy, terms].into_iter().flatten().collect()
}

/// What each data point is for, in the catalogue's order.
fn purposes(manifest: &Manifest, catalogue: &Catalogue) -> Vec<String> {
    let points = catalogue.data_points();
    let stated = points.filter_map(|point| {
        let purpose = manifest.purposes.get(&point.name)?;
        Some(format!("{}: {purpose}", point.label))
    });
    stated.collect()
}

/// The data points' labels in the catalogue's order, each with its category's.
fn points(manifest: &Manifest, catalogue: &Catalogue) -> Vec<String> {
    labels(manifest, catalogue, |_| true)
}

fn labels(
    manifest: &Manifest,
    catalogue: &Catalogue,
    counts: impl Fn(&DataPointName) -> bool,
) -> Vec<String> {
    let chosen = catalogue.by_category(|name| manifest.data_points.contains(name) && counts(name));
    let labelled = chosen.flat_map(|(category, points)| {
        let label = |point: &DataPoint| format!("{}: {}", category.label, point.label);
        points.into_iter().map(label).collect::<Vec<_>>()
    });
    labelled.collect()
}

/// What was added, what was removed, what stays; none where nothing differs.
fn compare(title: &str, live: &[String], proposed: &[String]) -> Option<Difference> {
    if live == proposed {
        return None;
    }
    let (had, has): (BTreeSet<_>, BTreeSet<_>) = (live.iter().collect(), proposed.iter().collect());
    let row = |kind, text: &String| DifferenceRow {
        kind,
        text: text.clone(),
    };
    let added = proposed
        .iter()
        .filter(|text| !had.contains(text))
        .map(|text| row(DifferenceKind::Added, text));
    let removed = live
        .iter()
        .filter(|text| !has.contains(text))
        .map(|text| row(DifferenceKind::Removed, text));
    let kept = proposed
        .iter()
        .filter(|text| had.contains(text))
        .map(|text| row(DifferenceKind::Kept, text));
    Some(Difference {
        title: title.to_owned(),
        rows: added.chain(removed).chain(kept).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::vocabulary::{AuthMethod, ClientKind, RedirectUri};

    fn manifest(points: &[&str]) -> Manifest {
        Manifest {
            description: "words".into(),
            ..Manifest::plain(
                "App",
                ClientKind::Confidential,
                vec![RedirectUri::parse("https://a.example/").unwrap()],
                points
                    .iter()
                    .map(|name| DataPointName::parse(name).unwrap())
                    .collect(),
            )
        }
    }

    fn told(live: &Manifest, proposed: &Manifest) -> Vec<String> {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let rows = between(live, proposed, &catalogue)
            .into_iter()
            .flat_map(|difference| {
                let title = difference.title;
                difference
                    .rows
                    .into_iter()
                    .map(move |row| format!("{title}: {} {}", row.kind.word(), row.text))
            });
        rows.collect()
    }

    #[test]
    fn what_is_added_removed_and_kept_is_told() {
        let live = manifest(&["person.full_name", "person.roles"]);
        let proposed = manifest(&["person.full_name", "student.current_year"]);
        assert_eq!(
            told(&live, &proposed),
            [
                "Data points: Added Student: Current year",
                "Data points: Removed Person: Roles",
                "Data points: Kept Person: Full name",
            ]
        );
        assert!(told(&live, &live).is_empty());
    }

    #[test]
    fn nothing_that_is_approved_hides_from_who_approves_it() {
        let live = manifest(&["person.full_name"]);
        let mut proposed = live.clone();
        let name = DataPointName::parse("person.full_name").unwrap();
        proposed.optional = [name.clone()].into();
        proposed.purposes.insert(name, "To greet you".into());
        proposed.api_scopes = ["loans:write".to_owned()].into();
        proposed.auth_methods = [AuthMethod::PrivateKeyJwt].into();
        proposed.openid.jwks_uri = Some("https://other.example/jwks".into());
        proposed.publisher.privacy = Some("https://a.example/privacy".into());
        let told = told(&live, &proposed);
        for line in [
            "Optional data points: Added Person: Full name",
            "What for: Added Full name: To greet you",
            "Scopes of APIs: Added loans:write",
            "Contact and links: Added https://a.example/privacy",
            ": Added https://other.example/jwks",
            "Client authentication: Added private_key_jwt",
            "Client authentication: Removed client_secret_basic",
        ] {
            assert!(told.iter().any(|row| row.ends_with(line)), "{line}: {told:?}");
        }
    }

    #[test]
    fn another_logo_is_told_though_nobody_can_read_it() {
        let with = |digest: &str| Manifest {
            logo: Some(digest.into()),
            ..manifest(&[])
        };
        assert_eq!(
            told(&manifest(&[]), &with("a")),
            ["Logo: Added A logo", "Logo: Removed No logo"]
        );
        assert_eq!(told(&with("a"), &with("b")).len(), 2);
        assert!(told(&with("a"), &with("a")).is_empty());
    }
}
