use std::time::Duration;

use gatewright_tests::{Listener, Options, TestGateway};
use serde_json::{Value, json};

use crate::support::{
    accepted, assert_same, contents, deliveries, messages, say, say_all, told, webhook,
};

/// The schedule of production: about 75 hours.
const FULL_SCHEDULE_MS: &[u64] = &[
    0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000,
    86_400_000,
];

async fn status_of(gateway: &TestGateway, conversation: &Value) -> Value {
    let listed = gateway.administrator().get(&messages(conversation)).await;
    listed.ok()["payload"][0].clone()
}

#[tokio::test]
async fn a_dead_letter_is_seen_and_can_be_replayed() {
    let options = Options {
        schedule_ms: &[0, 1_000],
        ..Options::default()
    };
    let (gateway, listener, conversation) = TestGateway::seeded(options).await;
    let administrator = gateway.administrator();
    listener.then(&[500, 500]);
    let body = json!({ "content": "Hi" });
    let sent = administrator.post(&messages(&conversation), &body).await;
    let sent = sent.ok();
    gateway.settle().await;
    gateway.advance(Duration::from_secs(1)).await;
    let dead = deliveries(&gateway, "state=dead").await;
    assert_eq!(dead.len(), 1);
    let dead = &dead[0];
    assert_eq!(dead["event"], "message_created");
    assert_eq!(dead["message_id"], sent["id"]);
    assert_eq!(dead["attempts"], 2);
    assert_eq!(dead["last_status"], 500);
    let failed = status_of(&gateway, &conversation).await;
    assert_eq!(failed["status"], "failed");
    let reason = &failed["content_attributes"]["external_error"];
    assert_eq!(reason, "500 Internal Server Error");
    let path = format!("/deliveries/{}/replay", dead["id"]);
    let replayed = administrator.post(&path, &json!({})).await.ok();
    assert_eq!(replayed["payload"]["replays"], 1);
    gateway.settle().await;
    let requests = told(&listener);
    assert_eq!(requests.len(), 3);
    assert_same(&requests);
    assert_eq!(requests[0].header("webhook-id"), dead["webhook_id"]);
    let marks: Vec<String> = requests
        .iter()
        .map(|received| received.header("x-gatewright-replay"))
        .collect();
    assert_eq!(marks, ["", "", "true"]);
    assert!(deliveries(&gateway, "state=dead").await.is_empty());
    let healed = status_of(&gateway, &conversation).await;
    assert_eq!(healed["status"], "sent", "it did arrive");
    gateway.stop().await;
}

#[tokio::test]
async fn a_receiver_that_is_back_after_hours_gets_everything_within_minutes() {
    let options = Options {
        schedule_ms: FULL_SCHEDULE_MS,
        ..Options::default()
    };
    let (gateway, listener, conversation) = TestGateway::seeded(options).await;
    let all = ["1", "2", "3", "4", "5", "6"];
    listener.answer(500);
    say_all(&gateway, &conversation, &all).await;
    gateway.settle().await;
    for pause_s in [5, 300, 1_800, 7_200, 3 * 3_600] {
        gateway.advance(Duration::from_secs(pause_s)).await;
    }
    let waiting = deliveries(&gateway, "state=queued").await;
    assert_eq!(waiting.len(), all.len(), "nothing is given up");
    for delivery in &waiting {
        assert_eq!(delivery["receiver_state"], "probing");
    }
    listener.answer(200);
    gateway.advance(Duration::from_mins(5)).await;
    let mut arrived = accepted(&listener);
    arrived.sort();
    assert_eq!(arrived, all, "each once");
    let done = deliveries(&gateway, "state=delivered").await;
    assert!(done.iter().all(|one| one["receiver_state"] == "active"));
    assert!(deliveries(&gateway, "state=queued").await.is_empty());
    gateway.stop().await;
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_disabled() {
    let (gateway, callback, conversation) = TestGateway::seeded(Options::default()).await;
    let administrator = gateway.administrator();
    let hook = Listener::start().await;
    let made = webhook(&gateway, hook.url("/hook")).await;
    hook.then(&[500, 410]);
    say_all(&gateway, &conversation, &["1", "2", "3"]).await;
    gateway.settle().await;
    gateway.advance(Duration::from_secs(5)).await;
    assert_eq!(contents(&told(&hook)), ["1", "1"]);
    let of_hook = format!("webhook_id={}", made["id"]);
    let open = deliveries(&gateway, &of_hook).await;
    assert_eq!(open.len(), 3);
    for delivery in &open {
        assert_eq!(delivery["state"], "dead");
        assert_eq!(delivery["receiver_state"], "disabled");
    }
    let path = format!("/deliveries/{}/replay", open[0]["id"]);
    let refused = administrator.post(&path, &json!({})).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let events = administrator.get("/events?names[]=receiver_disabled").await;
    let events = events.ok()["payload"].clone();
    assert_eq!(events.as_array().map(Vec::len), Some(1), "{events}");
    assert_eq!(events[0]["name"], "receiver_disabled");
    assert_eq!(events[0]["origin"]["kind"], "system");
    let told_why = events[0]["data"].to_string();
    assert!(told_why.contains(&hook.url("/hook")), "{told_why}");
    say(&gateway, &conversation, "4").await;
    gateway.settle().await;
    assert_eq!(told(&hook).len(), 2, "nothing more is sent to it");
    assert_eq!(accepted(&callback), ["1", "2", "3", "4"]);
    let sent = status_of(&gateway, &conversation).await;
    assert_eq!(sent["status"], "sent", "no webhook fails a message");
    gateway.stop().await;
}
