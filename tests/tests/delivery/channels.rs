use gatewright_egress::Scheme;
use gatewright_tests::{Listener, Options, TestGateway};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{check, messages, webhook};

#[tokio::test]
async fn without_the_api_channel_everything_else_works() {
    let listener = Listener::start().await;
    let options = Options {
        api_channel: false,
        ..Options::default()
    };
    let gateway = TestGateway::with(options).await;
    let administrator = gateway.administrator();
    let channels = administrator.get("/channels").await.ok();
    assert_eq!(channels["payload"], json!([]));
    let channel = json!({ "type": "api", "webhook_url": listener.url("/callback") });
    let body = json!({ "name": "My system", "channel": channel });
    let refused = administrator.post("/inboxes", &body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("Channel must exist"),
        "{}",
        refused.text
    );
    let inboxes = administrator.get("/inboxes").await.ok();
    assert_eq!(inboxes["payload"], json!([]));
    let body = json!({ "inbox_id": 1, "contact": { "source_id": "a" }, "message": {} });
    let door = "/webhooks/api_channel";
    let answer = administrator.json(Method::POST, door, &body).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let body = json!({ "url": listener.url("/hook"), "subscriptions": ["contact_created"] });
    administrator.post("/webhooks", &body).await.ok();
    let body = json!({ "name": "Ana", "email": "ana@example.com" });
    administrator.post("/contacts", &body).await.ok();
    gateway.settle().await;
    let received = listener.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].path, "/hook");
    assert_eq!(received[0].event(), "contact_created");
    assert_eq!(received[0].json()["email"], "ana@example.com");
    gateway.stop().await;
}

/// Somebody writes through the channel's door, an agent answers, the callback hears of both.
/// Answers the bodies that the callback got.
async fn seed_story(loopback: bool) -> Vec<Value> {
    let listener = Listener::start().await;
    let options = Options {
        loopback,
        ..Options::default()
    };
    let gateway = TestGateway::with(options).await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    webhook(&gateway, listener.url("/hook")).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let administrator = gateway.administrator();
    let body = json!({
        "inbox_id": inbox["id"],
        "contact": { "source_id": "crm-42" },
        "message": { "content": "Where is my order? 🙂", "source_id": "m-1" },
    });
    let door = "/webhooks/api_channel";
    let stored = administrator.json(Method::POST, door, &body).await.ok();
    assert_eq!(stored["conversation_id"], conversation["id"]);
    let again = administrator.json(Method::POST, door, &body).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let body = json!({ "content": "On its **way**" });
    let path = messages(&conversation);
    administrator.post(&path, &body).await.ok();
    gateway.settle().await;
    let mut received = listener.accepted();
    received.retain(|received| received.path == "/callback");
    for received in &received {
        let verified = check(&gateway, received, &inbox["signing_secret"]);
        assert_eq!(verified, Ok(Scheme::StandardWebhooks));
        assert_eq!(received.header("content-type"), "application/json");
    }
    gateway.stop().await;
    received
        .iter()
        .map(gatewright_tests::Received::json)
        .collect()
}

/// Takes out what is minted at random.
fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("pubsub_token");
            map.remove("uuid");
            map.values_mut().for_each(redact);
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

#[tokio::test]
async fn a_channel_behind_its_json_form_behaves_the_same() {
    let mut direct = seed_story(false).await;
    let mut through_json = seed_story(true).await;
    direct.iter_mut().for_each(redact);
    through_json.iter_mut().for_each(redact);
    assert_eq!(direct, through_json);
    let events: Vec<&str> = direct
        .iter()
        .filter_map(|body| body["event"].as_str())
        .collect();
    assert_eq!(
        events,
        [
            "conversation_created",
            "message_created",
            "message_created",
            "conversation_updated"
        ]
    );
    let contents: Vec<&Value> = direct[1..3].iter().map(|body| &body["content"]).collect();
    assert_eq!(contents, ["Where is my order? 🙂", "On its **way**"]);
}
