//! What can be seen of an app without a person: each check with its evidence. Most refuse nothing; a maintainer decides.

use super::names::{disguised, holds, imitates_omniport, is_bidi_control, is_invisible};
use super::{DESCRIPTION_WORDS, Manifest, count_words};
use crate::data_points::{Catalogue, Sensitivity};
use crate::vocabulary::{GrantType, Legacy, Timestamp};

/// A secret older than so many days is old.
const OLD_SECRET_DAYS: i64 = 365;
const DAY: i64 = 86_400;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Checked {
    /// The description's length.
    Description,
    /// The name.
    Name,
    /// The logo.
    Logo,
    /// Whom to ask, and where to read more.
    Publisher,
    /// The hosts of the redirect URLs.
    RedirectHosts,
    /// Sensitive data points and what they are for.
    Purposes,
    /// How old the oldest secret that still works is.
    Secrets,
    /// What is allowed for the sake of older apps, and grants beyond the usual.
    Legacy,
}

impl Checked {
    /// Its word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Name => "name",
            Self::Logo => "logo",
            Self::Publisher => "publisher",
            Self::RedirectHosts => "redirect_hosts",
            Self::Purposes => "purposes",
            Self::Secrets => "secrets",
            Self::Legacy => "legacy",
        }
    }
}

/// One check, with what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub what: Checked,
    /// Whether nothing about it needs a second look.
    pub fine: bool,
    /// What was seen, in words.
    pub evidence: String,
}

/// What the checks look at beside the manifest.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The institution's name.
    pub institution: &'a str,
    /// The data points there are.
    pub catalogue: &'a Catalogue,
    /// Other apps whose names look the same.
    pub alike: &'a [String],
    /// When the oldest secret that still works was made.
    pub oldest_secret: Option<Timestamp>,
    /// What it may do that nobody new may.
    pub legacy: Legacy,
    /// The host of the address that it is known by, where it is known by a document there.
    pub known_as: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

/// Every check of `manifest`, in the order in which they are read.
pub fn checks(manifest: &Manifest, evidence: &Evidence<'_>) -> Vec<Check> {
    vec![
        description(manifest),
        name(manifest, evidence),
        logo(manifest),
        publisher(manifest),
        redirect_hosts(manifest, evidence.known_as),
        purposes(manifest, evidence.catalogue),
        secrets(evidence),
        legacy(manifest, evidence),
    ]
}

fn check(what: Checked, fine: bool, evidence: impl Into<String>) -> Check {
    Check {
        what,
        fine,
        evidence: evidence.into(),
    }
}

fn description(manifest: &Manifest) -> Check {
    let words = count_words(&manifest.description);
    let (least, most) = (DESCRIPTION_WORDS.start(), DESCRIPTION_WORDS.end());
    check(
        Checked::Description,
        DESCRIPTION_WORDS.contains(&words),
        format!("It has {words} words; {least} to {most} are asked for."),
    )
}

fn name(manifest: &Manifest, evidence: &Evidence<'_>) -> Check {
    let name = manifest.name.as_str();
    let mut found = Vec::new();
    if name.chars().any(is_bidi_control) {
        found.push("It holds characters that turn the direction of text.".to_owned());
    }
    if name.chars().any(is_invisible) {
        found.push("It holds characters that nobody sees.".to_owned());
    }
    let strangers: Vec<String> = disguised(name).into_iter().map(spelled).collect();
    if !strangers.is_empty() {
        found.push(format!(
            "It holds letters that only look Latin: {}.",
            strangers.join(", ")
        ));
    }
    if imitates_omniport(name) {
        found.push("People may take it for Omniport's own name.".to_owned());
    }
    // An institution that has not said its name is called Omniport.
    if holds(name, evidence.institution) && !imitates_omniport(evidence.institution) {
        found.push(format!(
            "It holds \u{201c}{}\u{201d}: people may take the app for ours.",
            evidence.institution
        ));
    }
    if !evidence.alike.is_empty() {
        found.push(format!(
            "It looks like another app's: {}.",
            evidence.alike.join(", ")
        ));
    }
    if found.is_empty() {
        check(Checked::Name, true, "It looks like no other name we know.")
    } else {
        check(Checked::Name, false, found.join(" "))
    }
}

/// `'\u{421}' (U+0421)`.
fn spelled(c: char) -> String {
    format!("\u{201c}{c}\u{201d} (U+{:04X})", u32::from(c))
}

fn logo(manifest: &Manifest) -> Check {
    let has = manifest.logo.is_some();
    check(
        Checked::Logo,
        has,
        if has { "There is one." } else { "There is none." },
    )
}

