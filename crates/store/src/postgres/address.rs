//! The address of a database: `libpq`'s parameters and ours.

use super::DEADLINE;
use super::tls::{Authorities, Connector};
use crate::Fault;
use percent_encoding::percent_decode_str;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

/// Connections of one node, unless the address says otherwise.
const CONNECTIONS: usize = 16;
/// Most connections that write: more would only wait for each other's flush.
const MOST_COMMITTERS: usize = 8;
/// Limits in milliseconds that every session is opened with: for a statement, for a lock (longer than the second
/// after which the server looks for deadlocks), and for a transaction that nobody goes on with.
const SESSION_LIMITS: &str =
    "-c statement_timeout=4000 -c lock_timeout=1500 -c idle_in_transaction_session_timeout=10000";
/// How long a silent connection is left unprobed, and what the client library takes where nothing is said.
const KEEPALIVE: Duration = Duration::from_secs(30);
const LIBRARYS_KEEPALIVE: Duration = Duration::from_hours(2);
/// What `libpq` knows and is handed on.
const HANDED_ON: [&str; 16] = [
    "application_name",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslnegotiation",
    "target_session_attrs",
    "user",
];

/// How to connect.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) connector: Connector,
    /// Connections that write.
    pub(super) committers: usize,
    /// Connections that read.
    pub(super) readers: usize,
    /// Whether sessions are ours: statements are prepared and limits are set once.
    pub(super) prepare: bool,
    /// How often a session fell silent. One that was opened before the last time is likely to be silent, too: a
    /// machine that is gone closes nothing.
    pub(super) silences: Arc<AtomicU64>,
}

fn refuse(words: impl Into<String>) -> Fault {
    Fault::Address(words.into())
}

impl Settings {
    /// Reads an address. No part of it is ever repeated: it holds a password.
    pub(super) fn parse(url: &str) -> Result<Self, Fault> {
        let (bare, params) = url.split_once('?').unwrap_or((url, ""));
        let mut ours = Ours::default();
        let mut handed_on = Vec::new();
        for pair in params.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if HANDED_ON.contains(&name) {
                handed_on.push(pair);
            } else {
                ours.set(name, value)?;
            }
        }
        let mut config: Config = format!("{bare}?{}", handed_on.join("&")).parse().map_err(|_| {
            refuse(
                "write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for a @ in the password, %2F for \
                 a /, and so on",
            )
        })?;
        check_hosts(&config)?;
        let connector = ours.tls(&mut config)?;
        complete(&mut config, ours.prepare);
        let committers = (ours.connections / 8).clamp(1, MOST_COMMITTERS);
        Ok(Self {
            config,
            connector,
            committers,
            readers: ours.connections - committers,
            prepare: ours.prepare,
            silences: Arc::default(),
        })
    }
}

fn check_hosts(config: &Config) -> Result<(), Fault> {
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(refuse(
            "it names no host; write postgres://USER:PASSWORD@HOST/DATABASE",
        ));
    }
    if config.get_dbname().is_none_or(str::is_empty) {
        return Err(refuse(
            "it names no database; write postgres://USER:PASSWORD@HOST/DATABASE",
        ));
    }
    for host in config.get_hosts() {
        if matches!(host, Host::Tcp(name) if name.is_empty() || name.contains('@')) {
            return Err(refuse(
                "the host is empty, or the password holds a @ that must be written as %40",
            ));
        }
    }
    Ok(())
}

/// What a good client sets where nothing else is said.
fn complete(config: &mut Config, prepare: bool) {
    if config.get_application_name().is_none() {
        config.application_name("omniport");
    }
    if config.get_connect_timeout().is_none() {
        // So that there is time for every host, and a word, where the first ones are silent.
        let hosts = config.get_hosts().len().max(config.get_hostaddrs().len());
        let shares = u32::try_from(hosts).map_or(u32::MAX, |hosts| if hosts > 1 { hosts + 1 } else { 1 });
        config.connect_timeout(DEADLINE / shares);
    }
    // A standby can neither be written nor is what it shows the present.
    if config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    config.tcp_user_timeout(2 * DEADLINE);
    if config.get_keepalives_idle() == LIBRARYS_KEEPALIVE {
        config.keepalives_idle(KEEPALIVE);
    }
    if prepare {
        let theirs = config.get_options().unwrap_or_default();
        let options = format!("{SESSION_LIMITS} {theirs}");
        config.options(options.trim());
    }
}

/// The parameters that are not `libpq`'s, or that we read otherwise.
struct Ours {
    ssl_mode: Option<String>,
    root_certificates: Option<String>,
    connections: usize,
    prepare: bool,
}

impl Default for Ours {
    fn default() -> Self {
        Self {
            ssl_mode: None,
            root_certificates: None,
            connections: CONNECTIONS,
            prepare: true,
        }
    }
}

