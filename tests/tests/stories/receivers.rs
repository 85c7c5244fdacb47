use gatewright_tests::{Listener, TestGateway};
use serde_json::{Value, json};

use crate::support::{Story, bodies, events};

/// Everything that can happen now: the steps of a conversation's life, and changes of its inbox.
async fn everything_happens(story: &mut Story) {
    let administrator = story.administrator();
    story
        .say(&json!({ "content": "Hello", "message_type": "incoming" }))
        .await;
    let sent = story.say(&json!({ "content": "Hi" })).await;
    story
        .say(&json!({ "content": "Careful", "private": true }))
        .await;
    story
        .say(&json!({ "content": "Lights out", "message_type": "activity" }))
        .await;
    let path = story.path(&format!("/messages/{}", sent["id"]));
    let delivered = json!({ "status": "delivered" });
    administrator.patch(&path, &delivered).await.ok();
    story.set_status(&json!({ "status": "resolved" })).await;
    let contact = json!({ "name": "Ben" });
    administrator.post("/contacts", &contact).await.ok();
    let inbox = json!({ "name": "Second", "channel": { "type": "api" } });
    administrator.post("/inboxes", &inbox).await.ok();
    story.gateway.settle().await;
    let path = format!("/inboxes/{}", story.inbox["id"]);
    let renamed = json!({ "name": "Renamed" });
    administrator.patch(&path, &renamed).await.ok();
}

async fn subscribe(gateway: &TestGateway, listener: &Listener, path: &str, more: &Value) -> Value {
    let mut body = json!({ "url": listener.url(path) });
    let more = more.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(more);
    let made = gateway.administrator().post("/webhooks", &body).await.ok();
    made["payload"]["webhook"].clone()
}

fn told(story: &Story, path: &str) -> Vec<Value> {
    bodies(&story.listener.accepted(), path)
}

const OF_THE_CONVERSATION: [&str; 7] = [
    "message_created",
    "message_created",
    "conversation_updated",
    "message_created",
    "message_updated",
    "conversation_status_changed",
    "conversation_updated",
];

#[tokio::test]
async fn the_callback_gets_its_own_inboxs_conversations_and_nothing_else() {
    let mut story = Story::begin().await;
    let channel = json!({ "type": "api", "webhook_url": story.listener.url("/second") });
    let body = json!({ "name": "Second", "channel": channel });
    let administrator = story.administrator();
    administrator.post("/inboxes", &body).await.ok();
    everything_happens(&mut story).await;
    story.gateway.settle().await;
    let own = told(&story, "/callback");
    assert_eq!(events(&own)[0], "conversation_created");
    assert_eq!(events(&own)[1..], OF_THE_CONVERSATION);
    assert!(told(&story, "/second").is_empty(), "of another inbox");
    let contents: Vec<&str> = own
        .iter()
        .filter(|body| body["event"] == "message_created")
        .filter_map(|body| body["content"].as_str())
        .collect();
    assert_eq!(contents, ["Hello", "Hi", "Careful"], "no activity");
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_webhook_that_names_nothing_gets_the_usual_eight() {
    let mut story = Story::begin().await;
    let webhook = subscribe(&story.gateway, &story.listener, "/usual", &json!({})).await;
    assert_eq!(
        webhook["subscriptions"],
        json!([
            "conversation_status_changed",
            "conversation_updated",
            "conversation_created",
            "contact_created",
            "contact_updated",
            "message_created",
            "message_updated",
            "webwidget_triggered"
        ])
    );
    everything_happens(&mut story).await;
    story.gateway.settle().await;
    let usual = told(&story, "/usual");
    assert_eq!(events(&usual)[..2], ["contact_updated", "contact_created"]);
    assert_eq!(events(&usual)[2..], OF_THE_CONVERSATION, "and no inbox");
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_webhook_gets_what_it_subscribed_to_of_all_inboxes() {
    let mut story = Story::begin().await;
    let body = json!({ "name": "Second", "channel": { "type": "api" } });
    let second = story.administrator().post("/inboxes", &body).await.ok();
    let one = json!({ "subscriptions": ["message_updated"] });
    subscribe(&story.gateway, &story.listener, "/one", &one).await;
    let named = json!({ "inbox_id": second["id"], "subscriptions": ["message_created"] });
    let webhook = subscribe(&story.gateway, &story.listener, "/named", &named).await;
    assert_eq!(webhook["inbox"]["name"], "Second");
    everything_happens(&mut story).await;
    story.gateway.settle().await;
    assert_eq!(events(&told(&story, "/one")), ["message_updated"]);
    let of_first = told(&story, "/named");
    assert_eq!(
        events(&of_first),
        ["message_created"; 3],
        "it does not filter"
    );
    assert_eq!(of_first[0]["inbox"]["id"], story.inbox["id"]);
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_callback_that_is_gone_is_switched_off_and_webhooks_are_told() {
    let mut story = Story::begin().await;
    let usual = json!({ "subscriptions": ["conversation_created"] });
    subscribe(&story.gateway, &story.listener, "/other", &usual).await;
    story.listener.answer_at("/callback", 410);
    story.say(&json!({ "content": "Hi" })).await;
    let (hook, callback) = story.since().await;
    assert!(callback.is_empty());
    assert_eq!(
        events(&hook),
        [
            "message_created",
            "conversation_updated",
            "message_updated",
            "receiver_disabled"
        ]
    );
    let newest = &hook[2]["conversation"]["messages"][0];
    assert_eq!(newest["status"], "failed");
    insta::assert_json_snapshot!("receiver_disabled", hook[3]);
    let received = story.listener.received();
    let tried = |path: &str| {
        received
            .iter()
            .filter(|request| request.path == path)
            .count()
    };
    assert_eq!(tried("/callback"), 2, "the conversation and one attempt");
    assert_eq!(tried("/other"), 0, "it did not ask for it");
    story.say(&json!({ "content": "Still there?" })).await;
    let (hook, callback) = story.since().await;
    assert_eq!((events(&hook).len(), callback.len()), (1, 0));
    story.gateway.stop().await;
}

#[tokio::test]
async fn a_webhook_that_is_gone_is_told_to_the_other_webhooks() {
    let mut story = Story::begin().await;
    let body = json!({ "subscriptions": ["message_created", "receiver_disabled"] });
    subscribe(&story.gateway, &story.listener, "/gone", &body).await;
    story.listener.answer_at("/gone", 410);
    let sent = story.say(&json!({ "content": "Hi" })).await;
    let (hook, _) = story.since().await;
    assert_eq!(
        events(&hook),
        [
            "message_created",
            "conversation_updated",
            "receiver_disabled"
        ]
    );
    insta::assert_json_snapshot!("webhook_disabled", hook[2]);
    assert!(told(&story, "/gone").is_empty());
    let listed = story.administrator().get(&story.path("/messages")).await;
    let message = &listed.ok()["payload"][0];
    assert_eq!(message["id"], sent["id"]);
    assert_eq!(message["status"], "sent", "the webhook is not its receiver");
    story.gateway.stop().await;
}
