//! Which addresses are of the public internet: the only ones that a URL named by a client may lead to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks that are not globally reachable, or not of one host (IANA IPv4 Special-Purpose Address Registry, RFC 6890).
const PRIVATE_V4: [(Ipv4Addr, u32); 16] = [
    // "This network" (RFC 791).
    (Ipv4Addr::UNSPECIFIED, 8),
    // Private use (RFC 1918), three blocks.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Behind a provider's translator (RFC 6598).
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback (RFC 1122) and link-local (RFC 3927), where clouds keep their metadata.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // IETF protocol assignments (RFC 6890).
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation (RFC 5737), three blocks.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Relays of 6to4 (RFC 7526: deprecated).
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // Benchmarks (RFC 2544).
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Azure's platform, which answers every virtual machine there under this address.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    // Multicast (RFC 5771), reserved (RFC 1112) and broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The part of `2000::/3` that is not globally reachable (IANA IPv6 Special-Purpose Address Registry).
const PRIVATE_V6: [(Ipv6Addr, u32); 4] = [
    // IETF protocol assignments (RFC 2928): Teredo, benchmarks, ORCHID.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation (RFC 3849, RFC 9637).
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4 (RFC 3056), which wraps an IPv4 address and is gone from the internet (RFC 7526).
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// Whether an address is of the public internet. One that wraps an IPv4 address, mapped (RFC 4291 section 2.5.5.2) or
/// for a translator (RFC 6052's `64:ff9b::/96`), is what the inner one is.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether an address is in one of these networks, each its first address and its length in bits; also where it wraps
/// an address that is.
pub(super) fn is_in(networks: &[(IpAddr, u8)], address: IpAddr) -> bool {
    let inner = match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(outer) => wrapped(outer).map(IpAddr::V4),
    };
    let is_of = |address| {
        networks
            .iter()
            .any(|(first, bits)| shares(*first, address, *bits))
    };
    is_of(address) || inner.is_some_and(is_of)
}

/// Whether two addresses of one kind begin with the same bits.
fn shares(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    let bits = u32::from(bits);
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            let rest = 32_u32.saturating_sub(bits);
            (one.to_bits() ^ other.to_bits()).checked_shr(rest).unwrap_or(0) == 0
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            let rest = 128_u32.saturating_sub(bits);
            (one.to_bits() ^ other.to_bits()).checked_shr(rest).unwrap_or(0) == 0
        }
        _ => false,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !PRIVATE_V4
        .iter()
        .any(|(block, length)| (bits ^ block.to_bits()) >> (32 - length) == 0)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = wrapped(address) {
        return is_public_v4(inner);
    }
    let bits = address.to_bits();
    // Global unicast is 2000::/3 (RFC 4291 section 2.4); all else is loopback, local, multicast or not given out.
    bits >> 125 == 1
        && !PRIVATE_V6
            .iter()
            .any(|(block, length)| (bits ^ block.to_bits()) >> (128 - length) == 0)
}

fn wrapped(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() else {
        return address.to_ipv4_mapped();
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_its_first_bits() {
        let within = |network: (&str, u8), address: &str| {
            is_in(
                &[(network.0.parse().unwrap(), network.1)],
                address.parse().unwrap(),
            )
        };
        for inside in [
            "130.1.0.0",
            "130.1.255.255",
            "::ffff:130.1.2.3",
            "64:ff9b::130.1.2.3",
        ] {
            assert!(within(("130.1.0.0", 16), inside), "{inside}");
        }
        for outside in ["130.2.0.0", "130.0.255.255", "2001:4860::1", "::ffff:130.2.0.0"] {
            assert!(!within(("130.1.0.0", 16), outside), "{outside}");
        }
        assert!(within(("2001:638::", 32), "2001:638:1::7") && !within(("2001:638::", 32), "2001:639::7"));
        assert!(within(("130.1.2.3", 32), "130.1.2.3") && !within(("130.1.2.3", 32), "130.1.2.2"));
        assert!(within(("0.0.0.0", 0), "130.1.2.3") && !within(("0.0.0.0", 0), "2001:638::1"));
    }

    #[test]
    fn only_the_public_internet_is_public() {
        let public = |text: &str| is_public(text.parse().unwrap());
        for good in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "2a00:1450:4001::200e",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(public(good), "{good}");
        }
        for bad in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "168.63.129.16",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1.1.1.1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!public(bad), "{bad}");
        }
    }
}
