use serde::{Deserialize, Serialize};

use crate::attributes::Attributes;
use crate::ids::{
    AccountId, ContactId, ContactInboxId, ConversationId, DisplayId, InboxId, MessageId, UserId,
};
use crate::time::Timestamp;

coded! {
    /// State of a conversation.
    ConversationStatus {
        /// Somebody should answer.
        Open = 0 "open",
        /// Done.
        Resolved = 1 "resolved",
        /// Waiting for a bot.
        Pending = 2 "pending",
        /// Hidden until a time or the next message.
        Snoozed = 3 "snoozed",
    }
}

coded! {
    /// How urgent a conversation is.
    Priority {
        /// Low.
        Low = 0 "low",
        /// Medium.
        Medium = 1 "medium",
        /// High.
        High = 2 "high",
        /// Urgent.
        Urgent = 3 "urgent",
    }
}

/// A conversation's row. It stands whole in event snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its row.
    pub id: ConversationId,
    /// Its account.
    pub account_id: AccountId,
    /// Its inbox.
    pub inbox_id: InboxId,
    /// Whose it is.
    pub contact_id: ContactId,
    /// Through which presence.
    pub contact_inbox_id: ContactInboxId,
    /// Its `id` on the wire.
    pub display_id: DisplayId,
    /// Its global id.
    pub uuid: String,
    /// Its state.
    pub status: ConversationStatus,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// Who answers it.
    pub assignee_id: Option<UserId>,
    /// Until when it is hidden, with `snoozed`.
    pub snoozed_until: Option<Timestamp>,
    /// System facts.
    pub additional_attributes: Attributes,
    /// The account's own attributes.
    pub custom_attributes: Attributes,
    /// When an agent last looked.
    pub agent_last_seen_at: Option<Timestamp>,
    /// When the assignee last looked.
    pub assignee_last_seen_at: Option<Timestamp>,
    /// When the contact last looked.
    pub contact_last_seen_at: Option<Timestamp>,
    /// When a person first answered.
    pub first_reply_created_at: Option<Timestamp>,
    /// Since when the contact waits for an answer.
    pub waiting_since: Option<Timestamp>,
    /// Time of its newest message.
    pub last_activity_at: Timestamp,
    /// When the contact last wrote, for the reply window.
    pub last_incoming_at: Option<Timestamp>,
    /// `seq` of its newest message; 0 when it has none.
    pub last_seq: i64,
    /// Incoming messages since an agent last looked, at most 10.
    pub unread_count: i16,
    /// Newest message that is neither activity nor private.
    pub last_public_message_id: Option<MessageId>,
    /// Newest message that is not activity.
    pub last_non_activity_message_id: Option<MessageId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
