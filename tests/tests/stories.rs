//! Named stories: what a listener behind the callback URL and an account webhook get, in order.

use std::time::Duration;

use gatewright_tests::{Listener, Options, TestGateway};
use serde_json::{Value, json};

async fn webhook(gateway: &TestGateway, listener: &Listener) -> Value {
    let subscriptions = json!([
        "conversation_created",
        "conversation_status_changed",
        "conversation_updated",
        "message_created",
        "message_updated",
        "contact_created",
        "contact_updated",
    ]);
    let body = json!({ "url": listener.url("/hook"), "subscriptions": subscriptions });
    gateway.administrator().post("/webhooks", &body).await.ok()["payload"]["webhook"].clone()
}

/// The bodies that went to a path, without what differs from run to run: first those of the
/// contact, then those of its conversation. Each of the two keeps its order; between them there is
/// none.
fn bodies(listener: &Listener, path: &str) -> Vec<Value> {
    let mut bodies: Vec<Value> = listener
        .accepted()
        .iter()
        .filter(|received| received.path == path)
        .map(gatewright_tests::Received::json)
        .collect();
    bodies.iter_mut().for_each(redact);
    bodies.sort_by_key(|body| {
        !body["event"]
            .as_str()
            .unwrap_or_default()
            .starts_with("contact_")
    });
    bodies
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for secret in ["pubsub_token", "source_id", "uuid"] {
                if let Some(value) = map.get_mut(secret).filter(|value| is_random(value)) {
                    *value = json!(format!("[{secret}]"));
                }
            }
            map.values_mut().for_each(redact);
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

/// Whether a text was minted: a token or a UUID.
fn is_random(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() >= 24)
}

fn names(bodies: &[Value]) -> Vec<&str> {
    bodies
        .iter()
        .map(|body| body["event"].as_str().unwrap_or_default())
        .collect()
}

/// A gateway, a listener behind both receivers, an inbox, and a conversation in it.
async fn setting(options: Options) -> (TestGateway, Listener, Value, Value) {
    let listener = Listener::start().await;
    let gateway = TestGateway::with(options).await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    webhook(&gateway, &listener).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    gateway.settle().await;
    (gateway, listener, inbox, conversation)
}

fn messages(conversation: &Value) -> String {
    format!("/conversations/{}/messages", conversation["id"])
}

#[tokio::test]
async fn a_contact_and_its_first_conversation() {
    let (gateway, listener, ..) = setting(Options::default()).await;
    let hook = bodies(&listener, "/hook");
    assert_eq!(names(&hook), ["contact_created", "conversation_created"]);
    assert_eq!(
        names(&bodies(&listener, "/callback")),
        ["conversation_created"]
    );
    insta::assert_json_snapshot!("contact_and_conversation", hook);
    gateway.stop().await;
}

#[tokio::test]
async fn a_contact_writes() {
    let (gateway, listener, _, conversation) = setting(Options::default()).await;
    let body = json!({ "content": "Hello", "message_type": "incoming", "echo_id": "e-1" });
    let answer = gateway
        .administrator()
        .post(&messages(&conversation), &body)
        .await
        .ok();
    assert_eq!(answer["echo_id"], "e-1");
    gateway.settle().await;
    let callback = bodies(&listener, "/callback");
    assert_eq!(names(&callback)[1..], ["message_created"]);
    let hook = bodies(&listener, "/hook");
    assert_eq!(
        names(&hook),
        [
            "contact_created",
            "contact_updated",
            "conversation_created",
            "message_created"
        ]
    );
    insta::assert_json_snapshot!("a_contact_writes", [&hook[1], &hook[3]]);
    gateway.stop().await;
}

