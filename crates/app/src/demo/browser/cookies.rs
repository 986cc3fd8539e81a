//! A cookie jar (RFC 6265), as far as one site on loopback needs it.

use std::collections::BTreeMap;
use url::{Host, Url};

/// Most cookies that are kept.
const MAX: usize = 100;

/// Cookies by host and name. Ports share them (RFC 6265 section 8.5).
#[derive(Debug, Clone, Default)]
pub(super) struct Jar {
    cookies: BTreeMap<(String, String), Cookie>,
}

#[derive(Debug, Clone)]
struct Cookie {
    value: String,
    path: String,
    secure: bool,
}

impl Jar {
    /// Takes a `Set-Cookie` header that came with `url`.
    pub(super) fn set(&mut self, url: &Url, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let (mut path, mut secure, mut gone, mut has_domain) = (None, false, false, false);
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            match key.to_ascii_lowercase().as_str() {
                "path" => path = Some(value.to_owned()),
                "secure" => secure = true,
                "max-age" => gone = value.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
                "domain" => has_domain = true,
                _ => {}
            }
        }
        // RFC 6265bis section 4.1.3.2: a browser refuses such a cookie, so this one does too.
        let is_host_cookie = secure && !has_domain && path.as_deref() == Some("/");
        if (name.starts_with("__Host-") && !is_host_cookie) || (secure && !may_be_secure(url)) {
            return;
        }
        let key = (host(url), name.to_owned());
        if gone {
            self.cookies.remove(&key);
        } else if self.cookies.len() < MAX || self.cookies.contains_key(&key) {
            let path = path
                .filter(|path| path.starts_with('/'))
                .unwrap_or_else(|| "/".to_owned());
            self.cookies.insert(
                key,
                Cookie {
                    value: value.to_owned(),
                    path,
                    secure,
                },
            );
        }
    }

    /// The `Cookie` header for a request to `url`; none where there is nothing to send.
    pub(super) fn header(&self, url: &Url) -> Option<String> {
        let host = host(url);
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .filter(|((of, _), cookie)| {
                *of == host && covers(&cookie.path, url.path()) && (!cookie.secure || may_be_secure(url))
            })
            .map(|((_, name), cookie)| format!("{name}={}", cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// Browsers take plain `http` on loopback for trustworthy (W3C Secure Contexts section 3.1), and so send Secure cookies.
fn may_be_secure(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

/// RFC 6265 section 5.1.4.
fn covers(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| cookie.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_cookie_comes_back_to_its_host_and_path_until_it_is_taken_away() {
        let mut jar = Jar::default();
        let site = url("http://127.0.0.1:8000/login");
        jar.set(&site, "__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax");
        jar.set(&site, "b=2; Path=/deep");
        assert_eq!(jar.header(&site).as_deref(), Some("__Host-a=1"));
        assert_eq!(
            jar.header(&url("http://127.0.0.1:8000/deep/x")).as_deref(),
            Some("__Host-a=1; b=2")
        );
        assert_eq!(
            jar.header(&url("http://127.0.0.1:8000/deeper")).as_deref(),
            Some("__Host-a=1")
        );
        assert_eq!(jar.header(&url("http://localhost:8000/")), None);
        jar.set(&site, "__Host-a=; Path=/; Secure; Max-Age=0");
        assert_eq!(jar.header(&site), None);
    }

    #[test]
    fn host_cookies_must_be_as_browsers_want_them() {
        let mut jar = Jar::default();
        for bad in [
            "__Host-a=1; Path=/",
            "__Host-a=1; Secure",
            "__Host-a=1; Secure; Path=/; Domain=x",
            "nonsense",
        ] {
            jar.set(&url("http://127.0.0.1/"), bad);
        }
        jar.set(&url("http://site.example/"), "a=1; Secure");
        assert_eq!(jar.header(&url("http://127.0.0.1/")), None);
        assert_eq!(jar.header(&url("https://site.example/")), None);
    }
}
