//! A stored message behind a delivery.

use gatewright_core::ids::{DeliveryId, InboxId, MessageId};
use gatewright_store::entity::{contact_inboxes, contacts, conversations, events, messages};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::World;

impl World {
    /// Stores the message that a delivery's event is about, with its surroundings.
    pub(crate) async fn message_of(&self, id: DeliveryId, inbox: InboxId) -> MessageId {
        let event = self.row(id).await.event_id;
        let event = events::Entity::find_by_id(event)
            .one(self.kernel.db.read())
            .await
            .unwrap();
        let message = event.unwrap().message_id.unwrap();
        let (account, inbox) = (self.account.get(), inbox.get());
        let write = self.kernel.db.write();
        contact(account)
            .into_active_model()
            .insert(write)
            .await
            .unwrap();
        contact_inbox(account, inbox)
            .into_active_model()
            .insert(write)
            .await
            .unwrap();
        conversation(account, inbox)
            .into_active_model()
            .insert(write)
            .await
            .unwrap();
        let row = messages::Model {
            id: message,
            account_id: account,
            inbox_id: inbox,
            conversation_id: 1,
            contact_inbox_id: 1,
            seq: 1,
            message_type: 1,
            content: Some("Hallo".to_owned()),
            content_type: "text".to_owned(),
            content_attributes: json!({}),
            additional_attributes: json!({}),
            private: false,
            status: 0,
            source_id: None,
            sender_kind: None,
            sender_id: None,
            created_at: self.now().0,
            updated_at: self.now().0,
        };
        row.into_active_model().insert(write).await.unwrap();
        MessageId(message)
    }
}

fn contact(account_id: i64) -> contacts::Model {
    contacts::Model {
        id: 1,
        account_id,
        name: "Ana".to_owned(),
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
    }
}

fn contact_inbox(account_id: i64, inbox_id: i64) -> contact_inboxes::Model {
    contact_inboxes::Model {
        id: 1,
        account_id,
        contact_id: 1,
        inbox_id,
        source_id: "crm-42".to_owned(),
        hmac_verified: false,
        pubsub_token: "p".to_owned(),
        created_at: 1,
        updated_at: 1,
    }
}

fn conversation(account_id: i64, inbox_id: i64) -> conversations::Model {
    conversations::Model {
        id: 1,
        account_id,
        inbox_id,
        contact_id: 1,
        contact_inbox_id: 1,
        display_id: 1,
        uuid: "uuid-1".to_owned(),
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
        last_seq: 1,
        unread_count: 0,
        last_public_message_id: None,
        last_non_activity_message_id: None,
        created_at: 1,
        updated_at: 1,
    }
}
