use std::time::Duration;

use gatewright_tests::{Answer, Listener, Options, TestGateway};
use serde_json::{Value, json};

use crate::support::{content, contents, deliveries, messages, say, told, webhook};

/// One attempt each, and no probing: what fails is dead at once.
const ONE_ATTEMPT: Options = Options {
    schedule_ms: &[0],
    hold_attempts: 1,
    probe_after: 100_000,
    ..Options::USUAL
};

async fn replay(gateway: &TestGateway, range: Value) -> Answer {
    gateway
        .administrator()
        .post("/deliveries/replay", &range)
        .await
}

async fn replayed(gateway: &TestGateway, range: Value) -> Value {
    let answer = replay(gateway, range).await.ok()["payload"].clone();
    gateway.settle().await;
    answer
}

#[tokio::test]
async fn what_died_since_a_time_is_sent_again() {
    let (gateway, callback, conversation) = TestGateway::seeded(ONE_ATTEMPT).await;
    callback.answer(500);
    for text in ["1", "2", "3"] {
        say(&gateway, &conversation, text).await;
        gateway.settle().await;
        gateway.advance(Duration::from_mins(1)).await;
    }
    let dead = deliveries(&gateway, "state=dead").await;
    assert_eq!(dead.len(), 3);
    callback.answer(200);
    let before = told(&callback).len();
    // The second one was made a minute after the first.
    let since = 1_768_900_502 + 60;
    let answer = replayed(&gateway, json!({ "since": since })).await;
    assert_eq!(answer, json!({ "queued": 2, "next": null }));
    let again = told(&callback).split_off(before);
    let mut said = contents(&again);
    said.sort();
    assert_eq!(said, ["2", "3"]);
    let first_tries = told(&callback);
    for received in &again {
        assert_eq!(received.header("x-gatewright-replay"), "true");
        assert_eq!(received.header("x-gatewright-late"), "true");
        let first = first_tries
            .iter()
            .find(|one| content(one) == content(received));
        let first = first.expect("the first try");
        assert_eq!(received.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(received.body, first.body);
    }
    let left = deliveries(&gateway, "state=dead").await;
    assert_eq!(left.len(), 1);
    assert_eq!(
        left[0]["id"], dead[2]["id"],
        "the first one was made before"
    );
    let answer = replayed(&gateway, json!({ "since": 0, "until": since })).await;
    assert_eq!(answer["queued"], 1);
    gateway.stop().await;
}

#[tokio::test]
async fn a_range_of_delivered_ones_is_sent_again_to_one_receiver() {
    let (gateway, callback, conversation) = TestGateway::seeded(Options::default()).await;
    let hook = Listener::start().await;
    let made = webhook(&gateway, hook.url("/hook")).await;
    for text in ["1", "2", "3", "4"] {
        say(&gateway, &conversation, text).await;
        gateway.settle().await;
    }
    let of_hook = deliveries(&gateway, &format!("webhook_id={}", made["id"])).await;
    let ids: Vec<i64> = of_hook
        .iter()
        .rev()
        .filter_map(|one| one["id"].as_i64())
        .collect();
    let calls = told(&callback).len();
    let range = json!({ "receiver_id": of_hook[0]["receiver_id"], "state": "delivered",
        "from_id": ids[1], "until_id": ids[2] });
    let answer = replayed(&gateway, range.clone()).await;
    assert_eq!(answer, json!({ "queued": 2, "next": null }));
    let mut again = contents(&told(&hook)[4..]);
    again.sort();
    assert_eq!(again, ["2", "3"]);
    assert_eq!(told(&callback).len(), calls, "nobody else hears of it");
    let once_more = replayed(&gateway, range).await;
    assert_eq!(once_more["queued"], 2, "as often as it is asked for");
    gateway.stop().await;
}

#[tokio::test]
async fn more_than_one_batch_is_sent_again_and_its_messages_are_healed() {
    let (gateway, callback, conversation) = TestGateway::seeded(ONE_ATTEMPT).await;
    callback.answer(500);
    let path = messages(&conversation);
    let administrator = gateway.administrator();
    for number in 0..130 {
        let body = json!({ "content": number.to_string() });
        administrator.post(&path, &body).await.ok();
    }
    gateway.settle().await;
    let failed = administrator.get(&format!("{path}?after=0")).await.ok();
    let failed = failed["payload"].as_array().unwrap();
    assert!(failed.iter().all(|message| message["status"] == "failed"));
    callback.answer(200);
    let receiver = deliveries(&gateway, "state=dead&limit=1").await;
    let receiver = &receiver[0]["receiver_id"];
    let answer = replayed(&gateway, json!({ "receiver_id": receiver })).await;
    assert!(
        answer["queued"]
            .as_u64()
            .is_some_and(|queued| queued >= 130),
        "{answer}"
    );
    assert!(deliveries(&gateway, "state=dead").await.is_empty());
    for query in ["?after=0", ""] {
        let healed = administrator.get(&format!("{path}{query}")).await.ok();
        for message in healed["payload"].as_array().unwrap() {
            assert_eq!(message["status"], "sent");
            assert_eq!(message["content_attributes"]["external_error"], Value::Null);
        }
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_range_begins_somewhere_and_ends_at_receivers_that_are_served() {
    let (gateway, _callback, conversation) = TestGateway::seeded(ONE_ATTEMPT).await;
    let hook = Listener::start().await;
    webhook(&gateway, hook.url("/hook")).await;
    hook.answer(410);
    say(&gateway, &conversation, "1").await;
    gateway.settle().await;
    let dead = deliveries(&gateway, "state=dead").await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0]["receiver_state"], "disabled");
    for (range, status, word) in [
        (json!({}), 422, "receiver_id"),
        (json!({ "until": 5, "until_id": 7 }), 422, "since"),
        (json!({ "since": 0, "state": "queued" }), 422, "state"),
        (json!({ "since": 0, "state": "lost" }), 422, "lost"),
        (json!({ "since": "soon" }), 422, "since"),
        (json!({ "receiver_id": 99 }), 404, "not be found"),
        (
            json!({ "receiver_id": dead[0]["receiver_id"] }),
            422,
            "disabled",
        ),
    ] {
        let refused = replay(&gateway, range.clone()).await;
        assert_eq!(refused.status, status, "{range}: {}", refused.text);
        assert!(refused.text.contains(word), "{range}: {}", refused.text);
    }
    let answer = replayed(&gateway, json!({ "since": 0 })).await;
    assert_eq!(answer, json!({ "queued": 0, "next": null }));
    assert_eq!(deliveries(&gateway, "state=dead").await, dead);
    gateway.stop().await;
}

#[tokio::test]
async fn a_list_is_narrowed_to_a_conversation() {
    let (gateway, _callback, conversation) = TestGateway::seeded(Options::default()).await;
    let of_it = format!("conversation_id={}", conversation["id"]);
    let all = deliveries(&gateway, &of_it).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["event"], "conversation_created");
    assert!(deliveries(&gateway, "conversation_id=99").await.is_empty());
    let none = format!("{of_it}&event=message_created");
    assert!(deliveries(&gateway, &none).await.is_empty());
    gateway.stop().await;
}
