use std::sync::atomic::Ordering;

use gatewright_channel::{ChannelError, Health};
use gatewright_core::ids::InboxId;
use gatewright_core::registry::ChannelRuntime as _;
use serde_json::json;

use super::probe::CHANNEL;
use super::support::{Fixture, open_inbox};

const INBOX: InboxId = InboxId(1);

#[tokio::test]
async fn connecting_reopens_and_tells_the_public_address() {
    let fixture = Fixture::with_inbox(json!({}));
    assert_eq!(fixture.host.connect(INBOX).await, Ok(()));
    assert_eq!(fixture.host.connect(INBOX).await, Ok(()));
    assert_eq!(fixture.probe.opens(), 2);
    fixture
        .source
        .put(open_inbox(1, CHANNEL, json!({"act": "tell"})));
    let told = fixture.host.connect(INBOX).await;
    let reason = "https://gw.example [secret]".to_owned();
    assert_eq!(
        told,
        Err(ChannelError::Provider {
            reason,
            retry: false
        })
    );
}

#[tokio::test]
async fn only_deliver_may_sign() {
    let fixture = Fixture::with_inbox(json!({"act": "sign", "url": "http://127.0.0.1:9/"}));
    let reason = r#"Denied { reason: "only deliver may sign" }"#.to_owned();
    let expected = Err(ChannelError::Provider {
        reason,
        retry: false,
    });
    assert_eq!(fixture.host.connect(INBOX).await, expected);
}

#[tokio::test]
async fn a_missing_inbox_or_channel_is_unavailable() {
    let fixture = Fixture::new();
    assert_eq!(
        fixture.host.connect(INBOX).await,
        Err(ChannelError::Unavailable)
    );
    assert_eq!(
        fixture.host.health(INBOX).await,
        Err(ChannelError::Unavailable)
    );
    assert_eq!(
        fixture.host.disconnect(INBOX).await,
        Ok(()),
        "there is nothing to undo"
    );
    fixture.source.put(open_inbox(1, "telegraph", json!({})));
    assert_eq!(
        fixture.host.connect(INBOX).await,
        Err(ChannelError::Unavailable)
    );
    fixture.source.down.store(true, Ordering::SeqCst);
    assert_eq!(
        fixture.host.health(INBOX).await,
        Err(ChannelError::Unavailable)
    );
}

#[tokio::test]
async fn settings_that_cannot_be_opened_are_named() {
    let fixture = Fixture::with_inbox(json!({"act": "open_refuses"}));
    let expected = ChannelError::invalid_setting("token", "[secret] is not usable");
    assert_eq!(fixture.host.connect(INBOX).await, Err(expected));
}

#[tokio::test(start_paused = true)]
async fn health_is_cleaned_and_ends_at_its_deadline() {
    let fixture = Fixture::with_inbox(json!({"act": "degraded"}));
    let reason = "[secret] expires".to_owned();
    assert_eq!(
        fixture.host.health(INBOX).await,
        Ok(Health::Degraded { reason })
    );
    fixture
        .source
        .put(open_inbox(1, CHANNEL, json!({"act": "hang"})));
    let started = tokio::time::Instant::now();
    assert_eq!(fixture.host.health(INBOX).await, Err(ChannelError::Timeout));
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn a_deleted_inbox_is_disconnected_as_it_was_last_known() {
    let fixture = Fixture::with_inbox(json!({}));
    fixture.host.connect(INBOX).await.unwrap();
    fixture.source.remove(1);
    assert_eq!(fixture.host.disconnect(INBOX).await, Ok(()));
    assert_eq!(fixture.sink.keys(), [Some("bye".to_owned())]);
    assert_eq!(
        fixture.host.disconnect(INBOX).await,
        Ok(()),
        "it is forgotten now"
    );
    assert_eq!(fixture.sink.keys().len(), 1);
}
