//! Every setting there is: one table that feeds the file's check, the environment and `config show`.

use super::check;
use super::own_keys::is_encryption_key;
use omniport_engine::fetch::MAX_TIMEOUT_SECONDS;
use std::ops::RangeInclusive;

/// What a value must be.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A text that passes the check.
    Text(fn(&str) -> bool),
    /// The path of a file. In the configuration file it counts from that file's folder.
    Path,
    /// A whole number in a range.
    Integer(RangeInclusive<i64>),
    /// `true` or `false`.
    Flag,
    /// A list of texts that each pass the check. In a variable of the environment they stand between commas or spaces.
    List(fn(&str) -> bool),
}

/// One setting.
#[derive(Debug, Clone)]
pub struct Key {
    /// The section.
    pub section: &'static str,
    /// The key in it.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// The same, for people.
    pub expected: &'static str,
}

impl Key {
    /// `section.name`.
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// `OMNIPORT_SECTION_NAME`.
    pub fn variable(&self) -> String {
        format!("OMNIPORT_{}_{}", self.section, self.name).to_uppercase()
    }

    /// The short name of the three settings that are flags of every command too.
    pub fn short_variable(&self) -> Option<&'static str> {
        match (self.section, self.name) {
            ("server", "listen") => Some("OMNIPORT_LISTEN"),
            ("server", "issuer") => Some("OMNIPORT_ISSUER"),
            ("database", "url") => Some("OMNIPORT_DATABASE"),
            _ => None,
        }
    }

    /// The setting of this section and name.
    pub fn find(section: &str, name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.section == section && key.name == name)
    }
}

const YEAR: i64 = 366 * 86_400;

const fn text(
    section: &'static str,
    name: &'static str,
    check: fn(&str) -> bool,
    expected: &'static str,
) -> Key {
    Key {
        section,
        name,
        kind: Kind::Text(check),
        expected,
    }
}

const fn path(section: &'static str, name: &'static str, expected: &'static str) -> Key {
    Key {
        section,
        name,
        kind: Kind::Path,
        expected,
    }
}

const fn number(
    section: &'static str,
    name: &'static str,
    range: RangeInclusive<i64>,
    expected: &'static str,
) -> Key {
    Key {
        section,
        name,
        kind: Kind::Integer(range),
        expected,
    }
}

const fn flag(section: &'static str, name: &'static str) -> Key {
    Key {
        section,
        name,
        kind: Kind::Flag,
        expected: "true or false",
    }
}

const fn list(
    section: &'static str,
    name: &'static str,
    check: fn(&str) -> bool,
    expected: &'static str,
) -> Key {
    Key {
        section,
        name,
        kind: Kind::List(check),
        expected,
    }
}

