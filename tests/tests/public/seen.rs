use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Site, redacted};

/// The statuses of a conversation's messages as agents see them, in order.
async fn statuses(site: &Site, conversation: &Value) -> Vec<String> {
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let all = site.gateway.administrator().get(&path).await.ok();
    let all = all["payload"].as_array().expect("a list").iter();
    all.map(|message| message["status"].as_str().expect("a status").to_owned())
        .collect()
}

#[tokio::test]
async fn a_look_marks_what_was_on_its_way_as_read() {
    let site = Site::open().await;
    let conversation = site.contact.begin().await;
    site.contact.say(&conversation, "Hello").await;
    for status in ["sent", "delivered", "failed"] {
        let message = site
            .answer(&conversation, json!({ "content": status }))
            .await;
        let path = format!(
            "/conversations/{}/messages/{}",
            conversation["id"], message["id"]
        );
        let body = json!({ "status": status });
        site.gateway.administrator().patch(&path, &body).await.ok();
    }
    site.gateway.advance(Duration::from_mins(1)).await;
    let before = site.events().await.len();
    let path = format!("/{}/update_last_seen", conversation["id"]);
    let answer = site.contact.post(&path, &json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
    assert_eq!(
        statuses(&site, &conversation).await,
        ["sent", "read", "read", "failed"],
        "not the contact's own, and not what failed"
    );
    let events = site.events().await;
    assert_eq!(events[before..], ["message_updated", "message_updated"]);
    let told = site.told("message_updated").await;
    insta::assert_json_snapshot!("read", redacted(told));
    let seen = site.contact.get(&format!("/{}", conversation["id"])).await;
    assert_eq!(seen["contact_last_seen_at"], 1_768_900_562);
    let answer = site.contact.post(&path, &json!({})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        site.events().await.len(),
        events.len(),
        "there is nothing more to read"
    );
    site.gateway.stop().await;
}

#[tokio::test]
async fn more_than_one_batch_is_read() {
    let site = Site::open().await;
    let conversation = site.contact.begin().await;
    for n in 0..130 {
        site.answer(&conversation, json!({ "content": n.to_string() }))
            .await;
    }
    let path = format!("/{}/update_last_seen", conversation["id"]);
    assert_eq!(site.contact.post(&path, &json!({})).await.status, 200);
    let path = format!("/conversations/{}/messages?after=0", conversation["id"]);
    let first = site.gateway.administrator().get(&path).await.ok();
    let last = statuses(&site, &conversation).await;
    let first = first["payload"].as_array().unwrap().iter();
    assert!(first.clone().all(|message| message["status"] == "read"));
    assert_eq!((first.count(), last.len()), (100, 20));
    assert!(last.iter().all(|status| status == "read"));
    let events = site.events().await;
    let updates = events.iter().filter(|event| *event == "message_updated");
    assert_eq!(updates.count(), 130);
    site.gateway.stop().await;
}
