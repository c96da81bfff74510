//! Which addresses a connector never reaches unless an operator granted the range.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Whether a connection to `address` is allowed: it is public, or in a granted range.
pub(crate) fn allowed(address: IpAddr, granted: &[IpNet]) -> bool {
    let real = embedded(address);
    let in_grant = granted.iter().any(|range| range.contains(&address) || range.contains(&real));
    in_grant || (is_public(address) && is_public(real))
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, translated or 6to4.
pub(crate) fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let [first @ .., high, low] = v6.segments();
    let v4 =
        |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match first {
        [0, 0, 0, 0, 0, 0xffff | 0] if v6 != Ipv6Addr::LOCALHOST && v6 != Ipv6Addr::UNSPECIFIED => {
            v4(high, low)
        }
        [0x64, 0xff9b, 0, 0, 0, 0] => v4(high, low),
        [0x2002, high, low, _, _, _] => v4(high, low),
        _ => address,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., ..)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    );
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Only 2000::/3 is global unicast, and the well-known translation prefix stands for IPv4. Teredo and documentation are not.
    let global = segments[0] & 0xe000 == 0x2000
        || (segments[0] == 0x64 && segments[1] == 0xff9b && segments[2] == 0);
    let mapped = segments[..5] == [0; 5] && segments[5] == 0xffff;
    let special = matches!((segments[0], segments[1]), (0x2001, 0 | 0xdb8));
    (global || mapped) && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_refused_in_every_disguise() {
        let refused = [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.168.0.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001:0:1::1",
        ];
        for text in refused {
            assert!(!allowed(text.parse().unwrap(), &[]), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_allowed() {
        for text in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(allowed(text.parse().unwrap(), &[]), "{text}");
        }
    }

    #[test]
    fn a_granted_range_opens_itself_only() {
        let loopback: IpNet = "127.0.0.0/8".parse().unwrap();
        for text in ["127.0.0.1", "::ffff:127.0.0.1"] {
            assert!(allowed(text.parse().unwrap(), &[loopback]), "{text}");
        }
        for text in ["10.0.0.1", "::1"] {
            assert!(!allowed(text.parse().unwrap(), &[loopback]), "{text}");
        }
    }
}
