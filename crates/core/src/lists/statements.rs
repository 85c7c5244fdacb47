//! How many statements lists take: as many for few rows as for many. Those of contacts, of
//! conversations, of people and of labels state their numbers beside their services.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::fill;
use crate::caller::Caller;
use crate::contact::Contacts;
use crate::conversation::Conversations;
use crate::delivery::{Deliveries, DeliveryFilter};
use crate::ids::{ContactId, DisplayId};
use crate::inbox::Inboxes;
use crate::intake::Intake;
use crate::message::{MessageWindow, Messages};
use crate::testing::World;
use crate::webhook::{WebhookChange, Webhooks};

/// A list, how many rows it had, and how many statements it took.
type Taken = (&'static str, usize, u32);

#[tokio::test]
async fn a_list_takes_as_many_statements_for_few_rows_as_for_many() {
    let few = taken(1).await;
    let many = taken(7).await;
    let statements = |taken: &[Taken]| -> Vec<(&str, u32)> {
        taken
            .iter()
            .map(|(name, _, count)| (*name, *count))
            .collect()
    };
    let expected = [
        ("messages", 7),
        ("conversations of a contact", 5),
        ("contactable inboxes", 3),
        ("inboxes", 1),
        ("webhooks", 1),
        ("deliveries", 2),
    ];
    assert_eq!(statements(&few), expected);
    assert_eq!(statements(&many), expected);
    assert!(few.iter().all(|(_, rows, _)| *rows == 1), "{few:?}");
    assert!(many.iter().all(|(_, rows, _)| *rows == 7), "{many:?}");
}

/// Asks for every list when each has this many rows.
async fn taken(rows: usize) -> Vec<Taken> {
    let world = World::new().await;
    let caller = world.administrator().await;
    prepare(&world, &caller, rows).await;
    let (kernel, counted) = world.counting_node().await;
    let intake = Intake::start(&kernel);
    let contacts = Contacts::new(Arc::clone(&kernel));
    let conversations = Conversations::new(Arc::clone(&kernel), Arc::clone(&intake));
    let messages = Messages::new(Arc::clone(&kernel), Arc::clone(&intake));
    let inboxes = Inboxes::new(Arc::clone(&kernel));
    let webhooks = Webhooks::new(Arc::clone(&kernel));
    let deliveries = Deliveries::new(kernel);
    let contact = ContactId(1);

    let mut taken = Vec::new();
    let mut note = |name, rows| taken.push((name, rows, counted.swap(0, Ordering::SeqCst)));
    let window = MessageWindow::default();
    // What is read once and kept for a while is not counted.
    messages.list(&caller, DisplayId(1), &window).await.unwrap();
    contacts.contactable(&caller, contact).await.unwrap();
    note("what is kept", 0);
    let page = messages.list(&caller, DisplayId(1), &window).await.unwrap();
    note("messages", page.messages.len());
    let of_contact = conversations.of_contact(&caller, contact).await.unwrap();
    note("conversations of a contact", of_contact.len());
    let contactable = contacts.contactable(&caller, contact).await.unwrap();
    note("contactable inboxes", contactable.len());
    note("inboxes", inboxes.list(&caller).await.unwrap().len());
    note("webhooks", webhooks.list(&caller).await.unwrap().len());
    let filter = DeliveryFilter::default();
    let listed = deliveries.list(&caller, &filter).await.unwrap();
    note("deliveries", listed.len());
    taken.remove(0);
    intake.drain().await;
    taken
}

/// One contact with all of it: conversations, inboxes, webhooks; messages in the first
/// conversation; deliveries of one event to all webhooks.
async fn prepare(world: &World, caller: &Caller, rows: usize) {
    fill(world, caller, 1..=rows).await;
    let conn = world.kernel.db.write();
    for number in 1..=rows {
        if number > 1 {
            world.inbox(caller, "relay", json!({})).await;
        }
        let change = WebhookChange {
            url: Some(format!("https://example.com/{number}")),
            ..WebhookChange::default()
        };
        let webhooks = Webhooks::new(Arc::clone(&world.kernel));
        webhooks.create(caller, change).await.unwrap();
    }
    for sql in [
        "DELETE FROM deliveries",
        "UPDATE conversations SET contact_id = 1, assignee_id = (SELECT min(id) FROM users)",
        "UPDATE messages SET seq = id, conversation_id = 1",
        "INSERT INTO events (id, account_id, name, occurred_at, origin, snapshot) \
         SELECT 1000, account_id, 'message_created', 1, 'api', '{}' FROM conversations WHERE id = 1",
        "INSERT INTO deliveries (id, account_id, event_id, receiver_id, state, due_at, created_at) \
         SELECT receiver_id, account_id, 1000, receiver_id, 2, 1, 1 FROM webhooks",
    ] {
        conn.execute_unprepared(sql).await.unwrap();
    }
}
