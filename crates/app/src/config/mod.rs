//! The configuration: one struct a section, from a TOML file, the environment and flags.
//!
//! What is said later wins: default, file, `OMNIPORT_SECTION_KEY`, flag. An unknown key or an unusable value is
//! refused with its name, where it was said, and what is expected.

mod check;
mod keys;
mod layers;
mod metrics;
mod network;
mod own_keys;
mod show;
mod tls;

pub use keys::{KEYS, Key, Kind};
pub use layers::{Flags, Loaded, Origin, load};
pub use metrics::Metrics;
pub use network::{Network, NotANetwork};
pub use own_keys::{EncryptionKey, OwnKeys};
pub use show::{json, toml};
pub use tls::Tls;

use omniport_engine::registration::RegistrationSettings;
use omniport_protocol::ctx::Policy;
use omniport_protocol::extensions::dpop_rfc9449::Dpop;
use omniport_protocol::review::ReviewPolicy;
use omniport_protocol::vocabulary::Profile;
use omniport_store::Address;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[tls]`
    pub tls: Tls,
    /// `[database]`
    pub database: Database,
    /// `[keys]`
    pub keys: OwnKeys,
    /// `[tokens]`: lifetimes in seconds.
    pub tokens: Policy,
    /// `[dpop]`: what is demanded of DPoP proofs.
    pub dpop: Dpop,
    /// `[profile]`
    pub profile: InstanceProfile,
    /// `[institution]`
    pub institution: Institution,
    /// `[review]`
    pub review: ReviewPolicy,
    /// `[passwords]`
    pub passwords: Passwords,
    /// `[fetch]`
    pub fetch: Fetch,
    /// `[limits]`
    pub limits: Limits,
    /// `[retention]`
    pub retention: Retention,
    /// `[registration]`
    pub registration: RegistrationSettings,
    /// `[grants]`
    pub grants: Grants,
    /// `[log]`
    pub log: Log,
    /// `[metrics]`
    pub metrics: Metrics,
}

/// Where it listens, and under which name people reach it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// The address and port to listen on. Port 0: any free one.
    pub listen: SocketAddr,
    /// The issuer identifier (RFC 8414 section 2); none: `http://LISTEN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The proxies before it, whose word about the caller (`X-Forwarded-For`, `Client-Cert`) counts.
    pub trusted_proxies: Vec<Network>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8_000),
            issuer: None,
            trusted_proxies: Vec::new(),
        }
    }
}

/// What every client is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InstanceProfile {
    /// `fapi2` or `fapi2-message-signing`; none: what each client registers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Profile>,
}

impl Config {
    /// The issuer of an instance that listens on `address`.
    ///
    /// # Errors
    /// [`ConfigError::IssuerMissing`] where none is set and `address` is not loopback: then nobody can guess the name
    /// under which people reach it, and it has to be `https`. [`ConfigError::IssuerPlain`] where it is set to `http`
    /// while TLS is spoken.
    pub fn issuer_at(&self, address: SocketAddr) -> Result<String, ConfigError> {
        let encrypted = self.tls.certificate.is_some();
        match &self.server.issuer {
            Some(issuer) if encrypted && !issuer.starts_with("https:") => {
                Err(ConfigError::IssuerPlain(issuer.clone()))
            }
            Some(issuer) => Ok(issuer.clone()),
            None if address.ip().is_loopback() => {
                let scheme = if encrypted { "https" } else { "http" };
                Ok(format!("{scheme}://{address}"))
            }
            None => Err(ConfigError::IssuerMissing(address)),
        }
    }
}

/// Where everything is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub url: String,
}

impl Database {
    /// The file of an `SQLite` database; none where it is a server's.
    pub fn file(&self) -> Option<&Path> {
        match Address::parse(&self.url) {
            Ok(Address::File(path)) => Some(path),
            _ => None,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:omniport.db".to_owned(),
        }
    }
}

/// Whose instance it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Institution {
    /// Its name, as people read it.
    pub name: String,
    /// A TOML file with its catalogue of data points; none: the default catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<PathBuf>,
    /// A Markdown file with its developer terms of use; none: the default ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub developer_terms: Option<PathBuf>,
}

impl Default for Institution {
    fn default() -> Self {
        Self {
            name: "Omniport".to_owned(),
            catalogue: None,
            developer_terms: None,
        }
    }
}

/// How passwords are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Passwords {
    /// How many are hashed at a time; each takes 64 MiB meanwhile.
    pub at_once: u16,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { at_once: 2 }
    }
}

