//! A URL that a client named, parsed once.

use super::FetchError;
use http::Uri;
use url::{Host, Position, Url};

/// Longest URL that is fetched, in bytes. What is registered is shorter; what comes with a request is cut here.
pub const MAX_URL: usize = 2_048;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) secure: bool,
    pub(super) host: Host,
    pub(super) port: u16,
    /// The `Host` header: without the port where it is the scheme's own.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: Uri,
}

impl Target {
    /// Reads a URL. Its fragment is never sent.
    pub(super) fn parse(text: &str) -> Result<Self, FetchError> {
        if text.len() > MAX_URL {
            return Err(FetchError::Url);
        }
        let url = Url::parse(text).map_err(|_| FetchError::Url)?;
        let secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(FetchError::NotHttps),
        };
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(FetchError::Url);
        };
        if port == 0 || !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Url);
        }
        let host = host.to_owned();
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let path = url[Position::BeforePath..Position::AfterQuery].parse();
        Ok(Self {
            secure,
            host,
            port,
            authority,
            path: path.map_err(|_| FetchError::Url)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_once() {
        let target = Target::parse("https://App.Example:443/a b?c=d#e").unwrap();
        assert_eq!((target.port, target.authority.as_str()), (443, "app.example"));
        assert_eq!(target.path.to_string(), "/a%20b?c=d");
        let target = Target::parse("http://[::1]:8080").unwrap();
        assert_eq!(
            (target.authority.as_str(), target.path.path()),
            ("[::1]:8080", "/")
        );
        assert!(!target.secure);
    }

    #[test]
    fn an_address_in_any_spelling_is_an_address() {
        for text in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
        ] {
            let host = Target::parse(text).unwrap().host;
            assert_eq!(host.to_string(), "127.0.0.1", "{text}");
        }
    }

    #[test]
    fn what_cannot_be_fetched_is_refused() {
        for bad in [
            "",
            "app.example",
            "/jwks",
            "https://",
            "https://a:b@app.example/",
            "https://a@app.example/",
            "https://app.example:0/",
            "https://app.example:99999/",
            "https://1.2.3.4.5/",
            &format!("https://app.example/{}", "x".repeat(MAX_URL)),
        ] {
            assert_eq!(Target::parse(bad), Err(FetchError::Url), "{bad}");
        }
        for bad in [
            "file:///etc/passwd",
            "gopher://a:70/",
            "ftp://a/",
            "data:,a",
            "javascript:1",
        ] {
            assert_eq!(Target::parse(bad), Err(FetchError::NotHttps), "{bad}");
        }
    }
}
