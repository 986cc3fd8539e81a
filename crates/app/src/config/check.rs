//! What texts may stand in a configuration.

use super::Network;
use omniport_engine::fetch::AllowedHost;
use omniport_protocol::review::Parts;
use omniport_protocol::token::registry;
use omniport_protocol::vocabulary::Scope;
use std::net::SocketAddr;
use url::{Host, Url};

pub(super) fn is_address(text: &str) -> bool {
    text.parse::<SocketAddr>().is_ok()
}

pub(super) fn is_network(text: &str) -> bool {
    text.parse::<Network>().is_ok()
}

/// The issuer identifier is compared byte for byte by every client, so only the one spelling of a site is taken.
pub(super) fn is_issuer(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let transport_fits = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    transport_fits && url.origin().ascii_serialization() == text
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The store says the rest, once it opens it.
pub(super) fn is_database(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
}

pub(super) fn is_name(text: &str) -> bool {
    (1..=100).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control)
}

pub(super) fn is_path(text: &str) -> bool {
    !text.is_empty() && !text.contains('\0')
}

pub(super) fn is_allowed_host(text: &str) -> bool {
    text.parse::<AllowedHost>().is_ok()
}

pub(super) fn is_profile(text: &str) -> bool {
    omniport_protocol::vocabulary::Profile::parse(text).is_some()
}

pub(super) fn is_registration_policy(text: &str) -> bool {
    matches!(text, "closed" | "initial_access_token" | "open")
}

pub(super) fn is_registration_approval(text: &str) -> bool {
    matches!(text, "review" | "automatic")
}

pub(super) fn is_client_id_documents(text: &str) -> bool {
    matches!(text, "closed" | "review" | "automatic")
}

pub(super) fn is_username(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= 150
}

pub(super) fn is_scope(text: &str) -> bool {
    Scope::parse(text).is_ok()
}

pub(super) fn are_grant_types(text: &str) -> bool {
    let is_known = |word: &str| registry().iter().any(|grant| grant.grant_type() == word);
    text.split(' ').all(is_known)
}

pub(super) fn is_format(text: &str) -> bool {
    matches!(text, "human" | "json")
}

pub(super) fn is_level(text: &str) -> bool {
    matches!(text, "error" | "warn" | "info" | "debug" | "trace")
}

/// Parts of an app, by their words.
pub(super) fn is_parts(text: &str) -> bool {
    Parts::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_the_one_spelling_of_a_site() {
        for good in [
            "https://omniport.example.org",
            "https://omniport.example.org:8443",
            "http://127.0.0.1:8000",
            "http://127.8.9.1",
            "http://[::1]:8000",
            "http://localhost:8000",
            "http://id.localhost",
            "https://[2001:db8::1]",
        ] {
            assert!(is_issuer(good), "{good}");
        }
        for bad in [
            "",
            "omniport.example.org",
            "ftp://omniport.example.org",
            "http://omniport.example.org",
            "http://192.168.1.2:8000",
            "http://localhost.example.org",
            "https://omniport.example.org/",
            "https://omniport.example.org/id",
            "https://omniport.example.org?a",
            "https://omniport.example.org#a",
            "https://user@omniport.example.org",
            "https://OMNIPORT.example.org",
            "https://omniport.example.org:443",
            "https://omniport.example.org:",
        ] {
            assert!(!is_issuer(bad), "{bad}");
        }
    }

    #[test]
    fn an_address_has_a_port() {
        assert!(is_address("0.0.0.0:0") && is_address("[::1]:8000"));
        assert!(!is_address("localhost:8000") && !is_address("127.0.0.1") && !is_address("127.0.0.1:99999"));
    }
}
