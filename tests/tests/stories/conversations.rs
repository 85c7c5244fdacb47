use serde_json::{Value, json};

use crate::support::{Story, changed};

const STATUS: [&str; 2] = ["conversation_status_changed", "conversation_updated"];

/// The body of a new conversation of the story's contact.
fn another(story: &Story, more: &Value) -> Value {
    let mut body = json!({
        "inbox_id": story.inbox["id"],
        "contact_id": story.contact["contact"]["id"],
        "source_id": "crm-42",
    });
    let more = more.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(more);
    body
}

async fn create(story: &Story, more: &Value) {
    let body = another(story, more);
    story
        .administrator()
        .post("/conversations", &body)
        .await
        .ok();
}

#[tokio::test]
async fn a_conversation_with_its_first_message() {
    let mut story = Story::begin().await;
    create(&story, &json!({ "message": { "content": "Welcome" } })).await;
    let told = story
        .told(&[
            "conversation_created",
            "message_created",
            "conversation_updated",
        ])
        .await;
    insta::assert_json_snapshot!("a_conversation_with_its_first_message", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_conversation_with_all_that_can_be_given() {
    let mut story = Story::begin().await;
    let more = json!({
        "status": "snoozed",
        "snoozed_until": "2026-01-21T08:00:00Z",
        "assignee_id": 1,
        "additional_attributes": { "referer": "https://example.com/" },
        "custom_attributes": { "order": "4711" },
    });
    create(&story, &more).await;
    let told = story.told(&["conversation_created"]).await;
    insta::assert_json_snapshot!("a_conversation_with_all", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn the_first_answer_ends_the_waiting() {
    let mut story = Story::begin().await;
    story.say(&json!({ "content": "Hi **Ana**" })).await;
    let told = story
        .told(&["message_created", "conversation_updated"])
        .await;
    assert_eq!(
        changed(&told[1]),
        ["first_reply_created_at", "waiting_since", "updated_at"]
    );
    insta::assert_json_snapshot!("the_first_answer", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_second_answer_changes_nothing_until_the_contact_waits_again() {
    let mut story = Story::begin().await;
    story.say(&json!({ "content": "Hi" })).await;
    story
        .told(&["message_created", "conversation_updated"])
        .await;
    story.later().await;
    story.say(&json!({ "content": "Are you there?" })).await;
    story.told(&["message_created"]).await;
    story.later().await;
    let incoming = json!({ "content": "Yes", "message_type": "incoming" });
    story.say(&incoming).await;
    let told = story
        .told(&["contact_updated", "message_created", "conversation_updated"])
        .await;
    assert_eq!(changed(&told[2]), ["waiting_since", "updated_at"]);
    insta::assert_json_snapshot!("the_contact_waits_again", told[2]);
    story.later().await;
    story.say(&incoming).await;
    story.told(&["contact_updated", "message_created"]).await;
    story.later().await;
    story.say(&json!({ "content": "Good" })).await;
    let told = story
        .told(&["message_created", "conversation_updated"])
        .await;
    assert_eq!(changed(&told[1]), ["waiting_since", "updated_at"]);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_message_reopens_what_was_resolved() {
    let mut story = Story::begin().await;
    let administrator = story.administrator();
    let toggle = story.path("/toggle_status");
    let toggled = administrator.post(&toggle, &json!({})).await.ok();
    assert_eq!(toggled["payload"]["current_status"], "resolved");
    let body = json!({ "content": "One more thing", "message_type": "incoming" });
    story.say(&body).await;
    let told = story
        .told(&[
            "contact_updated",
            "conversation_status_changed",
            "conversation_updated",
            "conversation_status_changed",
            "conversation_updated",
            "message_created",
        ])
        .await;
    assert_eq!(told[5]["conversation"]["status"], "open");
    insta::assert_json_snapshot!("reopened", told[1..]);
    let listed = administrator.get(&story.path("/messages")).await.ok();
    let listed = listed["payload"].as_array().unwrap();
    let contents: Vec<&str> = listed
        .iter()
        .filter_map(|message| message["content"].as_str())
        .collect();
    assert_eq!(
        contents,
        [
            "Conversation was marked resolved by Administrator",
            "One more thing",
            "System reopened the conversation due to a new incoming message."
        ]
    );
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_message_of_a_blocked_contact_reopens_nothing() {
    let mut story = Story::begin().await;
    let body = json!({ "name": "Mallory", "blocked": true, "inbox_id": story.inbox["id"] });
    let administrator = story.administrator();
    let contact = administrator.post("/contacts", &body).await.ok()["payload"].clone();
    let more = json!({
        "contact_id": contact["contact"]["id"],
        "source_id": contact["contact_inbox"]["source_id"],
    });
    let body = another(&story, &more);
    let conversation = administrator.post("/conversations", &body).await.ok();
    assert_eq!(conversation["status"], "resolved");
    let created = story
        .told(&["contact_created", "conversation_created"])
        .await;
    story.conversation = conversation;
    story.later().await;
    let body = json!({ "content": "Let me in", "message_type": "incoming" });
    story.say(&body).await;
    let told = story.told(&["contact_updated", "message_created"]).await;
    assert_eq!(told[1]["conversation"]["status"], "resolved");
    insta::assert_json_snapshot!("a_blocked_contact", [&created[1], &told[1]]);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_conversation_is_resolved() {
    let mut story = Story::begin().await;
    story.later().await;
    story.set_status(&json!({ "status": "resolved" })).await;
    let told = story.told(&STATUS).await;
    assert_eq!(changed(&told[1]), ["status", "waiting_since", "updated_at"]);
    insta::assert_json_snapshot!("resolved", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_conversation_is_pending() {
    let mut story = Story::begin().await;
    story.later().await;
    story.set_status(&json!({ "status": "pending" })).await;
    let told = story.told(&STATUS).await;
    assert_eq!(changed(&told[1]), ["status", "updated_at"]);
    insta::assert_json_snapshot!("pending", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_conversation_is_snoozed_and_opened_again() {
    let mut story = Story::begin().await;
    story.later().await;
    let until = 1_768_990_000;
    let snoozed = json!({ "status": "snoozed", "snoozed_until": until });
    story.set_status(&snoozed).await;
    let told = story.told(&STATUS).await;
    assert_eq!(changed(&told[1]), ["status", "snoozed_until", "updated_at"]);
    insta::assert_json_snapshot!("snoozed", told);
    story.later().await;
    let longer = json!({ "status": "snoozed", "snoozed_until": until + 60 });
    story.set_status(&longer).await;
    let told = story.told(&["conversation_updated"]).await;
    assert_eq!(changed(&told[0]), ["snoozed_until", "updated_at"]);
    story.later().await;
    story.set_status(&json!({ "status": "open" })).await;
    let told = story.told(&STATUS).await;
    assert_eq!(told[1]["snoozed_until"], Value::Null);
    insta::assert_json_snapshot!("opened_again", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_conversation_snoozed_without_end_waits_for_the_contact() {
    let mut story = Story::begin().await;
    story.later().await;
    story.set_status(&json!({ "status": "snoozed" })).await;
    let told = story.told(&STATUS).await;
    assert_eq!(changed(&told[1]), ["status", "updated_at"]);
    insta::assert_json_snapshot!("snoozed_without_end", told);
    story.later().await;
    let body = json!({ "content": "Back", "message_type": "incoming" });
    story.say(&body).await;
    let told = story
        .told(&[
            "contact_updated",
            "conversation_status_changed",
            "conversation_updated",
            "message_created",
        ])
        .await;
    assert_eq!(told[3]["conversation"]["status"], "open");
    story.gateway.stop().await;
}

#[tokio::test]
async fn the_status_it_has_already_is_no_change() {
    let mut story = Story::begin().await;
    story.set_status(&json!({ "status": "open" })).await;
    story.told(&[]).await;
    story.set_status(&json!({ "status": "resolved" })).await;
    story.told(&STATUS).await;
    story.set_status(&json!({ "status": "resolved" })).await;
    story.told(&[]).await;
    story.gateway.stop().await;
}
#[tokio::test]
async fn an_agent_takes_over_what_it_opens() {
    let mut story = Story::begin().await;
    let agent = story.gateway.agent("Lee").await;
    let body = json!({ "inbox_id": story.inbox["id"], "user_ids": [2] });
    let administrator = story.administrator();
    administrator.post("/inbox_members", &body).await.ok();
    story.set_status(&json!({ "status": "resolved" })).await;
    story.told(&STATUS).await;
    story.later().await;
    story.set_status_by(&agent, &json!({})).await;
    let told = story.told(&STATUS).await;
    assert_eq!(changed(&told[1]), ["status", "assignee_id", "updated_at"]);
    insta::assert_json_snapshot!("taken_over", told);
    let listed = administrator.get(&story.path("/messages")).await.ok();
    let listed = listed["payload"].as_array().unwrap();
    let contents: Vec<&str> = listed
        .iter()
        .filter_map(|message| message["content"].as_str())
        .collect();
    assert_eq!(
        contents[1..],
        [
            "Conversation was reopened by Lee",
            "Lee self-assigned this conversation"
        ]
    );
    story.gateway.stop().await;
}
