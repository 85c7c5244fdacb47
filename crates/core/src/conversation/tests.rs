use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::*;
use crate::contact::{ContactCreate, Contacts};
use crate::testing::World;

/// Conversations in inboxes of their own, of contacts of their own.
async fn filled(world: &World, caller: &Caller, count: usize) {
    let intake = Intake::start(&world.kernel);
    let conversations = Conversations::new(Arc::clone(&world.kernel), Arc::clone(&intake));
    for number in 0..count {
        let inbox = world.inbox(caller, "relay", json!({})).await;
        let create = ContactCreate {
            name: Some(format!("Contact {number}")),
            inbox_id: Some(inbox.inbox.id),
            source_id: Some(format!("source-{number}")),
            ..ContactCreate::default()
        };
        Contacts::new(Arc::clone(&world.kernel))
            .create(caller, create)
            .await
            .unwrap();
        let create = ConversationCreate {
            source_id: Some(format!("source-{number}")),
            ..ConversationCreate::default()
        };
        let made = conversations.create(caller, create).await.unwrap();
        let id = made.row.display_id;
        conversations
            .set_labels(caller, id, vec!["a".to_owned()])
            .await
            .unwrap();
        let to_me = Assignment::User(Some(caller.user.id));
        conversations.assign(caller, id, to_me).await.unwrap();
    }
    intake.drain().await;
}

/// Statements of a list, of the counters and of a filter, on a node that has seen the inboxes.
async fn statements(count: usize) -> [u32; 3] {
    let world = World::new().await;
    let caller = world.administrator().await;
    filled(&world, &caller, count).await;
    let (kernel, counted) = world.counting_node().await;
    let intake = Intake::start(&kernel);
    let conversations = Conversations::new(kernel, Arc::clone(&intake));
    let filter = ConversationFilter::default();
    conversations.list(&caller, &filter).await.unwrap();
    let take = || counted.swap(0, Ordering::SeqCst);
    take();
    let listed = conversations.list(&caller, &filter).await.unwrap();
    assert_eq!(listed.conversations.len(), count);
    let list = take();
    conversations.meta(&caller, &filter).await.unwrap();
    let meta = take();
    let condition = Condition {
        attribute_key: "labels".to_owned(),
        filter_operator: "is_present".to_owned(),
        ..Condition::default()
    };
    let found = conversations
        .filter(&caller, &[condition], 1)
        .await
        .unwrap();
    assert_eq!(found.conversations.len(), count);
    let filtered = take();
    intake.drain().await;
    [list, meta, filtered]
}

#[tokio::test]
async fn lists_take_as_many_statements_for_one_conversation_as_for_many() {
    let few = statements(1).await;
    assert_eq!(few, [5, 1, 5]);
    assert_eq!(statements(9).await, few);
}
