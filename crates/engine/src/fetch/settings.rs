//! What the operator decides about fetching.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use url::Host;

/// Longest time-out that may be set, in seconds.
pub const MAX_TIMEOUT_SECONDS: u32 = 30;

/// How URLs that clients name are fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSettings {
    /// Hosts that may have a private address and be spoken to by `http`: for tests, and for apps inside an institution.
    pub allow_hosts: Vec<AllowedHost>,
    /// Networks that nothing is fetched from although their addresses are public: an institution's own machines often have
    /// such. Each by its first address and how many of its bits count. [`Self::allow_hosts`] goes before it.
    pub deny_networks: Vec<(IpAddr, u8)>,
    /// A PEM file of authorities that are trusted beside those of the machine.
    pub extra_ca_file: Option<PathBuf>,
    /// How long everything together may take, from the question for the host's address to the answer's last byte.
    pub timeout: Duration,
    /// How long one address may take to accept a connection.
    pub connect_timeout: Duration,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            allow_hosts: Vec::new(),
            deny_networks: Vec::new(),
            extra_ca_file: None,
            timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// A host and a port that the operator vouches for: `host:port`, `192.0.2.1:port` or `[2001:db8::1]:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: Host,
    port: u16,
}

/// A text that is no host and port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host and a port are written as localhost:8443, 192.0.2.1:8443 or [2001:db8::1]:8443")]
pub struct AllowedHostError;

impl AllowedHost {
    pub(super) fn is(&self, host: &Host, port: u16) -> bool {
        self.host == *host && self.port == port
    }
}

impl FromStr for AllowedHost {
    type Err = AllowedHostError;

    fn from_str(text: &str) -> Result<Self, AllowedHostError> {
        let (host, port) = text.rsplit_once(':').ok_or(AllowedHostError)?;
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|port| digits && *port != 0);
        // As in a URL, so that both are compared in the same spelling.
        // There are no patterns, and a star in a name would only look like one.
        let host = Host::parse(host).ok().filter(|_| !host.contains('*'));
        match (host, port) {
            (Some(host), Some(port)) => Ok(Self { host, port }),
            _ => Err(AllowedHostError),
        }
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_allowed_with_its_port() {
        for (text, shown) in [
            ("localhost:8443", "localhost:8443"),
            ("LocalHost:80", "localhost:80"),
            ("127.0.0.1:1", "127.0.0.1:1"),
            ("[::1]:443", "[::1]:443"),
        ] {
            assert_eq!(text.parse::<AllowedHost>().unwrap().to_string(), shown);
        }
        for bad in [
            "",
            "localhost",
            "localhost:",
            ":80",
            "a:0",
            "a:65536",
            "a:+80",
            "http://a:80",
            "a/b:80",
            "::1",
            "a b:80",
            "*:80",
        ] {
            assert_eq!(bad.parse::<AllowedHost>(), Err(AllowedHostError), "{bad}");
        }
    }
}
