//! The sample people's pictures: their initials, drawn, under a path of the demo's own.

use super::SamplePerson;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::routing::get;

/// Where a person's picture is.
pub(super) fn path(username: &str) -> String {
    format!("/demo/pictures/{username}.svg")
}

/// Adds the pictures to a site.
pub(super) fn add(site: Router, people: &[SamplePerson]) -> Router {
    people.iter().enumerate().fold(site, |site, (at, person)| {
        let picture = draw(person.name, at);
        let headers = [
            (CONTENT_TYPE, "image/svg+xml"),
            (CACHE_CONTROL, "max-age=3600"),
            (CONTENT_SECURITY_POLICY, "default-src 'none'"),
        ];
        site.route(
            &path(person.username),
            get(move || async move { (headers, picture) }),
        )
    })
}

/// Initials on a quiet ground, a hue a person.
fn draw(name: &str, at: usize) -> String {
    let words: Vec<char> = name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .collect();
    let initials: String = [words.first(), words.last()].into_iter().flatten().collect();
    let hue = (290 + 51 * at) % 360;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\"><rect width=\"96\" height=\"96\" \
         fill=\"hsl({hue} 45% 42%)\"/><text x=\"48\" y=\"49\" fill=\"#fff\" font-family=\"system-ui,sans-serif\" \
         font-size=\"38\" font-weight=\"600\" text-anchor=\"middle\" dominant-baseline=\"central\">{initials}</text></svg>"
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_picture_holds_the_first_and_last_initial() {
        assert!(super::draw("Meera Lakshmi Narayanan", 2).contains(">MN</text>"));
    }
}
