use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};

use crate::{Actor, Form, Listener, Operation, TestGateway};

/// One of everything in one account, delivered to a listener of its own.
pub struct World {
    /// Ids by the names of the parameters that take them, all as text.
    pub ids: BTreeMap<String, String>,
    /// The account's administrator.
    pub administrator: Actor,
    /// A word that every text of this account carries.
    pub mark: String,
    /// Whom the inbox and the webhook post to.
    pub listener: Listener,
}

impl World {
    /// Fills an account. `conversations` are made, so that numbers differ between accounts.
    pub async fn fill(
        gateway: &TestGateway,
        administrator: Actor,
        mark: &str,
        conversations: usize,
    ) -> Self {
        let listener = Listener::start().await;
        let mut world = Self {
            ids: BTreeMap::new(),
            administrator,
            mark: mark.to_owned(),
            listener,
        };
        world.receivers().await;
        for _ in 0..conversations {
            world.conversation().await;
        }
        world.second_contact().await;
        gateway.settle().await;
        let deliveries = world.administrator.get("/deliveries?limit=1").await.ok();
        world.keep("delivery_id", &deliveries["payload"][0]["id"]);
        world.keep("receiver_id", &deliveries["payload"][0]["receiver_id"]);
        world
    }

    /// The number of a parameter.
    pub fn number(&self, name: &str) -> i64 {
        self.ids[name].parse().expect("a number")
    }

    async fn receivers(&mut self) {
        let mark = self.mark.clone();
        let channel = json!({ "type": "api",
            "webhook_url": self.listener.url(&format!("/callback/{mark}")) });
        let body = json!({ "name": format!("{mark} inbox"), "channel": channel });
        let inbox = self.administrator.post("/inboxes", &body).await.ok();
        self.keep("inbox_id", &inbox["id"]);
        self.keep("inbox_identifier", &inbox["inbox_identifier"]);
        let body = json!({ "url": self.listener.url(&format!("/hook/{mark}")),
            "subscriptions": ["message_created"] });
        let webhook = self.administrator.post("/webhooks", &body).await.ok();
        self.keep("webhook_id", &webhook["payload"]["webhook"]["id"]);
        let body = json!({ "title": format!("{mark}-label") });
        let label = self.administrator.post("/labels", &body).await.ok();
        self.keep("label_id", &label["id"]);
        let account = self.administrator.path("");
        let account = account.rsplit('/').next().expect("an id").to_owned();
        self.ids.insert("account_id".to_owned(), account);
        let profile = self
            .administrator
            .send(Method::GET, "/api/v1/profile", &[], Vec::new())
            .await
            .ok();
        self.keep("user_id", &profile["id"]);
        self.keep("assignee_id", &profile["id"]);
        // No team exists.
        self.keep("team_id", &json!(1));
    }

    async fn conversation(&mut self) {
        let mark = self.mark.clone();
        let inbox_id = self.number("inbox_id");
        let body = json!({ "name": format!("{mark} contact"), "inbox_id": inbox_id });
        let contact = self.administrator.post("/contacts", &body).await.ok()["payload"].clone();
        self.keep("contact_id", &contact["contact"]["id"]);
        let source_id = &contact["contact_inbox"]["source_id"];
        self.keep("contact_identifier", source_id);
        let body = json!({ "inbox_id": inbox_id, "contact_id": contact["contact"]["id"],
            "source_id": source_id });
        let made = self.administrator.post("/conversations", &body).await.ok();
        self.keep("conversation_id", &made["id"]);
        let path = format!("/conversations/{}/messages", made["id"]);
        let form = Form::new()
            .text("content", &format!("{mark} message"))
            .text("message_type", "incoming")
            .file(
                "attachments[]",
                &format!("{mark}.txt"),
                "text/plain",
                b"Hello",
            );
        let message = self.administrator.form(&path, form).await.ok();
        self.keep("message_id", &message["id"]);
        let body = json!({ "content": format!("{mark} survey"), "content_type": "input_csat" });
        self.administrator.post(&path, &body).await.ok();
        self.keep("conversation_uuid", &made["uuid"]);
    }

    /// Somebody else, who may be the same person.
    async fn second_contact(&mut self) {
        let body = json!({ "name": format!("{} double", self.mark) });
        let made = self.administrator.post("/contacts", &body).await.ok();
        self.keep("mergee_contact_id", &made["payload"]["contact"]["id"]);
    }

    fn keep(&mut self, name: &str, value: &Value) {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            other => panic!("{name} is {other}"),
        };
        self.ids.insert(name.to_owned(), text);
    }
}

