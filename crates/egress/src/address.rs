//! The special address ranges (IANA special-purpose registries, RFC 6890 and its updates) and the
//! IPv4 addresses that hide inside IPv6 ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not an ordinary public one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Private,
    Loopback,
    LinkLocal,
    SharedCarrier,
    Unspecified,
    Multicast,
    Broadcast,
    Documentation,
    Benchmark,
    Reserved,
    UniqueLocal,
    SiteLocal,
}

impl Kind {
    /// The noun phrase of a refusal.
    pub(crate) fn phrase(self) -> &'static str {
        match self {
            Self::Private => "a private address",
            Self::Loopback => "a loopback address",
            Self::LinkLocal => "a link-local address",
            Self::SharedCarrier => "a carrier-grade NAT address",
            Self::Unspecified => "an unspecified address",
            Self::Multicast => "a multicast address",
            Self::Broadcast => "the broadcast address",
            Self::Documentation => "a documentation address",
            Self::Benchmark => "a benchmark address",
            Self::Reserved => "a reserved address",
            Self::UniqueLocal => "a unique local address",
            Self::SiteLocal => "a site-local address",
        }
    }

    /// Whether a developer's machine needs it: loopback and private ranges.
    pub(crate) fn open_in_dev(self) -> bool {
        matches!(self, Self::Loopback | Self::Private | Self::UniqueLocal)
    }
}

/// The address without an IPv4-mapped shell (`::ffff:a.b.c.d` is `a.b.c.d`: the system dials IPv4).
pub(crate) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Every address that `address` may lead to: the IPv4 addresses embedded in it, then itself.
pub(crate) fn faces(address: IpAddr) -> Vec<IpAddr> {
    let address = canonical(address);
    let mut faces = match address {
        IpAddr::V4(_) => Vec::new(),
        IpAddr::V6(v6) => embedded(v6).into_iter().map(IpAddr::V4).collect(),
    };
    faces.push(address);
    faces
}

/// The kind of one address, `None` for a public one. Embedded addresses are not looked at.
pub(crate) fn kind(address: IpAddr) -> Option<Kind> {
    match canonical(address) {
        IpAddr::V4(v4) => kind_v4(v4),
        IpAddr::V6(v6) => kind_v6(v6),
    }
}

/// Whether a cloud serves credentials or machine data to its tenants at this address.
pub(crate) fn is_metadata(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(v4) => METADATA_V4.contains(&v4.octets()),
        IpAddr::V6(v6) => METADATA_V6.contains(&v6.segments()),
    }
}

const METADATA_V4: &[[u8; 4]] = &[
    [169, 254, 169, 254], // AWS, Google Cloud, Azure, DigitalOcean, OpenStack and most others.
    [169, 254, 170, 2],   // AWS ECS task credentials.
    [169, 254, 170, 23],  // AWS EKS pod identity.
    [169, 254, 0, 23],    // Tencent Cloud.
    [169, 254, 42, 42],   // Scaleway.
    [100, 100, 100, 200], // Alibaba Cloud.
    [192, 0, 0, 192],     // Oracle Cloud (classic).
    [168, 63, 129, 16],   // Azure WireServer.
];

const METADATA_V6: &[[u16; 8]] = &[
    [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254],  // AWS.
    [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x23],   // AWS EKS pod identity.
    [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254],  // Google Cloud.
    [0xfd00, 0x0042, 0, 0, 0, 0, 0, 0x42],   // Scaleway.
    [0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe], // OpenStack.
];

