use http::Method;
use serde_json::{Value, json};

use crate::support::{Story, changed};

#[tokio::test]
async fn a_contact_and_its_first_conversation() {
    let story = Story::begin().await;
    insta::assert_json_snapshot!("contact_and_conversation", story.beginning);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_contact_of_no_inbox_is_told_to_the_account_alone() {
    let mut story = Story::begin().await;
    let body = json!({
        "name": "Eve",
        "email": "Eve@Example.com",
        "phone_number": "+4915100000001",
        "identifier": "crm-7",
        "additional_attributes": { "company_name": "Acme" },
        "custom_attributes": { "plan": "gold" },
    });
    story.administrator().post("/contacts", &body).await.ok();
    let told = story.told(&["contact_created"]).await;
    insta::assert_json_snapshot!("a_contact_of_no_inbox", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_contact_writes() {
    let mut story = Story::begin().await;
    let body = json!({ "content": "Hello", "message_type": "incoming", "echo_id": "e-1" });
    let answer = story.say(&body).await;
    assert_eq!(answer["echo_id"], "e-1");
    let told = story.told(&["contact_updated", "message_created"]).await;
    insta::assert_json_snapshot!("a_contact_writes", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn each_message_of_a_contact_moves_its_last_activity() {
    let mut story = Story::begin().await;
    let body = json!({ "content": "Hello", "message_type": "incoming" });
    story.say(&body).await;
    story.told(&["contact_updated", "message_created"]).await;
    story.later().await;
    story.say(&body).await;
    let told = story.told(&["contact_updated", "message_created"]).await;
    assert_eq!(changed(&told[0]), ["last_activity_at", "updated_at"]);
    insta::assert_json_snapshot!("a_contact_writes_again", told[0]);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_message_to_a_contact_does_not_change_it() {
    let mut story = Story::begin().await;
    story.say(&json!({ "content": "Hi" })).await;
    story
        .told(&["message_created", "conversation_updated"])
        .await;
    story.gateway.stop().await;
}

#[tokio::test]
async fn one_request_makes_everything() {
    let mut story = Story::begin().await;
    let body = json!({
        "inbox_id": story.inbox["id"],
        "contact": { "phone_number": "+4915112345678", "name": "Ben" },
        "message": { "content": "Hello", "source_id": "m-1", "echo_id": "e-1" },
    });
    let path = "/webhooks/api_channel";
    let administrator = story.administrator();
    let stored = administrator.json(Method::POST, path, &body).await.ok();
    assert_eq!(stored["content"], "Hello");
    assert_eq!(stored["message_type"], 0);
    assert_eq!(stored["conversation_id"], 2);
    assert!(stored["contact_id"].is_i64());
    let again = administrator.json(Method::POST, path, &body).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.json()["id"], stored["id"]);
    let told = story
        .told(&[
            "contact_created",
            "contact_updated",
            "conversation_created",
            "message_created",
        ])
        .await;
    insta::assert_json_snapshot!("one_request", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_contacts_own_client_writes() {
    let mut story = Story::begin().await;
    let anonymous = story.gateway.anonymous();
    let identifier = story.inbox["inbox_identifier"].as_str().unwrap();
    let base = format!("/public/api/v1/inboxes/{identifier}/contacts");
    let post = async |path: &str, body: Value| anonymous.json(Method::POST, path, &body).await.ok();
    let contact = post(&base, json!({ "name": "Cy" })).await;
    let source_id = contact["source_id"].as_str().unwrap();
    let conversations = format!("{base}/{source_id}/conversations");
    let conversation = post(&conversations, json!({})).await;
    let messages = format!("{conversations}/{}/messages", conversation["id"]);
    let body = json!({ "content": "Hello there", "echo_id": "e" });
    let message = post(&messages, body).await;
    assert_eq!(message["content"], "Hello there");
    assert!(message.get("echo_id").is_none());
    let told = story
        .told(&[
            "contact_created",
            "contact_updated",
            "conversation_created",
            "message_created",
        ])
        .await;
    insta::assert_json_snapshot!("a_contacts_own_client", told);
    story.gateway.stop().await;
}
