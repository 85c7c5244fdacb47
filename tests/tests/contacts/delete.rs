use gatewright_tests::{Options, TestGateway};
use serde_json::{Value, json};

use crate::support::{named, say, talking};

#[tokio::test]
async fn a_contact_goes_with_everything_of_it() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let (ana, conversation) = talking(&administrator, &inbox, "Ana", "crm-1").await;
    talking(&administrator, &inbox, "Ben", "crm-2").await;
    let path = format!("/contacts/{}", ana["id"]);
    let labels = format!("{path}/labels");
    administrator
        .post(&labels, &json!({ "labels": ["vip"] }))
        .await
        .ok();
    let gone = administrator.delete(&path).await;
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (200, ""));
    assert_eq!(gone.headers["content-type"], "application/json");
    assert_eq!(administrator.get(&path).await.status, 404);
    assert_eq!(administrator.delete(&path).await.status, 404);
    let conversation = format!("/conversations/{}", conversation["id"]);
    assert_eq!(administrator.get(&conversation).await.status, 404);
    let messages = format!("{conversation}/messages");
    let late = administrator
        .post(&messages, &json!({ "content": "Late" }))
        .await;
    assert_eq!(late.status, 404);
    gateway.settle().await;
    let tables = gateway.tables().await;
    let rows = tables.read().await;
    for (table, left) in [
        ("contacts", 1),
        ("contact_inboxes", 1),
        ("contact_labels", 0),
        ("conversations", 1),
        ("messages", 1),
    ] {
        assert_eq!(rows.rows(table).len(), left, "{table}");
    }
    tables.close().await;
    let body = json!({ "name": "Ana again", "inbox_id": inbox["id"], "source_id": "crm-1" });
    administrator.post("/contacts", &body).await.ok();
    gateway.stop().await;
}

#[tokio::test]
async fn what_happened_before_is_still_told() {
    let options = Options {
        schedule_ms: &[0, 1_000, 2_000],
        ..Options::default()
    };
    let (gateway, listener, conversation) = TestGateway::seeded(options).await;
    let administrator = gateway.administrator();
    listener.answer(500);
    say(&administrator, &conversation, "Hello").await;
    let path = format!("/conversations/{}/messages", conversation["id"]);
    administrator
        .post(&path, &json!({ "content": "Hi" }))
        .await
        .ok();
    gateway.settle().await;
    let contact = &conversation["meta"]["sender"]["id"];
    administrator.delete(&format!("/contacts/{contact}")).await;
    listener.answer(200);
    gateway.advance(std::time::Duration::from_mins(1)).await;
    gateway.advance(std::time::Duration::from_mins(1)).await;
    let told: Vec<String> = listener.events();
    assert_eq!(
        told,
        [
            "conversation_created",
            "message_created",
            "message_created",
            "conversation_updated"
        ]
    );
    gateway.stop().await;
}

#[tokio::test]
async fn the_dead_letter_of_a_removed_message_marks_nothing() {
    let options = Options {
        schedule_ms: &[0, 1_000],
        ..Options::default()
    };
    let (gateway, listener, conversation) = TestGateway::seeded(options).await;
    let administrator = gateway.administrator();
    listener.answer(500);
    let path = format!("/conversations/{}/messages", conversation["id"]);
    administrator
        .post(&path, &json!({ "content": "Hi" }))
        .await
        .ok();
    gateway.settle().await;
    let contact = &conversation["meta"]["sender"]["id"];
    administrator.delete(&format!("/contacts/{contact}")).await;
    for _ in 0..4 {
        gateway.advance(std::time::Duration::from_mins(1)).await;
    }
    let dead = administrator.get("/deliveries?state=dead").await.ok();
    let payload = dead["payload"].as_array().expect("a list");
    assert!(!payload.is_empty(), "{dead}");
    gateway.stop().await;
}

/// More than one transaction removes: two thousand messages in one conversation, and many
/// conversations.
#[tokio::test]
async fn a_large_contact_goes_in_portions() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let inbox = gateway.inbox(None).await;
    let (ana, conversation) = talking(&administrator, &inbox, "Ana", "crm-1").await;
    for number in 0..130 {
        let body = json!({ "inbox_id": inbox["id"], "contact_id": ana["id"],
            "source_id": "crm-1", "message": { "content": format!("{number}") } });
        administrator.post("/conversations", &body).await.ok();
    }
    fill(&gateway, &conversation, 2100).await;
    gateway.settle().await;
    let gone = administrator
        .delete(&format!("/contacts/{}", ana["id"]))
        .await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    let tables = gateway.tables().await;
    let rows = tables.read().await;
    for table in ["contacts", "contact_inboxes", "conversations", "messages"] {
        assert_eq!(rows.rows(table).len(), 0, "{table}");
    }
    tables.close().await;
    gateway.stop().await;
}

/// Copies of the conversation's message, past the door and its limit on messages per minute.
async fn fill(gateway: &TestGateway, conversation: &Value, count: i64) {
    use gatewright_store::entity::messages;
    use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
    let db = gateway.gateway().kernel().db.write();
    let content = "Ana writes";
    let row = messages::Entity::find()
        .filter(messages::Column::Content.eq(content))
        .one(db)
        .await
        .expect("a readable table")
        .expect("the message");
    assert_eq!(conversation["id"], 1);
    let copies = (1..=count).map(|number| {
        let mut copy = row.clone().into_active_model().reset_all();
        copy.id = Set(1_000_000 + number);
        copy.seq = Set(row.seq + number);
        copy
    });
    let copies: Vec<_> = copies.collect();
    for some in copies.chunks(500) {
        messages::Entity::insert_many(some.to_vec())
            .exec_without_returning(db)
            .await
            .expect("the copies are stored");
    }
}

#[tokio::test]
async fn a_contact_without_anything_goes_too() {
    let gateway = TestGateway::start().await;
    let administrator = gateway.administrator();
    let made = named(&administrator, "Ana").await;
    let gone = administrator
        .delete(&format!("/contacts/{}", made["id"]))
        .await;
    assert_eq!(gone.status, 200);
    named(&administrator, "Ana").await;
    gateway.stop().await;
}
