use gatewright_tests::TestGateway;
use serde_json::{Value, json};

use crate::support::{changes, contact, hook, say, talking};

fn merge(base: &Value, mergee: &Value) -> Value {
    json!({ "base_contact_id": base["id"], "mergee_contact_id": mergee["id"] })
}

const PATH: &str = "/actions/contact_merge";

#[tokio::test]
async fn the_base_keeps_what_it_has_and_gets_what_it_lacks() {
    let gateway = TestGateway::start().await;
    let hook = hook(&gateway).await;
    let administrator = gateway.administrator();
    let base = json!({ "name": "Ana", "email": "ana@example.com",
        "custom_attributes": { "plan": "pro", "crm": { "id": 1, "tags": ["a"] } } });
    let base = contact(&administrator, &base).await;
    let mergee = json!({ "name": "Anna", "email": "anna@example.com", "identifier": "crm-7",
        "phone_number": "+4915112345678",
        "custom_attributes": { "plan": "free", "seats": 3,
            "crm": { "id": 2, "region": "eu", "tags": ["b"] } },
        "additional_attributes": { "city": "Berlin" } });
    let mergee = contact(&administrator, &mergee).await;
    for (one, labels) in [(&base, json!(["vip"])), (&mergee, json!(["lead", "vip"]))] {
        let path = format!("/contacts/{}/labels", one["id"]);
        administrator
            .post(&path, &json!({ "labels": labels }))
            .await
            .ok();
    }
    gateway.settle().await;
    let before = changes(&gateway, &hook).await.len();
    let one = administrator.post(PATH, &merge(&base, &mergee)).await.ok();
    insta::assert_json_snapshot!("merged", one);
    let path = format!("/contacts/{}", mergee["id"]);
    assert_eq!(administrator.get(&path).await.status, 404);
    let path = format!("/contacts/{}/labels", base["id"]);
    assert_eq!(
        administrator.get(&path).await.ok(),
        json!({ "payload": ["vip", "lead"] })
    );
    let told = changes(&gateway, &hook).await;
    assert_eq!(
        told.len(),
        before + 1,
        "one event, and none of the one that is gone"
    );
    insta::assert_json_snapshot!("merged_event", told[before]);
    gateway.stop().await;
}

#[tokio::test]
async fn conversations_messages_and_presences_move() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let (base, _) = talking(&administrator, &inbox, "Ana", "crm-1").await;
    let (mergee, conversation) = talking(&administrator, &inbox, "Anna", "crm-2").await;
    administrator.post(PATH, &merge(&base, &mergee)).await.ok();
    let path = format!("/contacts/{}", base["id"]);
    let shown = administrator.get(&path).await.ok();
    let sources: Vec<&str> = shown["payload"]["contact_inboxes"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["source_id"].as_str())
        .collect();
    assert_eq!(sources, ["crm-1", "crm-2"]);
    let listed = administrator
        .get(&format!("{path}/conversations"))
        .await
        .ok();
    assert_eq!(listed["payload"].as_array().map(Vec::len), Some(2));
    let path = format!("/conversations/{}", conversation["id"]);
    let moved = administrator.get(&path).await.ok();
    assert_eq!(moved["meta"]["sender"]["id"], base["id"]);
    assert_eq!(moved["messages"][0]["sender"]["name"], "Ana");
    assert_eq!(moved["messages"][0]["sender_id"], base["id"]);
    say(&administrator, &conversation, "And on").await;
    let body = json!({ "inbox_id": inbox["id"], "contact": { "source_id": "crm-2" },
        "message": { "content": "By the door" } });
    let path = "/webhooks/api_channel";
    let stored = administrator
        .json(http::Method::POST, path, &body)
        .await
        .ok();
    assert_eq!(stored["contact_id"], base["id"]);
    assert_eq!(stored["conversation_id"], conversation["id"]);
    gateway.stop().await;
}

#[tokio::test]
async fn a_contact_merged_with_itself_stays() {
    let gateway = TestGateway::start().await;
    let hook = hook(&gateway).await;
    let administrator = gateway.administrator();
    let made = contact(&administrator, &json!({ "name": "Ana" })).await;
    let same = administrator.post(PATH, &merge(&made, &made)).await.ok();
    assert_eq!(same["id"], made["id"]);
    assert!(same.get("contact_inboxes").is_none());
    assert_eq!(changes(&gateway, &hook).await, Vec::<Value>::new());
    gateway.stop().await;
}

#[tokio::test]
async fn nothing_new_is_told_to_nobody() {
    let gateway = TestGateway::start().await;
    let hook = hook(&gateway).await;
    let administrator = gateway.administrator();
    let base = contact(&administrator, &json!({ "name": "Ana" })).await;
    let mergee = contact(&administrator, &json!({ "name": "Anna" })).await;
    let one = administrator.post(PATH, &merge(&base, &mergee)).await.ok();
    assert_eq!(one["name"], "Ana");
    assert_eq!(changes(&gateway, &hook).await, Vec::<Value>::new());
    gateway.stop().await;
}

#[tokio::test]
async fn unknown_contacts_are_not_found() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let made = contact(&administrator, &json!({ "name": "Ana" })).await;
    let nobody = json!({ "id": 999_999 });
    for (base, mergee) in [(&made, &nobody), (&nobody, &made), (&nobody, &nobody)] {
        let answer = administrator.post(PATH, &merge(base, mergee)).await;
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    let shown = administrator
        .get(&format!("/contacts/{}", made["id"]))
        .await;
    assert_eq!(shown.status, 200, "nothing was removed");
    gateway.stop().await;
}