#[tokio::test]
async fn the_first_answer_ends_the_waiting() {
    let (gateway, listener, _, conversation) = setting(Options::default()).await;
    let body = json!({ "content": "Hi **Ana**" });
    gateway
        .administrator()
        .post(&messages(&conversation), &body)
        .await
        .ok();
    gateway.settle().await;
    let callback = bodies(&listener, "/callback");
    assert_eq!(
        names(&callback)[1..],
        ["message_created", "conversation_updated"]
    );
    let changed = callback[2]["changed_attributes"].to_string();
    assert!(changed.contains("first_reply_created_at") && changed.contains("waiting_since"));
    insta::assert_json_snapshot!("the_first_answer", callback[1..]);
    gateway.stop().await;
}

#[tokio::test]
async fn a_message_reopens_what_was_resolved() {
    let (gateway, listener, _, conversation) = setting(Options::default()).await;
    let administrator = gateway.administrator();
    let toggle = format!("/conversations/{}/toggle_status", conversation["id"]);
    let toggled = administrator.post(&toggle, &json!({})).await.ok();
    assert_eq!(toggled["payload"]["current_status"], "resolved");
    let body = json!({ "content": "One more thing", "message_type": "incoming" });
    administrator
        .post(&messages(&conversation), &body)
        .await
        .ok();
    gateway.settle().await;
    let callback = bodies(&listener, "/callback");
    assert_eq!(
        names(&callback)[1..],
        [
            "conversation_status_changed",
            "conversation_updated",
            "conversation_status_changed",
            "conversation_updated",
            "message_created"
        ]
    );
    assert_eq!(callback[5]["conversation"]["status"], "open");
    insta::assert_json_snapshot!("reopened", callback[1..]);
    let listed = administrator.get(&messages(&conversation)).await.ok();
    let contents: Vec<&str> = listed["payload"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|m| m["content"].as_str())
        .collect();
    assert_eq!(
        contents,
        [
            "Conversation was marked resolved by Administrator",
            "One more thing",
            "System reopened the conversation due to a new incoming message."
        ]
    );
    gateway.stop().await;
}

#[tokio::test]
async fn a_private_note_goes_to_the_callback_and_changes_nothing() {
    let (gateway, listener, _, conversation) = setting(Options::default()).await;
    let body = json!({ "content": "Careful", "private": true });
    gateway
        .administrator()
        .post(&messages(&conversation), &body)
        .await
        .ok();
    gateway.settle().await;
    let callback = bodies(&listener, "/callback");
    assert_eq!(names(&callback)[1..], ["message_created"]);
    assert_eq!(callback[1]["private"], true);
    assert_eq!(
        callback[1]["conversation"]["messages"],
        json!([]),
        "a note is not shown there"
    );
    insta::assert_json_snapshot!("a_private_note", callback[1..]);
    gateway.stop().await;
}

#[tokio::test]
async fn a_status_is_reported_back() {
    let (gateway, listener, _, conversation) = setting(Options::default()).await;
    let administrator = gateway.administrator();
    let sent = administrator
        .post(&messages(&conversation), &json!({ "content": "Hi" }))
        .await
        .ok();
    let path = format!("{}/{}", messages(&conversation), sent["id"]);
    let read = administrator
        .patch(&path, &json!({ "status": "read" }))
        .await
        .ok();
    assert_eq!(read["status"], "read");
    let back = administrator
        .patch(&path, &json!({ "status": "delivered" }))
        .await
        .ok();
    assert_eq!(back["status"], "read", "what was read stays read");
    let same = administrator
        .patch(&path, &json!({ "status": "nonsense" }))
        .await
        .ok();
    assert_eq!(same["status"], "read");
    gateway.settle().await;
    let callback = bodies(&listener, "/callback");
    assert_eq!(names(&callback)[3..], ["message_updated"]);
    insta::assert_json_snapshot!("a_status_is_reported", callback[3..]);
    gateway.stop().await;
}

