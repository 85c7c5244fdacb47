use std::time::Duration;

use gatewright_egress::Scheme;
use gatewright_tests::{Listener, Options, TestGateway};

use crate::support::{
    accepted, assert_same, check, check_chatwoot, content, contents, deliveries, say_all, told,
    webhook,
};

const ALL: &[&str] = &["1", "2", "3", "4", "5", "6"];

#[tokio::test]
async fn a_failing_receiver_holds_its_lane_and_nobody_else() {
    let (gateway, callback, conversation) = TestGateway::seeded(Options::default()).await;
    let hook = Listener::start().await;
    webhook(&gateway, hook.url("/hook")).await;
    callback.answer(500);
    say_all(&gateway, &conversation, ALL).await;
    gateway.settle().await;
    assert_eq!(accepted(&hook), ALL, "the webhook waits for nobody");
    assert_eq!(contents(&told(&callback)), ["1"], "the lane waits");
    gateway.advance(Duration::from_secs(5)).await;
    assert_eq!(contents(&told(&callback)), ["1", "1"]);
    callback.answer(200);
    gateway.settle().await;
    assert_eq!(told(&callback).len(), 2, "its time has not come");
    gateway.advance(Duration::from_mins(5)).await;
    assert_eq!(accepted(&callback), ALL, "everything, in order");
    let requests = told(&callback);
    assert_same(&requests[..3]);
    for received in &requests {
        assert_eq!(received.header("x-gatewright-late"), "", "nothing is late");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn every_attempt_is_signed_by_both_schemes() {
    let callback = Listener::start().await;
    let hook = Listener::start().await;
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(Some(callback.url("/callback"))).await;
    let made = webhook(&gateway, hook.url("/hook")).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    gateway.settle().await;
    callback.then(&[500]);
    hook.then(&[500]);
    say_all(&gateway, &conversation, &["1"]).await;
    gateway.settle().await;
    gateway.advance(Duration::from_secs(5)).await;
    for (listener, secret) in [
        (&callback, &inbox["signing_secret"]),
        (&hook, &made["secret"]),
    ] {
        let requests = told(listener);
        assert_eq!(requests.len(), 2);
        assert_same(&requests);
        for received in &requests {
            let standard = check(&gateway, received, secret);
            assert_eq!(standard, Ok(Scheme::StandardWebhooks));
            let chatwoot = check_chatwoot(&gateway, received, secret);
            assert_eq!(chatwoot, Ok(Scheme::Chatwoot));
        }
        let times: Vec<String> = requests
            .iter()
            .map(|received| received.header("webhook-timestamp"))
            .collect();
        assert_ne!(times[0], times[1], "each attempt has its own time");
    }
    let other = check(&gateway, &told(&hook)[0], &inbox["signing_secret"]);
    assert!(other.is_err(), "another receiver's secret proves nothing");
    gateway.stop().await;
}

#[tokio::test]
async fn a_head_that_fails_too_often_goes_on_late_beside_its_lane() {
    let options = Options {
        schedule_ms: &[0, 5_000, 300_000, 1_800_000],
        hold_attempts: 2,
        probe_after: 100,
        ..Options::default()
    };
    let (gateway, listener, conversation) = TestGateway::seeded(options).await;
    listener.then(&[500, 500]);
    say_all(&gateway, &conversation, &["1", "2", "3"]).await;
    gateway.settle().await;
    assert_eq!(contents(&told(&listener)), ["1"]);
    gateway.advance(Duration::from_secs(5)).await;
    assert_eq!(accepted(&listener), ["2", "3"], "the lane goes on");
    let open = deliveries(&gateway, "state=queued").await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0]["late"], true);
    gateway.advance(Duration::from_mins(5)).await;
    assert_eq!(accepted(&listener), ["2", "3", "1"]);
    let requests = told(&listener);
    let late: Vec<bool> = requests
        .iter()
        .map(|received| received.header("x-gatewright-late") == "true")
        .collect();
    assert_eq!(late, [false, false, false, false, true]);
    let of_the_first: Vec<_> = requests
        .into_iter()
        .filter(|received| content(received) == "1")
        .collect();
    assert_eq!(of_the_first.len(), 3);
    assert_same(&of_the_first);
    gateway.stop().await;
}
