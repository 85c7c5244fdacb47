//! An address to listen on: `127.0.0.1:8080`, `[::]:8080`, or `:8080` for every IPv4 address.

use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serializer, de};

pub(in crate::config) fn parse(text: &str) -> Result<SocketAddr, String> {
    let full = match text.strip_prefix(':') {
        Some(port) => format!("0.0.0.0:{port}"),
        None => text.to_owned(),
    };
    full.parse().map_err(|_| {
        format!("`{text}` is not an address and port like \"127.0.0.1:8080\" or \"[::]:8080\"")
    })
}

pub(in crate::config) fn serialize<S: Serializer>(
    address: &SocketAddr,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(address)
}

pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn addresses_are_read_and_names_are_refused() {
        assert_eq!(parse(":80").unwrap().to_string(), "0.0.0.0:80");
        assert_eq!(parse("[::1]:80").unwrap().to_string(), "[::1]:80");
        for wrong in ["localhost:80", "127.0.0.1", "", ":", "127.0.0.1:99999"] {
            assert!(
                parse(wrong).unwrap_err().contains("127.0.0.1:8080"),
                "{wrong}"
            );
        }
    }
}