/// A body as it is sent, and its content type: JSON, but for uploads, which are forms.
#[must_use]
pub fn sent(operation: &Operation, body: &Value) -> (&'static str, Vec<u8>) {
    if operation.id == "upload_create" {
        let form = Form::new().file("attachment", "walk.txt", "text/plain", b"Walk");
        return (Form::CONTENT_TYPE, form.into_bytes());
    }
    let bytes = match body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    ("application/json", bytes)
}

/// What the operation sends when it is meant well. A new operation that takes a body needs a line
/// here: one without a rule fails the test.
#[must_use]
#[expect(clippy::match_same_arms, reason = "a line for each operation")]
pub fn meant(operation: &Operation, ids: &BTreeMap<String, String>) -> Value {
    let number = |name: &str| -> i64 { ids[name].parse().expect("a number") };
    match operation.id.as_str() {
        "account_update" | "account_replace" => json!({ "support_email": "walk@example.com" }),
        "inbox_member_add" | "inbox_member_replace" | "inbox_member_remove" => json!({
            "inbox_id": number("inbox_id"), "user_ids": [] }),
        "label_create" => json!({ "title": "walk" }),
        "label_update" | "label_replace" => json!({ "description": "Walk" }),
        "profile_update" | "profile_replace" => json!({ "display_name": "Walk" }),
        "profile_set_availability" => json!({
            "account_id": number("account_id"), "availability": "busy" }),
        "profile_set_auto_offline" => json!({
            "account_id": number("account_id"), "auto_offline": false }),
        "profile_set_active_account" => json!({ "account_id": number("account_id") }),
        "contact_create" => json!({ "name": "Walk", "inbox_id": number("inbox_id") }),
        "contact_update" | "contact_replace" => json!({ "custom_attributes": { "walk": 1 } }),
        "contact_filter" => json!({ "payload": [{ "attribute_key": "name",
            "filter_operator": "contains", "values": ["contact"] }] }),
        "contact_label_replace" => json!({ "labels": ["walk"] }),
        "contact_inbox_create" => json!({
            "inbox_id": number("inbox_id"), "source_id": "walk" }),
        "contact_inbox_filter" => json!({
            "inbox_id": number("inbox_id"), "source_id": ids["contact_identifier"] }),
        "contact_custom_attributes_destroy" => json!({ "custom_attributes": ["walk"] }),
        "contact_merge" => json!({ "base_contact_id": number("contact_id"),
            "mergee_contact_id": number("mergee_contact_id") }),
        "conversation_create" => json!({
            "inbox_id": number("inbox_id"), "contact_id": number("contact_id") }),
        "message_create" => json!({ "content": "Walk" }),
        "message_update" | "message_replace" => json!({ "status": "delivered" }),
        "conversation_filter" => json!({ "payload": [{ "attribute_key": "inbox_id",
            "filter_operator": "equal_to", "values": [number("inbox_id")] }] }),
        "conversation_update" | "conversation_replace" => json!({ "priority": "high" }),
        "conversation_toggle_priority" => json!({ "priority": "urgent" }),
        "assignment_create" => json!({ "assignee_id": number("user_id") }),
        "conversation_label_set" => json!({ "labels": ["walk"] }),
        "conversation_custom_attributes" => json!({ "custom_attributes": { "walk": 1 } }),
        "conversation_toggle_status" => json!({ "status": "resolved" }),
        "conversation_toggle_typing_status" => json!({ "typing_status": "on" }),
        "inbox_create" => json!({ "name": "Walk", "channel": { "type": "api" } }),
        "inbox_update" | "inbox_replace" => json!({ "name": "Walk" }),
        "webhook_create" => json!({
            "url": "https://walk.example.com/", "inbox_id": number("inbox_id") }),
        "webhook_update" | "webhook_replace" => json!({
            "name": "Walk", "inbox_id": number("inbox_id") }),
        "webhooks_api_channel" => json!({ "inbox_id": number("inbox_id"),
            "contact": { "identifier": "walk" }, "message": { "content": "Walk" } }),
        "public_contact_create" | "public_contact_update" | "public_contact_replace" => {
            json!({ "name": "Walk" })
        }
        "delivery_purge" => json!({ "receiver_id": number("receiver_id") }),
        "delivery_replay_range" => json!({ "receiver_id": number("receiver_id") }),
        "public_conversation_create" => json!({ "custom_attributes": {} }),
        "public_message_create" => json!({ "content": "Walk" }),
        "public_message_update" => {
            json!({ "submitted_values": [{ "title": "Walk", "value": "w" }] })
        }
        "public_conversation_toggle_typing" => json!({ "typing_status": "on" }),
        "csat_survey_update" | "csat_survey_replace" => json!({ "message": { "submitted_values": {
            "csat_survey_response": { "rating": 4, "feedback_message": "Walk" } } } }),
        // A form has its body in `sent`.
        _ if operation.body.is_none() => Value::Null,
        other => panic!("the walk has no rule for the operation {other}"),
    }
}
