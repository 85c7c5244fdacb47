use gatewright_tests::{Actor, Answer, Listener, TestGateway};
use http::Method;
use serde_json::{Value, json};

/// A gateway with an inbox whose callback listens, and a contact in it that has its own client.
pub(crate) struct Site {
    pub(crate) gateway: TestGateway,
    pub(crate) callback: Listener,
    pub(crate) inbox: Value,
    pub(crate) contact: Contact,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let callback = Listener::start().await;
        let gateway = TestGateway::start().await;
        let inbox = gateway.inbox(Some(callback.url("/callback"))).await;
        let contact = Contact::join(&gateway, &inbox, "web-1").await;
        Self {
            gateway,
            callback,
            inbox,
            contact,
        }
    }

    /// A message from the account, by the administrator.
    pub(crate) async fn answer(&self, conversation: &Value, body: Value) -> Value {
        let path = format!("/conversations/{}/messages", conversation["id"]);
        self.gateway.administrator().post(&path, &body).await.ok()
    }

    /// The events that the callback got, in order.
    pub(crate) async fn events(&self) -> Vec<String> {
        self.gateway.settle().await;
        self.callback.events()
    }

    /// The newest body of this event at the callback.
    pub(crate) async fn told(&self, event: &str) -> Value {
        self.gateway.settle().await;
        let mut all = self.callback.accepted();
        all.retain(|received| received.event() == event);
        all.last().expect("an event").json()
    }
}

/// A contact's own client.
pub(crate) struct Contact {
    actor: Actor,
    base: String,
}

impl Contact {
    pub(crate) async fn join(gateway: &TestGateway, inbox: &Value, source_id: &str) -> Self {
        let actor = gateway.anonymous();
        let identifier = inbox["inbox_identifier"].as_str().expect("an identifier");
        let contacts = format!("/public/api/v1/inboxes/{identifier}/contacts");
        let body = json!({ "source_id": source_id, "name": "Cy" });
        actor.json(Method::POST, &contacts, &body).await.ok();
        Self {
            actor,
            base: format!("{contacts}/{source_id}/conversations"),
        }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let path = format!("{}{path}", self.base);
        self.actor.json(method, &path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, &Value::Null).await.ok()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    /// A new conversation.
    pub(crate) async fn begin(&self) -> Value {
        self.post("", &json!({})).await.ok()
    }

    /// A message from the contact.
    pub(crate) async fn say(&self, conversation: &Value, content: &str) -> Value {
        let path = format!("/{}/messages", conversation["id"]);
        self.post(&path, &json!({ "content": content })).await.ok()
    }
}

/// The 404 of this API.
pub(crate) fn assert_not_found(answer: &Answer) {
    assert_eq!(answer.status, 404, "{}", answer.text);
    assert_eq!(
        answer.json(),
        json!({ "status": 404, "error": "Not Found" })
    );
}

/// The contents of messages, in order.
pub(crate) fn contents(messages: &Value) -> Vec<&str> {
    let all = messages.as_array().expect("a list").iter();
    all.map(|message| message["content"].as_str().expect("a text"))
        .collect()
}

/// A value without what is minted at random.
pub(crate) fn redacted(mut value: Value) -> Value {
    redact(&mut value);
    value
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for name in ["pubsub_token", "uuid"] {
                if map.contains_key(name) {
                    map.insert(name.to_owned(), json!(format!("[{name}]")));
                }
            }
            map.values_mut().for_each(redact);
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::String(text) => {
            if let Some((before, _)) = text.split_once("/survey/responses/") {
                *text = format!("{before}/survey/responses/[uuid]");
            }
        }
        _ => {}
    }
}
