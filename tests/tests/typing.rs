//! Who types is told once, to whoever listens now, and kept nowhere.

use std::time::Duration;

use gatewright_egress::{Scheme, Secret, verify};
use gatewright_tests::{Listener, Options, Received, TestGateway};
use http::Method;
use serde_json::{Value, json};

async fn toggle(gateway: &TestGateway, conversation: &Value, body: Value) {
    let path = format!("/conversations/{}/toggle_typing_status", conversation["id"]);
    let answer = gateway.administrator().post(&path, &body).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
}

/// What came of typing, in order.
fn typed(listener: &Listener) -> Vec<Received> {
    let mut all = listener.received();
    all.retain(|received| received.event().starts_with("conversation_typing_"));
    all
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.contains_key("pubsub_token") {
                map.insert("pubsub_token".to_owned(), json!("[pubsub_token]"));
            }
            map.values_mut().for_each(redact);
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

fn body(received: &Received) -> Value {
    let mut body = received.json();
    redact(&mut body);
    body
}

async fn hook(gateway: &TestGateway, listener: &Listener, event: &str) {
    let body = json!({ "url": listener.url("/hook"), "subscriptions": [event] });
    gateway.administrator().post("/webhooks", &body).await.ok();
}

#[tokio::test]
async fn a_user_types_and_stops() {
    let callback = Listener::start().await;
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(Some(callback.url("/callback"))).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let listener = Listener::start().await;
    hook(&gateway, &listener, "conversation_typing_on").await;
    gateway.settle().await;
    let tables = gateway.tables().await;
    let before = tables.read().await;
    toggle(
        &gateway,
        &conversation,
        json!({ "typing_status": "on", "is_private": true }),
    )
    .await;
    gateway.settle().await;
    toggle(&gateway, &conversation, json!({ "typing_status": "off" })).await;
    gateway.settle().await;
    let told = typed(&callback);
    let names: Vec<String> = told.iter().map(Received::event).collect();
    assert_eq!(names, ["conversation_typing_on", "conversation_typing_off"]);
    insta::assert_json_snapshot!("a_user_types", body(&told[0]));
    assert_eq!(body(&told[1])["is_private"], false);
    let hooked = typed(&listener);
    assert_eq!(hooked.len(), 1, "only what it subscribed to");
    assert_eq!(hooked[0].body, told[0].body, "one body for all");
    let secret = Secret::parse(inbox["signing_secret"].as_str().unwrap()).unwrap();
    let now = gateway.gateway().kernel().now().unix();
    for received in &told {
        let verified = verify(&secret, &received.headers, &received.body, now, 300);
        assert_eq!(verified, Ok(Scheme::StandardWebhooks));
        assert_eq!(received.header("x-gatewright-event"), received.event());
    }
    let mut ids: Vec<String> = told
        .iter()
        .chain(&hooked)
        .map(|received| received.header("webhook-id"))
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each has an id of its own: {ids:?}");
    assert!(ids.iter().all(|id| id.starts_with("eph_")), "{ids:?}");
    let changed = before.changed(&tables.read().await);
    assert!(changed.is_empty(), "nothing is kept: {changed:?}");
    tables.close().await;
    gateway.stop().await;
}

#[tokio::test]
async fn a_contact_types_in_its_own_client() {
    let callback = Listener::start().await;
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(Some(callback.url("/callback"))).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let path = format!(
        "/public/api/v1/inboxes/{}/contacts/crm-42/conversations/{}/toggle_typing",
        inbox["inbox_identifier"].as_str().unwrap(),
        conversation["id"]
    );
    let anonymous = gateway.anonymous();
    for status in ["on", "off", "nonsense"] {
        let body = json!({ "typing_status": status });
        let answer = anonymous.json(Method::POST, &path, &body).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
        gateway.settle().await;
    }
    let told = typed(&callback);
    let names: Vec<String> = told.iter().map(Received::event).collect();
    assert_eq!(names, ["conversation_typing_on", "conversation_typing_off"]);
    insta::assert_json_snapshot!("a_contact_types", body(&told[0]));
    gateway.stop().await;
}

#[tokio::test]
async fn unknown_words_tell_nothing_and_unknown_conversations_are_404() {
    let (gateway, callback, conversation) = TestGateway::seeded(Options::default()).await;
    for body in [
        json!({ "typing_status": "maybe" }),
        json!({ "typing_status": null }),
        json!({}),
    ] {
        toggle(&gateway, &conversation, body).await;
    }
    gateway.settle().await;
    assert!(typed(&callback).is_empty());
    let path = "/conversations/99/toggle_typing_status";
    let answer = gateway.administrator().post(path, &json!({})).await;
    assert_eq!(answer.status, 404);
    let agent = gateway.agent("Agent").await;
    let path = format!("/conversations/{}/toggle_typing_status", conversation["id"]);
    let refused = agent.post(&path, &json!({ "typing_status": "on" })).await;
    assert_eq!(refused.status, 401, "{}", refused.text);
    gateway.stop().await;
}

#[tokio::test]
async fn failures_are_not_repeated_and_say_nothing_of_the_receiver() {
    let options = Options {
        probe_after: 2,
        ..Options::default()
    };
    let (gateway, callback, conversation) = TestGateway::seeded(options).await;
    callback.then(&[500, 410, 500]);
    for _ in 0..3 {
        toggle(&gateway, &conversation, json!({ "typing_status": "on" })).await;
        gateway.settle().await;
    }
    gateway.advance(Duration::from_hours(1)).await;
    assert_eq!(typed(&callback).len(), 3, "one attempt each");
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let said = json!({ "content": "Hi" });
    gateway.administrator().post(&path, &said).await.ok();
    gateway.settle().await;
    assert_eq!(
        callback.events().last().map(String::as_str),
        Some("conversation_updated")
    );
    let listed = gateway.administrator().get("/deliveries").await.ok();
    for delivery in listed["payload"].as_array().unwrap() {
        assert_eq!(delivery["state"], "delivered");
        assert_eq!(delivery["receiver_state"], "active");
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_receiver_that_is_probed_is_left_alone() {
    let options = Options {
        probe_after: 1,
        ..Options::default()
    };
    let (gateway, callback, conversation) = TestGateway::seeded(options).await;
    callback.answer(500);
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let said = json!({ "content": "Hi", "private": true });
    gateway.administrator().post(&path, &said).await.ok();
    gateway.settle().await;
    toggle(&gateway, &conversation, json!({ "typing_status": "on" })).await;
    gateway.settle().await;
    assert!(typed(&callback).is_empty());
    callback.answer(200);
    gateway.advance(Duration::from_mins(10)).await;
    toggle(&gateway, &conversation, json!({ "typing_status": "on" })).await;
    gateway.settle().await;
    assert_eq!(typed(&callback).len(), 1, "it is back");
    gateway.stop().await;
}

#[tokio::test]
async fn typing_into_silence_holds_no_message_up() {
    let options = Options {
        timeout_ms: 2_000,
        ..Options::default()
    };
    let (gateway, callback, conversation) = TestGateway::seeded(options).await;
    callback.then(&[Listener::SILENT; 8]);
    for _ in 0..8 {
        toggle(&gateway, &conversation, json!({ "typing_status": "on" })).await;
    }
    callback
        .wait_until(|callback| typed(callback).len() == 8)
        .await;
    for _ in 0..20 {
        toggle(&gateway, &conversation, json!({ "typing_status": "off" })).await;
    }
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let said = json!({ "content": "Hi", "private": true });
    gateway.administrator().post(&path, &said).await.ok();
    let arrived = |callback: &Listener| callback.events().contains(&"message_created".to_owned());
    callback.wait_until(arrived).await;
    assert_eq!(typed(&callback).len(), 8, "the others were dropped");
    gateway.settle().await;
    gateway.stop().await;
}
