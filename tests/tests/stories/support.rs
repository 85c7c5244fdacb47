use std::time::Duration;

use gatewright_tests::{Actor, Listener, Options, Received, TestGateway};
use serde_json::{Value, json};

/// Everything that a webhook may subscribe to.
const EVERYTHING: [&str; 13] = [
    "conversation_created",
    "conversation_status_changed",
    "conversation_updated",
    "message_created",
    "message_updated",
    "contact_created",
    "contact_updated",
    "webwidget_triggered",
    "inbox_created",
    "inbox_updated",
    "conversation_typing_on",
    "conversation_typing_off",
    "receiver_disabled",
];

/// A gateway whose listener stands behind the callback of an inbox and behind a webhook that wants
/// everything; a contact, and a conversation with it, both already reported.
pub(crate) struct Story {
    pub(crate) gateway: TestGateway,
    pub(crate) listener: Listener,
    pub(crate) inbox: Value,
    pub(crate) contact: Value,
    pub(crate) conversation: Value,
    /// What the webhook was told of the two.
    pub(crate) beginning: Vec<Value>,
    seen: usize,
}

impl Story {
    pub(crate) async fn begin() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let listener = Listener::start().await;
        let gateway = TestGateway::with(options).await;
        let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
        let everything = json!({ "url": listener.url("/hook"), "subscriptions": EVERYTHING });
        gateway
            .administrator()
            .post("/webhooks", &everything)
            .await
            .ok();
        let (contact, conversation) = gateway.conversation(&inbox).await;
        let mut story = Self {
            gateway,
            listener,
            inbox,
            contact,
            conversation,
            beginning: Vec::new(),
            seen: 0,
        };
        story.beginning = story
            .told(&["contact_created", "conversation_created"])
            .await;
        story
    }

    pub(crate) fn administrator(&self) -> Actor {
        self.gateway.administrator()
    }

    /// A path below the conversation, for example `/messages`.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("/conversations/{}{path}", self.conversation["id"])
    }

    /// A second passes, so that one can see which times moved.
    pub(crate) async fn later(&self) {
        self.gateway.advance(Duration::from_secs(1)).await;
    }

    /// The administrator sends a message.
    pub(crate) async fn say(&self, body: &Value) -> Value {
        let path = self.path("/messages");
        self.administrator().post(&path, body).await.ok()
    }

    /// The administrator sets a status.
    pub(crate) async fn set_status(&self, body: &Value) {
        self.set_status_by(&self.administrator(), body).await;
    }

    pub(crate) async fn set_status_by(&self, actor: &Actor, body: &Value) {
        actor.post(&self.path("/toggle_status"), body).await.ok();
    }

    /// What the webhook was told since the last look: exactly these events. The callback was told
    /// the same bodies, except those that are not about the inbox's conversations.
    pub(crate) async fn told(&mut self, names: &[&str]) -> Vec<Value> {
        let (hook, callback) = self.since().await;
        assert_eq!(events(&hook), names, "the webhook");
        let mut of_conversations = hook.clone();
        of_conversations.retain(|body| rank(body) == Rank::Conversation);
        assert_eq!(callback, of_conversations, "the callback");
        hook
    }

    /// What the webhook and the callback were told since the last look.
    pub(crate) async fn since(&mut self) -> (Vec<Value>, Vec<Value>) {
        self.gateway.settle().await;
        let accepted = self.listener.accepted();
        let new = &accepted[self.seen..];
        let told = (bodies(new, "/hook"), bodies(new, "/callback"));
        self.seen = accepted.len();
        told
    }
}

/// The bodies that went to a path, without what differs from run to run. Those of one contact, of
/// one conversation and of no lane keep their order; between these there is none, so they are
/// shown one after the other.
pub(crate) fn bodies(received: &[Received], path: &str) -> Vec<Value> {
    let mut bodies: Vec<Value> = received
        .iter()
        .filter(|received| received.path == path)
        .map(Received::json)
        .collect();
    bodies.iter_mut().for_each(redact);
    bodies.sort_by_key(|body| (rank(body), lane(body)));
    bodies
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Contact,
    Conversation,
    Other,
}

fn rank(body: &Value) -> Rank {
    let name = body["event"].as_str().unwrap_or_default();
    if name.starts_with("contact_") {
        Rank::Contact
    } else if name.starts_with("conversation_") || name.starts_with("message_") {
        Rank::Conversation
    } else {
        Rank::Other
    }
}

/// The contact or conversation that a body is about.
fn lane(body: &Value) -> Option<i64> {
    let conversation = &body["conversation"]["id"];
    conversation.as_i64().or_else(|| body["id"].as_i64())
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for secret in ["pubsub_token", "source_id", "uuid"] {
                if let Some(value) = map.get_mut(secret).filter(|value| is_random(value)) {
                    *value = json!(format!("[{secret}]"));
                }
            }
            for url in ["url", "webhook_url"] {
                if let Some(value) = map.get_mut(url).filter(|value| is_local(value)) {
                    *value = json!(format!("[{url}]"));
                }
            }
            map.values_mut().for_each(redact);
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

/// Whether a text is a URL of the listener, whose port is another one in every run.
fn is_local(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.starts_with("http://127.0.0.1:")
}

/// Whether a text was minted: a token or a UUID.
fn is_random(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() >= 24)
}

pub(crate) fn events(bodies: &[Value]) -> Vec<&str> {
    bodies
        .iter()
        .map(|body| body["event"].as_str().unwrap_or_default())
        .collect()
}

/// The attributes that a body says have changed, in order.
pub(crate) fn changed(body: &Value) -> Vec<&str> {
    let changes = body["changed_attributes"].as_array().expect("changes");
    changes
        .iter()
        .flat_map(|change| change.as_object().expect("an object").keys())
        .map(String::as_str)
        .collect()
}
