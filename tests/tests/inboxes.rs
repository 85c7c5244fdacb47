//! The end of an inbox (contract, section 4.4).

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use gatewright_core::delivery::Ledger;
use gatewright_tests::{Listener, Options, TestGateway};
use http::Method;
use serde_json::{Value, json};

const NOT_FOUND: &str = r#"{"error":"Resource could not be found"}"#;

/// A gateway with an inbox, a conversation in it, and a message.
async fn filled() -> (TestGateway, Listener, Value) {
    let listener = Listener::start().await;
    let gateway = TestGateway::start().await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    let (_, conversation) = gateway.conversation(&inbox).await;
    let path = format!("/conversations/{}/messages", conversation["id"]);
    let body = json!({ "content": "Hello", "message_type": "incoming" });
    gateway.administrator().post(&path, &body).await.ok();
    gateway.settle().await;
    (gateway, listener, inbox)
}

fn at(inbox: &Value) -> String {
    format!("/inboxes/{}", inbox["id"])
}

#[tokio::test]
async fn a_removed_inbox_is_out_of_service_at_once() {
    let (gateway, listener, inbox) = filled().await;
    let administrator = gateway.administrator();
    let agent = gateway.agent("Lee").await;
    let members = json!({ "inbox_id": inbox["id"], "user_ids": [2] });
    administrator.post("/inbox_members", &members).await.ok();
    let webhook = json!({ "url": listener.url("/hook"), "inbox_id": inbox["id"] });
    administrator.post("/webhooks", &webhook).await.ok();
    let refused = agent.delete(&at(&inbox)).await;
    let text = r#"{"error":"You are not authorized to do this action"}"#;
    assert_eq!(
        (refused.status.as_u16(), refused.text.as_str()),
        (401, text)
    );

    let answer = administrator.delete(&at(&inbox)).await.ok();
    let message = "Your inbox deletion request will be processed in some time.";
    assert_eq!(answer, json!({ "message": message }));
    let door = json!({ "inbox_id": inbox["id"], "contact": { "source_id": "crm-42" },
        "message": { "content": "Still there?" } });
    let message = json!({ "content": "Still there?" });
    let door_path = "/webhooks/api_channel";
    for answer in [
        administrator.get(&at(&inbox)).await,
        administrator
            .patch(&at(&inbox), &json!({ "name": "X" }))
            .await,
        administrator.delete(&at(&inbox)).await,
        administrator.post("/inbox_members", &members).await,
        administrator.get("/conversations/1").await,
        administrator
            .post("/conversations/1/messages", &message)
            .await,
        administrator.json(Method::POST, door_path, &door).await,
    ] {
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (404, NOT_FOUND)
        );
    }
    let identifier = inbox["inbox_identifier"].as_str().unwrap();
    let public = format!("/public/api/v1/inboxes/{identifier}/contacts");
    let anonymous = gateway.anonymous();
    let answer = anonymous.json(Method::POST, &public, &json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["error"].clone()),
        (404, json!("Not Found"))
    );
    for actor in [&administrator, &agent] {
        assert_eq!(actor.get("/inboxes").await.ok()["payload"], json!([]));
        let listed = actor.get("/conversations").await.ok();
        assert_eq!(listed["data"]["payload"], json!([]));
    }
    let webhooks = administrator.get("/webhooks").await.ok();
    let webhook = &webhooks["payload"]["webhooks"][0];
    assert!(
        webhook.get("inbox").is_none(),
        "it stays, without the inbox"
    );
    let contact = administrator.get("/contacts/1").await.ok();
    assert_eq!(
        contact["payload"]["contact_inboxes"],
        json!([]),
        "the contact stays"
    );
    gateway.stop().await;
}