impl Ours {
    fn set(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let value = percent_decode_str(value)
            .decode_utf8()
            .map_err(|_| refuse("a parameter is not UTF-8"))?;
        match name {
            "sslmode" => self.ssl_mode = Some(value.into_owned()),
            "sslrootcert" => self.root_certificates = Some(value.into_owned()),
            "connections" => {
                self.connections = value
                    .parse()
                    .ok()
                    .filter(|count| (2..=1_000).contains(count))
                    .ok_or_else(|| refuse("`connections` is a number from 2 to 1000"))?;
            }
            "prepare" => {
                self.prepare = match &*value {
                    "on" => true,
                    "off" => false,
                    _ => return Err(refuse("`prepare` is on or off")),
                };
            }
            _ => {
                return Err(refuse(format!(
                    "it has a parameter that is not known (a ? in the password is written as %3F); known are sslmode, \
                     sslrootcert, connections, prepare, {}",
                    HANDED_ON.join(", ")
                )));
            }
        }
        Ok(())
    }

    fn tls(&self, config: &mut Config) -> Result<Connector, Fault> {
        let by_socket = config
            .get_hosts()
            .iter()
            .any(|host| matches!(host, Host::Unix(_)));
        let mode = self.ssl_mode.as_deref();
        if self.root_certificates.is_some() && mode != Some("verify-full") {
            return Err(refuse(
                "`sslrootcert` is used with `sslmode=verify-full` only; without it no certificate is checked",
            ));
        }
        let (mode, authorities) = match mode {
            Some("disable") => (SslMode::Disable, Authorities::Any),
            None | Some("prefer") if by_socket => (SslMode::Disable, Authorities::Any),
            None | Some("prefer") => (SslMode::Prefer, Authorities::Any),
            Some("require" | "verify-full") if by_socket => {
                return Err(refuse(
                    "through a Unix socket nothing is encrypted; leave `sslmode` away",
                ));
            }
            Some("require") => (SslMode::Require, Authorities::Any),
            Some("verify-full") => match self.root_certificates.as_deref() {
                None | Some("system") => (SslMode::Require, Authorities::System),
                Some(path) => (SslMode::Require, Authorities::File(PathBuf::from(path))),
            },
            Some(_) => {
                return Err(refuse("`sslmode` is disable, prefer, require or verify-full"));
            }
        };
        config.ssl_mode(mode);
        Connector::new(&authorities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        let fault = Settings::parse(url).err().unwrap();
        assert!(matches!(fault, Fault::Address(_)), "{fault}");
        fault.to_string()
    }

    #[test]
    fn an_address_is_completed() {
        let settings = Settings::parse("postgres://u:p%40%2F@db:5433/o").unwrap();
        let config = &settings.config;
        assert_eq!(config.get_password(), Some(&b"p@/"[..]));
        assert_eq!(config.get_ssl_mode(), SslMode::Prefer);
        assert_eq!(config.get_application_name(), Some("omniport"));
        assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(config.get_connect_timeout(), Some(&DEADLINE));
        assert_eq!(
            (settings.committers, settings.readers, settings.prepare),
            (2, 14, true)
        );
        assert!(config.get_options().unwrap().contains("statement_timeout=4000"));
    }

    #[test]
    fn parameters_are_ours_or_handed_on() {
        let url = "postgresql://u@h1,h2:7/o?prepare=off&connections=2&sslmode=disable&application_name=x%20y";
        let settings = Settings::parse(url).unwrap();
        assert_eq!(
            (settings.committers, settings.readers, settings.prepare),
            (1, 1, false)
        );
        assert_eq!(settings.config.get_options(), None);
        assert_eq!(settings.config.get_application_name(), Some("x y"));
        assert_eq!(settings.config.get_hosts().len(), 2);
        assert_eq!(settings.config.get_connect_timeout(), Some(&(DEADLINE / 3)));
        assert_eq!(settings.config.get_keepalives_idle(), KEEPALIVE);
        let socket =
            Settings::parse("postgres://u@/o?host=/run/postgresql&options=-csearch_path%3Dmine").unwrap();
        assert_eq!(socket.config.get_ssl_mode(), SslMode::Disable);
        assert!(
            socket
                .config
                .get_options()
                .unwrap()
                .ends_with("-csearch_path=mine")
        );
    }

    #[test]
    fn what_is_not_an_address_is_refused_without_repeating_it() {
        for (url, words) in [
            ("postgres:hunter2", "postgres://USER:PASSWORD@HOST"),
            ("postgres://u:hunter2@/o", "host"),
            ("postgres://u:hunter2@h", "no database"),
            ("postgres://u:hunter2@h:port/o", "postgres://USER"),
            ("postgres://u:x@hunter2@h/o", "%40"),
            ("postgres://u:x?hunter2=3@h/o", "%3F"),
            ("postgres://u:hunter2@h/o?sslmode=allow", "verify-full"),
            ("postgres://u:hunter2@h/o?sslrootcert=/x", "verify-full"),
            (
                "postgres://u:hunter2@h/o?sslmode=require&sslrootcert=/x",
                "verify-full",
            ),
            (
                "postgres://u:hunter2@h/o?sslmode=verify-full&sslrootcert=/nowhere",
                "sslrootcert",
            ),
            ("postgres://u:hunter2@/o?host=/run&sslmode=require", "Unix socket"),
            ("postgres://u:hunter2@h/o?connections=1", "2 to 1000"),
            ("postgres://u:hunter2@h/o?prepare=maybe", "on or off"),
            ("postgres://u:hunter2@h/o?prepare=%ff", "UTF-8"),
            ("postgres://u:hunter2@h/o?connect_timeout=x", "postgres://USER"),
        ] {
            let said = refused(url);
            assert!(said.contains(words), "{url}: {said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
