use gatewright_tests::{Actor, Listener, TestGateway};
use serde_json::{Value, json};

/// The path of something below a conversation.
pub(crate) fn path(conversation: &Value, rest: &str) -> String {
    format!("/conversations/{}{rest}", conversation["id"])
}

/// A conversation of a contact of its own.
pub(crate) async fn conversation(gateway: &TestGateway, inbox: &Value, name: &str) -> Value {
    let administrator = gateway.administrator();
    let body = json!({ "name": name, "inbox_id": inbox["id"], "source_id": name });
    let contact = administrator.post("/contacts", &body).await.ok()["payload"].clone();
    let body = json!({ "inbox_id": inbox["id"], "source_id": name,
        "contact_id": contact["contact"]["id"] });
    administrator.post("/conversations", &body).await.ok()
}

/// Somebody adds a message.
pub(crate) async fn add(actor: &Actor, conversation: &Value, body: Value) -> Value {
    let path = path(conversation, "/messages");
    actor.post(&path, &body).await.ok()
}

/// The contact writes.
pub(crate) async fn say(gateway: &TestGateway, conversation: &Value, content: &str) -> Value {
    let body = json!({ "content": content, "message_type": "incoming" });
    add(&gateway.administrator(), conversation, body).await
}

/// Ids of the conversations on a page.
pub(crate) fn ids(page: &Value) -> Vec<i64> {
    let payload = page["payload"]
        .as_array()
        .or(page["data"]["payload"].as_array());
    payload
        .expect("a payload")
        .iter()
        .map(|one| one["id"].as_i64().expect("a number"))
        .collect()
}

/// What the messages of a conversation say, oldest first.
pub(crate) async fn contents(gateway: &TestGateway, conversation: &Value) -> Vec<String> {
    let page = gateway
        .administrator()
        .get(&path(conversation, "/messages"))
        .await
        .ok();
    let messages = page["payload"].as_array().expect("a payload").clone();
    messages
        .iter()
        .map(|message| message["content"].as_str().expect("a text").to_owned())
        .collect()
}

/// What was told about changes of conversations, oldest first, without their time.
pub(crate) fn changes(listener: &Listener) -> Vec<Value> {
    let mut told: Vec<Value> = listener
        .accepted()
        .iter()
        .map(gatewright_tests::Received::json)
        .filter(|body| body["event"] == "conversation_updated")
        .map(|body| body["changed_attributes"].clone())
        .collect();
    for changes in &mut told {
        let changes = changes.as_array_mut().expect("a list of changes");
        changes.retain(|change| change.get("updated_at").is_none());
    }
    told
}

/// The body of an event that was told last, without what is minted.
pub(crate) fn last(listener: &Listener, event: &str) -> Value {
    let bodies: Vec<Value> = listener
        .accepted()
        .iter()
        .map(gatewright_tests::Received::json)
        .collect();
    let told = bodies.into_iter().rfind(|body| body["event"] == event);
    let mut told = told.expect("it was told");
    let conversation = if told.get("conversation").is_some() {
        &mut told["conversation"]
    } else {
        &mut told
    };
    conversation["contact_inbox"]["pubsub_token"] = json!("[minted]");
    if let Some(content) = told["content"].as_str() {
        let text = content.split("/responses/").next().unwrap_or_default();
        told["content"] = json!(format!("{text}/responses/[uuid]"));
    }
    told
}
