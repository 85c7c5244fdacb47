use gatewright_tests::{Options, TestGateway};
use serde_json::{Value, json};

use crate::support::{conversation, ids, path, say};

const NOT_FOUND: &str = r#"{"error":"Resource could not be found"}"#;

#[tokio::test]
async fn a_deleted_conversation_is_gone_and_its_news_still_arrive() {
    let (gateway, listener, made) = TestGateway::seeded(Options::default()).await;
    let administrator = gateway.administrator();
    say(&gateway, &made, "Hello").await;
    administrator
        .post(&path(&made, "/labels"), &json!({ "labels": ["a"] }))
        .await
        .ok();
    listener.answer(500);
    say(&gateway, &made, "Last words").await;
    gateway.settle().await;
    let answer = administrator.delete(&path(&made, "")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    for rest in ["", "/messages", "/labels"] {
        let answer = administrator.get(&path(&made, rest)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (404, NOT_FOUND)
        );
    }
    assert_eq!(administrator.delete(&path(&made, "")).await.status, 404);
    let page = administrator.get("/conversations?status=all").await.ok();
    assert_eq!(ids(&page), [0_i64; 0]);
    listener.answer(200);
    gateway.advance(std::time::Duration::from_secs(10)).await;
    let last = listener
        .accepted()
        .pop()
        .map(|received| received.json()["content"].clone());
    assert_eq!(last, Some(json!("Last words")));
    let inbox = json!({ "id": made["inbox_id"] });
    let next = conversation(&gateway, &inbox, "Ben").await;
    assert_eq!(next["id"], 2, "a number is not used again");
    gateway.stop().await;
}

#[tokio::test]
async fn a_long_conversation_is_deleted_in_parts() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let made = conversation(&gateway, &inbox, "Ana").await;
    let tables = gateway.tables().await;
    for _ in 0..6 {
        for _ in 0..180 {
            say(&gateway, &made, "x").await;
        }
        gateway.advance(std::time::Duration::from_secs(61)).await;
    }
    assert!(
        tables.read().await.rows("messages").len() > 1000,
        "more than one transaction takes"
    );
    let administrator = gateway.administrator();
    administrator.delete(&path(&made, "")).await.ok();
    let left = tables.read().await;
    for table in ["messages", "conversations", "conversation_labels"] {
        assert_eq!(left.rows(table), [""; 0], "{table}");
    }
    tables.close().await;
    gateway.stop().await;
}

#[tokio::test]
async fn agents_delete_no_conversation() {
    let (gateway, _listener, made) = TestGateway::seeded(Options::default()).await;
    let agent = gateway.agent("Lee").await;
    let answer = agent.delete(&path(&made, "")).await;
    let refused = json!({ "error": "You are not authorized to do this action" });
    assert_eq!((answer.status.as_u16(), answer.json()), (401, refused));
    let shown: Value = gateway.administrator().get(&path(&made, "")).await.ok();
    assert_eq!(shown["id"], made["id"]);
    gateway.stop().await;
}
