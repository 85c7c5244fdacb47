use std::time::Duration;

use gatewright_egress::{Scheme, Secret, VerifyError, verify};
use gatewright_tests::{Listener, Received, TestGateway};
use serde_json::{Value, json};

/// How far a timestamp may be from now, in seconds.
const TOLERANCE_S: u64 = 300;

/// The contact of a conversation writes.
pub(crate) async fn say(gateway: &TestGateway, conversation: &Value, content: &str) -> Value {
    let body = json!({ "content": content, "message_type": "incoming" });
    let path = messages(conversation);
    gateway.administrator().post(&path, &body).await.ok()
}

/// The contact writes several times, one after another.
pub(crate) async fn say_all(gateway: &TestGateway, conversation: &Value, contents: &[&str]) {
    for content in contents {
        say(gateway, conversation, content).await;
    }
}

/// The path of a conversation's messages.
pub(crate) fn messages(conversation: &Value) -> String {
    format!("/conversations/{}/messages", conversation["id"])
}

/// An account webhook that is told of stored messages.
pub(crate) async fn webhook(gateway: &TestGateway, url: String) -> Value {
    let body = json!({ "url": url, "subscriptions": ["message_created"] });
    gateway.administrator().post("/webhooks", &body).await.ok()["payload"]["webhook"].clone()
}

/// The requests about stored messages, accepted or not.
pub(crate) fn told(listener: &Listener) -> Vec<Received> {
    let mut all = listener.received();
    all.retain(|received| received.event() == "message_created");
    all
}

/// What the requests say.
pub(crate) fn contents(requests: &[Received]) -> Vec<String> {
    requests.iter().map(content).collect()
}

/// What a request says.
pub(crate) fn content(received: &Received) -> String {
    received.json()["content"]
        .as_str()
        .expect("a text")
        .to_owned()
}

/// What the accepted requests say.
pub(crate) fn accepted(listener: &Listener) -> Vec<String> {
    let mut all = told(listener);
    all.retain(|received| received.answered == 200);
    contents(&all)
}

/// A list of deliveries.
pub(crate) async fn deliveries(gateway: &TestGateway, query: &str) -> Vec<Value> {
    let path = format!("/deliveries?{query}");
    let page = gateway.administrator().get(&path).await.ok();
    page["payload"].as_array().expect("a list").clone()
}

/// Whether all requests are one delivery, sent again: one id, and the same bytes.
pub(crate) fn assert_same(requests: &[Received]) {
    let first = requests.first().expect("a request");
    assert!(first.header("webhook-id").starts_with("dlv_"), "no id");
    for again in requests {
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(again.body, first.body, "a retry has the same bytes");
    }
}

/// Verifies a request as its receiver would, at the gateway's time.
pub(crate) fn check(
    gateway: &TestGateway,
    received: &Received,
    secret: &Value,
) -> Result<Scheme, VerifyError> {
    let secret = Secret::parse(secret.as_str().expect("a secret")).expect("a usable secret");
    let now = gateway.gateway().kernel().now().unix();
    verify(&secret, &received.headers, &received.body, now, TOLERANCE_S)
}

/// The same, by the older scheme alone.
pub(crate) fn check_chatwoot(
    gateway: &TestGateway,
    received: &Received,
    secret: &Value,
) -> Result<Scheme, VerifyError> {
    let mut received = received.clone();
    received.headers.remove("webhook-signature");
    check(gateway, &received, secret)
}

/// Reads the event log by cursor, two at a time, until it has shown an event like this one. The log
/// hands an event out once no transaction that runs could still write an earlier one; on
/// PostgreSQL that counts those of all tests, so one reading may show none yet.
pub(crate) async fn events(gateway: &TestGateway, last: impl Fn(&Value) -> bool) -> Vec<Value> {
    let administrator = gateway.administrator();
    let reading = async {
        let (mut after, mut all) = (0, Vec::new());
        while !all.iter().any(&last) {
            let path = format!("/events?limit=2&after={after}");
            let page = administrator.get(&path).await.ok();
            let events = page["payload"].as_array().expect("a list");
            assert!(events.len() <= 2);
            all.extend(events.iter().cloned());
            after = page["meta"]["next"].as_i64().expect("a cursor");
        }
        all
    };
    tokio::time::timeout(Duration::from_mins(1), reading)
        .await
        .expect("the log shows it")
}
