//! An address range in CIDR notation.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A range of addresses, written `10.0.0.0/8`, `fd00::/8`, or a single address without a prefix.
///
/// A range of IPv4-mapped addresses (`::ffff:10.0.0.0/104`) is the IPv4 range it maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

/// Why a text is not a range; the message says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CidrError {
    /// The part before the slash is not an IP address.
    #[error("`{0}` is not an address range; write one like 10.0.0.0/8, fd00::/8 or 192.0.2.7")]
    NotAnAddress(String),
    /// The prefix is not a number, or longer than the address.
    #[error("the prefix of `{text}` must be a number from 0 to {max}")]
    BadPrefix {
        /// The text as given.
        text: String,
        /// The longest prefix of the address family.
        max: u8,
    },
    /// Bits are set right of the prefix, so it is unclear which range is meant.
    #[error("`{text}` has bits set after its prefix; did you mean {meant}?")]
    HostBits {
        /// The text as given.
        text: String,
        /// The range that holds the address.
        meant: Cidr,
    },
}

impl Cidr {
    /// Whether `address` is in the range. IPv4-mapped addresses count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.network.is_ipv4() && masked(address, self.prefix) == self.network
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address
            .parse()
            .map_err(|_| CidrError::NotAnAddress(text.to_owned()))?;
        let max = width(address);
        let prefix = match prefix {
            None => max,
            Some(digits) => parse_prefix(digits, max).ok_or_else(|| CidrError::BadPrefix {
                text: text.to_owned(),
                max,
            })?,
        };
        let meant = Self {
            network: masked(address, prefix),
            prefix,
        }
        .canonical();
        if masked(address, prefix) == address {
            Ok(meant)
        } else {
            Err(CidrError::HostBits {
                text: text.to_owned(),
                meant,
            })
        }
    }
}

impl Cidr {
    fn canonical(self) -> Self {
        match (self.network.to_canonical(), self.prefix.checked_sub(96)) {
            (IpAddr::V4(network), Some(prefix)) if self.network.is_ipv6() => Self {
                network: IpAddr::V4(network),
                prefix,
            },
            _ => self,
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

impl TryFrom<String> for Cidr {
    type Error = CidrError;

    fn try_from(text: String) -> Result<Self, CidrError> {
        text.parse()
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> Self {
        cidr.to_string()
    }
}

fn parse_prefix(digits: &str, max: u8) -> Option<u8> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|prefix| plain && *prefix <= max)
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, address: &str) -> bool {
        range
            .parse::<Cidr>()
            .unwrap()
            .contains(address.parse().unwrap())
    }

    #[test]
    fn ranges_hold_their_addresses_only() {
        assert!(holds("10.0.0.0/8", "10.255.0.1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.0"));
        assert!(holds("192.0.2.7", "192.0.2.7"));
        assert!(!holds("192.0.2.7", "192.0.2.8"));
        assert!(holds("0.0.0.0/0", "255.255.255.255"));
        assert!(!holds("0.0.0.0/0", "fd00::1"));
        assert!(holds("fd00::/8", "fd12::1"));
        assert!(!holds("::/0", "10.0.0.1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.0.0.1"));
        assert!(holds("::ffff:10.0.0.0/104", "10.0.0.1"));
    }

    #[test]
    fn wrong_texts_say_what_would_be_right() {
        for (text, message) in [
            (
                "ten",
                "`ten` is not an address range; write one like 10.0.0.0/8, fd00::/8 or 192.0.2.7",
            ),
            (
                "10.0.0/8",
                "`10.0.0/8` is not an address range; write one like 10.0.0.0/8, fd00::/8 or 192.0.2.7",
            ),
            (
                "10.0.0.0/33",
                "the prefix of `10.0.0.0/33` must be a number from 0 to 32",
            ),
            (
                "10.0.0.0/+8",
                "the prefix of `10.0.0.0/+8` must be a number from 0 to 32",
            ),
            (
                "fd00::/129",
                "the prefix of `fd00::/129` must be a number from 0 to 128",
            ),
            (
                "10.0.0.5/8",
                "`10.0.0.5/8` has bits set after its prefix; did you mean 10.0.0.0/8?",
            ),
        ] {
            assert_eq!(text.parse::<Cidr>().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn a_range_prints_as_it_is_read() {
        for text in ["10.0.0.0/8", "fd00::/8", "0.0.0.0/0", "192.0.2.7/32"] {
            assert_eq!(text.parse::<Cidr>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_configuration_reads_ranges_and_reports_wrong_ones() {
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error, StrDeserializer};

        let read = |text: &'static str| {
            let text: StrDeserializer<'_, Error> = text.into_deserializer();
            Cidr::deserialize(text)
        };
        assert_eq!(read("10.0.0.0/8").unwrap(), "10.0.0.0/8".parse().unwrap());
        assert!(
            read("10.0.0.5/8")
                .unwrap_err()
                .to_string()
                .ends_with("did you mean 10.0.0.0/8?")
        );
    }
}
