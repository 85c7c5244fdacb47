//! Every spelling of a forbidden destination, as a caller would write it into a callback, through
//! the client: refused by its rule, without a look-up and without a connection.

use std::net::IpAddr;
use std::sync::Arc;

use url::{Host, Url};

use super::support::{FakeDns, Server, client, ok, post};
use crate::{Client, Error, Policy, Resolve};

const LOOPBACK: &str = "a loopback address";
const PRIVATE: &str = "a private address";
const METADATA: &str = "a metadata address";
const UNSPECIFIED: &str = "an unspecified address";
const RESERVED: &str = "a reserved address";

/// What is refused by the default policy, and by which rule.
const SPELLINGS: &[(&str, &str)] = &[
    // Decimal, octal, hexadecimal, mixed; one, two and three parts.
    ("http://127.0.0.1/", LOOPBACK),
    ("http://2130706433/", LOOPBACK),
    ("http://017700000001/", LOOPBACK),
    ("http://0x7f000001/", LOOPBACK),
    ("http://0X7F000001/", LOOPBACK),
    ("http://00000000000000000177.0x0.00.0x001/", LOOPBACK),
    ("http://0177.0.0.1/", LOOPBACK),
    ("http://0x7f.0.0.1/", LOOPBACK),
    ("http://127.1/", LOOPBACK),
    ("http://127.0.1/", LOOPBACK),
    ("http://127.65535/", LOOPBACK),
    ("http://0x7f.1/", LOOPBACK),
    ("http://0/", UNSPECIFIED),
    ("http://0x0/", UNSPECIFIED),
    ("http://0.0.0.0/", UNSPECIFIED),
    ("http://10.5/", PRIVATE),
    ("http://167772165/", PRIVATE),
    ("http://012.0.0.5/", PRIVATE),
    ("http://3232235777/", PRIVATE),
    ("http://192.168.257/", PRIVATE),
    ("https://172.16.0.1/", PRIVATE),
    // Percent signs, trailing dots, other digits and dots (IDNA), characters that vanish.
    ("http://127.0.0.1./", LOOPBACK),
    ("http://2130706433./", LOOPBACK),
    ("http://%31%32%37.0.0.1/", LOOPBACK),
    ("http://127%2e0%2E0.1/", LOOPBACK),
    ("http://１２７.0.0.1/", LOOPBACK),
    ("http://①②⑦.⓪.⓪.①/", LOOPBACK),
    ("http://𝟭𝟮𝟳.𝟬.𝟬.𝟭/", LOOPBACK),
    ("http://²¹³⁰⁷⁰⁶⁴³³/", LOOPBACK),
    ("http://127。0．0｡1/", LOOPBACK),
    ("http://0ｘ7f.1/", LOOPBACK),
    ("http://12\u{ad}7.0.0.1/", LOOPBACK),
    ("http://127\u{200b}.0.0.1/", LOOPBACK),
    ("http://127.0.0.1\t/", LOOPBACK),
    ("http://127.0.\n0.1/", LOOPBACK),
    // Slashes, ports and case.
    ("HTTP://127.0.0.1:80/", LOOPBACK),
    ("http:127.0.0.1/", LOOPBACK),
    ("http:/127.0.0.1/", LOOPBACK),
    ("http:////127.0.0.1/", LOOPBACK),
    ("http:\\\\127.0.0.1\\", LOOPBACK),
    ("http://127.0.0.1#@a.example/", LOOPBACK),
    ("http://127.0.0.1?@a.example/", LOOPBACK),
    ("http://127.0.0.1\\@a.example/", LOOPBACK),
    // IPv6 in its forms, and IPv4 inside of it: mapped, compatible, translated.
    ("http://[::1]/", LOOPBACK),
    ("http://[0:0:0:0:0:0:0:1]/", LOOPBACK),
    ("http://[0000::0001]/", LOOPBACK),
    ("http://[::]/", UNSPECIFIED),
    ("http://[::ffff:127.0.0.1]/", LOOPBACK),
    ("http://[::FFFF:7f00:1]/", LOOPBACK),
    ("http://[0:0:0:0:0:ffff:a00:5]/", PRIVATE),
    ("http://[::ffff:0.0.0.0]/", UNSPECIFIED),
    ("http://[::127.0.0.1]/", LOOPBACK),
    ("http://[::a00:5]/", PRIVATE),
    ("http://[::ffff:0:10.0.0.5]/", PRIVATE),
    // NAT64, 6to4, Teredo (client and server), ISATAP.
    ("http://[64:ff9b::7f00:1]/", LOOPBACK),
    ("http://[64:ff9b::10.0.0.5]/", PRIVATE),
    ("http://[64:ff9b:1::10.0.0.5]/", PRIVATE),
    ("http://[64:ff9b:1::808:808]/", UNSPECIFIED),
    ("http://[64:ff9b:1:7f00:0:100::]/", UNSPECIFIED),
    ("http://[2002:7f00:1::]/", LOOPBACK),
    ("http://[2002:a00:5::1]/", PRIVATE),
    ("http://[2001:0:a00:5::]/", PRIVATE),
    ("http://[2001:0:808:808::f5ff:fffa]/", PRIVATE),
    ("http://[2606:4700::5efe:10.0.0.5]/", PRIVATE),
    ("http://[2606:4700::200:5efe:127.0.0.1]/", LOOPBACK),
    // The other special ranges.
    ("http://100.64.0.1/", "a carrier-grade NAT address"),
    ("http://169.254.1.1/", "a link-local address"),
    ("http://192.0.0.1/", RESERVED),
    ("http://192.0.2.1/", "a documentation address"),
    ("http://198.18.0.1/", "a benchmark address"),
    ("http://224.0.0.1/", "a multicast address"),
    ("http://240.0.0.1/", RESERVED),
    ("http://255.255.255.255/", "the broadcast address"),
    ("http://[100::1]/", RESERVED),
    ("http://[2001:db8::1]/", "a documentation address"),
    ("http://[5f00::1]/", RESERVED),
    ("http://[fd00::1]/", "a unique local address"),
    ("http://[fe80::1]/", "a link-local address"),
    ("http://[fec0::1]/", "a site-local address"),
    ("http://[ff02::1]/", "a multicast address"),
    // Where clouds keep credentials.
    ("http://169.254.169.254/latest/meta-data/", METADATA),
    ("http://2852039166/", METADATA),
    ("http://0xA9.0xFE.0xA9.0xFE/", METADATA),
    ("http://0251.0376.0251.0376/", METADATA),
    ("http://169.254.43518/", METADATA),
    ("http://[::ffff:a9fe:a9fe]/", METADATA),
    ("http://[::a9fe:a9fe]/", METADATA),
    ("http://[64:ff9b::a9fe:a9fe]/", METADATA),
    ("http://[64:ff9b:1::a9fe:a9fe]/", METADATA),
    ("http://[64:ff9b:1:a9fe:a9:fe00::]/", METADATA),
    ("http://[64:ff9b:1:a9:fe:a9fe::]/", METADATA),
    ("http://[64:ff9b:1:0:a9:fea9:fe00::]/", METADATA),
    ("http://[2002:a9fe:a9fe::1]/", METADATA),
    ("http://[2606:4700::5efe:a9fe:a9fe]/", METADATA),
    ("http://[fd00:ec2::254]/", METADATA),
    ("http://[fd20:ce::254]/", METADATA),
    ("http://[fe80::a9fe:a9fe]/", METADATA),
    ("http://169.254.170.2/", METADATA),
    ("http://100.100.100.200/", METADATA),
    ("http://168.63.129.16/", METADATA),
    ("http://192.0.0.192/", METADATA),
];

