//! Rows as the hot statements read and write them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::columns::row;

row! {
    /// A conversation.
    #[derive(Debug, Clone, Deserialize)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct ConversationRow {
        pub id: i64,
        pub account_id: i64,
        pub inbox_id: i64,
        pub contact_id: i64,
        pub contact_inbox_id: i64,
        pub display_id: i64,
        pub uuid: String,
        pub status: i16,
        pub priority: Option<i16>,
        pub assignee_id: Option<i64>,
        pub snoozed_until: Option<i64>,
        pub additional_attributes: Box<RawValue>,
        pub custom_attributes: Box<RawValue>,
        pub agent_last_seen_at: Option<i64>,
        pub assignee_last_seen_at: Option<i64>,
        pub contact_last_seen_at: Option<i64>,
        pub first_reply_created_at: Option<i64>,
        pub waiting_since: Option<i64>,
        pub last_activity_at: i64,
        pub last_incoming_at: Option<i64>,
        pub last_seq: i64,
        pub unread_count: i16,
        pub last_public_message_id: Option<i64>,
        pub last_non_activity_message_id: Option<i64>,
        pub created_at: i64,
        pub updated_at: i64,
    }
}

/// A conversation with its assignee and labels.
#[derive(Debug, Clone, Deserialize)]
pub struct LoadedConversation {
    /// The row.
    pub row: ConversationRow,
    /// Who answers it.
    pub assignee: Option<UserRow>,
    /// Its labels, in order.
    pub labels: Vec<String>,
}

row! {
    /// A user as messages and events name it.
    #[derive(Debug, Clone, Deserialize)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct UserRow {
        pub id: i64,
        pub name: String,
        pub display_name: Option<String>,
        pub email: String,
    }
}

row! {
    /// A contact.
    #[derive(Debug, Clone, Deserialize)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct ContactRow {
        pub id: i64,
        pub account_id: i64,
        pub name: String,
        pub email: Option<String>,
        pub phone_number: Option<String>,
        pub identifier: Option<String>,
        pub blocked: bool,
        pub contact_type: i16,
        pub additional_attributes: Box<RawValue>,
        pub custom_attributes: Box<RawValue>,
        pub last_activity_at: Option<i64>,
        pub created_at: i64,
        pub updated_at: i64,
    }
}

row! {
    /// A contact's presence in an inbox.
    #[derive(Debug, Clone, Deserialize)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct ContactInboxRow {
        pub id: i64,
        pub contact_id: i64,
        pub inbox_id: i64,
        pub source_id: String,
        pub hmac_verified: bool,
        pub pubsub_token: String,
        pub created_at: i64,
        pub updated_at: i64,
    }
}

row! {
    /// A message.
    #[derive(Debug, Clone, Deserialize)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct MessageRow {
        pub id: i64,
        pub account_id: i64,
        pub inbox_id: i64,
        pub conversation_id: i64,
        pub contact_inbox_id: i64,
        pub seq: i64,
        pub message_type: i16,
        pub content: Option<String>,
        pub content_type: String,
        pub content_attributes: Box<RawValue>,
        pub additional_attributes: Box<RawValue>,
        pub private: bool,
        pub status: i16,
        pub source_id: Option<String>,
        pub sender_kind: Option<i16>,
        pub sender_id: Option<i64>,
        pub created_at: i64,
        pub updated_at: i64,
    }
}

/// A message with what is told of it.
#[derive(Debug, Clone, Deserialize)]
pub struct LoadedMessage {
    /// The row.
    pub row: MessageRow,
    /// With a user as sender: that user.
    pub sender: Option<UserRow>,
    /// The conversation's number on the wire.
    pub display_id: i64,
    /// The conversation's contact.
    pub contact_id: i64,
    /// What is attached to it, by id.
    pub attachments: Vec<LoadedAttachment>,
}

row! {
    /// A stored file.
    #[derive(Debug, Clone)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct BlobRow {
        pub id: i64,
        pub account_id: i64,
        pub key: String,
        pub filename: String,
        pub content_type: String,
        pub byte_size: i64,
        pub checksum: String,
        pub metadata: Box<RawValue>,
        pub created_at: i64,
    }
}

row! {
    /// What is attached to a message.
    #[derive(Debug, Clone)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct AttachmentRow {
        pub id: i64,
        pub account_id: i64,
        pub message_id: i64,
        pub blob_id: Option<i64>,
        pub file_type: i16,
        pub extension: Option<String>,
        pub external_url: Option<String>,
        pub coordinates_lat: Option<f64>,
        pub coordinates_long: Option<f64>,
        pub fallback_title: Option<String>,
        pub meta: Box<RawValue>,
        pub created_at: i64,
        pub updated_at: i64,
    }
}

