use std::time::Duration;

use gatewright_egress::{Scheme, VerifyError};
use gatewright_tests::{Listener, TestGateway};
use serde_json::{Value, json};

use crate::support::{check, check_chatwoot, say, told, webhook};

/// What comes in the 24 hours after a rotation verifies with both secrets; later with the new one.
async fn assert_both_then_new(
    gateway: &TestGateway,
    listener: &Listener,
    conversation: &Value,
    (old, new): (&Value, &Value),
) {
    assert_ne!(old, new);
    say(gateway, conversation, "soon").await;
    gateway.settle().await;
    let soon = told(listener).pop().expect("a request");
    for secret in [old, new] {
        let verified = check(gateway, &soon, secret);
        assert_eq!(verified, Ok(Scheme::StandardWebhooks));
    }
    let verified = check_chatwoot(gateway, &soon, new);
    assert_eq!(verified, Ok(Scheme::Chatwoot), "one signature: the new one");
    gateway.advance(Duration::from_hours(25)).await;
    say(gateway, conversation, "later").await;
    gateway.settle().await;
    let later = told(listener).pop().expect("a request");
    assert_eq!(check(gateway, &later, old), Err(VerifyError::Mismatch));
    let verified = check(gateway, &later, new);
    assert_eq!(verified, Ok(Scheme::StandardWebhooks));
}

#[tokio::test]
async fn an_inboxs_old_and_new_secret_verify_for_a_day() {
    let listener = Listener::start().await;
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    say(&gateway, &conversation, "before").await;
    gateway.settle().await;
    let path = format!("/inboxes/{}/signing_secret", inbox["id"]);
    let rotated = gateway.administrator().post(&path, &json!({})).await.ok();
    let secrets = (&inbox["signing_secret"], &rotated["signing_secret"]);
    assert_both_then_new(&gateway, &listener, &conversation, secrets).await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_webhooks_old_and_new_secret_verify_for_a_day() {
    let listener = Listener::start().await;
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let made = webhook(&gateway, listener.url("/hook")).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    say(&gateway, &conversation, "before").await;
    gateway.settle().await;
    let path = format!("/webhooks/{}/secret", made["id"]);
    let rotated = gateway.administrator().post(&path, &json!({})).await.ok();
    let secrets = (&made["secret"], &rotated["signing_secret"]);
    assert_both_then_new(&gateway, &listener, &conversation, secrets).await;
    gateway.stop().await;
}
