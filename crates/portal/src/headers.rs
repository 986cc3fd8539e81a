//! What every page tells the browser about itself.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue};
use std::collections::BTreeSet;

/// The policy up to `form-action`, which differs from page to page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// A page's headers. Referrer is `same-origin`, not `no-referrer`: under the latter a browser sends `Origin: null` with
/// our own forms (Fetch, "append a request Origin header").
pub(crate) fn secure(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &'static str); 6] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_FRAME_OPTIONS, "DENY"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Lets the forms of a page lead to an app at `origin` as well, as
/// [`omniport_protocol::vocabulary::RedirectUri::origin_of`] gives it. Chromium applies `form-action` to every redirect
/// that follows a form, those of the app among them: where it sends people on to is its own business, so the policy
/// names no host of it, only how it may be reached.
pub(crate) fn allow_forms_to(headers: &mut HeaderMap, origin: &str) {
    let source = source(origin);
    let sources = match source.split(':').next() {
        Some("") | None => return,
        Some("https") => "https:",
        // On loopback, where a developer's app and its pages may have a port each.
        Some("http") => "http: https:",
        Some(_) => source.as_str(),
    };
    if let Ok(policy) = HeaderValue::try_from(format!("{POLICY} {sources}")) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}

/// Lets a page show frames of these origins, and of no other.
pub(crate) fn allow_frames_of<'a>(headers: &mut HeaderMap, origins: impl Iterator<Item = &'a str>) {
    let sources: BTreeSet<String> = origins.map(source).filter(|source| !source.is_empty()).collect();
    let sources: Vec<String> = sources.into_iter().collect();
    if let Ok(policy) = HeaderValue::try_from(format!("{POLICY}; frame-src {}", sources.join(" "))) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}

/// No referrer at all: for a page whose address holds the handle of a request, and for the way back to an app.
pub(crate) fn no_referrer(headers: &mut HeaderMap) {
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// An origin as a source expression (CSP level 3, section 2.3.1), whose grammar knows no IPv6 address: then the scheme
/// has to do.
fn source(origin: &str) -> String {
    let plain = |b: u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b':' | b'/' | b'[' | b']' | b'_')
    };
    match origin.split_once(':') {
        Some((scheme, rest)) if origin.bytes().all(plain) && !scheme.is_empty() => {
            if rest.contains('[') {
                format!("{scheme}:")
            } else {
                origin.to_owned()
            }
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(origin: &str) -> String {
        let mut headers = HeaderMap::new();
        secure(&mut headers);
        allow_forms_to(&mut headers, origin);
        headers[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
    }

    #[test]
    fn forms_may_lead_to_an_app_and_on_from_there() {
        assert!(policy("https://app.example:8443").ends_with("form-action 'self' https:"));
        assert!(policy("http://[::1]:9000").ends_with("form-action 'self' http: https:"));
        assert!(policy("http://127.0.0.1:9000").ends_with("form-action 'self' http: https:"));
        assert!(policy("org.example.app:").ends_with("form-action 'self' org.example.app:"));
        for odd in [
            "",
            "null",
            "https://a b",
            "https://a;script-src *",
            "https://a, b",
            "https://caf\u{e9}",
        ] {
            assert!(policy(odd).ends_with("form-action 'self'"), "{odd}");
        }
    }

    #[test]
    fn frames_are_of_the_apps_origins_and_nothing_else() {
        let mut headers = HeaderMap::new();
        let origins = [
            "https://b.example",
            "https://a.example:1",
            "https://b.example",
            "https://x;script-src *",
        ];
        allow_frames_of(&mut headers, origins.into_iter());
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.ends_with("; form-action 'self'; frame-src https://a.example:1 https://b.example"));
    }

    #[test]
    fn case_026_no_page_is_framed_or_kept() {
        let mut headers = HeaderMap::new();
        secure(&mut headers);
        assert!(
            headers[CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap()
                .contains("frame-ancestors 'none'")
        );
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert_eq!(headers[X_FRAME_OPTIONS], "DENY");
    }
}