row! {
    /// What is attached to a message, with the columns of its stored file; these are `None` when it
    /// has none.
    #[derive(Debug, Clone, Deserialize)]
    #[expect(missing_docs, reason = "the fields are the columns of both tables")]
    pub struct LoadedAttachment {
        pub id: i64,
        pub file_type: i16,
        pub extension: Option<String>,
        pub external_url: Option<String>,
        pub coordinates_lat: Option<f64>,
        pub coordinates_long: Option<f64>,
        pub fallback_title: Option<String>,
        pub meta: Box<RawValue>,
        pub key: Option<String>,
        pub filename: Option<String>,
        pub content_type: Option<String>,
        pub byte_size: Option<i64>,
        pub metadata: Option<Box<RawValue>>,
    }
}

row! {
    /// What intake changes of a conversation: first what every message changes.
    #[derive(Debug, Clone)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct ConversationUpdate {
        pub id: i64,
        pub agent_last_seen_at: Option<i64>,
        pub assignee_last_seen_at: Option<i64>,
        pub contact_last_seen_at: Option<i64>,
        pub first_reply_created_at: Option<i64>,
        pub waiting_since: Option<i64>,
        pub last_activity_at: i64,
        pub last_incoming_at: Option<i64>,
        pub last_seq: i64,
        pub unread_count: i16,
        pub last_public_message_id: Option<i64>,
        pub last_non_activity_message_id: Option<i64>,
        pub updated_at: i64,
        pub status: i16,
        pub priority: Option<i16>,
        pub assignee_id: Option<i64>,
        pub snoozed_until: Option<i64>,
        /// Left as they are when absent.
        pub custom_attributes: Option<Box<RawValue>>,
    }
}

row! {
    /// A label of a conversation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct LabelRow {
        pub conversation_id: i64,
        pub title: String,
        pub position: i32,
    }
}

row! {
    /// A label that a conversation has no more.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct LabelGone {
        pub conversation_id: i64,
        pub title: String,
    }
}

row! {
    /// What intake changes of a contact.
    #[derive(Debug, Clone)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct ContactUpdate {
        pub id: i64,
        pub last_activity_at: Option<i64>,
        pub updated_at: i64,
    }
}

row! {
    /// What intake changes of a stored message.
    #[derive(Debug, Clone)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct MessageUpdate {
        pub id: i64,
        /// Left as it is when absent.
        pub content: Option<String>,
        /// Left as it is when absent.
        pub content_type: Option<String>,
        pub status: i16,
        pub content_attributes: Box<RawValue>,
        pub updated_at: i64,
    }
}

/// A long text that goes in a parameter of its own, because in JSON it would be written and read once
/// more. In the JSON of its row stands its place there: first byte, counted from 1, and bytes.
#[derive(Debug, Clone)]
pub struct Apart {
    text: String,
    place: (usize, usize),
}

impl Apart {
    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Gives the text away.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// Puts the text behind others, and remembers where.
    pub(super) fn append_to(&mut self, all: &mut Vec<u8>) {
        self.place = (all.len() + 1, self.text.len());
        all.extend_from_slice(self.text.as_bytes());
    }
}

impl From<String> for Apart {
    fn from(text: String) -> Self {
        Self {
            text,
            place: (0, 0),
        }
    }
}

impl Serialize for Apart {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.place.serialize(serializer)
    }
}

/// When a lease ends: by this process's clock on SQLite, its length from now by the database's clock on
/// PostgreSQL.
#[derive(Debug, Clone, Copy)]
pub struct LeaseEnd {
    /// Microseconds since 1970 UTC.
    pub time: i64,
    /// In microseconds.
    pub length: i64,
}

impl Serialize for LeaseEnd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.time.serialize(serializer)
    }
}

row! {
    /// An event of the log.
    #[derive(Debug, Clone)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct EventRow {
        pub id: i64,
        pub account_id: i64,
        pub inbox_id: Option<i64>,
        pub conversation_id: Option<i64>,
        pub contact_id: Option<i64>,
        pub message_id: Option<i64>,
        pub name: &'static str,
        pub occurred_at: i64,
        pub origin: String,
        pub snapshot: Apart,
    }
}

row! {
    /// A delivery as it is born.
    #[derive(Debug, Clone)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct DeliveryRow {
        pub id: i64,
        pub account_id: i64,
        pub event_id: i64,
        pub receiver_id: i64,
        pub lane: Option<i64>,
        pub state: i16,
        pub due_at: i64,
        pub lease_token: Option<i64>,
        pub lease_until: Option<LeaseEnd>,
        pub created_at: i64,
    }
}

row! {
    /// The kept answer of a request with an idempotency key.
    #[derive(Debug, Clone)]
    #[expect(missing_docs, reason = "the fields are the columns of the table")]
    pub struct IdempotencyRow {
        pub token_id: i64,
        pub key: String,
        pub request_hash: String,
        pub resource: String,
        pub answer: String,
        pub created_at: i64,
    }
}