/// How URLs that clients name are fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fetch {
    /// `host:port` of those that may have a private address and be spoken to by `http`.
    pub allow_hosts: Vec<String>,
    /// Networks that nothing is fetched from although they are public.
    pub deny_networks: Vec<Network>,
    /// A PEM file of authorities that are trusted beside those of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_ca_file: Option<PathBuf>,
    /// How long everything together may take.
    pub timeout_seconds: u32,
    /// How long one address may take to accept a connection.
    pub connect_timeout_seconds: u32,
}

impl Default for Fetch {
    fn default() -> Self {
        Self {
            allow_hosts: Vec::new(),
            deny_networks: Vec::new(),
            extra_ca_file: None,
            timeout_seconds: 5,
            connect_timeout_seconds: 2,
        }
    }
}

/// How often strangers may make the server work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Whether anything is counted: sign-ins with a wrong password, requests that wait for their person. Off for tests
    /// that run many of them from one machine.
    pub enabled: bool,
    /// Authorisation requests that wait for their person, from one address in a minute; twice as many at once.
    pub requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let limits = omniport_engine::limits::Limits::default();
        Self {
            enabled: limits.enabled,
            requests_per_minute: limits.requests_per_minute,
        }
    }
}

impl Limits {
    /// As the engine takes them.
    pub const fn engine(self) -> omniport_engine::limits::Limits {
        omniport_engine::limits::Limits {
            enabled: self.enabled,
            requests_per_minute: self.requests_per_minute,
        }
    }
}

/// How long what is over is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Grants of which nothing lives any more, in days.
    pub grants_days: u16,
    /// Events of the audit log, in days; 0: for good.
    pub audit_days: u16,
}

impl Retention {
    /// As the store takes it.
    pub fn store(self) -> omniport_store::portal::Retention {
        omniport_store::portal::Retention {
            grants: i64::from(self.grants_days) * 86_400,
            audit: i64::from(self.audit_days) * 86_400,
        }
    }
}

/// Grants that are closed until an operator opens them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grants {
    /// Whether apps that are marked for it may ask people for their password (RFC 6749 section 4.3).
    pub password: bool,
    /// A TOML file with whose assertions are good for a token (RFC 7523); none: nobody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_issuers: Option<PathBuf>,
}

/// What is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// How a line looks.
    pub format: LogFormat,
    /// From which level on.
    pub level: Level,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// A level of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Failures of ours.
    Error,
    /// What may become one.
    Warn,
    /// Every request, in a line.
    #[default]
    Info,
    /// More, for finding a fault.
    Debug,
    /// Everything.
    Trace,
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read, or is not TOML.
    #[error("{0}")]
    File(String),
    /// A key that does not exist.
    #[error("there is no setting {key} ({origin}); {known}")]
    Unknown {
        /// The key, or the environment's variable.
        key: String,
        /// Where it was said.
        origin: Origin,
        /// What there is instead.
        known: String,
    },
    /// A value that cannot be used.
    #[error("{key} is {value} ({origin}); expected {expected}")]
    Value {
        /// `section.key`.
        key: String,
        /// The value as it was said.
        value: String,
        /// Where it was said.
        origin: Origin,
        /// What must stand there.
        expected: String,
    },
    /// More than one mistake: a line each.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<ConfigError>),
    /// No issuer, and an address that others can reach.
    #[error(
        "listening on {0}, which others can reach, needs the name under which they do: set --issuer (or OMNIPORT_ISSUER, \
         or server.issuer) to the site's https URL"
    )]
    IssuerMissing(SocketAddr),
    /// TLS is spoken, and the issuer says that it is not.
    #[error(
        "with tls.certificate set, the issuer {0} must be https: change server.issuer, or take the certificate out"
    )]
    IssuerPlain(String),
    /// A setting that needs another.
    #[error("{0}")]
    Incomplete(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_others_reach_needs_an_issuer() {
        let mut config = Config::default();
        let own = "127.0.0.1:7".parse().unwrap();
        assert_eq!(config.issuer_at(own).unwrap(), "http://127.0.0.1:7");
        let open = "0.0.0.0:8000".parse().unwrap();
        assert_eq!(config.issuer_at(open), Err(ConfigError::IssuerMissing(open)));
        config.server.issuer = Some("https://a.example".into());
        assert_eq!(config.issuer_at(open).unwrap(), "https://a.example");
    }

    #[test]
    fn with_a_certificate_the_issuer_is_https() {
        let mut config = Config::default();
        config.tls.certificate = Some("c.pem".into());
        let own = "127.0.0.1:7".parse().unwrap();
        assert_eq!(config.issuer_at(own).unwrap(), "https://127.0.0.1:7");
        config.server.issuer = Some("http://127.0.0.1:7".into());
        let told = config.issuer_at(own).unwrap_err().to_string();
        assert!(
            told.contains("must be https") && told.contains("server.issuer"),
            "{told}"
        );
    }
}
