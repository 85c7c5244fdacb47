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
async fn a_bound_need_not_be_of_the_conversation() {
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(None).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let another = gateway.inbox(None).await;
    let (_, other) = gateway.conversation(&another).await;
    let (mut ids, mut foreign) = (Vec::new(), vec![0, i64::from(i32::MAX)]);
    for number in 0..15 {
        let of = if number % 3 == 1 {
            &conversation
        } else {
            &other
        };
        let body = json!({ "content": number.to_string() });
        let id = post(&gateway, of, &body).await.ok()["id"].as_i64();
        let list = if number % 3 == 1 {
            &mut ids
        } else {
            &mut foreign
        };
        list.push(id.unwrap());
    }
    for bound in foreign {
        let listed = |keep: &dyn Fn(i64) -> bool| -> Vec<i64> {
            ids.iter().copied().filter(|id| keep(*id)).collect()
        };
        let before = window(&gateway, &conversation, &format!("before={bound}")).await;
        assert_eq!(before, listed(&|id| id < bound), "before {bound}");
        let after = window(&gateway, &conversation, &format!("after={bound}")).await;
        assert_eq!(after, listed(&|id| id > bound), "after {bound}");
        let end = bound + 5;
        let query = format!("after={bound}&before={end}");
        let between = window(&gateway, &conversation, &query).await;
        assert_eq!(
            between,
            listed(&|id| (bound..end).contains(&id)),
            "from {bound}"
        );
    }
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
