use std::time::Duration;

use gatewright_tests::{Options, TestGateway};
use serde_json::Value;

use crate::support::{say, say_all};

#[tokio::test]
async fn the_trace_of_a_message_shows_every_hop() {
    let (gateway, listener, conversation) = TestGateway::seeded(Options::default()).await;
    listener.then(&[500]);
    let message = say(&gateway, &conversation, "Hello").await;
    gateway.settle().await;
    gateway.advance(Duration::from_secs(5)).await;
    let path = format!("/messages/{}/trace", message["id"]);
    let trace = gateway.administrator().get(&path).await.ok()["payload"].clone();
    assert_eq!(trace["message_id"], message["id"]);
    assert_eq!(trace["seq"], 1);
    let hops = trace["hops"].as_array().expect("hops");
    let names: Vec<&str> = hops.iter().filter_map(|hop| hop["hop"].as_str()).collect();
    assert_eq!(
        names,
        ["stored", "event", "queued", "attempt", "delivered"],
        "{trace}"
    );
    assert_eq!(hops[1]["event"], "message_created");
    assert_eq!(hops[3]["attempt"]["number"], 1);
    assert_eq!(hops[3]["attempt"]["status"], 500);
    assert_eq!(hops[3]["attempt"]["outcome"], "retry");
    let delivery = &trace["deliveries"][0];
    assert_eq!(delivery["state"], "delivered");
    assert_eq!(delivery["last_status"], 200);
    for hop in &hops[2..] {
        assert_eq!(hop["delivery_id"], delivery["id"]);
    }
    let requests = listener.received();
    let last = requests.last().expect("a request");
    assert_eq!(delivery["webhook_id"], last.header("webhook-id"));
    gateway.stop().await;
}

/// Reads pages of two until there is no more; between the pages somebody writes.
async fn ids_by_pages(gateway: &TestGateway, conversation: &Value) -> Vec<i64> {
    let administrator = gateway.administrator();
    let (mut after, mut ids) = (0, Vec::new());
    loop {
        let path = format!("/events?limit=2&after={after}");
        let page = administrator.get(&path).await.ok();
        let events = page["payload"].as_array().expect("a list");
        assert!(events.len() <= 2);
        ids.extend(events.iter().filter_map(|event| event["id"].as_i64()));
        after = page["meta"]["next"].as_i64().expect("a cursor");
        if page["meta"]["more"] == false {
            return ids;
        }
        if ids.len() == 4 {
            say(gateway, conversation, "while somebody reads").await;
        }
    }
}

#[tokio::test]
async fn a_cursor_misses_no_event_and_repeats_none() {
    let (gateway, _listener, conversation) = TestGateway::seeded(Options::default()).await;
    say_all(&gateway, &conversation, &["1", "2", "3", "4", "5"]).await;
    gateway.settle().await;
    let by_pages = ids_by_pages(&gateway, &conversation).await;
    let all = gateway.administrator().get("/events?limit=100").await.ok();
    let events = all["payload"].as_array().expect("a list");
    let ids: Vec<i64> = events
        .iter()
        .filter_map(|event| event["id"].as_i64())
        .collect();
    assert_eq!(by_pages, ids);
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    let seqs: Vec<i64> = events
        .iter()
        .filter_map(|event| event["seq"].as_i64())
        .collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5, 6], "in the order of the conversation");
    gateway.settle().await;
    gateway.stop().await;
}
