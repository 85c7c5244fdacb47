//! Which destinations are allowed.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::address::{self, Kind};
use crate::error::{ALLOW_SETTINGS, HTTPS_ONLY_SETTING, PLAIN_HTTP};
use crate::{Cidr, Error, HostPattern};

/// The rules of outgoing requests, as the section `egress` of the configuration gives them. The
/// default allows public addresses only, over http and https.
///
/// Metadata addresses of clouds are refused whatever is set here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Policy {
    /// Hosts whose addresses are allowed, whatever they are.
    pub allow_hosts: Vec<HostPattern>,
    /// Ranges that are allowed although special.
    pub allow_cidrs: Vec<Cidr>,
    /// Refuses plain http.
    pub https_only: bool,
    /// Opens loopback and private ranges, for a developer's machine.
    pub dev: bool,
}

impl Policy {
    /// Judges what a URL shows without a look-up: scheme, user info, port, and the address if its
    /// host is one. The client does this before every request; a form may do it early.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] for a URL that can never work, [`Error::Refused`] for a forbidden one.
    pub fn check_url(&self, url: &Url) -> Result<(), Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::invalid("only http and https are supported"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::invalid(
                "a user name or password in it is not supported",
            ));
        }
        if url.port() == Some(0) {
            return Err(Error::invalid("port 0 is not usable"));
        }
        let Some(host) = url.host() else {
            return Err(Error::invalid("it has no host"));
        };
        let name = host.to_string();
        if self.https_only && url.scheme() == "http" {
            return Err(refused(PLAIN_HTTP, &name, HTTPS_ONLY_SETTING));
        }
        match host {
            Host::Domain(_) => Ok(()),
            Host::Ipv4(v4) => self.judge(&name, IpAddr::V4(v4)),
            Host::Ipv6(v6) => self.judge(&name, IpAddr::V6(v6)),
        }
    }

    /// Judges one address that `host` resolved to.
    ///
    /// # Errors
    /// [`Error::Refused`], naming `host`, the rule and the setting that would allow it.
    pub fn judge(&self, host: &str, address: IpAddr) -> Result<(), Error> {
        let faces = address::faces(address);
        if faces.iter().any(|face| address::is_metadata(*face)) {
            return Err(refused("a metadata address", host, ""));
        }
        let opened = |address| self.allow_cidrs.iter().any(|range| range.contains(address));
        if opened(address) || self.allow_hosts.iter().any(|pattern| pattern.matches(host)) {
            return Ok(());
        }
        let closed = faces.into_iter().find_map(|face| {
            address::kind(face).filter(|kind| !self.dev_opens(*kind) && !opened(face))
        });
        closed.map_or(Ok(()), |kind| {
            Err(refused(kind.phrase(), host, ALLOW_SETTINGS))
        })
    }

    fn dev_opens(&self, kind: Kind) -> bool {
        self.dev && kind.open_in_dev()
    }
}

fn refused(rule: &'static str, host: &str, setting: &'static str) -> Error {
    Error::Refused {
        rule,
        host: host.to_owned(),
        setting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &Policy, url: &str) -> Result<(), Error> {
        policy.check_url(&Url::parse(url).unwrap())
    }

    fn rule(result: Result<(), Error>) -> &'static str {
        match result {
            Ok(()) => "allowed",
            Err(Error::Refused { rule, .. }) => rule,
            Err(other) => panic!("{other:?}"),
        }
    }

    fn dev() -> Policy {
        Policy {
            dev: true,
            ..Policy::default()
        }
    }

    fn everything() -> Policy {
        Policy {
            allow_hosts: ["10.0.0.5", "169.254.169.254"]
                .map(|host| host.parse().unwrap())
                .into(),
            allow_cidrs: ["0.0.0.0/0", "::/0"]
                .map(|range| range.parse().unwrap())
                .into(),
            https_only: false,
            dev: true,
        }
    }

    #[test]
    fn special_addresses_are_refused_by_default() {
        for (url, expected) in [
            ("http://10.0.0.5/", "a private address"),
            ("https://192.168.1.1/", "a private address"),
            ("http://0/", "an unspecified address"),
            ("http://0.0.0.0/", "an unspecified address"),
            ("http://100.64.0.1/", "a carrier-grade NAT address"),
            ("http://[fe80::1]/", "a link-local address"),
            ("http://[fec0::1]/", "a site-local address"),
            ("http://[fd00::1]/", "a unique local address"),
            ("http://[64:ff9b:1::808:808]/", "an unspecified address"),
            ("http://[2001:0:808:808::f5ff:fffa]/", "a private address"),
            ("http://255.255.255.255/", "the broadcast address"),
            ("http://198.18.0.1/", "a benchmark address"),
            ("http://8.8.8.8/", "allowed"),
            ("http://[2606:4700::1111]/", "allowed"),
            ("http://[64:ff9b::808:808]/", "allowed"),
            ("http://localhost/", "allowed"), // A name; judged when resolved.
        ] {
            assert_eq!(rule(check(&Policy::default(), url)), expected, "{url}");
        }
    }

    #[test]
    fn urls_that_can_never_work_are_invalid() {
        for url in [
            "ftp://a.example/",
            "file:///etc/passwd",
            "http://user@a.example/",
            "http://:pw@a.example/",
            "http://a.example:0/",
            "data:text/plain,x",
            "gopher://a.example/",
        ] {
            let result = check(&everything(), url);
            assert!(
                matches!(result, Err(Error::InvalidUrl { .. })),
                "{url}: {result:?}"
            );
        }
    }

    #[test]
    fn dev_opens_loopback_and_private_only() {
        for url in [
            "http://127.0.0.1/",
            "http://[::1]/",
            "http://10.0.0.5/",
            "http://[fd00::1]/",
        ] {
            assert_eq!(check(&dev(), url), Ok(()), "{url}");
        }
        for url in [
            "http://169.254.1.1/",
            "http://0.0.0.0/",
            "http://100.64.0.1/",
            "http://[::10.0.0.5]/",
        ] {
            assert!(check(&dev(), url).is_err(), "{url}");
        }
    }

    #[test]
    fn operators_open_hosts_and_ranges() {
        let policy = Policy {
            allow_hosts: vec!["*.corp.example".parse().unwrap()],
            allow_cidrs: vec!["10.1.0.0/16".parse().unwrap()],
            ..Policy::default()
        };
        let private = "10.2.0.1".parse().unwrap();
        assert_eq!(policy.judge("a.corp.example", private), Ok(()));
        assert!(policy.judge("corp.example", private).is_err());
        assert_eq!(
            policy.judge("any.example", "10.1.2.3".parse().unwrap()),
            Ok(())
        );
        assert_eq!(
            policy.judge("any.example", "2002:a01:203::1".parse().unwrap()),
            Ok(())
        );
        assert_eq!(
            policy.judge("any.example", "::ffff:10.1.2.3".parse().unwrap()),
            Ok(())
        );
    }

    #[test]
    fn https_only_refuses_plain_http() {
        let policy = Policy {
            https_only: true,
            ..Policy::default()
        };
        assert_eq!(rule(check(&policy, "http://8.8.8.8/")), PLAIN_HTTP);
        assert_eq!(check(&policy, "https://8.8.8.8/"), Ok(()));
    }
}
