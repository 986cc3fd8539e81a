//! Client identifiers that are addresses (draft-ietf-oauth-client-id-metadata-document section 3).

use super::ClientId;
use url::Url;

/// What such an identifier begins with. Ours are drawn from letters and digits, so none of them does.
const SCHEME: &str = "https://";

/// Why an identifier that begins as an address names no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientIdUrlError {
    /// It does not begin as an address.
    #[error("it does not begin with https://")]
    NotHttps,
    /// It cannot be read as one, or would be asked for under another spelling than it has.
    #[error(
        "it is not an https URL in its plain spelling (host in lower case, path percent-encoded, no . or ..)"
    )]
    Spelling,
    /// It holds a user name or password.
    #[error("it has a user name or password in it")]
    Credentials,
    /// It has no path.
    #[error("it has no path")]
    NoPath,
    /// It has a fragment.
    #[error("it has a fragment (the part from # on)")]
    Fragment,
}

/// A client identifier that is the address of the document about its client: `https`, with a path, without fragment,
/// user or dot segments (section 3). It is compared byte for byte, as every client identifier; so only a spelling is
/// taken that is asked for exactly as it stands: nobody is known by one text and fetched by another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientIdUrl {
    id: ClientId,
    host: String,
}

impl ClientIdUrl {
    /// Reads an identifier as an address.
    ///
    /// # Errors
    /// [`ClientIdUrlError`]: it is none, and so an identifier like any other.
    pub fn parse(id: &ClientId) -> Result<Self, ClientIdUrlError> {
        use ClientIdUrlError as E;
        let text = id.as_str();
        let rest = text.strip_prefix(SCHEME).ok_or(E::NotHttps)?;
        if rest.contains('#') {
            return Err(E::Fragment);
        }
        let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        if authority.contains('@') {
            return Err(E::Credentials);
        }
        if !tail.starts_with('/') {
            return Err(E::NoPath);
        }
        let url = Url::parse(text).map_err(|_| E::Spelling)?;
        let host = url.host_str().ok_or(E::Spelling)?;
        // The port of the scheme may be written down (section 3): it makes another identifier of the same place.
        let with_port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
        let plain_authority = authority == host || Some(authority) == with_port.as_deref();
        // A parser folds dot segments away, however they are encoded, and mends what is not encoded.
        let asked = &url[url::Position::BeforePath..];
        if !plain_authority || asked != tail {
            return Err(E::Spelling);
        }
        Ok(Self {
            id: id.clone(),
            host: authority.to_owned(),
        })
    }

    /// The host's name or address, without a port.
    pub fn host_name(&self) -> &str {
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        match self.host.rsplit_once(':') {
            Some((name, port)) if is_port(port) => name,
            _ => &self.host,
        }
    }

    /// The identifier, which is the address.
    pub const fn id(&self) -> &ClientId {
        &self.id
    }

    /// The address's host, with its port where it names one: what people are shown (section 8.5). In letters beyond
    /// ASCII it is spelt as the name system spells it (`xn--`), which looks like nobody else's name.
    pub fn host(&self) -> &str {
        &self.host
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClientIdUrlError as E;

    fn parse(text: &str) -> Result<ClientIdUrl, ClientIdUrlError> {
        ClientIdUrl::parse(&ClientId::parse(text).unwrap())
    }

    #[test]
    fn an_address_with_a_path_is_one() {
        for (text, host) in [
            ("https://agent.example/client.json", "agent.example"),
            ("https://agent.example/", "agent.example"),
            ("https://agent.example:8443/a/b%20c?v=2", "agent.example:8443"),
            ("https://agent.example:443/client", "agent.example:443"),
            ("https://xn--bcher-kva.example/c", "xn--bcher-kva.example"),
            ("https://[2001:db8::1]/c", "[2001:db8::1]"),
            ("https://agent.example/a...b/..c", "agent.example"),
        ] {
            let url = parse(text).unwrap();
            assert_eq!((url.host(), url.id().as_str()), (host, text));
            let name = host.trim_end_matches(":8443").trim_end_matches(":443");
            assert_eq!(url.host_name(), name);
        }
    }

    #[test]
    fn what_the_draft_forbids_is_none() {
        for (text, why) in [
            ("app-1", E::NotHttps),
            ("http://agent.example/client", E::NotHttps),
            ("HTTPS://agent.example/client", E::NotHttps),
            ("https://agent.example/client#f", E::Fragment),
            ("https://agent.example#", E::Fragment),
            ("https://a@agent.example/client", E::Credentials),
            ("https://a:b@agent.example/client", E::Credentials),
            ("https://agent.example", E::NoPath),
            ("https://agent.example?client", E::NoPath),
            ("https://agent.example\\client", E::NoPath),
            ("https:///client", E::Spelling),
            ("https://agent.example/./client", E::Spelling),
            ("https://agent.example/a/../client", E::Spelling),
            ("https://agent.example/..", E::Spelling),
            ("https://agent.example/a/%2e%2E/client", E::Spelling),
            ("https://agent.example/a/.%2e/client", E::Spelling),
            ("https://Agent.example/client", E::Spelling),
            ("https://agent.example:08443/client", E::Spelling),
            ("https://agent.example:/client", E::Spelling),
            ("https://2130706433/client", E::Spelling),
            ("https://agent.example/a b", E::Spelling),
            ("https://agent.example/a\\b", E::Spelling),
            ("https://agent.example/\"client", E::Spelling),
            ("https://agent..example:99999/client", E::Spelling),
        ] {
            assert_eq!(parse(text), Err(why), "{text}");
        }
    }
}