/// First match wins; what is in no line is public.
const RANGES_V4: &[([u8; 4], u32, Kind)] = &[
    ([0, 0, 0, 0], 8, Kind::Unspecified),
    ([10, 0, 0, 0], 8, Kind::Private),
    ([100, 64, 0, 0], 10, Kind::SharedCarrier),
    ([127, 0, 0, 0], 8, Kind::Loopback),
    ([169, 254, 0, 0], 16, Kind::LinkLocal),
    ([172, 16, 0, 0], 12, Kind::Private),
    ([192, 0, 0, 0], 24, Kind::Reserved),
    ([192, 0, 2, 0], 24, Kind::Documentation),
    ([192, 88, 99, 0], 24, Kind::Reserved),
    ([192, 168, 0, 0], 16, Kind::Private),
    ([198, 18, 0, 0], 15, Kind::Benchmark),
    ([198, 51, 100, 0], 24, Kind::Documentation),
    ([203, 0, 113, 0], 24, Kind::Documentation),
    ([224, 0, 0, 0], 4, Kind::Multicast),
    ([255, 255, 255, 255], 32, Kind::Broadcast),
    ([240, 0, 0, 0], 4, Kind::Reserved),
];

/// First match wins; what is in no line is public only inside `2000::/3` or the NAT64 prefix, whose
/// embedded address is judged on its own.
const RANGES_V6: &[([u16; 8], u32, Option<Kind>)] = &[
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, Some(Kind::Unspecified)),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, Some(Kind::Loopback)),
    ([0x0064, 0xff9b, 0, 0, 0, 0, 0, 0], 96, None),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Some(Kind::UniqueLocal)),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, Some(Kind::LinkLocal)),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, Some(Kind::SiteLocal)),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, Some(Kind::Multicast)),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, None),
    (
        [0x2001, 0x0002, 0, 0, 0, 0, 0, 0],
        48,
        Some(Kind::Benchmark),
    ),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Some(Kind::Reserved)),
    (
        [0x2001, 0x0db8, 0, 0, 0, 0, 0, 0],
        32,
        Some(Kind::Documentation),
    ),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Some(Kind::Documentation)),
    ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3, None),
];

fn kind_v4(address: Ipv4Addr) -> Option<Kind> {
    RANGES_V4
        .iter()
        .find(|(network, prefix, _)| {
            address.to_bits() >> (32 - prefix)
                == Ipv4Addr::from(*network).to_bits() >> (32 - prefix)
        })
        .map(|(_, _, kind)| *kind)
}

fn kind_v6(address: Ipv6Addr) -> Option<Kind> {
    RANGES_V6
        .iter()
        .find(|(network, prefix, _)| in_v6(address, *network, *prefix))
        .map_or(Some(Kind::Reserved), |(_, _, kind)| *kind)
}

fn in_v6(address: Ipv6Addr, network: [u16; 8], prefix: u32) -> bool {
    let shift = 128 - prefix;
    address.to_bits() >> shift == Ipv6Addr::from(network).to_bits() >> shift
}

