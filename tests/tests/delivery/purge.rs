use gatewright_tests::{Listener, Options, TestGateway};
use serde_json::{Value, json};

use crate::support::{accepted, deliveries, messages, told, webhook};

async fn answer_all(gateway: &TestGateway, conversation: &Value, contents: &[&str]) {
    for content in contents {
        let body = json!({ "content": content });
        let path = messages(conversation);
        gateway.administrator().post(&path, &body).await.ok();
    }
}

#[tokio::test]
async fn what_waits_for_a_receiver_is_given_up_and_can_be_replayed() {
    let (gateway, callback, conversation) = TestGateway::seeded(Options::default()).await;
    let hook = Listener::start().await;
    webhook(&gateway, hook.url("/hook")).await;
    hook.answer(500);
    callback.answer(500);
    answer_all(&gateway, &conversation, &["1", "2", "3"]).await;
    gateway.settle().await;
    let administrator = gateway.administrator();
    let waiting = deliveries(&gateway, "state=queued&event=message_created").await;
    assert_eq!(waiting.len(), 6, "two receivers wait");
    let of_inbox = waiting.iter().find(|one| one["receiver_kind"] == "channel");
    let receiver = &of_inbox.expect("the callback")["receiver_id"];
    let body = json!({ "receiver_id": receiver });
    let purged = administrator.post("/deliveries/purge", &body).await.ok();
    assert_eq!(purged["payload"]["more"], false);
    let dead = deliveries(&gateway, &format!("state=dead&receiver_id={receiver}")).await;
    assert_eq!(purged["payload"]["dead"], dead.len());
    assert!(
        dead.iter().all(|one| one["last_error"] == "purged"),
        "{dead:?}"
    );
    assert!(
        deliveries(&gateway, &format!("state=queued&receiver_id={receiver}"))
            .await
            .iter()
            .all(|one| one["event"] == "message_updated"),
        "only what tells of the failures waits"
    );
    let others = deliveries(&gateway, "state=queued&event=message_created").await;
    assert_eq!(others.len(), 3, "the webhook's wait on");
    let listed = administrator.get(&messages(&conversation)).await.ok();
    for message in listed["payload"].as_array().unwrap() {
        assert_eq!(message["status"], "failed");
        assert_eq!(message["content_attributes"]["external_error"], "purged");
    }
    callback.answer(200);
    let range = json!({ "receiver_id": receiver });
    let replayed = administrator.post("/deliveries/replay", &range).await.ok();
    assert_eq!(replayed["payload"]["queued"], dead.len());
    gateway.settle().await;
    let mut arrived = accepted(&callback);
    arrived.sort();
    assert_eq!(arrived, ["1", "2", "3"]);
    let first = &told(&callback)[0];
    assert!(first.header("webhook-id").starts_with("dlv_"));
    gateway.stop().await;
}

#[tokio::test]
async fn a_purge_names_its_receiver() {
    let (gateway, _callback, _conversation) = TestGateway::seeded(Options::default()).await;
    let administrator = gateway.administrator();
    let missing = administrator.post("/deliveries/purge", &json!({})).await;
    assert_eq!(missing.status, 422);
    assert_eq!(
        missing.json()["error"],
        "param is missing or the value is empty: receiver_id"
    );
    let unknown = json!({ "receiver_id": 99 });
    let unknown = administrator.post("/deliveries/purge", &unknown).await;
    assert_eq!(unknown.status, 404);
    gateway.stop().await;
}
