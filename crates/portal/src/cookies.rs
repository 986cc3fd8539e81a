//! The cookies we set. Each is `__Host-` (RFC 6265bis section 4.1.3.2): Secure, for the whole site and this host
//! alone, so that no subdomain can plant one; on plain-HTTP loopback too, which browsers count as secure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use omniport_engine::sessions::own_cookie;
use omniport_protocol::vocabulary::{ClientId, Secret};

/// Ties the sign-in form to a browser before anybody is signed in.
pub(crate) const VISIT: &str = "__Host-omniport-visit";
/// Carries a new client secret over the one redirect that leads to the page that shows it (case 107).
pub(crate) const REVEAL: &str = "__Host-omniport-reveal";

/// The same for a test person's credentials.
pub(crate) const REVEAL_PERSON: &str = "__Host-omniport-test-person";

/// How long a new secret may wait for its page, in seconds.
const REVEAL_SECONDS: u32 = 60;

/// The value of one of our cookies, none where it is absent or not one of ours by its form.
pub(crate) fn read(headers: &HeaderMap, name: &str) -> Option<Secret> {
    let values = headers.get_all(COOKIE).iter();
    own_cookie(values.filter_map(|value| value.to_str().ok()), name)
}

/// Sets a cookie until the browser is closed.
pub(crate) fn set(name: &str, value: &Secret) -> HeaderValue {
    header(name, value, "SameSite=Lax")
}

/// Removes a cookie.
pub(crate) fn remove(name: &str) -> HeaderValue {
    header(name, &Secret::new(""), "SameSite=Lax; Max-Age=0")
}

/// Sends a new client secret ahead to the app's dashboard.
pub(crate) fn reveal(app: &ClientId, secret: &Secret) -> HeaderValue {
    ahead(REVEAL, app, secret)
}

/// Sends a test person's username and password ahead to the app's dashboard.
pub(crate) fn reveal_person(app: &ClientId, username: &str, password: &Secret) -> HeaderValue {
    let both = format!("{username} {}", password.expose());
    ahead(REVEAL_PERSON, app, &Secret::new(both))
}

fn ahead(cookie: &str, app: &ClientId, secret: &Secret) -> HeaderValue {
    let value = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(app.as_str()),
        URL_SAFE_NO_PAD.encode(secret.expose())
    );
    let attributes = format!("SameSite=Strict; Max-Age={REVEAL_SECONDS}");
    header(cookie, &Secret::new(value), &attributes)
}

/// The new secret of `app` that was sent ahead, if it was; another app's stays hidden.
pub(crate) fn revealed(headers: &HeaderMap, app: &ClientId) -> Option<Secret> {
    sent_ahead(headers, REVEAL, app)
}

/// The username and password of a test person of `app` that were sent ahead, if they were.
pub(crate) fn revealed_person(headers: &HeaderMap, app: &ClientId) -> Option<(String, String)> {
    let both = sent_ahead(headers, REVEAL_PERSON, app)?;
    let (username, password) = both.expose().split_once(' ')?;
    Some((username.to_owned(), password.to_owned()))
}

fn sent_ahead(headers: &HeaderMap, cookie: &str, app: &ClientId) -> Option<Secret> {
    let value = read(headers, cookie)?;
    let (id, secret) = value.expose().split_once('.')?;
    let text = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    (text(id)? == app.as_str()).then(|| text(secret).map(Secret::new))?
}

fn header(name: &str, value: &Secret, attributes: &str) -> HeaderValue {
    let text = format!(
        "{name}={}; Path=/; Secure; HttpOnly; {attributes}",
        value.expose()
    );
    // Our values are letters, digits and base64url, so this is always a header; were it not, an empty one sets nothing.
    let mut header = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(header: &HeaderValue) -> HeaderMap {
        let pair = header.to_str().unwrap().split(';').next().unwrap().to_owned();
        HeaderMap::from_iter([(COOKIE, HeaderValue::try_from(pair).unwrap())])
    }

    #[test]
    fn case_105_every_cookie_is_host_secure_httponly_samesite() {
        let app = ClientId::parse("a b").unwrap();
        let secret = Secret::new("abc");
        for header in [set(VISIT, &secret), remove(VISIT), reveal(&app, &secret)] {
            let text = header.to_str().unwrap();
            assert!(text.starts_with("__Host-"), "{text}");
            for attribute in ["; Path=/;", "; Secure;", "; HttpOnly;", "; SameSite="] {
                assert!(text.contains(attribute), "{text}");
            }
            assert!(!text.contains("Domain"), "{text}");
            assert!(header.is_sensitive());
        }
    }

    #[test]
    fn case_107_a_secret_is_revealed_to_its_own_apps_page_only() {
        let app = ClientId::parse("a b.c~").unwrap();
        let headers = sent(&reveal(&app, &Secret::new("s3cret")));
        assert_eq!(revealed(&headers, &app).unwrap().expose(), "s3cret");
        assert!(revealed(&headers, &ClientId::parse("a b").unwrap()).is_none());
        assert!(revealed(&HeaderMap::new(), &app).is_none());
        let person = sent(&reveal_person(&app, "test-1", &Secret::new("pw")));
        assert_eq!(
            revealed_person(&person, &app),
            Some(("test-1".into(), "pw".into()))
        );
        assert!(revealed(&person, &app).is_none());
    }

    #[test]
    fn strange_values_are_no_cookies() {
        for value in ["a b", "caf\u{e9}", "\"x\"", &"x".repeat(2_049)] {
            let header = HeaderValue::from_bytes(format!("{VISIT}={value}").as_bytes()).unwrap();
            assert!(
                read(&HeaderMap::from_iter([(COOKIE, header)]), VISIT).is_none(),
                "{value}"
            );
        }
    }

    #[test]
    fn a_cookie_is_found_in_any_of_several_headers() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-omniport-visit=v"));
        assert_eq!(read(&headers, VISIT).unwrap().expose(), "v");
    }
}
