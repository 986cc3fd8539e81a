//! From a configuration to an engine.

use crate::config::{Config, Fetch, Network};
use crate::{Failure, bounded};
use omniport_engine::fetch::{FetchSettings, Fetcher};
use omniport_engine::passwords::Passwords;
use omniport_engine::registration::{ClientIdDocuments, RegistrationPolicy};
use omniport_engine::{Clock, Engine, Settings, Store, SystemClock, SystemDice, ThrownAhead};
use omniport_protocol::data_points::Catalogue;
use omniport_protocol::extensions::sender::SenderPolicy;
use omniport_protocol::token::GrantSettings;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The developer terms of use of an institution that has not written its own.
pub const DEFAULT_TERMS: &str = include_str!("../assets/developer_terms_of_use.md");

/// Largest catalogue and largest terms, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// What the configuration says an instance is, its files read.
///
/// # Errors
/// [`Failure`] where a file cannot be read or used.
pub fn settings(config: &Config, issuer: String) -> Result<Settings, Failure> {
    registration(config)?;
    Ok(Settings {
        issuer,
        policy: config.tokens,
        sender: SenderPolicy {
            dpop: config.dpop,
            certificates: config.tls.client_certificates,
            mtls_base: config.tls.mtls_url.clone(),
            profile: config.profile.name,
        },
        grants: grants(config)?,
        catalogue: catalogue(config)?,
        institution: config.institution.name.clone(),
        developer_terms: developer_terms(config)?,
        limits: config.limits.engine(),
        retention: config.retention.store(),
        registration: config.registration.clone(),
        review: config.review.clone(),
    })
}

/// Whether somebody answers for apps that come by themselves, where any may.
///
/// # Errors
/// [`Failure`] that says what to set.
pub(crate) fn registration(config: &Config) -> Result<(), Failure> {
    if config.registration.policy != RegistrationPolicy::Closed && config.registration.owner.is_none() {
        return Err(Failure::new(
            "registration.policy lets apps register themselves, but registration.owner does not say who answers for them: set it to a username",
        ));
    }
    if config.registration.client_id_documents != ClientIdDocuments::Closed
        && config.registration.owner.is_none()
    {
        return Err(Failure::new(
            "registration.client_id_documents lets apps be known by a document, but registration.owner does not say who answers for them: set it to a username",
        ));
    }
    Ok(())
}

/// Whether each address that is listened on is there once.
///
/// # Errors
/// [`Failure`] that names the two settings.
pub(crate) fn addresses(config: &Config) -> Result<(), Failure> {
    let all = [
        ("server.listen", Some(config.server.listen)),
        ("tls.mtls_listen", config.tls.mtls_listen),
        ("metrics.listen", config.metrics.listen),
    ];
    let mut seen: Vec<(&str, SocketAddr)> = Vec::new();
    for (name, address) in all {
        // Port 0 is another one each time.
        let Some(address) = address.filter(|address| address.port() != 0) else {
            continue;
        };
        let meets = |other: &SocketAddr| {
            let (one, other_ip) = (address.ip(), other.ip());
            other.port() == address.port()
                && (one == other_ip || one.is_unspecified() || other_ip.is_unspecified())
                && one.is_ipv4() == other_ip.is_ipv4()
        };
        if let Some((other, _)) = seen.iter().find(|(_, other)| meets(other)) {
            return Err(Failure::new(format!(
                "{name} is {address}, where {other} listens already: give it a port of its own"
            )));
        }
        seen.push((name, address));
    }
    Ok(())
}

/// Whether whoever is to answer for apps that come by themselves is there, and what those may ask for exists: what only
/// the database can say. What does not exist is warned of.
///
/// # Errors
/// [`Failure`] that says what to set; of the store.
pub(crate) async fn registration_on(engine: &Engine) -> Result<(), Failure> {
    let told = engine.check_registration().await?;
    for name in told.map_err(Failure::new)? {
        tracing::warn!(
            name,
            "registration.scope has a name that is no bundle of OpenID, no data point of the catalogue and nothing of an API \
             that is registered; `omniport api list` shows which there are"
        );
    }
    Ok(())
}

/// The institution's catalogue, or the default one.
pub(crate) fn catalogue(config: &Config) -> Result<Catalogue, Failure> {
    match &config.institution.catalogue {
        Some(path) => parse_catalogue(path),
        None => Catalogue::parse(Catalogue::DEFAULT_TOML).map_err(|error| Failure::new(error.to_string())),
    }
}

/// The grants that an operator opens.
pub(crate) fn grants(config: &Config) -> Result<GrantSettings, Failure> {
    let trusted_issuers = match &config.grants.trusted_issuers {
        None => Vec::new(),
        Some(path) => {
            let text = bounded::read(path, MAX_FILE, "the trusted issuers (grants.trusted_issuers)")?;
            GrantSettings::parse_issuers(&text)
                .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?
        }
    };
    Ok(GrantSettings {
        password: config.grants.password,
        trusted_issuers,
    })
}

/// The institution's terms, or the default ones.
pub(crate) fn developer_terms(config: &Config) -> Result<String, Failure> {
    match &config.institution.developer_terms {
        Some(path) => bounded::read(
            path,
            MAX_FILE,
            "the developer terms of use (institution.developer_terms)",
        ),
        None => Ok(DEFAULT_TERMS.to_owned()),
    }
}

fn parse_catalogue(path: &Path) -> Result<Catalogue, Failure> {
    let text = bounded::read(path, MAX_FILE, "the catalogue (institution.catalogue)")?;
    Catalogue::parse(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
}

/// The way to URLs that clients name.
pub(crate) fn fetcher(config: &Config) -> Result<Fetcher, Failure> {
    let Fetch {
        allow_hosts,
        deny_networks,
        extra_ca_file,
        timeout_seconds,
        connect_timeout_seconds,
    } = &config.fetch;
    let allow_hosts = allow_hosts.iter().map(|host| {
        host.parse()
            .map_err(|error| Failure::new(format!("fetch.allow_hosts: {error}")))
    });
    Ok(Fetcher::new(&FetchSettings {
        allow_hosts: allow_hosts.collect::<Result<_, _>>()?,
        deny_networks: deny_networks.iter().map(Network::parts).collect(),
        extra_ca_file: extra_ca_file.clone(),
        timeout: Duration::from_secs((*timeout_seconds).into()),
        connect_timeout: Duration::from_secs((*connect_timeout_seconds).into()),
    })?)
}

/// Opens the database and puts an engine around it. A new database is migrated; an older one is refused.
///
/// # Errors
/// [`Failure`] of the store, a file of the configuration, or the password hasher's parameters.
pub async fn engine(config: &Config, issuer: String) -> Result<Engine, Failure> {
    let settings = settings(config, issuer)?;
    let passwords = Passwords::new(config.passwords.at_once.into())?;
    let store = Store::open_current(&config.database.url, SystemClock.now()).await?;
    Ok(Engine::new(
        store,
        Arc::new(SystemClock),
        Arc::new(ThrownAhead::new(SystemDice)),
        passwords,
        fetcher(config)?,
        settings,
    ))
}
