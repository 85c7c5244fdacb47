use gatewright_tests::{Actor, Listener, TestGateway};
use serde_json::{Value, json};

/// Makes a contact of these fields and answers it.
pub(crate) async fn contact(actor: &Actor, body: &Value) -> Value {
    actor.post("/contacts", body).await.ok()["payload"]["contact"].clone()
}

/// Makes a contact with this name and the email `<name>@example.com`.
pub(crate) async fn named(actor: &Actor, name: &str) -> Value {
    let email = format!("{}@example.com", name.to_lowercase());
    contact(actor, &json!({ "name": name, "email": email })).await
}

/// Makes a contact that is present in an inbox, and a conversation of it with one message.
pub(crate) async fn talking(
    actor: &Actor,
    inbox: &Value,
    name: &str,
    source_id: &str,
) -> (Value, Value) {
    let body = json!({ "name": name, "inbox_id": inbox["id"], "source_id": source_id });
    let contact = contact(actor, &body).await;
    let body = json!({ "inbox_id": inbox["id"], "contact_id": contact["id"],
        "source_id": source_id });
    let conversation = actor.post("/conversations", &body).await.ok();
    say(actor, &conversation, &format!("{name} writes")).await;
    (contact, conversation)
}

/// An incoming message.
pub(crate) async fn say(actor: &Actor, conversation: &Value, content: &str) -> Value {
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let body = json!({ "content": content, "message_type": "incoming" });
    actor.post(&path, &body).await.ok()
}

/// The names in a list, in its order.
pub(crate) fn names(list: &Value) -> Vec<&str> {
    let contacts = list["payload"].as_array().expect("a list");
    contacts
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect()
}

/// A webhook that hears of contacts.
pub(crate) async fn hook(gateway: &TestGateway) -> Listener {
    let listener = Listener::start().await;
    let body = json!({ "url": listener.url("/hook"),
        "subscriptions": ["contact_created", "contact_updated"] });
    gateway.administrator().post("/webhooks", &body).await.ok();
    listener
}

/// What a webhook heard, without the creation of contacts.
pub(crate) async fn changes(gateway: &TestGateway, hook: &Listener) -> Vec<Value> {
    gateway.settle().await;
    let heard = hook.accepted().into_iter().map(|received| received.json());
    heard
        .filter(|body| body["event"] == "contact_updated")
        .collect()
}
