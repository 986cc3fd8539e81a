//! How two versions of an app differ, line by line.

use crate::marks;
use crate::views::{Difference, DifferenceKind, DifferenceRow};
use omniport_protocol::data_points::{Catalogue, DataPoint};
use omniport_protocol::review::{App, Manifest, SETTINGS, grant_words};
use std::collections::BTreeSet;

/// How what waits for review differs from what lives; empty where nothing waits, or nothing lives yet.
pub(crate) fn of_app(app: &App, catalogue: &Catalogue) -> Vec<Difference> {
    match (&app.live, &app.proposed) {
        (Some(live), Some(proposed)) => between(&live.manifest, &proposed.manifest, catalogue),
        _ => Vec::new(),
    }
}

fn between(live: &Manifest, proposed: &Manifest, catalogue: &Catalogue) -> Vec<Difference> {
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
    let exchanged = |manifest: &Manifest| {
        let policy = manifest.token_exchange.clone().unwrap_or_default();
        let acts = policy
            .delegation
            .then(|| "Somebody may act for the person".to_owned());
        let from = policy.from.iter().map(|app| format!("Tokens of {app}"));
        from.chain(acts).collect::<Vec<_>>()
    };
    let mut parts = vec![
        compare("Token exchange", &exchanged(live), &exchanged(proposed)),
        compare("Name", &words(&live.name), &words(&proposed.name)),
        compare(
            "Data points",
            &points(live, catalogue),
            &points(proposed, catalogue),
        ),
        compare("Redirect URLs", &uris(live), &uris(proposed)),
        compare("Protocol", &settings(live), &settings(proposed)),
        compare("Client type", &kind(live), &kind(proposed)),
        compare(
            "Description",
            &words(&live.description),
            &words(&proposed.description),
        ),
    ];
    let same_words = logo(live) == logo(proposed);
    parts.push(if live.logo != proposed.logo && same_words {
        compare("Logo", &words("The logo until now"), &words("Another logo"))
    } else {
        compare("Logo", &logo(live), &logo(proposed))
    });
    parts.into_iter().flatten().collect()
}

/// The protocol's side: its grants, and what its client metadata say.
fn settings(manifest: &Manifest) -> Vec<String> {
    let grants = grant_words().filter(|words| {
        let mut own = manifest.grant_types.iter();
        own.any(|grant| grant.0 == words.grant_type)
    });
    grants
        .map(|words| format!("Grant: {}", words.label))
        .chain(SETTINGS.iter().filter_map(|one| one.shown(manifest)))
        .collect()
}

/// The data points' labels in the catalogue's order, each with its category's.
fn points(manifest: &Manifest, catalogue: &Catalogue) -> Vec<String> {
    let chosen = catalogue.by_category(|name| manifest.data_points.contains(name));
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
    use omniport_protocol::data_points::DataPointName;
    use omniport_protocol::vocabulary::{ClientKind, RedirectUri};

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