/// What no setting makes a destination: no URL at all, or one that can never work.
const IMPOSSIBLE: &[&str] = &[
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[::1%lo]/",
    "http://256.0.0.1/",
    "http://4294967296/",
    "http://1.2.3.4.5/",
    "http://0x100000000/",
    "http://08.0.0.1/",
    "http://127.0.0.1%00.a.example/",
    "http://[::ffff:127.0.0.1/",
    "http://[127.0.0.1]/",
    "http://user@127.0.0.1/",
    "http://a.example@127.0.0.1/",
    "http://a.example:80@127.0.0.1/",
    "http://:pw@127.0.0.1/",
    "http://a.example:0/",
    "http://a.example:65536/",
    "http:///",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_PING",
    "data:text/plain,x",
    "//127.0.0.1/",
    "127.0.0.1/",
];

/// Names; what they are is seen only when they are resolved.
const NAMES: &[&str] = &[
    "a.example",
    "a.example.",
    "localhost",
    "LOCALHOST.",
    "ⓛocalhost",
    "local\u{ad}host",
    "127.0.0.1.a.example",
    "metadata.google.internal",
    "instance-data",
    "bücher.example",
];

fn everything() -> Policy {
    Policy {
        allow_hosts: vec!["*.example".parse().unwrap()],
        allow_cidrs: vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()],
        https_only: false,
        dev: true,
    }
}

fn guarded(policy: Policy, dns: &Arc<FakeDns>) -> Client {
    client(|config| {
        config.policy = policy;
        config.resolver = Arc::clone(dns) as Arc<dyn Resolve>;
    })
}

/// The rule that refuses the URL.
async fn refusal(client: &Client, url: Url, context: &str) -> &'static str {
    match client.send(post(url)).await {
        Err(Error::Refused { rule, .. }) => rule,
        other => panic!("{context}: {other:?}"),
    }
}

fn literal(url: &Url) -> IpAddr {
    match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        other => panic!("{url} names {other:?}"),
    }
}

#[tokio::test]
async fn every_spelling_of_a_forbidden_address_is_refused_without_a_look_up() {
    let dns = FakeDns::new(&[&["8.8.8.8"]]);
    let client = guarded(Policy::default(), &dns);
    for (text, rule) in SPELLINGS {
        let url = Url::parse(text).unwrap();
        assert_eq!(refusal(&client, url, text).await, *rule, "{text}");
    }
    assert_eq!(dns.asked(), 0);
}

