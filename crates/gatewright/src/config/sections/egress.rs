use std::time::Duration;

use gatewright_egress::{Cidr, HostPattern};
use serde::{Deserialize, Serialize};

use crate::config::units::{duration, list, size};

/// `[egress]`: where the gateway may send. Metadata addresses of clouds are refused whatever is set.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Egress {
    /// Hosts that are allowed although private: `"intranet.example"` or `"*.example"`. Default none.
    #[serde(with = "list")]
    pub allow_hosts: Vec<HostPattern>,
    /// Ranges that are allowed although private: `"10.1.0.0/16"`. Default none.
    #[serde(with = "list")]
    pub allow_cidrs: Vec<Cidr>,
    /// Refuses plain http. Default false.
    pub https_only: bool,
    /// Opens loopback and private ranges, for a developer's machine; `serve --dev` sets it. Default
    /// false.
    pub dev: bool,
    /// Longest wait for a connection. Default 5 s.
    #[serde(with = "duration")]
    pub connect_timeout: Duration,
    /// Where an answer is cut. Default 64 KiB.
    #[serde(with = "size")]
    pub max_response_bytes: usize,
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            allow_hosts: Vec::new(),
            allow_cidrs: Vec::new(),
            https_only: false,
            dev: false,
            connect_timeout: Duration::from_secs(5),
            max_response_bytes: 64 * 1024,
        }
    }
}
