//! Redirect URLs: what may be registered, and what matches it (RFC 6749 section 3.1.2, RFC 8252, RFC 9700 section 4.1).

use serde::{Deserialize, Serialize};
use std::fmt;
use url::{Host, Url};

/// Schemes that run or show something in the browser instead of reaching an app.
const DANGEROUS_SCHEMES: [&str; 12] = [
    "javascript",
    "data",
    "file",
    "vbscript",
    "blob",
    "about",
    "view-source",
    "filesystem",
    "chrome",
    "ws",
    "wss",
    "ftp",
];

/// Why a text cannot be registered as a redirect URL. Its words are shown beside the field, in the page and by the
/// server alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Longer than 2,000 characters.
    #[error("is longer than 2,000 characters")]
    TooLong,
    /// Not an absolute URI.
    #[error("is not an absolute URL such as https://app.example.org/callback")]
    NotAbsolute,
    /// Holds a fragment.
    #[error("has a fragment (the part from # on); leave it out")]
    Fragment,
    /// Holds a wildcard.
    #[error("has a wildcard (*); give each URL in full")]
    Wildcard,
    /// Holds a user name or password.
    #[error("has a user name or password in it; leave them out")]
    Credentials,
    /// `http` to another machine.
    #[error("uses http to another machine; use https (http only for 127.0.0.1, [::1] and localhost)")]
    PlainHttp,
    /// A scheme that no app may use, or a private-use scheme without a dot.
    #[error(
        "uses a scheme that is not allowed; use https, or a native app's own scheme such as org.example.app:/callback"
    )]
    Scheme,
    /// Spaces, control characters, backslashes or characters outside ASCII.
    #[error("has a space, a backslash or a character outside ASCII; percent-encode it")]
    Characters,
    /// Segments `.` or `..`, which browsers fold away before they ask.
    #[error("has a . or .. in its path; write the path without it")]
    DotSegment,
}

/// A registered redirect URL: absolute, no fragment, `https`, or `http` on loopback, or a private-use scheme with a
/// dot in it (RFC 8252 section 7.1). Kept and compared as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri {
    text: String,
}

impl RedirectUri {
    /// Longest redirect URL, in characters.
    pub const MAX_CHARS: usize = 2_000;

    /// Parses a URL for registration.
    ///
    /// # Errors
    /// [`RedirectUriError`], whose words go beside the field.
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        use RedirectUriError as E;
        if text.chars().count() > Self::MAX_CHARS {
            return Err(E::TooLong);
        }
        if text.chars().any(|c| !c.is_ascii_graphic() || c == '\\') {
            return Err(E::Characters);
        }
        if text.contains('#') {
            return Err(E::Fragment);
        }
        if text.contains('*') {
            return Err(E::Wildcard);
        }
        let url = Url::parse(text).map_err(|_| E::NotAbsolute)?;
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(E::Credentials);
        }
        match url.scheme() {
            "https" | "http" if !has_authority(text) || url.host().is_none() => Err(E::NotAbsolute),
            "http" if !is_loopback(&url) => Err(E::PlainHttp),
            "https" | "http" => Ok(()),
            scheme if DANGEROUS_SCHEMES.contains(&scheme) || !scheme.contains('.') => Err(E::Scheme),
            _ => Ok(()),
        }?;
        if path(text).split('/').any(is_dot_segment) {
            return Err(E::DotSegment);
        }
        Ok(Self {
            text: text.to_owned(),
        })
    }

    /// The URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a request's `redirect_uri` is this one: the same text (RFC 9700 section 2.1), but for the port of a
    /// plain-`http` loopback address (RFC 8252 section 7.3).
    pub fn matches(&self, given: &str) -> bool {
        if self.text == given {
            return true;
        }
        match (loopback_without_port(&self.text), loopback_without_port(given)) {
            (Some(own), Some(other)) => own == other,
            _ => false,
        }
    }

    /// `scheme://host[:port]` for a URL with a host, `scheme:` for a native app's: what a Content-Security-Policy
    /// `form-action` and a person reading the consent page need. `redirect` is a URL that [`Self::matches`].
    pub fn origin_of(redirect: &str) -> String {
        match Url::parse(redirect) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => url.origin().ascii_serialization(),
            Ok(url) => format!("{}:", url.scheme()),
            Err(_) => String::new(),
        }
    }

    /// Whether the scheme is an app's own (RFC 8252 section 7.1): any app on the device may claim it too.
    pub fn is_private_use(&self) -> bool {
        Url::parse(&self.text).is_ok_and(|url| !matches!(url.scheme(), "http" | "https"))
    }

    /// Where people are told that the answer goes: a host, or an app on their device, which must not pass for one
    /// although its scheme may look like it.
    pub fn told(&self) -> String {
        if self.is_private_use() {
            format!("an app on this device ({}:)", self.host())
        } else {
            self.host()
        }
    }

    /// The host of a site; none of what is on a device: an app by its own scheme, or on loopback.
    pub fn site(&self) -> Option<String> {
        let url = Url::parse(&self.text).ok()?;
        let host = url.host_str().filter(|_| url.scheme() == "https")?;
        Some(host.to_owned())
    }

    /// The host that the answer goes to; a native app's scheme where there is none.
    pub fn host(&self) -> String {
        match Url::parse(&self.text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                url.host_str().unwrap_or_default().to_owned()
            }
            Ok(url) => url.scheme().to_owned(),
            Err(_) => String::new(),
        }
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = RedirectUriError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.text
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn after_scheme(text: &str) -> &str {
    text.split_once(':').map_or("", |(_, rest)| rest)
}

