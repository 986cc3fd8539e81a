//! What deserves a reviewer's second look (case 110). It refuses nothing: the reviewer decides.

use omniport_protocol::data_points::{Catalogue, Sensitivity};
use omniport_protocol::review::Manifest;
use omniport_protocol::vocabulary::RedirectUri;

/// One sentence each.
pub(super) fn of(manifest: &Manifest, institution: &str, catalogue: &Catalogue) -> Vec<String> {
    let mut warnings = Vec::new();
    if mixes_scripts(&manifest.name) {
        warnings.push("The name mixes alphabets, so that it may look like another name.".to_owned());
    }
    let name = folded(&manifest.name);
    for known in [institution, "Omniport"] {
        if !folded(known).is_empty() && name.contains(&folded(known)) {
            warnings.push(format!(
                "The name holds \u{201c}{known}\u{201d}: people may take the app for ours."
            ));
        }
    }
    let sensitive: Vec<&str> = catalogue
        .data_points()
        .filter(|point| point.sensitivity == Sensitivity::High && manifest.data_points.contains(&point.name))
        .map(|point| point.label.as_str())
        .collect();
    if !sensitive.is_empty() {
        warnings.push(format!("It asks for sensitive data: {}.", sensitive.join(", ")));
    }
    if manifest.redirect_uris.iter().any(is_own_machine) {
        warnings.push(
            "A redirect URL leads to the developer's own machine: fit for trying, not for people.".to_owned(),
        );
    }
    warnings
}

/// Letters and digits alone, in lower case.
fn folded(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether letters of Latin stand beside Greek or Cyrillic ones, which look alike.
fn mixes_scripts(name: &str) -> bool {
    let latin = |c: char| c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}');
    let alike = |c: char| matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}') && c.is_alphabetic();
    name.chars().any(latin) && name.chars().any(alike)
}

fn is_own_machine(uri: &RedirectUri) -> bool {
    uri.as_str().starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::data_points::DataPointName;
    use omniport_protocol::review::{default_auth_methods, default_grant_types};
    use omniport_protocol::vocabulary::ClientKind;

    fn told(name: &str, uri: &str, points: &[&str]) -> usize {
        let manifest = Manifest {
            name: name.into(),
            description: String::new(),
            redirect_uris: vec![RedirectUri::parse(uri).unwrap()],
            kind: ClientKind::Public,
            auth_methods: default_auth_methods(ClientKind::Public),
            grant_types: default_grant_types(),
            data_points: points
                .iter()
                .map(|name| DataPointName::parse(name).unwrap())
                .collect(),
            openid: omniport_protocol::openid::OpenIdMetadata::default(),
            logo: None,
        };
        of(
            &manifest,
            "Example University",
            &Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap(),
        )
        .len()
    }

    #[test]
    fn case_110_what_looks_like_something_else_is_flagged() {
        let uri = "https://a.example/";
        assert_eq!(told("Course Planner", uri, &["person.full_name"]), 0);
        assert_eq!(told("\u{421}ourse Planner", uri, &[]), 1);
        assert_eq!(told("\u{417}\u{430}\u{447}\u{451}\u{442}", uri, &[]), 0);
        assert_eq!(told("Omni-Port Login", uri, &[]), 1);
        assert_eq!(told("EXAMPLE  university mail", uri, &[]), 1);
        assert_eq!(told("Planner", uri, &["biological_information.blood_group"]), 1);
        assert_eq!(told("Planner", "http://localhost:3000/", &[]), 1);
    }
}
