//! A contact is erased for good.

use std::time::Duration;

use gatewright_store::entity::{blobs, conversations, deliveries, erasures, events, messages};
use gatewright_tests::{Form, Listener, Options, TestGateway};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

/// Rows go three at a time, so that everything takes several transactions.
fn small_batches() -> Options {
    Options {
        schedule_ms: &[0, 60_000, 60_000],
        hold_attempts: 1,
        adjust: |config| config.retention.batch = 3,
        ..Options::default()
    }
}

/// A contact of the inbox that has said so many things, one of them with a file: the contact's id,
/// and its conversation.
async fn contact(gateway: &TestGateway, inbox: &Value, name: &str, says: usize) -> (i64, Value) {
    let administrator = gateway.administrator();
    let body = json!({ "name": name, "inbox_id": inbox["id"], "source_id": name });
    let made = administrator.post("/contacts", &body).await.ok()["payload"].clone();
    let id = made["contact"]["id"].as_i64().expect("an id");
    let body = json!({ "inbox_id": inbox["id"], "contact_id": id, "source_id": name });
    let conversation = administrator.post("/conversations", &body).await.ok();
    let path = format!("/conversations/{}/messages", conversation["id"]);
    for number in 0..says {
        let body = json!({ "content": format!("{name} {number}"), "message_type": "incoming" });
        administrator.post(&path, &body).await.ok();
    }
    let form = Form::new().file("attachments[]", "a.txt", "text/plain", name.as_bytes());
    administrator.form(&path, form).await.ok();
    gateway.settle().await;
    (id, conversation)
}

async fn rows<E: EntityTrait>(gateway: &TestGateway) -> u64
where
    E::Model: Sync,
{
    let db = gateway.gateway().kernel().db.read();
    E::find().count(db).await.expect("a readable table")
}

fn files(gateway: &TestGateway) -> usize {
    let root = gateway.gateway().config().attachments.path.clone();
    let days = std::fs::read_dir(root.expect("a folder")).expect("it is there");
    let of_day = |day: std::fs::DirEntry| std::fs::read_dir(day.path()).expect("a day").count();
    days.map(|day| of_day(day.expect("a day"))).sum()
}

async fn mentions(gateway: &TestGateway, name: &str) -> Vec<String> {
    let tables = gateway.tables().await;
    let all = tables.read().await;
    tables.close().await;
    [
        "contacts",
        "messages",
        "events",
        "deliveries",
        "attempts",
        "blobs",
        "contact_inboxes",
    ]
    .into_iter()
    .flat_map(|table| all.rows(table))
    .filter(|row| row.contains(name))
    .cloned()
    .collect()
}

#[tokio::test]
async fn an_erased_contact_leaves_nothing_and_others_stay() {
    let listener = Listener::start().await;
    let gateway = TestGateway::with(small_batches()).await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    contact(&gateway, &inbox, "Benedikt", 10).await;
    let before = (
        rows::<events::Entity>(&gateway).await,
        rows::<deliveries::Entity>(&gateway).await,
    );
    let (ana, _) = contact(&gateway, &inbox, "Anastasia", 10).await;
    let kept = mentions(&gateway, "Benedikt").await;
    assert_eq!(files(&gateway), 2);
    let gone = gateway
        .administrator()
        .delete(&format!("/contacts/{ana}"))
        .await;
    assert_eq!(gone.status, 200, "{}", gone.text);
    gateway.settle().await;
    assert_eq!(mentions(&gateway, "Anastasia").await, Vec::<String>::new());
    let left = (
        rows::<events::Entity>(&gateway).await,
        rows::<deliveries::Entity>(&gateway).await,
    );
    assert_eq!(left, before);
    assert_eq!(mentions(&gateway, "Benedikt").await, kept);
    assert_eq!(rows::<messages::Entity>(&gateway).await, 11);
    assert_eq!(rows::<blobs::Entity>(&gateway).await, 1);
    assert_eq!(rows::<erasures::Entity>(&gateway).await, 0);
    assert_eq!(files(&gateway), 1, "the bytes go at once");
    let found = gateway
        .administrator()
        .get("/conversations?q=Anastasia")
        .await;
    assert_eq!(found.ok()["data"]["meta"]["all_count"], 0);
    gateway.stop().await;
}

#[tokio::test]
async fn what_is_still_to_be_delivered_goes_when_it_was_delivered() {
    let listener = Listener::start().await;
    let gateway = TestGateway::with(small_batches()).await;
    let inbox = gateway.inbox(Some(listener.url("/callback"))).await;
    listener.answer(500);
    let (ana, _) = contact(&gateway, &inbox, "Anastasia", 2).await;
    let told = listener.accepted().len();
    gateway
        .administrator()
        .delete(&format!("/contacts/{ana}"))
        .await
        .ok();
    gateway.settle().await;
    assert!(
        rows::<deliveries::Entity>(&gateway).await > 0,
        "they are open"
    );
    listener.answer(200);
    for _ in 0..3 {
        gateway.advance(Duration::from_mins(10)).await;
    }
    let accepted = listener.accepted();
    let names: Vec<String> = accepted[told..]
        .iter()
        .map(gatewright_tests::Received::event)
        .collect();
    for name in ["conversation_created", "message_created"] {
        assert!(names.iter().any(|told| told == name), "{names:?}");
    }
    gateway.advance(Duration::from_hours(1)).await;
    gateway.settle().await;
    assert_eq!(mentions(&gateway, "Anastasia").await, Vec::<String>::new());
    assert_eq!(rows::<erasures::Entity>(&gateway).await, 0);
    gateway.stop().await;
}

#[tokio::test]
async fn an_erasure_that_was_cut_off_goes_on_after_the_next_start() {
    let gateway = TestGateway::with(small_batches()).await;
    let inbox = gateway.inbox(None).await;
    let (ana, _) = contact(&gateway, &inbox, "Anastasia", 10).await;
    let kernel = gateway.gateway().kernel();
    let begun = erasures::ActiveModel {
        kind: Set(0),
        subject_id: Set(ana),
        account_id: Set(gateway.account_id()),
        after_event: Set(0),
        due_at: Set(0),
        created_at: Set(0),
    };
    erasures::Entity::insert(begun)
        .exec_without_returning(kernel.db.write())
        .await
        .expect("it is noted");
    let gateway = gateway.restart(small_batches()).await;
    gateway.settle().await;
    assert_eq!(mentions(&gateway, "Anastasia").await, Vec::<String>::new());
    let conn = gateway.gateway().kernel().db.read();
    let left = conversations::Entity::find()
        .filter(conversations::Column::ContactId.eq(ana))
        .count(conn)
        .await
        .expect("a readable table");
    assert_eq!(left, 0);
    gateway.stop().await;
}