fn has_authority(text: &str) -> bool {
    after_scheme(text).starts_with("//") && !after_scheme(text).starts_with("///")
}

/// The part between `//` and the next `/`, `?`; empty where there is none.
fn authority(text: &str) -> &str {
    let rest = after_scheme(text).strip_prefix("//").unwrap_or("");
    rest.split(['/', '?']).next().unwrap_or("")
}

fn path(text: &str) -> &str {
    let rest = after_scheme(text);
    let rest = rest
        .strip_prefix("//")
        .map_or(rest, |r| r.find('/').map_or("", |at| &r[at..]));
    rest.split('?').next().unwrap_or("")
}

fn is_dot_segment(segment: &str) -> bool {
    matches!(
        segment.to_ascii_lowercase().replace("%2e", ".").as_str(),
        "." | ".."
    )
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// For `http://127.0.0.1[:port]…`, `http://[::1][:port]…` and `http://localhost[:port]…`: the host and what follows
/// the port, as written. None for everything else, also for a port that is not one.
fn loopback_without_port(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    if tail.contains(['#', '\\']) || !tail.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    ["127.0.0.1", "[::1]", "localhost"].into_iter().find_map(|host| {
        let port = authority.strip_prefix(host)?;
        let is_port = |digits: &str| {
            (1..=5).contains(&digits.len())
                && digits.bytes().all(|b| b.is_ascii_digit())
                && digits.parse::<u16>().is_ok_and(|port| port > 0)
        };
        let fits = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        fits.then_some((host, tail))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> RedirectUriError {
        RedirectUri::parse(text).expect_err(text)
    }

    #[test]
    fn accepts_what_apps_really_use() {
        for good in [
            "https://app.example.org/callback",
            "https://app.example.org",
            "https://app.example.org:8443/cb?tenant=1",
            "http://127.0.0.1:9000/cb",
            "http://[::1]/cb",
            "http://localhost:3000/",
            "org.example.app:/callback",
            "com.example.app://callback",
        ] {
            assert!(RedirectUri::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn case_005_fragment_and_case_006_plain_http_are_refused() {
        assert_eq!(refused("https://a.example/cb#x"), RedirectUriError::Fragment);
        assert_eq!(refused("https://a.example/cb#"), RedirectUriError::Fragment);
        assert_eq!(refused("http://a.example/cb"), RedirectUriError::PlainHttp);
        assert_eq!(
            refused("http://127.0.0.1.evil.example/"),
            RedirectUriError::PlainHttp
        );
        assert_eq!(
            refused("http://localhost.evil.example/"),
            RedirectUriError::PlainHttp
        );
    }

    #[test]
    fn refuses_the_rest_of_the_zoo() {
        use RedirectUriError as E;
        for (text, why) in [
            ("javascript:alert(1)", E::Scheme),
            ("data:text/html,x", E::Scheme),
            ("myapp:/cb", E::Scheme),
            ("mailto:a@b.example", E::Scheme),
            ("https://*.example.org/", E::Wildcard),
            ("https://user:pw@a.example/", E::Credentials),
            ("https://user@a.example/", E::Credentials),
            ("https://@a.example/", E::Credentials),
            ("/callback", E::NotAbsolute),
            ("a.example/cb", E::NotAbsolute),
            ("https:a.example", E::NotAbsolute),
            ("https:///a.example", E::NotAbsolute),
            ("", E::NotAbsolute),
            ("https://a.example\\@b.example/", E::Characters),
            ("https://a.example/ b", E::Characters),
            ("https://a.example/a/../b", E::DotSegment),
            ("https://a.example/a/%2e%2E/b", E::DotSegment),
        ] {
            assert_eq!(refused(text), why, "{text}");
        }
        assert_eq!(
            refused(&format!("https://a.example/{}", "x".repeat(2_000))),
            E::TooLong
        );
    }

    #[test]
    fn case_004_nothing_but_the_same_text_matches() {
        let own = RedirectUri::parse("https://app.example.org/callback").unwrap();
        assert!(own.matches("https://app.example.org/callback"));
        for other in [
            "https://app.example.org/callback/",
            "https://app.example.org/Callback",
            "https://APP.example.org/callback",
            "https://app.example.org:443/callback",
            "https://app.example.org/callback?x=1",
            "https://app.example.org/%63allback",
            "https://app.example.org/callback#f",
            "http://app.example.org/callback",
            "https://app.example.org.evil.example/callback",
        ] {
            assert!(!own.matches(other), "{other}");
        }
    }

    #[test]
    fn case_007_on_loopback_only_the_port_may_vary() {
        let own = RedirectUri::parse("http://127.0.0.1/cb").unwrap();
        assert!(own.matches("http://127.0.0.1:51004/cb"));
        for other in [
            "http://127.0.0.1:51004/cb2",
            "http://localhost:51004/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:1@evil.example/cb",
            "http://127.0.0.1:51004/cb?x",
            "https://127.0.0.1:51004/cb",
            "http://127.0.0.2:51004/cb",
        ] {
            assert!(!own.matches(other), "{other}");
        }
        let tls = RedirectUri::parse("https://127.0.0.1/cb").unwrap();
        assert!(!tls.matches("https://127.0.0.1:8443/cb"));
    }

    #[test]
    fn names_origin_and_host() {
        assert_eq!(
            RedirectUri::origin_of("https://a.example:8443/cb?x"),
            "https://a.example:8443"
        );
        assert_eq!(RedirectUri::origin_of("org.example.app:/cb"), "org.example.app:");
        assert_eq!(
            RedirectUri::parse("https://a.example/cb").unwrap().host(),
            "a.example"
        );
        let told = |text: &str| {
            let uri = RedirectUri::parse(text).unwrap();
            (uri.told(), uri.site())
        };
        let site = "app.victim.example".to_owned();
        assert_eq!(told("https://app.victim.example/cb"), (site.clone(), Some(site)));
        let scheme = "an app on this device (app.victim.example:)".to_owned();
        assert_eq!(told("app.victim.example:/cb"), (scheme, None));
        assert_eq!(told("http://127.0.0.1/cb"), ("127.0.0.1".to_owned(), None));
    }

    proptest! {
        #[test]
        fn a_match_never_leaves_the_registered_host(given in "[ -~]{0,60}") {
            let own = RedirectUri::parse("http://127.0.0.1/cb").unwrap();
            if own.matches(&given) {
                let url = Url::parse(&given).unwrap();
                prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
                prop_assert_eq!(url.path(), "/cb");
            }
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC{0,80}") {
            if let Ok(uri) = RedirectUri::parse(&text) {
                prop_assert!(uri.matches(&text));
            }
        }
    }
}