/// IPv4 addresses that a translator or tunnel would take out of `address`.
fn embedded(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let s = address.segments();
    let pair = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    let last = pair(s[6], s[7]);
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Vec::new(),
        // IPv4-compatible (RFC 4291), IPv4-translated (RFC 7915) and NAT64 (RFC 6052).
        [0, 0, 0, 0, 0 | 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            vec![last]
        }
        // NAT64 with a local prefix (RFC 8215): a /96 below it ends in the address, a /48, /56 and
        // /64 spread it around the reserved byte of bits 64 to 71 (RFC 6052, section 2.2).
        [0x64, 0xff9b, 1, ..] => vec![
            last,
            pair(s[3], s[4] << 8 | s[5] >> 8),
            pair(s[3] << 8 | s[4] & 0xff, s[5]),
            pair(s[4] << 8 | s[5] >> 8, s[5] << 8 | s[6] >> 8),
        ],
        // Teredo (RFC 4380): the server, and the client with its bits inverted.
        [0x2001, 0, ..] => vec![pair(s[2], s[3]), pair(!s[6], !s[7])],
        // 6to4 (RFC 3056).
        [0x2002, ..] => vec![pair(s[1], s[2])],
        // ISATAP (RFC 5214): below any prefix.
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => vec![last],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn special_ranges_have_their_kind_to_the_last_address() {
        let cases = [
            ("0.0.0.0", Kind::Unspecified),
            ("0.255.255.255", Kind::Unspecified),
            ("10.0.0.0", Kind::Private),
            ("10.255.255.255", Kind::Private),
            ("100.64.0.0", Kind::SharedCarrier),
            ("100.127.255.255", Kind::SharedCarrier),
            ("127.0.0.1", Kind::Loopback),
            ("127.255.255.255", Kind::Loopback),
            ("169.254.0.1", Kind::LinkLocal),
            ("172.16.0.0", Kind::Private),
            ("172.31.255.255", Kind::Private),
            ("192.0.0.1", Kind::Reserved),
            ("192.0.2.1", Kind::Documentation),
            ("192.88.99.1", Kind::Reserved),
            ("192.168.255.255", Kind::Private),
            ("198.18.0.1", Kind::Benchmark),
            ("198.19.255.255", Kind::Benchmark),
            ("198.51.100.1", Kind::Documentation),
            ("203.0.113.1", Kind::Documentation),
            ("224.0.0.1", Kind::Multicast),
            ("239.255.255.255", Kind::Multicast),
            ("240.0.0.1", Kind::Reserved),
            ("255.255.255.255", Kind::Broadcast),
            ("::", Kind::Unspecified),
            ("::1", Kind::Loopback),
            ("::2", Kind::Reserved),
            ("64:ff9b:1::1", Kind::Reserved),
            ("100::1", Kind::Reserved),
            ("2001:2::1", Kind::Benchmark),
            ("2001:20::1", Kind::Reserved),
            ("2001:db8::1", Kind::Documentation),
            ("3fff::1", Kind::Documentation),
            ("4000::1", Kind::Reserved),
            ("5f00::1", Kind::Reserved),
            ("fc00::1", Kind::UniqueLocal),
            ("fdff::1", Kind::UniqueLocal),
            ("fe80::1", Kind::LinkLocal),
            ("febf::1", Kind::LinkLocal),
            ("fec0::1", Kind::SiteLocal),
            ("feff::1", Kind::SiteLocal),
            ("ff02::1", Kind::Multicast),
            ("::ffff:10.0.0.5", Kind::Private),
        ];
        for (text, expected) in cases {
            assert_eq!(kind(ip(text)), Some(expected), "{text}");
        }
    }

    #[test]
    fn neighbours_of_special_ranges_are_public() {
        for text in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2001:200::1",
            "2a00:1450::1",
            "64:ff9b::808:808",
        ] {
            assert_eq!(kind(ip(text)), None, "{text}");
        }
    }

    #[test]
    fn embedded_addresses_come_to_light() {
        for text in [
            "::ffff:10.0.0.5",
            "::10.0.0.5",
            "::ffff:0:10.0.0.5",
            "64:ff9b::10.0.0.5",
            "64:ff9b:1::10.0.0.5",
            "64:ff9b:1:a00:0:500::",
            "64:ff9b:1:a:0:5::",
            "64:ff9b:1:0:a:0:500::",
            "2606:4700::5efe:10.0.0.5",
            "2606:4700::200:5efe:10.0.0.5",
            "2002:a00:5::1",
            "2001:0:a00:5::",
            "2001:0:808:808::f5ff:fffa",
        ] {
            assert!(
                faces(ip(text)).contains(&ip("10.0.0.5")),
                "{text}: {:?}",
                faces(ip(text))
            );
        }
    }

    #[test]
    fn plain_addresses_have_one_face() {
        for text in ["8.8.8.8", "::1", "::", "2606:4700::1111", "fd00::1"] {
            assert_eq!(faces(ip(text)), [ip(text)]);
        }
    }

    #[test]
    fn metadata_addresses_are_known() {
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fe80::a9fe:a9fe",
        ] {
            assert!(is_metadata(ip(text)), "{text}");
        }
        assert!(!is_metadata(ip("169.254.1.1")));
    }
}