/// All of them, in the order shown.
pub const KEYS: &[Key] = &[
    text(
        "server",
        "listen",
        check::is_address,
        "an address and a port, such as 127.0.0.1:8000 or [::1]:8000",
    ),
    text(
        "server",
        "issuer",
        check::is_issuer,
        "the site's URL: https (http only for 127.0.0.1, [::1] and localhost), in lower case, without path, query, \
         fragment or trailing slash, such as https://omniport.example.org",
    ),
    list(
        "server",
        "trusted_proxies",
        check::is_network,
        "a list of addresses and networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]",
    ),
    path("tls", "certificate", "the path of a PEM file"),
    path("tls", "key", "the path of a PEM file"),
    flag("tls", "client_certificates"),
    path("tls", "client_ca_file", "the path of a PEM file"),
    text(
        "tls",
        "mtls_listen",
        check::is_address,
        "an address and a port, such as 0.0.0.0:8444",
    ),
    text(
        "tls",
        "mtls_url",
        check::is_issuer,
        "https:// and a host, and perhaps a port, such as https://mtls.omniport.example.org",
    ),
    text(
        "database",
        "url",
        check::is_database,
        "sqlite: and the path of a file, such as sqlite:omniport.db, or postgres://USER:PASSWORD@HOST/DATABASE",
    ),
    text(
        "keys",
        "encryption_key",
        is_encryption_key,
        "32 bytes in base64, as `openssl rand -base64 32` prints them",
    ),
    path("keys", "encryption_key_file", "the path of a file"),
    number("keys", "rotate_days", 1..=3_650, "1 to 3650 days"),
    number(
        "tokens",
        "code_seconds",
        1..=600,
        "1 to 600 seconds (RFC 6749 section 4.1.2)",
    ),
    number(
        "tokens",
        "access_token_seconds",
        1..=YEAR,
        "1 second to 366 days, in seconds",
    ),
    number(
        "tokens",
        "id_token_seconds",
        1..=YEAR,
        "1 second to 366 days, in seconds",
    ),
    number(
        "tokens",
        "pushed_request_seconds",
        5..=600,
        "5 to 600 seconds (RFC 9126 section 2.2)",
    ),
    number(
        "tokens",
        "device_code_seconds",
        60..=3_600,
        "60 to 3,600 seconds (RFC 8628 section 3.2)",
    ),
    number(
        "tokens",
        "poll_seconds",
        1..=60,
        "1 to 60 seconds (RFC 8628 section 3.2)",
    ),
    number(
        "tokens",
        "refresh_idle_seconds",
        1..=10 * YEAR,
        "1 second to ten years, in seconds",
    ),
    number(
        "tokens",
        "refresh_absolute_seconds",
        1..=10 * YEAR,
        "1 second to ten years, in seconds",
    ),
    number("tokens", "refresh_grace_seconds", 0..=300, "0 to 300 seconds"),
    number("tokens", "request_seconds", 60..=86_400, "60 to 86400 seconds"),
    number(
        "tokens",
        "session_seconds",
        60..=YEAR,
        "1 minute to 366 days, in seconds",
    ),
    number(
        "dpop",
        "leeway",
        1..=300,
        "1 to 300 seconds (RFC 9449 section 11.1)",
    ),
    flag("dpop", "require_nonce"),
    text(
        "profile",
        "name",
        check::is_profile,
        "fapi2 or fapi2-message-signing",
    ),
    text(
        "institution",
        "name",
        check::is_name,
        "a name of 1 to 100 characters",
    ),
    path("institution", "catalogue", "the path of a TOML file"),
    path("institution", "developer_terms", "the path of a Markdown file"),
    text(
        "review",
        "needs",
        check::is_parts,
        "some of name, logo, redirect_hosts, data_points, scopes, grant_types, description, contact and links, \
         separated by spaces: what a maintainer must see when an approved app changes it",
    ),
    number("review", "overdue_days", 1..=365, "1 to 365 days"),
    number(
        "passwords",
        "at_once",
        1..=64,
        "1 to 64, each of which takes 64 MiB",
    ),
    list(
        "fetch",
        "allow_hosts",
        check::is_allowed_host,
        "a list of at most 100 hosts with their ports, such as [\"localhost:8443\", \"[::1]:8443\"]",
    ),
    list(
        "fetch",
        "deny_networks",
        check::is_network,
        "a list of at most 100 networks, such as [\"192.0.2.0/24\", \"2001:db8::/32\"]",
    ),
    path(
        "fetch",
        "extra_ca_file",
        "the path of a file of certificates in PEM",
    ),
    number(
        "fetch",
        "timeout_seconds",
        1..=MAX_TIMEOUT_SECONDS as i64,
        "1 to 30 seconds",
    ),
    number(
        "fetch",
        "connect_timeout_seconds",
        1..=MAX_TIMEOUT_SECONDS as i64,
        "1 to 30 seconds",
    ),
    flag("limits", "enabled"),
    number(
        "limits",
        "requests_per_minute",
        1..=60_000,
        "1 to 60000 requests a minute from one address",
    ),
    number("retention", "grants_days", 0..=3_650, "0 to 3650 days"),
    number(
        "retention",
        "audit_days",
        0..=36_500,
        "0 to 36500 days, 0 for good",
    ),
    text(
        "registration",
        "policy",
        check::is_registration_policy,
        "closed, initial_access_token or open",
    ),
    text(
        "registration",
        "approval",
        check::is_registration_approval,
        "review or automatic",
    ),
    text(
        "registration",
        "client_id_documents",
        check::is_client_id_documents,
        "closed, review or automatic",
    ),
    text(
        "registration",
        "owner",
        check::is_username,
        "the username of whoever answers for apps that register themselves",
    ),
    text(
        "registration",
        "scope",
        check::is_scope,
        "scopes, separated by single spaces, such as \"openid profile email\"",
    ),
    text(
        "registration",
        "grant_types",
        check::are_grant_types,
        "grant types of this server, separated by single spaces, such as \"authorization_code refresh_token\"",
    ),
    flag("grants", "password"),
    path("grants", "trusted_issuers", "the path of a TOML file"),
    text("log", "format", check::is_format, "human or json"),
    text(
        "log",
        "level",
        check::is_level,
        "error, warn, info, debug or trace",
    ),
    text(
        "metrics",
        "listen",
        check::is_address,
        "an address and a port, such as 127.0.0.1:9464",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    #[test]
    fn the_table_and_the_structs_name_the_same_settings() {
        let mut full = Config::default();
        full.server.issuer = Some("https://a.example".into());
        full.tls.certificate = Some("c".into());
        full.tls.key = Some("k".into());
        full.tls.client_ca_file = Some("a".into());
        full.tls.mtls_listen = Some(full.server.listen);
        full.tls.mtls_url = Some("https://mtls.id.example".into());
        full.profile.name = Some(omniport_protocol::vocabulary::Profile::Fapi2);
        full.metrics.listen = Some(full.server.listen);
        full.institution.catalogue = Some("a".into());
        full.keys.encryption_key = Some(super::super::EncryptionKey::hidden());
        full.keys.encryption_key_file = Some("k".into());
        full.institution.developer_terms = Some("b".into());
        full.fetch.extra_ca_file = Some("c".into());
        full.registration.owner = Some("o".into());
        full.grants.trusted_issuers = Some("i".into());
        let table = toml::Table::try_from(full).unwrap();
        let mut structs: Vec<String> = table
            .iter()
            .flat_map(|(section, keys)| {
                keys.as_table()
                    .unwrap()
                    .keys()
                    .map(move |key| format!("{section}.{key}"))
            })
            .collect();
        let mut listed: Vec<String> = KEYS.iter().map(Key::path).collect();
        structs.sort();
        listed.sort();
        assert_eq!(structs, listed);
    }

    #[test]
    fn the_readme_names_every_setting_once_with_its_default() {
        let readme = include_str!("../../../../README.md");
        let (_, block) = readme.split_once("```toml\n[server]\n").unwrap();
        let (block, _) = block.split_once("```").unwrap();
        let block = format!("[server]\n{block}");
        // A setting without a default stands there as a comment.
        let mut section = "";
        let mut named = Vec::new();
        for line in block.lines() {
            let line = line.trim_start_matches("# ");
            if let Some((name, _)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
                section = name;
            } else if let Some((name, _)) = line.split_once(" = ") {
                named.push(format!("{section}.{name}"));
            }
        }
        named.sort_unstable();
        let mut known: Vec<String> = KEYS.iter().map(Key::path).collect();
        known.sort_unstable();
        assert_eq!(named, known);
        let shown: toml::Table = block.parse().unwrap();
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        for (section, keys) in shown {
            for (name, value) in keys.as_table().unwrap() {
                assert_eq!(Some(value), defaults[&section].get(name), "{section}.{name}");
            }
        }
    }
}
