use std::time::Duration;

use gatewright_store::entity::{
    contact_inboxes, contacts, conversation_labels, conversations, inbound_dedup, inbound_log,
    inboxes, message_provider_ids, messages,
};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::json;

use super::{GRACE, erase_some};
use crate::ids::InboxId;
use crate::kernel::Kernel;
use crate::testing::World;

/// A conversation with so many messages, and whatever else hangs on an inbox. `n` tells inboxes
/// apart.
async fn fill(kernel: &Kernel, account_id: i64, inbox: InboxId, n: i64, count: i64) {
    let conn = kernel.db.write();
    let contact = contacts::Model {
        id: n,
        account_id,
        name: String::new(),
        email: None,
        phone_number: None,
        identifier: None,
        blocked: false,
        contact_type: 0,
        additional_attributes: json!({}),
        custom_attributes: json!({}),
        last_activity_at: None,
        created_at: 1,
        updated_at: 1,
    };
    let presence = contact_inboxes::Model {
        id: n,
        account_id,
        contact_id: n,
        inbox_id: inbox.get(),
        source_id: "s".to_owned(),
        hmac_verified: false,
        pubsub_token: format!("p{n}"),
        created_at: 1,
        updated_at: 1,
    };
    let label = conversation_labels::Model {
        conversation_id: n,
        title: "vip".to_owned(),
        position: 0,
    };
    insert(conn, contact).await;
    insert(conn, presence).await;
    insert(conn, conversation(account_id, inbox, n)).await;
    insert(conn, label).await;
    for number in 1..=count {
        insert(conn, message(account_id, inbox, n, number)).await;
    }
    let provider_id = message_provider_ids::Model {
        inbox_id: inbox.get(),
        provider_id: "1".to_owned(),
        message_id: n * 10_000 + 1,
    };
    insert(conn, provider_id).await;
    doors(kernel, account_id, inbox, n).await;
}

async fn doors(kernel: &Kernel, account_id: i64, inbox: InboxId, n: i64) {
    let conn = kernel.db.write();
    let logged = inbound_log::Model {
        id: n,
        account_id,
        inbox_id: inbox.get(),
        channel: "relay".to_owned(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: "{}".to_owned(),
        body: Vec::new(),
        state: 0,
        error: None,
        received_at: 1,
    };
    let known = inbound_dedup::Model {
        inbox_id: inbox.get(),
        dedup_key: "k".to_owned(),
        message_id: None,
        created_at: 1,
    };
    insert(conn, logged).await;
    insert(conn, known).await;
}

fn conversation(account_id: i64, inbox: InboxId, n: i64) -> conversations::Model {
    conversations::Model {
        id: n,
        account_id,
        inbox_id: inbox.get(),
        contact_id: n,
        contact_inbox_id: n,
        display_id: n,
        uuid: n.to_string(),
        status: 0,
        priority: None,
        assignee_id: None,
        snoozed_until: None,
        additional_attributes: json!({}),
        custom_attributes: json!({}),
        agent_last_seen_at: None,
        assignee_last_seen_at: None,
        contact_last_seen_at: None,
        first_reply_created_at: None,
        waiting_since: None,
        last_activity_at: 1,
        last_incoming_at: None,
        last_seq: 0,
        unread_count: 0,
        last_public_message_id: None,
        last_non_activity_message_id: None,
        created_at: 1,
        updated_at: 1,
    }
}

fn message(account_id: i64, inbox: InboxId, n: i64, number: i64) -> messages::Model {
    messages::Model {
        id: n * 10_000 + number,
        account_id,
        inbox_id: inbox.get(),
        conversation_id: n,
        contact_inbox_id: n,
        seq: number,
        message_type: 0,
        content: None,
        content_type: "text".to_owned(),
        content_attributes: json!({}),
        additional_attributes: json!({}),
        private: false,
        status: 0,
        source_id: None,
        sender_kind: None,
        sender_id: None,
        created_at: 1,
        updated_at: 1,
    }
}

async fn insert<M, A>(conn: &impl sea_orm::ConnectionTrait, row: M)
where
    M: sea_orm::ModelTrait + IntoActiveModel<A>,
    A: sea_orm::ActiveModelTrait<Entity = M::Entity>,
{
    let row = row.into_active_model().reset_all();
    M::Entity::insert(row)
        .exec_without_returning(conn)
        .await
        .unwrap();
}

#[tokio::test]
async fn erasing_takes_bounded_steps_and_leaves_other_inboxes_alone() {
    let world = World::new().await;
    let kernel = &world.kernel;
    let owner = world.administrator().await;
    let account_id = owner.account_id().get();
    let removed = world.inbox(&owner, "relay", json!({})).await.inbox;
    let kept = world.inbox(&owner, "relay", json!({})).await.inbox;
    fill(kernel, account_id, removed.id, 1, 1_100).await;
    fill(kernel, account_id, kept.id, 2, 3).await;
    assert!(!erase_some(kernel).await.unwrap(), "nothing is removed yet");
    world.inboxes().delete(&owner, removed.id).await.unwrap();

    let conn = kernel.db.read();
    let mut left = Vec::new();
    while erase_some(kernel).await.unwrap() {
        left.push(messages::Entity::find().count(conn).await.unwrap());
    }
    // Six steps for messages; conversations, presences and requests take one each.
    assert_eq!(left, [903, 703, 503, 303, 103, 3, 3, 3, 3]);
    let conversations = conversations::Entity::find().all(conn).await.unwrap();
    assert_eq!(conversations.len(), 1);
    assert_eq!(conversations[0].inbox_id, kept.id.get());
    assert_eq!(
        conversation_labels::Entity::find()
            .count(conn)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        message_provider_ids::Entity::find()
            .count(conn)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        contact_inboxes::Entity::find().count(conn).await.unwrap(),
        1
    );
    assert_eq!(inbound_log::Entity::find().count(conn).await.unwrap(), 1);
    assert_eq!(inbound_dedup::Entity::find().count(conn).await.unwrap(), 1);
    assert_eq!(contacts::Entity::find().count(conn).await.unwrap(), 2);

    assert_eq!(inboxes::Entity::find().count(conn).await.unwrap(), 2);
    world.clock.advance(GRACE + Duration::from_secs(1));
    assert!(!erase_some(kernel).await.unwrap());
    assert_eq!(inboxes::Entity::find().count(conn).await.unwrap(), 1);
}
