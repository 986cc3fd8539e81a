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

/// The institution's catalogue, or the default one.
pub(crate) fn catalogue(config: &Config) -> Result<Catalogue, Failure> {
    match &config.institution.catalogue {
        Some(path) => parse_catalogue(path),
        None => Catalogue::parse(Catalogue::DEFAULT_TOML).map_err(|error| Failure::new(error.to_string())),
    }
}

/// The grants that an operator opens.
fn grants(config: &Config) -> Result<GrantSettings, Failure> {
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
