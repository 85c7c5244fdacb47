use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{post, setting};

async fn reply(
    gateway: &gatewright_tests::TestGateway,
    conversation: &Value,
    attributes: Value,
) -> Value {
    let body = json!({ "content": "Re", "content_attributes": attributes });
    post(gateway, conversation, &body).await.ok()["content_attributes"].clone()
}

#[tokio::test]
async fn both_names_of_what_is_answered_are_filled() {
    let (gateway, _listener, conversation) = setting().await;
    let body = json!({ "content": "Hi", "message_type": "incoming", "source_id": "m-1" });
    let asked = post(&gateway, &conversation, &body).await.ok();
    let nameless = json!({ "content": "Hi", "message_type": "incoming" });
    let nameless = post(&gateway, &conversation, &nameless).await.ok();
    let both = json!({ "in_reply_to": asked["id"], "in_reply_to_external_id": "m-1" });
    let neither = json!({ "in_reply_to": null, "in_reply_to_external_id": null });
    let cases = [
        (json!({ "in_reply_to": asked["id"] }), both.clone()),
        (
            json!({ "in_reply_to": asked["id"].to_string() }),
            both.clone(),
        ),
        (json!({ "in_reply_to_external_id": "m-1" }), both),
        (
            json!({ "in_reply_to": nameless["id"] }),
            json!({ "in_reply_to": nameless["id"], "in_reply_to_external_id": null }),
        ),
        (json!({ "in_reply_to": 999_999 }), neither.clone()),
        (json!({ "in_reply_to": -1 }), neither.clone()),
        (json!({ "in_reply_to_external_id": "nobody" }), neither),
    ];
    for (given, expected) in cases {
        assert_eq!(
            reply(&gateway, &conversation, given.clone()).await,
            expected,
            "{given}"
        );
    }
    gateway.stop().await;
}

#[tokio::test]
async fn a_message_of_another_conversation_is_not_answered() {
    let (gateway, _listener, conversation) = setting().await;
    let body = json!({ "content": "Hi", "message_type": "incoming", "source_id": "m-1" });
    let asked = post(&gateway, &conversation, &body).await.ok();
    let other = json!({ "source_id": "crm-42" });
    let other = gateway
        .administrator()
        .post("/conversations", &other)
        .await
        .ok();
    let neither = json!({ "in_reply_to": null, "in_reply_to_external_id": null });
    for given in [
        json!({ "in_reply_to": asked["id"] }),
        json!({ "in_reply_to_external_id": "m-1" }),
    ] {
        assert_eq!(reply(&gateway, &other, given).await, neither);
    }
    gateway.stop().await;
}

/// Sent at once they may share a transaction, in which the answered message has no id yet.
#[tokio::test]
async fn what_arrives_together_can_answer_each_other() {
    let (gateway, _listener, conversation) = setting().await;
    let bodies: Vec<Value> = (0..40)
        .map(|number| {
            let previous = format!("s-{}", number - 1);
            json!({ "content": "x", "message_type": "incoming", "source_id": format!("s-{number}"),
                "content_attributes": { "in_reply_to_external_id": previous } })
        })
        .collect();
    let sent = join_all(
        bodies
            .iter()
            .map(|body| post(&gateway, &conversation, body)),
    )
    .await;
    let sent: Vec<Value> = sent.iter().map(gatewright_tests::Answer::ok).collect();
    let mut answered = 0;
    for pair in sent.windows(2) {
        let id = &pair[1]["content_attributes"]["in_reply_to"];
        if !id.is_null() {
            assert_eq!(*id, pair[0]["id"]);
            answered += 1;
        }
    }
    assert!(answered > 0, "some arrive in order");
    gateway.stop().await;
}
