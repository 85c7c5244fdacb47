use std::time::Duration;

/// How channels are run.
#[derive(Debug, Clone, Default)]
pub struct HostConfig {
    /// Absolute URL under which the gateway is reached, without a trailing slash.
    pub public_url: String,
    /// Puts every channel behind its JSON form, as if it ran in another process.
    pub loopback: bool,
    /// Time and size caps.
    pub limits: Limits,
}

/// Time and size caps of calls and effects.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For `receive`. Default 2 s: providers wait for the answer.
    pub receive_timeout: Duration,
    /// For all HTTP exchanges of one delivery together; the timeout that leases are made for.
    /// Default 15 s.
    pub exchange_timeout: Duration,
    /// What a call has left after its HTTP exchanges. Default 2 s; leases outlast an attempt's
    /// timeout by 5 s.
    pub margin: Duration,
    /// For `connect`, `disconnect` and `health`. Default 30 s.
    pub call_timeout: Duration,
    /// Largest body of an HTTP effect, in bytes. Default 8 MiB.
    pub max_request_bytes: usize,
    /// Where the answer to an HTTP effect is cut, in bytes. Default 1 MiB.
    pub max_response_bytes: usize,
    /// Most events that one request or `Emit` may carry. Default 1000.
    pub max_events: usize,
    /// Panics within [`Self::panic_window`] after which an inbox is reopened. Default 5.
    pub max_panics: usize,
    /// Default 1 minute.
    pub panic_window: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            receive_timeout: Duration::from_secs(2),
            exchange_timeout: Duration::from_secs(15),
            margin: Duration::from_secs(2),
            call_timeout: Duration::from_secs(30),
            max_request_bytes: 8 * 1024 * 1024,
            max_response_bytes: 1024 * 1024,
            max_events: 1000,
            max_panics: 5,
            panic_window: Duration::from_mins(1),
        }
    }
}
