use gatewright_tests::TestGateway;
use serde_json::{Value, json};

use crate::support::{messages, post};

async fn window(gateway: &TestGateway, conversation: &Value, query: &str) -> Vec<i64> {
    let path = format!("{}?{query}", messages(conversation));
    let page = gateway.administrator().get(&path).await.ok();
    let payload = page["payload"].as_array().expect("a payload").clone();
    payload
        .iter()
        .map(|message| message["id"].as_i64().expect("an id"))
        .collect()
}

#[tokio::test]
async fn windows_are_ascending_and_bounded() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let mut ids = Vec::new();
    for number in 0..125 {
        let body = json!({ "content": number.to_string() });
        let sent = post(&gateway, &conversation, &body).await.ok();
        ids.push(sent["id"].as_i64().unwrap());
    }
    let at = |index: usize| ids[index];
    assert_eq!(window(&gateway, &conversation, "").await, ids[105..]);
    let before = window(&gateway, &conversation, &format!("before={}", at(50))).await;
    assert_eq!(before, ids[30..50]);
    let after = window(&gateway, &conversation, &format!("after={}", at(10))).await;
    assert_eq!(after, ids[11..111]);
    let query = format!("after={}&before={}", at(3), at(120));
    assert_eq!(window(&gateway, &conversation, &query).await, ids[3..120]);
    let first = at(0);
    assert_eq!(
        window(&gateway, &conversation, &format!("before={first}")).await,
        [0_i64; 0]
    );
    gateway.stop().await;
}

#[tokio::test]
async fn notes_and_activities_can_be_left_out() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let public = post(&gateway, &conversation, &json!({ "content": "Hi" }))
        .await
        .ok();
    let note = json!({ "content": "Careful", "private": true });
    post(&gateway, &conversation, &note).await.ok();
    let toggle = format!("/conversations/{}/toggle_status", conversation["id"]);
    gateway.administrator().post(&toggle, &json!({})).await.ok();
    assert_eq!(window(&gateway, &conversation, "").await.len(), 3);
    let found = window(&gateway, &conversation, "filter_internal_messages=true").await;
    assert_eq!(found, [public["id"].as_i64().unwrap()]);
    let found = window(&gateway, &conversation, "filter_internal_messages=").await;
    assert_eq!(found.len(), 3);
    gateway.stop().await;
}
