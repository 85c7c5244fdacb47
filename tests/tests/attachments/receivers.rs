//! What receivers are told of files.

use std::time::Duration;

use gatewright_tests::{Options, TestGateway};
use serde_json::json;

use crate::support::{PNG, file, follow, only, shown};

#[tokio::test]
async fn the_callback_and_webhooks_carry_the_files() {
    let (gateway, listener, conversation) = TestGateway::seeded(Options::default()).await;
    let administrator = gateway.administrator();
    let hook = json!({ "url": listener.url("/hook"), "subscriptions": ["message_created"] });
    administrator.post("/webhooks", &hook).await.ok();
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let form = file("photo.png", "image/png", PNG).text("content", "Look");
    let made = administrator.form(&path, form).await.ok();
    gateway.settle().await;
    let told: Vec<_> = listener
        .accepted()
        .into_iter()
        .filter(|received| received.event() == "message_created")
        .collect();
    assert_eq!(told.len(), 2, "the inbox's callback and the webhook");
    for received in &told {
        let body = received.json();
        assert_eq!(body["attachments"], made["attachments"]);
        let nested = &body["conversation"]["messages"][0]["attachments"];
        assert_eq!(*nested, made["attachments"]);
        assert_eq!(follow(&gateway, &only(&body)["data_url"]).await.bytes, PNG);
    }
    let mut body = shown(&told[0].json());
    // What other tests show already.
    body["conversation"] = json!("..");
    insta::assert_json_snapshot!("callback_with_a_file", body);
    gateway.stop().await;
}

#[tokio::test]
async fn a_late_attempt_has_the_same_link_and_the_link_still_works() {
    let options = Options {
        schedule_ms: &[0, 1000, 3_600_000 * 70],
        ..Options::default()
    };
    let (gateway, listener, conversation) = TestGateway::seeded(options).await;
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let first = listener.received().len();
    listener.then(&[500, 500]);
    let form = file("a.txt", "text/plain", b"Hello");
    gateway.administrator().form(&path, form).await.ok();
    gateway.settle().await;
    gateway.advance(Duration::from_secs(2)).await;
    gateway.advance(Duration::from_hours(71)).await;
    let attempts: Vec<_> = listener.received().into_iter().skip(first).collect();
    let created: Vec<_> = attempts
        .iter()
        .filter(|received| received.event() == "message_created")
        .collect();
    assert_eq!(created.len(), 3);
    assert!(
        created
            .iter()
            .all(|received| received.body == created[0].body)
    );
    let link = &only(&created[2].json())["data_url"];
    assert_eq!(follow(&gateway, link).await.text, "Hello");
    gateway.stop().await;
}