fn publisher(manifest: &Manifest) -> Check {
    let publisher = &manifest.publisher;
    let parts = [
        ("contact", &publisher.contact),
        ("home page", &publisher.home),
        ("privacy notice", &publisher.privacy),
        ("terms of use", &publisher.terms),
    ];
    let missing: Vec<&str> = parts
        .iter()
        .filter(|(_, given)| given.is_none())
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return check(
            Checked::Publisher,
            true,
            "A contact and all three links are given.",
        );
    }
    // People must be able to reach somebody; the links are good to have.
    let fine = publisher.contact.is_some();
    check(
        Checked::Publisher,
        fine,
        format!("Not given: {}.", missing.join(", ")),
    )
}

fn redirect_hosts(manifest: &Manifest, known_as: Option<&str>) -> Check {
    let mut hosts = Vec::new();
    let mut odd = Vec::new();
    let own = known_as.map(without_port);
    for uri in &manifest.redirect_uris {
        let host = uri.host();
        if hosts.contains(&host) {
            continue;
        }
        if uri.as_str().starts_with("http://") {
            odd.push(format!(
                "{host} is the developer's own machine: fit for trying, not for people."
            ));
        } else if uri.is_private_use() {
            odd.push(format!("{host}: is a scheme that any app on a device may claim."));
        } else if host.split('.').any(|label| label.starts_with("xn--")) {
            let (read, _) = idna::domain_to_unicode(&host);
            let strangers: Vec<String> = disguised(&read).into_iter().map(spelled).collect();
            odd.push(if strangers.is_empty() {
                format!("{host} reads {read}.")
            } else {
                format!(
                    "{host} reads {read}, with letters that only look Latin: {}.",
                    strangers.join(", ")
                )
            });
        } else if imitates_omniport(&host) {
            odd.push(format!("{host} may be taken for ours."));
        }
        if uri.site().is_some()
            && let Some(own) = own.filter(|own| *own != host)
        {
            odd.push(format!("{host} is not {own}, by which people know it."));
        }
        hosts.push(host);
    }
    let listed = match hosts.as_slice() {
        [] => "There are none.".to_owned(),
        [only] => format!("People are sent to {only}."),
        several => format!("People are sent to {}.", several.join(", ")),
    };
    let fine = odd.is_empty();
    odd.insert(0, listed);
    check(Checked::RedirectHosts, fine, odd.join(" "))
}

/// A host as it stands in a URL, without the port behind it.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, _)) if !name.contains(':') || name.ends_with(']') => name,
        _ => host,
    }
}

fn purposes(manifest: &Manifest, catalogue: &Catalogue) -> Check {
    let sensitive: Vec<_> = catalogue
        .data_points()
        .filter(|point| point.sensitivity == Sensitivity::High && manifest.data_points.contains(&point.name))
        .collect();
    let unsaid: Vec<&str> = sensitive
        .iter()
        .filter(|point| !manifest.purposes.contains_key(&point.name))
        .map(|point| point.label.as_str())
        .collect();
    if sensitive.is_empty() {
        check(Checked::Purposes, true, "It asks for no sensitive data.")
    } else if unsaid.is_empty() {
        let labels: Vec<&str> = sensitive.iter().map(|point| point.label.as_str()).collect();
        let evidence = format!("It says what each sensitive one is for: {}.", labels.join(", "));
        check(Checked::Purposes, true, evidence)
    } else {
        let evidence = format!("Sensitive, and not said what for: {}.", unsaid.join(", "));
        check(Checked::Purposes, false, evidence)
    }
}

fn secrets(evidence: &Evidence<'_>) -> Check {
    let Some(made) = evidence.oldest_secret else {
        return check(Checked::Secrets, true, "It has none.");
    };
    let days = (evidence.now.seconds().saturating_sub(made.seconds()) / DAY).max(0);
    let text = match days {
        0 => "The oldest that works was made today.".to_owned(),
        1 => "The oldest that works is a day old.".to_owned(),
        days => format!("The oldest that works is {days} days old."),
    };
    check(Checked::Secrets, days <= OLD_SECRET_DAYS, text)
}

