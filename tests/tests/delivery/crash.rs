use std::time::Duration;

use gatewright_tests::{Listener, Options, TestDatabase, TestGateway};
use serde_json::Value;

use crate::support::{accepted, assert_same, content, contents, say, say_all, told};

const BEFORE: &[&str] = &["1", "2", "3", "4", "5", "6"];
const ALL: &[&str] = &["1", "2", "3", "4", "5", "6", "7"];

/// The shortest leases that are allowed: on PostgreSQL a lease of a crashed node must run out by
/// the database's own clock.
fn short_leases() -> Options {
    Options {
        timeout_ms: 1_000,
        lease_slack_ms: 5_000,
        ..Options::default()
    }
}

/// A head whose first attempt is under way for ever, and five behind it.
async fn cut_off() -> (TestGateway, Listener, Value) {
    let options = Options {
        timeout_ms: 20_000,
        ..short_leases()
    };
    let options = if TestDatabase::is_postgres() {
        short_leases()
    } else {
        options
    };
    let (gateway, listener, conversation) = TestGateway::seeded(options).await;
    listener.then(&[Listener::SILENT]);
    say(&gateway, &conversation, "1").await;
    listener
        .wait_until(|listener| told(listener).len() == 1)
        .await;
    say_all(&gateway, &conversation, &BEFORE[1..]).await;
    (gateway, listener, conversation)
}

/// All arrived, in order; the one that was cut off came twice, as one delivery.
async fn assert_all_in_order(listener: &Listener) {
    listener
        .wait_until(|listener| accepted(listener).len() >= ALL.len())
        .await;
    assert_eq!(accepted(listener), ALL);
    let mut first = told(listener);
    first.retain(|received| content(received) == "1");
    assert_eq!(first.len(), 2);
    assert_same(&first);
}

#[tokio::test]
async fn order_outlives_a_crash_while_the_head_fails() {
    let (gateway, listener, conversation) = TestGateway::seeded(Options::default()).await;
    listener.answer(500);
    say_all(&gateway, &conversation, BEFORE).await;
    gateway.settle().await;
    let gateway = gateway.restart(Options::default()).await;
    say(&gateway, &conversation, "7").await;
    gateway.settle().await;
    assert_eq!(contents(&told(&listener)), ["1"], "the head still waits");
    listener.answer(200);
    gateway.advance(Duration::from_secs(5)).await;
    assert_all_in_order(&listener).await;
    gateway.stop().await;
}

#[tokio::test]
async fn order_outlives_a_crash_during_an_attempt() {
    let (gateway, listener, conversation) = cut_off().await;
    let gateway = gateway.restart(short_leases()).await;
    say(&gateway, &conversation, "7").await;
    assert_all_in_order(&listener).await;
    gateway.settle().await;
    gateway.stop().await;
}

#[tokio::test]
async fn another_node_takes_over_in_order() {
    if !TestDatabase::is_postgres() {
        return;
    }
    let (first, listener, conversation) = cut_off().await;
    let second = first.second_node(short_leases()).await;
    first.abandon().await;
    say(&second, &conversation, "7").await;
    assert_all_in_order(&listener).await;
    second.settle().await;
    second.stop().await;
    first.stop().await;
}
