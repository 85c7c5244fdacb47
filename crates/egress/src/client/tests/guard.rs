//! The policy where it counts: at the socket.

use std::sync::Arc;

use super::support::{FakeDns, Server, client, ok, post};
use crate::{Client, Error, Policy, Resolve};

fn guarded(policy: Policy, dns: &Arc<FakeDns>) -> Client {
    client(|config| {
        config.policy = policy;
        config.resolver = Arc::clone(dns) as Arc<dyn Resolve>;
    })
}

fn open(range: &str) -> Policy {
    Policy {
        allow_cidrs: vec![range.parse().unwrap()],
        ..Policy::default()
    }
}

fn rule(result: Result<crate::Response, Error>) -> &'static str {
    match result {
        Err(Error::Refused { rule, .. }) => rule,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_rebound_name_cannot_move_a_judged_connection() {
    let server = Server::answering(ok("here")).await;
    let dns = FakeDns::new(&[&["127.0.0.1"], &["10.0.0.5"]]);

    let first = guarded(open("127.0.0.0/8"), &dns);
    let response = first.send(post(server.named("a.example"))).await.unwrap();
    assert_eq!(response.remote, Some(server.address));
    assert_eq!(dns.asked(), 1);

    let result = guarded(open("127.0.0.0/8"), &dns)
        .send(post(server.named("a.example")))
        .await;
    assert_eq!(rule(result), "a private address");
    assert_eq!(dns.asked(), 2);
}

#[tokio::test]
async fn refused_addresses_are_passed_over_for_an_allowed_one() {
    let server = Server::answering(ok("here")).await;
    let dns = FakeDns::new(&[&["10.0.0.5", "169.254.169.254", "127.0.0.1"]]);
    let client = guarded(open("127.0.0.0/8"), &dns);
    let response = client.send(post(server.named("a.example"))).await.unwrap();
    assert_eq!(response.remote, Some(server.address));
}

#[tokio::test]
async fn the_next_allowed_address_is_tried_when_one_fails() {
    let server = Server::answering(ok("here")).await;
    let dns = FakeDns::new(&[&["127.0.0.88", "127.0.0.1"]]);
    let client = guarded(open("127.0.0.0/8"), &dns);
    let response = client.send(post(server.named("a.example"))).await.unwrap();
    assert_eq!(response.remote, Some(server.address));
}

#[tokio::test]
async fn an_allowed_host_reaches_its_address() {
    let server = Server::answering(ok("here")).await;
    let dns = FakeDns::new(&[&["127.0.0.1"]]);
    let policy = Policy {
        allow_hosts: vec!["*.corp.example".parse().unwrap()],
        ..Policy::default()
    };
    let client = guarded(policy, &dns);
    assert_eq!(
        client
            .send(post(server.named("a.corp.example")))
            .await
            .unwrap()
            .body,
        "here"
    );
    let result = client.send(post(server.named("b.example"))).await;
    assert_eq!(rule(result), "a loopback address");
}

#[tokio::test]
async fn https_only_refuses_before_connecting() {
    let server = Server::answering(ok("")).await;
    let policy = Policy {
        https_only: true,
        dev: true,
        ..Policy::default()
    };
    let error = client(|config| config.policy = policy)
        .send(post(server.url("/")))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("to allow it set egress.https_only = false"),
        "{error}"
    );
    assert_eq!(server.accepted(), 0);
}
