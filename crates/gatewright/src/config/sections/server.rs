use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::units::{address, duration, limit, size};

/// `[server]`: connections and their limits.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on. Default `127.0.0.1:8080`.
    #[serde(with = "address")]
    pub bind: SocketAddr,
    /// Absolute URL under which the gateway is reached; it stands in links and bodies. Default:
    /// made from `bind`.
    pub public_url: Option<String>,
    /// Connections at a time; a few more are answered 503 and closed, and beyond these they wait to
    /// be accepted. Default 2048.
    pub max_connections: usize,
    /// Requests at a time; more are answered 503. Default 4096.
    pub max_in_flight: usize,
    /// Bytes of request bodies that are in memory at a time; more are answered 503. Not less than
    /// `http.max_body_bytes`. Default 64 MiB.
    #[serde(with = "size")]
    pub max_body_memory: usize,
    /// Longest wait for a request's head. Default 10 s.
    #[serde(with = "duration")]
    pub header_timeout: Duration,
    /// Longest time to an answer. Default 30 s.
    #[serde(with = "duration")]
    pub request_timeout: Duration,
    /// Longest time from the signal to end until the end. Default 30 s.
    #[serde(with = "duration")]
    pub shutdown_timeout: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            max_connections: 2048,
            max_in_flight: 4096,
            max_body_memory: 64 * 1024 * 1024,
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}

/// `[http]`: what one request may ask.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Largest body of a request. Default 10 MiB.
    #[serde(with = "size")]
    pub max_body_bytes: usize,
    /// Requests a minute with one access token, 0 = no limit. Default 3000.
    #[serde(with = "limit")]
    pub requests_per_minute: Option<NonZeroU32>,
    /// Requests a minute from one address, 0 = no limit. Default 0.
    #[serde(with = "limit")]
    pub requests_per_minute_per_ip: Option<NonZeroU32>,
    /// Whether browsers of other origins may call `/api`. Default false.
    pub cors_api: bool,
    /// How long the answer to an `Idempotency-Key` is kept. Default 24 h.
    #[serde(with = "duration")]
    pub idempotency_ttl: Duration,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            max_body_bytes: 10 * 1024 * 1024,
            requests_per_minute: NonZeroU32::new(3000),
            requests_per_minute_per_ip: None,
            cors_api: false,
            idempotency_ttl: Duration::from_hours(24),
        }
    }
}