#[tokio::test]
async fn one_request_makes_everything() {
    let (gateway, listener, inbox, _) = setting(Options::default()).await;
    let body = json!({
        "inbox_id": inbox["id"],
        "contact": { "phone_number": "+4915112345678", "name": "Ben" },
        "message": { "content": "Hello", "source_id": "m-1", "echo_id": "e-1" },
    });
    let path = "/webhooks/api_channel";
    let administrator = gateway.administrator();
    let stored = administrator
        .json(http::Method::POST, path, &body)
        .await
        .ok();
    assert_eq!(stored["content"], "Hello");
    assert_eq!(stored["message_type"], 0);
    assert_eq!(stored["conversation_id"], 2);
    assert!(stored["contact_id"].is_i64());
    let again = administrator.json(http::Method::POST, path, &body).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.json()["id"], stored["id"]);
    gateway.settle().await;
    let hook = bodies(&listener, "/hook");
    let of_ben: Vec<&Value> = hook
        .iter()
        .filter(|body| body.to_string().contains("Ben"))
        .collect();
    let told: Vec<&str> = of_ben
        .iter()
        .filter_map(|body| body["event"].as_str())
        .collect();
    assert_eq!(
        told,
        [
            "contact_created",
            "contact_updated",
            "conversation_created",
            "message_created"
        ]
    );
    insta::assert_json_snapshot!("one_request", of_ben);
    gateway.stop().await;
}

#[tokio::test]
async fn a_contacts_own_client_writes() {
    let (gateway, listener, inbox, _) = setting(Options::default()).await;
    let anonymous = gateway.anonymous();
    let base = format!(
        "/public/api/v1/inboxes/{}/contacts",
        inbox["inbox_identifier"].as_str().expect("an identifier")
    );
    let post = http::Method::POST;
    let contact = anonymous
        .json(post.clone(), &base, &json!({ "name": "Cy" }))
        .await
        .ok();
    let conversations = format!(
        "{base}/{}/conversations",
        contact["source_id"].as_str().unwrap()
    );
    let conversation = anonymous
        .json(post.clone(), &conversations, &json!({}))
        .await
        .ok();
    let messages = format!("{conversations}/{}/messages", conversation["id"]);
    let body = json!({ "content": "Hello there", "echo_id": "e" });
    let message = anonymous.json(post, &messages, &body).await.ok();
    assert_eq!(message["content"], "Hello there");
    assert!(message.get("echo_id").is_none());
    gateway.settle().await;
    let callback = bodies(&listener, "/callback");
    assert_eq!(
        names(&callback)[1..],
        ["conversation_created", "message_created"]
    );
    gateway.stop().await;
}

#[tokio::test]
async fn a_dead_letter_marks_its_message_as_failed_and_retry_sends_it_again() {
    let options = Options {
        schedule_ms: &[0, 1_000],
        ..Options::default()
    };
    let (gateway, listener, conversation) = TestGateway::seeded(options).await;
    let administrator = gateway.administrator();
    listener.answer(500);
    let sent = administrator
        .post(&messages(&conversation), &json!({ "content": "Hi" }))
        .await
        .ok();
    gateway.settle().await;
    gateway.advance(Duration::from_secs(2)).await;
    let listed = administrator.get(&messages(&conversation)).await.ok();
    assert_eq!(listed["payload"][0]["status"], "failed");
    let error = listed["payload"][0]["content_attributes"]["external_error"].as_str();
    assert_eq!(error, Some("500 Internal Server Error"));
    listener.answer(200);
    let path = format!("{}/{}/retry", messages(&conversation), sent["id"]);
    let retried = administrator.post(&path, &json!({})).await.ok();
    assert_eq!(retried["status"], "sent");
    assert_eq!(retried["content_attributes"], json!({}));
    gateway.settle().await;
    gateway.advance(Duration::from_mins(1)).await;
    let created: Vec<_> = listener
        .received()
        .into_iter()
        .filter(|received| received.event() == "message_created")
        .collect();
    assert_eq!(created.last().map(|last| last.answered), Some(200));
    let first = &created[0];
    for received in &created {
        assert_eq!(received.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(received.body, first.body, "a retry has the same bytes");
    }
    gateway.stop().await;
}
