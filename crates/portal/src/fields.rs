//! The fields of an app, filled in: by what is stored, or by what was typed.

use crate::forms::Form;
use crate::views::{self, DataPointsField, DescriptionField, Field, RedirectUrisField, RedirectWords};
use omniport_protocol::data_points::{Catalogue, DataPoint, DataPoints, Sensitivity};
use omniport_protocol::review::{DESCRIPTION_WORDS, MAX_REDIRECT_URIS, Manifest, Publisher, count_words};
use omniport_protocol::vocabulary::{RedirectUri, RedirectUriError};

/// The field `redirect_uris`.
pub(crate) fn redirect_uris(field: Field) -> RedirectUrisField {
    let says = |why: RedirectUriError| why.to_string();
    RedirectUrisField {
        field,
        words: RedirectWords {
            not_absolute: says(RedirectUriError::NotAbsolute),
            fragment: says(RedirectUriError::Fragment),
            wildcard: says(RedirectUriError::Wildcard),
            characters: says(RedirectUriError::Characters),
            dot_segment: says(RedirectUriError::DotSegment),
            credentials: says(RedirectUriError::Credentials),
            scheme: says(RedirectUriError::Scheme),
            http: says(RedirectUriError::PlainHttp),
            too_long: says(RedirectUriError::TooLong),
            too_many: format!("There are {{count}} redirect URLs; {MAX_REDIRECT_URIS} is the most."),
        },
        max_count: MAX_REDIRECT_URIS,
        max_length: RedirectUri::MAX_CHARS,
    }
}

/// The field `description`.
pub(crate) fn description(field: Field) -> DescriptionField {
    DescriptionField {
        words: count_words(&field.value),
        min_words: *DESCRIPTION_WORDS.start(),
        max_words: *DESCRIPTION_WORDS.end(),
        field,
    }
}

/// What was ticked and typed of the data points.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typed {
    /// The ticked names.
    pub(crate) ticked: Vec<String>,
    /// Those that may be left out.
    pub(crate) optional: Vec<String>,
    /// What each is for, by name.
    pub(crate) purposes: Vec<(String, String)>,
}

impl Typed {
    /// What a form says.
    pub(crate) fn of(form: &Form) -> Self {
        Self {
            ticked: form.ticked("data_points"),
            optional: form.ticked("optional"),
            purposes: form.under("purpose."),
        }
    }

    /// What a manifest says.
    pub(crate) fn stored(manifest: &Manifest) -> Self {
        let names = |points: &DataPoints| points.iter().map(ToString::to_string).collect();
        Self {
            ticked: names(&manifest.data_points),
            optional: names(&manifest.optional),
            purposes: manifest
                .purposes
                .iter()
                .map(|(point, text)| (point.to_string(), text.clone()))
                .collect(),
        }
    }

    fn choice(&self, point: &DataPoint) -> views::Choice {
        let name = point.name.as_str();
        let holds = |names: &[String]| names.iter().any(|known| known == name);
        let said = self.purposes.iter().find(|(known, _)| known == name);
        views::Choice {
            optional: holds(&self.optional),
            purpose: said.map(|(_, text)| text.clone()).unwrap_or_default(),
            ..choice(point, holds(&self.ticked))
        }
    }
}

/// The fields `contact`, `home_url`, `privacy_url` and `terms_url`, with what is wrong with each.
pub(crate) fn publisher(
    publisher: &Publisher,
    error: impl Fn(&str) -> Option<String>,
) -> views::PublisherFields {
    let field = |name, value: &Option<String>| Field::typed(value.clone().unwrap_or_default(), error(name));
    views::PublisherFields {
        contact: field("contact", &publisher.contact),
        home: field("home_url", &publisher.home),
        privacy: field("privacy_url", &publisher.privacy),
        terms: field("terms_url", &publisher.terms),
    }
}

/// The field `data_points`, as it was typed or is stored.
pub(crate) fn data_points(catalogue: &Catalogue, typed: &Typed, error: Option<String>) -> DataPointsField {
    let groups = catalogue.categories().iter().map(|category| views::ChoiceGroup {
        key: category.name.clone(),
        label: category.label.clone(),
        points: category
            .data_points
            .iter()
            .map(|point| typed.choice(point))
            .collect(),
    });
    DataPointsField {
        groups: groups.collect(),
        error,
    }
}

/// One data point as forms and reviews show it.
pub(crate) fn choice(point: &DataPoint, checked: bool) -> views::Choice {
    views::Choice {
        name: point.name.to_string(),
        label: point.label.clone(),
        sensitivity: match point.sensitivity {
            Sensitivity::Low => views::Sensitivity::Ordinary,
            Sensitivity::Medium => views::Sensitivity::Personal,
            Sensitivity::High => views::Sensitivity::Sensitive,
        },
        checked,
        optional: false,
        purpose: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use omniport_protocol::review::check_redirect_uris;

    #[test]
    fn the_page_refuses_a_redirect_url_in_the_servers_words() {
        let words = redirect_uris(Field::default()).words;
        for (url, page) in [
            ("nowhere", words.not_absolute),
            ("https://a.example/#x", words.fragment),
            ("https://*.example/", words.wildcard),
            ("https://me:pw@a.example/", words.credentials),
            ("javascript:alert(1)", words.scheme),
            ("http://a.example/", words.http),
            ("https://a.example/\u{e9}", words.characters),
            ("https://a.example/../b", words.dot_segment),
        ] {
            let server = check_redirect_uris(url).unwrap_err().message;
            assert_eq!(server, format!("{url} {page}."));
        }
    }

    #[test]
    fn the_page_counts_redirect_urls_in_the_servers_words() {
        let urls: Vec<String> = (0..=MAX_REDIRECT_URIS)
            .map(|n| format!("https://a.example/{n}"))
            .collect();
        let server = check_redirect_uris(&urls.join(" ")).unwrap_err().message;
        let page = redirect_uris(Field::default()).words.too_many;
        assert_eq!(server, page.replace("{count}", &urls.len().to_string()));
    }

    #[test]
    fn the_page_knows_the_servers_longest_redirect_url() {
        let url = format!("https://a.example/{}", "x".repeat(RedirectUri::MAX_CHARS - 18));
        assert_eq!(url.len(), RedirectUri::MAX_CHARS);
        assert!(check_redirect_uris(&url).is_ok());
        assert!(check_redirect_uris(&format!("{url}x")).is_err());
    }

    #[test]
    fn what_was_ticked_stays_ticked() {
        let catalogue = Catalogue::parse(Catalogue::DEFAULT_TOML).unwrap();
        let typed = Typed {
            ticked: vec!["person.roles".into()],
            optional: vec!["person.roles".into()],
            purposes: vec![("person.roles".into(), "To show your floor.".into())],
        };
        let field = data_points(&catalogue, &typed, None);
        let ticked: Vec<_> = field
            .groups
            .iter()
            .flat_map(|g| &g.points)
            .filter(|p| p.checked)
            .collect();
        assert_eq!(ticked.len(), 1);
        assert_eq!(ticked[0].name, "person.roles");
        assert_eq!(
            (ticked[0].optional, ticked[0].purpose.as_str()),
            (true, "To show your floor.")
        );
    }
}
