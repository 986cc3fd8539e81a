//! The one guarded way out: every address of the host is checked, and the connection goes to an address that was.

use super::address::is_in;
use super::places::Turn;
use super::resolve::{Names, Resolve};
use super::target::Target;
use super::tls::{Encryption, FetchSetupError};
use super::{AllowedHost, FetchError, FetchSettings};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Host;

/// Most addresses of a host that are tried.
const TRIED: usize = 4;

/// A connection, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Ports above those of the system at which something else than a site is waiting, mostly for people inside: databases,
/// caches, queues, remote desktops, what steers containers.
const NO_SITES: [u16; 24] = [
    1_433, 1_521, 2_049, 2_375, 2_376, 2_379, 2_380, 3_260, 3_306, 3_389, 5_432, 5_671, 5_672, 5_900, 5_984,
    5_985, 5_986, 6_379, 6_443, 9_092, 9_200, 10_250, 11_211, 27_017,
];

/// Whether a site may be waiting at a port: 443, or one that anybody may open.
fn is_port_of_sites(port: u16) -> bool {
    port == 443 || (port >= 1_024 && !NO_SITES.contains(&port))
}

/// Makes connections.
pub(super) struct Connector {
    names: Names,
    encryption: Encryption,
    allowed: Vec<AllowedHost>,
    denied: Vec<(IpAddr, u8)>,
    patience: Duration,
    is_public: fn(IpAddr) -> bool,
}

impl Connector {
    pub(super) fn new(
        settings: &FetchSettings,
        resolver: Arc<dyn Resolve>,
        is_public: fn(IpAddr) -> bool,
    ) -> Result<Self, FetchSetupError> {
        Ok(Self {
            names: Names::new(resolver),
            encryption: Encryption::new(settings.extra_ca_file.as_deref())?,
            allowed: settings.allow_hosts.clone(),
            denied: settings.deny_networks.clone(),
            patience: settings.connect_timeout,
            is_public,
        })
    }

    /// Whether the operator vouches for the target's host; or it is at least `https`, its port one that a site may have,
    /// and its name one that says the same wherever it is asked for.
    pub(super) fn check(&self, target: &Target) -> Result<(), FetchError> {
        if self.is_allowed(target) {
            return Ok(());
        }
        if !target.secure {
            return Err(FetchError::NotHttps);
        }
        if !is_port_of_sites(target.port) {
            return Err(FetchError::Port);
        }
        match &target.host {
            // What a machine here makes of it is for its resolver's search list to say: a name inside.
            Host::Domain(name) if !name.contains('.') => Err(FetchError::NotPublic),
            _ => Ok(()),
        }
    }

    fn is_allowed(&self, target: &Target) -> bool {
        self.allowed
            .iter()
            .any(|allowed| allowed.is(&target.host, target.port))
    }

    /// The addresses that may be connected to. `turn` is held for as long as the name is asked for.
    pub(super) async fn addresses(
        &self,
        target: &Target,
        turn: Arc<Turn>,
    ) -> Result<Vec<IpAddr>, FetchError> {
        let addresses = match &target.host {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => self.names.addresses(name, turn).await?,
        };
        self.are_fit(target, &addresses)?;
        Ok(addresses)
    }

    /// One private address among public ones is an attempt too: which of them is taken would be a matter of luck.
    fn are_fit(&self, target: &Target, addresses: &[IpAddr]) -> Result<(), FetchError> {
        let is_fit = |address: &IpAddr| (self.is_public)(*address) && !is_in(&self.denied, *address);
        if self.is_allowed(target) || addresses.iter().all(is_fit) {
            Ok(())
        } else {
            Err(FetchError::NotPublic)
        }
    }

    /// [`Self::check`], and that of an address that stands in the target itself: all that can be said of it without asking
    /// anybody.
    pub(super) fn check_as_written(&self, target: &Target) -> Result<(), FetchError> {
        self.check(target)?;
        match &target.host {
            Host::Ipv4(address) => self.are_fit(target, &[IpAddr::V4(*address)]),
            Host::Ipv6(address) => self.are_fit(target, &[IpAddr::V6(*address)]),
            Host::Domain(_) => Ok(()),
        }
    }

    /// Connects to the target, whose transport was checked.
    pub(super) async fn connect(
        &self,
        target: &Target,
        turn: Arc<Turn>,
    ) -> Result<Box<dyn Stream>, FetchError> {
        let addresses = self.addresses(target, turn).await?;
        let stream = self.reach(&addresses, target.port).await?;
        if target.secure {
            Ok(Box::new(self.encryption.over(stream, &target.host).await?))
        } else {
            Ok(Box::new(stream))
        }
    }

    /// Connects to the first of the checked addresses that takes it. The name is not asked for again.
    async fn reach(&self, addresses: &[IpAddr], port: u16) -> Result<TcpStream, FetchError> {
        for address in addresses.iter().take(TRIED) {
            let connecting = TcpStream::connect(SocketAddr::new(*address, port));
            match timeout(self.patience, connecting).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => tracing::debug!(%error, "a host does not take the connection"),
                Err(_) => tracing::debug!("a host does not answer"),
            }
        }
        Err(FetchError::Unreachable)
    }
}
