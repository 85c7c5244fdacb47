use gatewright_tests::{Answer, Listener, Options, Received, TestGateway};
use serde_json::{Value, json};

/// A gateway, a listener behind an inbox, and a conversation in it.
pub(crate) async fn setting() -> (TestGateway, Listener, Value) {
    TestGateway::seeded(Options::default()).await
}

/// The path of a conversation's messages.
pub(crate) fn messages(conversation: &Value) -> String {
    format!("/conversations/{}/messages", conversation["id"])
}

/// The administrator posts a message.
pub(crate) async fn post(gateway: &TestGateway, conversation: &Value, body: &Value) -> Answer {
    gateway
        .administrator()
        .post(&messages(conversation), body)
        .await
}

/// A message from the contact.
pub(crate) async fn say(gateway: &TestGateway, conversation: &Value, content: &str) -> Value {
    let body = json!({ "content": content, "message_type": "incoming" });
    post(gateway, conversation, &body).await.ok()
}

/// Asserts a 422 with this text.
pub(crate) fn assert_refused(answer: &Answer, text: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert_eq!(answer.json(), json!({ "error": text }));
}

/// The accepted bodies of an event, oldest first.
pub(crate) fn told(listener: &Listener, event: &str) -> Vec<Value> {
    let bodies = listener
        .accepted()
        .iter()
        .map(Received::json)
        .collect::<Vec<_>>();
    bodies
        .into_iter()
        .filter(|body| body["event"] == event)
        .collect()
}
