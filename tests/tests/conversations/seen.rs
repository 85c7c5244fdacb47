use std::time::Duration;

use gatewright_tests::{Options, TestGateway};
use serde_json::json;

use crate::support::{path, say};

#[tokio::test]
async fn looking_resets_what_is_unread_and_tells_nobody() {
    let (gateway, listener, conversation) = TestGateway::seeded(Options::default()).await;
    let administrator = gateway.administrator();
    let me = administrator
        .send(http::Method::GET, "/api/v1/profile", &[], Vec::new())
        .await
        .ok()["id"]
        .clone();
    for _ in 0..12 {
        say(&gateway, &conversation, "Hello?").await;
    }
    let before = administrator.get(&path(&conversation, "")).await.ok();
    assert_eq!(before["unread_count"], 10, "it saturates");
    gateway.settle().await;
    let told = listener.accepted().len();
    gateway.advance(Duration::from_secs(5)).await;

    let seen = path(&conversation, "/update_last_seen");
    let looked = administrator.post(&seen, &json!({})).await.ok();
    assert_eq!(looked["unread_count"], 0);
    assert_eq!(
        looked["assignee_last_seen_at"], 0,
        "the caller is not the assignee"
    );
    let at = looked["agent_last_seen_at"].as_i64().unwrap();
    assert_eq!(at, before["last_activity_at"].as_i64().unwrap() + 5);
    assert_eq!(looked["updated_at"], before["updated_at"]);
    gateway.settle().await;
    assert_eq!(listener.accepted().len(), told, "no event tells of it");

    administrator
        .post(
            &path(&conversation, "/assignments"),
            &json!({ "assignee_id": me }),
        )
        .await
        .ok();
    let looked = administrator.post(&seen, &json!({})).await.ok();
    assert_eq!(looked["assignee_last_seen_at"], at);
    gateway.stop().await;
}

#[tokio::test]
async fn what_was_seen_can_count_as_not_seen() {
    let (gateway, listener, conversation) = TestGateway::seeded(Options::default()).await;
    let administrator = gateway.administrator();
    let unread = path(&conversation, "/unread");
    let never = administrator.post(&unread, &json!({})).await.ok();
    assert_eq!(
        (&never["unread_count"], &never["agent_last_seen_at"]),
        (&json!(0), &json!(0))
    );
    for _ in 0..3 {
        say(&gateway, &conversation, "Earlier").await;
    }
    gateway.advance(Duration::from_mins(1)).await;
    say(&gateway, &conversation, "Now").await;
    say(&gateway, &conversation, "And again").await;
    gateway.settle().await;
    let told = listener.accepted().len();
    administrator
        .post(&path(&conversation, "/update_last_seen"), &json!({}))
        .await
        .ok();

    let marked = administrator.post(&unread, &json!({})).await.ok();
    assert_eq!(marked["unread_count"], 2, "those of the last second");
    let newest = marked["last_activity_at"].as_i64().unwrap();
    assert_eq!(marked["agent_last_seen_at"], newest - 1);
    assert_eq!(marked["assignee_last_seen_at"], newest - 1);
    gateway.settle().await;
    assert_eq!(listener.accepted().len(), told, "no event tells of it");
    say(&gateway, &conversation, "Third").await;
    let shown = administrator.get(&path(&conversation, "")).await.ok();
    assert_eq!(shown["unread_count"], 3);
    gateway.stop().await;
}
