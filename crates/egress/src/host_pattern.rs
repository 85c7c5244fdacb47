//! A host name, or a family of them, that an operator opens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Host;

/// `intranet.example` (that host), or `*.example` (every host below it, at any depth, but not
/// `example` itself). Case, a trailing dot and the spelling of an address do not matter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPattern {
    /// Normalised; with the leading dot when `below`.
    name: String,
    below: bool,
}

/// Why a text is not a host pattern; the message says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a host; write a name like intranet.example or *.example, without scheme, port and path"
)]
pub struct HostPatternError(String);

impl HostPattern {
    /// Whether `host`, as a URL writes it, is meant.
    pub fn matches(&self, host: &str) -> bool {
        let Some(host) = normalise(host) else {
            return false;
        };
        if self.below {
            host.len() > self.name.len() && host.ends_with(&self.name)
        } else {
            host == self.name
        }
    }
}

impl FromStr for HostPattern {
    type Err = HostPatternError;

    fn from_str(text: &str) -> Result<Self, HostPatternError> {
        let wrong = || HostPatternError(text.to_owned());
        let Some(suffix) = text.strip_prefix("*.") else {
            let name = normalise(text)
                .filter(|name| !name.contains('*'))
                .ok_or_else(wrong)?;
            return Ok(Self { name, below: false });
        };
        match Host::parse(suffix.trim_end_matches('.')) {
            Ok(Host::Domain(name)) if !name.is_empty() && !name.contains('*') => Ok(Self {
                name: format!(".{name}"),
                below: true,
            }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.below {
            f.write_str("*")?;
        }
        f.write_str(&self.name)
    }
}

impl TryFrom<String> for HostPattern {
    type Error = HostPatternError;

    fn try_from(text: String) -> Result<Self, HostPatternError> {
        text.parse()
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        pattern.to_string()
    }
}

/// The one spelling of a host: as the URL standard writes it, without a trailing dot.
fn normalise(host: &str) -> Option<String> {
    let bare = host.strip_suffix('.').unwrap_or(host);
    let parsed = if bare.contains(':') && !bare.starts_with('[') {
        Host::parse(&format!("[{bare}]"))
    } else {
        Host::parse(bare)
    };
    parsed
        .ok()
        .map(|host| host.to_string())
        .filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, host: &str) -> bool {
        pattern.parse::<HostPattern>().unwrap().matches(host)
    }

    #[test]
    fn an_exact_pattern_means_one_host_however_spelled() {
        assert!(matches("intranet.example", "intranet.example"));
        assert!(matches("Intranet.Example.", "INTRANET.example"));
        assert!(matches("intranet.example", "intranet.example."));
        assert!(matches("10.0.0.5", "10.0.0.5"));
        assert!(matches("fd00::1", "[fd00::1]"));
        assert!(matches("[fd00::1]", "[fd00:0::1]"));
        assert!(matches("bücher.example", "xn--bcher-kva.example"));
        assert!(!matches("intranet.example", "a.intranet.example"));
        assert!(!matches("intranet.example", "intranet.example.evil.test"));
    }

    #[test]
    fn a_star_means_every_host_below() {
        assert!(matches("*.corp.example", "a.corp.example"));
        assert!(matches("*.corp.example", "a.b.CORP.example."));
        assert!(!matches("*.corp.example", "corp.example"));
        assert!(!matches("*.corp.example", "evilcorp.example"));
        assert!(!matches("*.corp.example", ".corp.example"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            ".",
            "*",
            "*.",
            "a*.example",
            "*.*.example",
            "http://a.example",
            "a.example:80",
            "a/b",
            "*.1",
            "*.10.0.0.1",
        ] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
        assert_eq!(
            "*.Corp.example".parse::<HostPattern>().unwrap().to_string(),
            "*.corp.example"
        );
    }
}