#[tokio::test]
async fn a_name_that_resolves_to_a_forbidden_address_is_refused_as_it_is() {
    for (text, rule) in SPELLINGS {
        let address = literal(&Url::parse(text).unwrap()).to_string();
        let dns = FakeDns::new(&[&[&address]]);
        let client = guarded(Policy::default(), &dns);
        for name in NAMES {
            let url = Url::parse(&format!("http://{name}/")).unwrap();
            let context = format!("{name} is {address}");
            assert_eq!(refusal(&client, url, &context).await, *rule, "{context}");
        }
        assert_eq!(dns.asked(), NAMES.len(), "{address}");
    }
}

#[tokio::test]
async fn metadata_stays_refused_when_everything_is_open() {
    let metadata = SPELLINGS.iter().filter(|(_, rule)| *rule == METADATA);
    for (text, rule) in metadata {
        let url = Url::parse(text).unwrap();
        let address = literal(&url).to_string();
        let dns = FakeDns::new(&[&[&address]]);
        let client = guarded(everything(), &dns);
        assert_eq!(refusal(&client, url, text).await, *rule, "{text}");
        let named = "http://meta.example/".parse().unwrap();
        assert_eq!(refusal(&client, named, text).await, *rule, "{text}");
        let error = client.send(post(Url::parse(text).unwrap())).await;
        let text = error.unwrap_err().to_string();
        assert!(text.ends_with("no setting allows it"), "{text}");
    }
}

#[tokio::test]
async fn what_can_never_work_is_no_url_or_an_invalid_one() {
    let dns = FakeDns::new(&[&["8.8.8.8"]]);
    let client = guarded(everything(), &dns);
    for text in IMPOSSIBLE {
        if let Ok(url) = Url::parse(text) {
            let result = client.send(post(url)).await;
            let invalid = matches!(result, Err(Error::InvalidUrl { .. }));
            assert!(invalid, "{text}: {result:?}");
        }
    }
    assert_eq!(dns.asked(), 0);
}

#[tokio::test]
async fn a_redirect_to_a_forbidden_address_is_never_followed() {
    let dns = FakeDns::new(&[&["127.0.0.1"]]);
    for status in [301, 302, 303, 307, 308] {
        let inner = Server::answering(ok("secret")).await;
        for location in [
            inner.url("/"),
            inner.named("a.example"),
            "http://169.254.169.254/latest/meta-data/".parse().unwrap(),
        ] {
            let server = Server::answering(format!(
                "HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\n\
                 refresh: 0; url={location}\r\ncontent-length: 0\r\n\r\n"
            ))
            .await;
            let client = guarded(everything(), &dns);
            let response = client.send(post(server.url("/"))).await.unwrap();
            assert_eq!(response.status, status);
            assert_eq!(response.body, "");
        }
        assert_eq!(inner.accepted(), 0, "{status}");
    }
}

/// A resolver that says something public first and something private when it is asked again. The
/// connection goes to the address that was judged, or nowhere.
#[tokio::test]
async fn a_rebinding_resolver_is_judged_at_every_look_up() {
    for private in ["127.0.0.1", "10.0.0.5", "::1", "169.254.169.254"] {
        let server = Server::answering(ok("")).await;
        // Public, and nobody is there: the exchange may fail, but never by moving on.
        let dns = FakeDns::new(&[&["0.0.0.1"], &[private]]);
        let policy = Policy {
            allow_cidrs: vec!["0.0.0.1/32".parse().unwrap()],
            ..Policy::default()
        };
        let client = client(|config| {
            config.policy = policy;
            config.resolver = Arc::clone(&dns) as Arc<dyn Resolve>;
            config.connect_timeout = super::support::SHORT;
        });
        let first = client.send(post(server.named("a.example"))).await;
        assert!(
            !matches!(first, Ok(_) | Err(Error::Refused { .. })),
            "{first:?}"
        );
        assert_eq!(dns.asked(), 1, "one connection is one look-up");
        refusal(&client, server.named("a.example"), private).await;
        assert_eq!((dns.asked(), server.accepted()), (2, 0), "{private}");
    }
}

#[tokio::test]
async fn an_answer_of_public_and_forbidden_addresses_leads_to_no_forbidden_one() {
    let server = Server::answering(ok("")).await;
    let dns = FakeDns::new(&[&["0.0.0.1", "127.0.0.1", "::ffff:127.0.0.1"]]);
    let client = client(|config| {
        config.policy.dev = false;
        config.policy.allow_cidrs = vec!["0.0.0.1/32".parse().unwrap()];
        config.resolver = Arc::clone(&dns) as Arc<dyn Resolve>;
        config.connect_timeout = super::support::SHORT;
    });
    let result = client.send(post(server.named("a.example"))).await;
    assert!(result.is_err(), "{result:?}");
    assert_eq!(server.accepted(), 0);
}