#[tokio::test]
async fn what_it_holds_is_erased_and_nothing_else() {
    let (gateway, _listener, inbox) = filled().await;
    let administrator = gateway.administrator();
    let body = json!({ "name": "Second", "channel": { "type": "api" } });
    let second = administrator.post("/inboxes", &body).await.ok();
    let body = json!({ "inbox_id": second["id"], "contact_id": 1,
        "message": { "content": "Kept" } });
    administrator.post("/conversations", &body).await.ok();
    let tables = gateway.tables().await;
    let before = tables.read().await;
    assert_eq!(before.rows("messages").len(), 2);
    administrator.delete(&at(&inbox)).await.ok();
    gateway.settle().await;
    let erased = tables.read().await;
    for (table, left) in [
        ("messages", 1),
        ("conversations", 1),
        ("contact_inboxes", 1),
        ("contacts", 1),
        ("inboxes", 2),
    ] {
        assert_eq!(erased.rows(table).len(), left, "{table}");
    }
    assert_eq!(erased.rows("events").len(), before.rows("events").len());
    gateway.advance(Duration::from_mins(2)).await;
    assert_eq!(tables.read().await.rows("inboxes").len(), 1);
    tables.close().await;
    let kept = administrator.get("/conversations/2/messages").await.ok();
    assert_eq!(kept["payload"][0]["content"], "Kept");
    gateway.stop().await;
}

#[tokio::test]
async fn what_was_on_its_way_to_it_is_given_up() {
    let (gateway, listener, inbox) = filled().await;
    let administrator = gateway.administrator();
    listener.answer(500);
    let body = json!({ "content": "Hi" });
    let path = "/conversations/1/messages";
    administrator.post(path, &body).await.ok();
    gateway.settle().await;
    let came = listener.received().len();
    administrator.delete(&at(&inbox)).await.ok();
    let ledger = Ledger::new(Arc::clone(gateway.gateway().kernel()));
    ledger.sweep().await.expect("the sweep works");
    gateway.advance(Duration::from_hours(1)).await;
    assert_eq!(listener.received().len(), came, "nothing more is sent");
    let open = administrator.get("/deliveries?state=queued").await.ok();
    assert_eq!(open["payload"], json!([]));
    let dead = administrator.get("/deliveries?state=dead").await.ok();
    let dead = dead["payload"].as_array().expect("a list");
    assert_eq!(dead.len(), 2, "the message, and that it was answered");
    assert!(
        dead.iter()
            .all(|letter| letter["last_error"] == "receiver removed")
    );
    gateway.stop().await;
}

#[tokio::test]
async fn a_restart_goes_on_erasing() {
    let (gateway, _listener, inbox) = filled().await;
    gateway.administrator().delete(&at(&inbox)).await.ok();
    let gateway = gateway.restart(Options::default()).await;
    gateway.settle().await;
    gateway.advance(Duration::from_mins(2)).await;
    let tables = gateway.tables().await;
    let left = tables.read().await;
    for table in ["messages", "conversations", "contact_inboxes", "inboxes"] {
        assert!(left.rows(table).is_empty(), "{table}");
    }
    tables.close().await;
    gateway.stop().await;
}

#[tokio::test]
async fn who_writes_meanwhile_is_answered_and_leaves_nothing() {
    let (gateway, _listener, inbox) = filled().await;
    let administrator = gateway.administrator();
    let message = json!({ "content": "In time?", "message_type": "incoming" });
    let writes = (0..40).map(async |number| {
        if number == 20 {
            return administrator.delete(&at(&inbox)).await;
        }
        if number % 2 == 0 {
            let path = "/webhooks/api_channel";
            let contact = json!({ "source_id": format!("eve-{}", number / 4) });
            let door = json!({ "inbox_id": inbox["id"], "contact": contact,
                "message": { "content": "In time?" } });
            return administrator.json(Method::POST, path, &door).await;
        }
        administrator
            .post("/conversations/1/messages", &message)
            .await
    });
    for answer in join_all(writes).await {
        let status = answer.status.as_u16();
        assert!(matches!(status, 200 | 404), "{status} {}", answer.text);
    }
    gateway.settle().await;
    let tables = gateway.tables().await;
    let left = tables.read().await;
    for table in ["messages", "conversations", "contact_inboxes"] {
        assert!(left.rows(table).is_empty(), "{table}");
    }
    tables.close().await;
    gateway.stop().await;
}
