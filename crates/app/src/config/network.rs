//! Addresses of machines, one or a whole network of them.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An address (`192.0.2.7`) or a network (`2001:db8::/32`, RFC 4632 section 3.1). An IPv4 address that came through an
/// IPv6 socket (`::ffff:192.0.2.7`) is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

/// A text that is no [`Network`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network")]
pub struct NotANetwork;

impl Network {
    /// Its first address, and how many of its bits count.
    pub const fn parts(&self) -> (IpAddr, u8) {
        (self.first, self.bits)
    }

    /// Whether this address is one of it.
    pub fn contains(&self, address: IpAddr) -> bool {
        mask(address.to_canonical(), self.bits) == Some(self.first)
    }
}

/// The address with everything after `bits` taken away; none where it has fewer than that.
fn mask(address: IpAddr, bits: u8) -> Option<IpAddr> {
    let bits = u32::from(bits);
    match address {
        IpAddr::V4(address) => {
            let rest = 32_u32.checked_sub(bits)?;
            let kept = u32::MAX.checked_shl(rest).unwrap_or(0);
            Some(IpAddr::V4((address.to_bits() & kept).into()))
        }
        IpAddr::V6(address) => {
            let rest = 128_u32.checked_sub(bits)?;
            let kept = u128::MAX.checked_shl(rest).unwrap_or(0);
            Some(IpAddr::V6((address.to_bits() & kept).into()))
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| NotANetwork)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(all);
        // A network is written by its first address: `10.0.0.1/8` is more likely a mistake than 10.0.0.0/8.
        match mask(address, bits) {
            Some(first) if first == address => Ok(Self { first, bits }),
            _ => Err(NotANetwork),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = if self.first.is_ipv4() { 32 } else { 128 };
        if self.bits == all {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}/{}", self.first, self.bits)
        }
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;

    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_begins_like_it() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.7", "::ffff:192.0.2.7", "::c000:207"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"),
            ("::/0", "::1", "127.0.0.1"),
            ("::1", "::1", "::2"),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert_eq!(parsed.to_string(), network);
            assert!(parsed.contains(inside.parse().unwrap()), "{network} {inside}");
            assert!(!parsed.contains(outside.parse().unwrap()), "{network} {outside}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "proxy",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "::1%1",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