fn legacy(manifest: &Manifest, evidence: &Evidence<'_>) -> Check {
    let mut found = Vec::new();
    if evidence.legacy.plain_pkce {
        found.push("It may use PKCE's method plain.".to_owned());
    }
    if evidence.legacy.implicit {
        found.push("It may have tokens from the authorisation endpoint.".to_owned());
    }
    if evidence.legacy.password {
        found.push("It may ask people for their passwords itself.".to_owned());
    }
    let usual = [GrantType::AUTHORIZATION_CODE, GrantType::REFRESH_TOKEN];
    let others: Vec<&str> = manifest
        .grant_types
        .iter()
        .map(|grant| grant.0.as_str())
        .filter(|grant| !usual.contains(grant))
        .collect();
    if !others.is_empty() {
        found.push(format!(
            "Beyond the usual grants it may use {}.",
            others.join(", ")
        ));
    }
    if found.is_empty() {
        check(
            Checked::Legacy,
            true,
            "Nothing beyond the usual is allowed to it.",
        )
    } else {
        check(Checked::Legacy, false, found.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::manifest;
    use super::*;
    use crate::testing::{NOW, point, points};
    use crate::vocabulary::RedirectUri;

    fn of(manifest: &Manifest, change: fn(&mut Evidence<'_>)) -> Vec<Check> {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let mut evidence = Evidence {
            institution: "Example University",
            catalogue: &catalogue,
            alike: &[],
            oldest_secret: Some(NOW),
            legacy: Legacy::default(),
            known_as: None,
            now: NOW,
        };
        change(&mut evidence);
        checks(manifest, &evidence)
    }

    fn flagged(manifest: &Manifest, change: fn(&mut Evidence<'_>)) -> Vec<(Checked, String)> {
        let found = of(manifest, change).into_iter().filter(|check| !check.fine);
        found.map(|check| (check.what, check.evidence)).collect()
    }

    /// Nothing about it needs a second look.
    fn good() -> Manifest {
        let mut good = manifest();
        good.description = "word ".repeat(200);
        good.logo = Some("ab".repeat(32));
        good.publisher.contact = Some("team@example.org".into());
        good
    }

    #[test]
    fn a_good_app_has_nothing_to_look_at_and_every_check_says_why() {
        assert_eq!(flagged(&good(), |_| ()), []);
        assert!(
            of(&good(), |_| ())
                .iter()
                .all(|check| check.evidence.ends_with('.'))
        );
    }

    #[test]
    fn where_a_documents_app_sends_people_is_compared_with_its_address() {
        assert_eq!(
            ["a.example", "a.example:8443", "[::1]", "[::1]:8443"].map(without_port),
            ["a.example", "a.example", "[::1]", "[::1]"]
        );
        assert_eq!(
            flagged(&good(), |evidence| evidence.known_as = Some("app.example:8443")),
            []
        );
        let found = flagged(&good(), |evidence| evidence.known_as = Some("agent.example"));
        assert_eq!(found[0].0, Checked::RedirectHosts);
        assert!(
            found[0].1.contains("app.example is not agent.example"),
            "{found:?}"
        );
    }

    #[test]
    fn case_110_names_that_look_like_others_are_flagged_with_evidence() {
        for (name, says) in [
            ("\u{421}ourse Planner", "U+0421"),
            ("a\u{202e}b", "direction"),
            ("Bus\u{200b}times", "nobody sees"),
            ("EXAMPLE university mail", "Example University"),
            ("0mniport login", "Omniport"),
        ] {
            let mut app = good();
            app.name = name.into();
            let [(Checked::Name, evidence)] = &flagged(&app, |_| ())[..] else {
                panic!("{name}")
            };
            assert!(evidence.contains(says), "{evidence}");
        }
    }

    #[test]
    fn hosts_are_read_as_people_read_them() {
        let told = |uri: &str| {
            let mut app = good();
            app.redirect_uris = vec![RedirectUri::parse(uri).unwrap()];
            flagged(&app, |_| ()).pop().map(|(_, evidence)| evidence)
        };
        assert_eq!(told("https://app.example.org/cb"), None);
        assert!(told("http://localhost:3000/").unwrap().contains("own machine"));
        assert!(
            told("org.example.app:/cb")
                .unwrap()
                .contains("any app on a device")
        );
        let disguised = told("https://xn--pple-43d.com/cb").unwrap();
        assert!(
            disguised.contains("reads \u{430}pple.com") && disguised.contains("U+0430"),
            "{disguised}"
        );
        assert!(
            told("https://xn--caf-dma.example/cb")
                .unwrap()
                .contains("reads caf\u{e9}.example.")
        );
        assert!(
            told("https://omniport-login.example/cb")
                .unwrap()
                .contains("ours")
        );
    }

    #[test]
    fn sensitive_data_wants_a_purpose() {
        let mut app = good();
        app.data_points = points(["biological_information.blood_group", "person.full_name"]);
        let [(Checked::Purposes, evidence)] = &flagged(&app, |_| ())[..] else {
            panic!()
        };
        assert!(evidence.contains("Blood group") && !evidence.contains("Full name"));
        app.purposes.insert(
            point("biological_information.blood_group"),
            "To find donors.".into(),
        );
        assert_eq!(flagged(&app, |_| ()), []);
    }

    #[test]
    fn what_is_short_old_or_unusual_is_flagged() {
        let mut app = manifest();
        app.grant_types
            .insert(GrantType(GrantType::CLIENT_CREDENTIALS.into()));
        let all: Vec<_> = flagged(&app, |evidence| {
            evidence.oldest_secret = Some(NOW.plus(-366 * DAY));
            evidence.legacy.plain_pkce = true;
        })
        .into_iter()
        .map(|(what, _)| what)
        .collect();
        assert_eq!(
            all,
            [
                Checked::Description,
                Checked::Logo,
                Checked::Publisher,
                Checked::Secrets,
                Checked::Legacy
            ]
        );
    }
}
