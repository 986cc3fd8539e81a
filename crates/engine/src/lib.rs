//! The machine around the rules: load, decide, apply; dice and clock; passwords; the directory of people; apps.
#![forbid(unsafe_code)]

mod acts;
pub mod apis;
pub mod apps;
pub mod audit;
pub mod caller;
mod client_documents;
mod clock;
pub mod counters;
pub mod decoupled;
mod deliver;
mod deliveries;
mod dice;
mod fault;
pub mod fetch;
pub mod flow;
mod jose;
pub mod keys;
mod lanes;
pub mod limits;
pub mod logout;
pub mod mint;
pub mod pages;
pub mod passwords;
pub mod people;
mod pings;
mod promises;
pub mod registration;
mod registration_tokens;
mod remote;
mod run;
pub mod sessions;
mod sweep;

pub use clock::{Clock, SystemClock};
pub use dice::{Dice, DiceError, SystemDice, ThrownAhead};
pub use fault::Fault;
pub use omniport_store::{Store, patiently};
pub use run::Ran;

use apps::LogoDesk;
use client_documents::Waiting;
use counters::Counters;
use fetch::{Fetcher, JwksCache, JwksError};
use flow::Flow;
use keys::KeyRing;
use lanes::Lanes;
use omniport_protocol::apis::Apis;
use omniport_protocol::ctx::{Ctx, Policy};
use omniport_protocol::data_points::Catalogue;
use omniport_protocol::extensions::sender::SenderPolicy;
use omniport_protocol::jose::JwkSet;
use omniport_protocol::review::ReviewPolicy;
use omniport_protocol::token::GrantSettings;
use omniport_protocol::vocabulary::Timestamp;
use omniport_store::{Kept, Topic};
use passwords::Passwords;
use registration::RegistrationSettings;
use std::sync::Arc;

/// What an instance is: its name on the wire and to people, its catalogue and its lifetimes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The issuer identifier: an absolute URL without trailing slash (RFC 8414 section 2).
    pub issuer: String,
    /// Lifetimes.
    pub policy: Policy,
    /// What is demanded of senders, and can be seen of them.
    pub sender: SenderPolicy,
    /// Which grants the operator opened, and for whom.
    pub grants: GrantSettings,
    /// The data points that exist here.
    pub catalogue: Catalogue,
    /// The institution's name, as people read it.
    pub institution: String,
    /// The developer terms of use, in Markdown.
    pub developer_terms: String,
    /// How long what is over is kept.
    pub retention: omniport_store::portal::Retention,
    /// How often strangers may make us work.
    pub limits: limits::Limits,
    /// Who may register apps from outside the portal.
    pub registration: RegistrationSettings,
    /// Which edits a maintainer must see, and how soon.
    pub review: ReviewPolicy,
}

/// Everything that answers requests shares one of these.
pub struct Engine {
    store: Store,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    passwords: Passwords,
    logo_desk: LogoDesk,
    keys: Arc<KeyRing>,
    fetcher: Fetcher,
    client_keys: JwksCache<JwkSet>,
    documents: Waiting,
    flow: Flow,
    logouts: Lanes,
    pings: Lanes,
    settings: Settings,
    counters: Counters,
    apis: Kept<Apis>,
}

impl Engine {
    /// Puts an engine together.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        dice: Arc<dyn Dice>,
        passwords: Passwords,
        fetcher: Fetcher,
        settings: Settings,
    ) -> Self {
        Self {
            store,
            clock,
            dice,
            passwords,
            logo_desk: LogoDesk::default(),
            keys: Arc::default(),
            fetcher,
            client_keys: JwksCache::default(),
            documents: Waiting::default(),
            flow: Flow::default(),
            logouts: Lanes::default(),
            pings: Lanes::default(),
            settings,
            counters: Counters::default(),
            apis: Kept::new(Topic::Apis),
        }
    }

    /// The instance's settings.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The store, for the typed queries of pages and commands.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The way to URLs that clients name.
    pub const fn fetcher(&self) -> &Fetcher {
        &self.fetcher
    }

    /// The keys that a client publishes at its `jwks_uri`, with `wanted_kid` if it has that by now: see [`JwksCache`].
    ///
    /// # Errors
    /// [`JwksError`] for the app's team.
    pub async fn client_keys(
        &self,
        jwks_uri: &str,
        wanted_kid: Option<&str>,
    ) -> Result<Arc<JwkSet>, JwksError> {
        self.keys_at((&self.fetcher).into(), jwks_uri, wanted_kid).await
    }

    /// The same by a fetcher that knows for whose sake.
    pub(crate) async fn keys_at(
        &self,
        fetcher: fetch::Asking<'_>,
        jwks_uri: &str,
        wanted_kid: Option<&str>,
    ) -> Result<Arc<JwkSet>, JwksError> {
        let now = self.now();
        self.client_keys.get(fetcher, jwks_uri, wanted_kid, now).await
    }

    /// What happened since the start.
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Our own keys.
    pub fn keys(&self) -> Arc<KeyRing> {
        self.keys.clone()
    }

    /// What comes in with a decision taken now.
    pub fn ctx(&self) -> Ctx<'_> {
        Ctx {
            now: self.now(),
            policy: &self.settings.policy,
            grants: &self.settings.grants,
            issuer: &self.settings.issuer,
            sender: &self.settings.sender,
            catalogue: &self.settings.catalogue,
            crypto: &*self.keys,
        }
    }
}
