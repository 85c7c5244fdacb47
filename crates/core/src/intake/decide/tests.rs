//! Rows that tests of rules begin with.

use serde_json::json;

use crate::ids::{AccountId, ContactId, ContactInboxId, ConversationId, DisplayId, InboxId};
use crate::model::{Contact, ContactKind, Conversation, ConversationStatus};
use crate::time::Timestamp;

const NOW: Timestamp = Timestamp(1_768_900_502_113_000);

pub(super) fn contact() -> Contact {
    Contact {
        id: ContactId(1),
        account_id: AccountId(1),
        name: "Ana".to_owned(),
        email: None,
        phone_number: None,
        identifier: None,
        blocked: false,
        kind: ContactKind::Visitor,
        additional_attributes: json!({}).into(),
        custom_attributes: json!({}).into(),
        last_activity_at: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(super) fn conversation() -> Conversation {
    Conversation {
        id: ConversationId(1),
        account_id: AccountId(1),
        inbox_id: InboxId(1),
        contact_id: ContactId(1),
        contact_inbox_id: ContactInboxId(1),
        display_id: DisplayId(7),
        uuid: "uuid".to_owned(),
        status: ConversationStatus::Open,
        priority: None,
        assignee_id: None,
        snoozed_until: None,
        additional_attributes: json!({}).into(),
        custom_attributes: json!({}).into(),
        agent_last_seen_at: None,
        assignee_last_seen_at: None,
        contact_last_seen_at: None,
        first_reply_created_at: None,
        waiting_since: None,
        last_activity_at: NOW,
        last_incoming_at: None,
        last_seq: 0,
        unread_count: 0,
        last_public_message_id: None,
        last_non_activity_message_id: None,
        created_at: NOW,
        updated_at: NOW,
    }
}
