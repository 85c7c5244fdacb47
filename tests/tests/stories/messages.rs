use std::time::Duration;

use gatewright_tests::Options;
use serde_json::{Value, json};

use crate::support::{Story, events};

const FIRST_ANSWER: [&str; 2] = ["message_created", "conversation_updated"];

/// Two attempts, a second apart, and then it is a dead letter.
const TWO_ATTEMPTS: Options = Options {
    schedule_ms: &[0, 1_000],
    ..Options::USUAL
};

async fn patch(story: &Story, message: &Value, body: &Value) -> Value {
    let path = story.path(&format!("/messages/{}", message["id"]));
    story.administrator().patch(&path, body).await.ok()
}

#[tokio::test]
async fn a_private_note_goes_to_the_callback_and_changes_nothing() {
    let mut story = Story::begin().await;
    let body = json!({ "content": "Careful", "private": true });
    story.say(&body).await;
    let told = story.told(&["message_created"]).await;
    assert_eq!(told[0]["private"], true);
    assert_eq!(
        told[0]["conversation"]["messages"],
        json!([]),
        "a note is not shown there"
    );
    insta::assert_json_snapshot!("a_private_note", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_template_that_a_caller_posts_is_the_contacts() {
    let mut story = Story::begin().await;
    let body = json!({ "content": "Your order is on its way", "message_type": "template" });
    story.say(&body).await;
    let told = story.told(&["message_created"]).await;
    assert_eq!(told[0]["sender"]["name"], "Ana");
    insta::assert_json_snapshot!("a_template", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn an_activity_is_told_to_nobody() {
    let mut story = Story::begin().await;
    let body = json!({ "content": "The lights went out", "message_type": "activity" });
    let stored = story.say(&body).await;
    assert_eq!(stored["message_type"], 2);
    story.told(&[]).await;
    story.gateway.stop().await;
}

#[tokio::test]
async fn everything_that_a_message_carries_is_told() {
    let mut story = Story::begin().await;
    let items = json!([{ "title": "Small", "value": "s" }, { "title": "Large", "value": "l" }]);
    let body = json!({
        "content": "Which size?",
        "content_type": "input_select",
        "content_attributes": { "items": items },
        "source_id": "wamid-1",
        "template_params": { "name": "sizes", "language": "en", "processed_params": {} },
        "campaign_id": 7,
        "external_created_at": 1_768_900_000,
        "echo_id": "e-9",
    });
    story.say(&body).await;
    // A campaign's message is no answer of a person.
    let told = story.told(&["message_created"]).await;
    insta::assert_json_snapshot!("everything_that_a_message_carries", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_repeated_source_id_is_told_once() {
    let mut story = Story::begin().await;
    let body = json!({ "content": "Hello", "message_type": "incoming", "source_id": "m-1" });
    let first = story.say(&body).await;
    story.told(&["contact_updated", "message_created"]).await;
    assert_eq!(story.say(&body).await["id"], first["id"]);
    story.told(&[]).await;
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_status_is_reported_back() {
    let mut story = Story::begin().await;
    let sent = story.say(&json!({ "content": "Hi" })).await;
    story.told(&FIRST_ANSWER).await;
    let read = patch(&story, &sent, &json!({ "status": "read" })).await;
    assert_eq!(read["status"], "read");
    let back = patch(&story, &sent, &json!({ "status": "delivered" })).await;
    assert_eq!(back["status"], "read", "what was read stays read");
    let same = patch(&story, &sent, &json!({ "status": "nonsense" })).await;
    assert_eq!(same["status"], "read");
    let told = story.told(&["message_updated"]).await;
    insta::assert_json_snapshot!("a_status_is_reported", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn every_step_of_a_message_is_told() {
    let mut story = Story::begin().await;
    let sent = story.say(&json!({ "content": "Hi" })).await;
    story.told(&FIRST_ANSWER).await;
    let mut steps = Vec::new();
    for step in [
        json!({ "status": "delivered" }),
        json!({ "status": "failed", "external_error": "131026: not on the network" }),
        json!({ "status": "sent" }),
        json!({ "status": "read", "external_error": "ignored" }),
    ] {
        story.later().await;
        patch(&story, &sent, &step).await;
        let told = story.told(&["message_updated"]).await;
        let newest = &told[0]["conversation"]["messages"][0];
        steps.push(json!({
            "content_attributes": told[0]["content_attributes"],
            "newest": newest,
        }));
        patch(&story, &sent, &step).await;
        story.told(&[]).await;
    }
    insta::assert_json_snapshot!("every_step", steps);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_message_that_is_not_the_newest_is_told_beside_the_newest() {
    let mut story = Story::begin().await;
    let first = story.say(&json!({ "content": "One" })).await;
    story.told(&FIRST_ANSWER).await;
    story.later().await;
    let second = story.say(&json!({ "content": "Two" })).await;
    story.told(&["message_created"]).await;
    patch(&story, &first, &json!({ "status": "delivered" })).await;
    let told = story.told(&["message_updated"]).await;
    assert_eq!(told[0]["id"], first["id"]);
    assert_eq!(told[0]["conversation"]["messages"][0]["id"], second["id"]);
    insta::assert_json_snapshot!("beside_the_newest", told);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_dead_letter_marks_its_message_as_failed_and_retry_sends_it_again() {
    let mut story = Story::with(TWO_ATTEMPTS).await;
    story.listener.answer_at("/callback", 500);
    let sent = story.say(&json!({ "content": "Hi" })).await;
    let (hook, callback) = story.since().await;
    assert_eq!(events(&hook), FIRST_ANSWER);
    assert!(callback.is_empty(), "it refused");
    story.later().await;
    let (hook, callback) = story.since().await;
    assert_eq!(events(&hook), ["message_updated"]);
    assert!(callback.is_empty(), "a failure is not told to who failed");
    let newest = &hook[0]["conversation"]["messages"][0];
    assert_eq!(newest["status"], "failed");
    insta::assert_json_snapshot!("failed_by_a_dead_letter", hook);
    let listed = story.administrator().get(&story.path("/messages")).await;
    let failed = listed.ok()["payload"][0].clone();
    assert_eq!(failed["status"], "failed");
    assert_eq!(
        failed["content_attributes"]["external_error"],
        "500 Internal Server Error"
    );

    story.listener.answer_at("/callback", 200);
    let path = story.path(&format!("/messages/{}/retry", sent["id"]));
    let retried = story.administrator().post(&path, &json!({})).await.ok();
    assert_eq!(retried["status"], "sent");
    assert_eq!(retried["content_attributes"], json!({}));
    story.gateway.settle().await;
    story.gateway.advance(Duration::from_mins(1)).await;
    let (hook, callback) = story.since().await;
    assert_eq!(events(&hook), ["message_updated"]);
    insta::assert_json_snapshot!("retried", hook);
    let mut names = events(&callback);
    names.sort_unstable();
    assert_eq!(
        names,
        ["conversation_updated", "message_created", "message_updated"],
        "what waited behind it came, too"
    );
    let received = story.listener.received();
    let created: Vec<_> = received
        .iter()
        .filter(|request| request.path == "/callback" && request.event() == "message_created")
        .collect();
    let first = &created[0];
    for request in &created {
        assert_eq!(request.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(request.body, first.body, "a retry has the same bytes");
    }
    story.gateway.stop().await;
}
