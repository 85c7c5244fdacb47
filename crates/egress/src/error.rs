//! What can go wrong with an outgoing request, by what the caller does next.

use std::error::Error as _;
use std::io;

use hyper_util::client::legacy;

/// Why there is no response. No variant carries a path, a query, a header or a body: tokens live
/// there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The request can never be sent as it is; nothing was delivered.
    #[error("Invalid URL: {reason}")]
    InvalidUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// The policy forbids the destination; nothing was delivered. A change of the setting heals it.
    #[error("{}", refusal(rule, host, setting))]
    Refused {
        /// The rule that refused, as a noun phrase ("a private address").
        rule: &'static str,
        /// The host as the URL names it. The addresses it resolves to are not told.
        host: String,
        /// The settings that would allow it; empty when none does.
        setting: &'static str,
    },
    /// Certainly nothing was delivered: name look-up, connect or TLS failed.
    #[error("{reason}")]
    NotSent {
        /// A sentence for people.
        reason: String,
    },
    /// The request may have been delivered: reset, closed or timed out after it may have been
    /// written.
    #[error("{reason}")]
    Ambiguous {
        /// A sentence for people.
        reason: String,
    },
}

/// Settings that open a special address.
pub(crate) const ALLOW_SETTINGS: &str = "egress.allow_hosts or egress.allow_cidrs";
/// The setting that closes plain http.
pub(crate) const HTTPS_ONLY_SETTING: &str = "egress.https_only = false";
/// The rule behind [`HTTPS_ONLY_SETTING`].
pub(crate) const PLAIN_HTTP: &str = "asked for over plain http";

impl Error {
    pub(crate) fn invalid(reason: &str) -> Self {
        Self::InvalidUrl {
            reason: reason.to_owned(),
        }
    }

    pub(crate) fn unresolved(host: &str) -> Self {
        Self::NotSent {
            reason: format!("Could not resolve host {host}"),
        }
    }

    pub(crate) fn dial(host: &str, port: u16, cause: &io::Error) -> Self {
        let cause = io_phrase(cause);
        Self::NotSent {
            reason: format!("Failed to open TCP connection to {host}:{port} ({cause})"),
        }
    }

    pub(crate) fn tls(origin: &str, cause: &(dyn std::error::Error + 'static)) -> Self {
        Self::NotSent {
            reason: format!("TLS handshake with {origin} failed ({cause})"),
        }
    }

    pub(crate) fn connect_timeout() -> Self {
        Self::NotSent {
            reason: "Timed out connecting to server".to_owned(),
        }
    }

    pub(crate) fn read_timeout() -> Self {
        Self::Ambiguous {
            reason: "Timed out reading data from server".to_owned(),
        }
    }

    /// Sorts a failure before the response head.
    pub(crate) fn of_exchange(error: &legacy::Error) -> Self {
        let source = error.source();
        if error.is_connect() {
            return source
                .and_then(|source| source.downcast_ref::<Self>())
                .cloned()
                .unwrap_or_else(|| Self::NotSent {
                    reason: "Could not connect to server".to_owned(),
                });
        }
        match source.and_then(|source| source.downcast_ref::<hyper::Error>()) {
            // hyper hands the request back unsent in this case alone.
            Some(cause) if cause.is_canceled() => Self::NotSent {
                reason: "Server closed the connection before the request was sent".to_owned(),
            },
            Some(cause) => Self::of_transfer(cause),
            None => Self::Ambiguous {
                reason: "Connection to server failed".to_owned(),
            },
        }
    }

    /// Sorts a failure of a connection in use.
    pub(crate) fn of_transfer(error: &hyper::Error) -> Self {
        let io_cause = error
            .source()
            .and_then(|source| source.downcast_ref::<io::Error>());
        let reason = if error.is_incomplete_message() {
            "Server broke connection".to_owned()
        } else if error.is_parse() {
            format!("Server sent an invalid response ({error})")
        } else if let Some(cause) = io_cause {
            io_phrase(cause)
        } else {
            format!("Connection to server failed ({error})")
        };
        Self::Ambiguous { reason }
    }

    /// A bounded label for metrics.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::InvalidUrl { .. } => "invalid_url",
            Self::Refused { .. } => "refused",
            Self::NotSent { .. } => "not_sent",
            Self::Ambiguous { .. } => "ambiguous",
        }
    }
}

/// The usual words for an I/O error, without the number that the system appends.
fn io_phrase(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "Connection refused".to_owned(),
        io::ErrorKind::ConnectionReset => "Connection reset by peer".to_owned(),
        io::ErrorKind::TimedOut => "Connection timed out".to_owned(),
        io::ErrorKind::HostUnreachable => "No route to host".to_owned(),
        io::ErrorKind::NetworkUnreachable => "Network is unreachable".to_owned(),
        io::ErrorKind::UnexpectedEof => "Server broke connection".to_owned(),
        io::ErrorKind::BrokenPipe => "Broken pipe".to_owned(),
        kind => kind.to_string(),
    }
}

fn refusal(rule: &str, host: &str, setting: &str) -> String {
    let literal = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    let verb = if literal || rule == PLAIN_HTTP {
        "is"
    } else {
        "resolves to"
    };
    if setting.is_empty() {
        format!("egress_refused: {host} {verb} {rule}; no setting allows it")
    } else {
        format!("egress_refused: {host} {verb} {rule}; to allow it set {setting}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_host_rule_and_setting() {
        let refused = |rule, host: &str, setting| {
            Error::Refused {
                rule,
                host: host.to_owned(),
                setting,
            }
            .to_string()
        };
        assert_eq!(
            refused("a private address", "10.0.0.5", ALLOW_SETTINGS),
            "egress_refused: 10.0.0.5 is a private address; to allow it set egress.allow_hosts or egress.allow_cidrs"
        );
        assert_eq!(
            refused("a private address", "intranet.example", ALLOW_SETTINGS),
            "egress_refused: intranet.example resolves to a private address; to allow it set egress.allow_hosts or egress.allow_cidrs"
        );
        assert_eq!(
            refused("a metadata address", "169.254.169.254", ""),
            "egress_refused: 169.254.169.254 is a metadata address; no setting allows it"
        );
        assert_eq!(
            refused(PLAIN_HTTP, "a.example", HTTPS_ONLY_SETTING),
            "egress_refused: a.example is asked for over plain http; to allow it set egress.https_only = false"
        );
    }

    #[test]
    fn dial_failures_read_as_receivers_know_them() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(
            Error::dial("a.example", 8080, &refused).to_string(),
            "Failed to open TCP connection to a.example:8080 (Connection refused)"
        );
    }
}
