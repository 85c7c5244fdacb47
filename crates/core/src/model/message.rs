use serde::{Deserialize, Serialize};

use crate::attributes::Attributes;
use crate::ids::{
    AccountId, ContactId, ContactInboxId, ConversationId, DisplayId, InboxId, MessageId,
};
use crate::model::{Attachment, UserRef};
use crate::time::Timestamp;

coded! {
    /// Who made a message, and for whom.
    MessageType {
        /// From the contact.
        Incoming = 0 "incoming",
        /// To the contact, or a private note.
        Outgoing = 1 "outgoing",
        /// A line about what happened.
        Activity = 2 "activity",
        /// To the contact, by a rule.
        Template = 3 "template",
    }
}

coded! {
    /// How far a message has come.
    MessageStatus {
        /// Handed over.
        Sent = 0 "sent",
        /// On the contact's device.
        Delivered = 1 "delivered",
        /// Seen by the contact.
        Read = 2 "read",
        /// Not delivered.
        Failed = 3 "failed",
    }
}

coded! {
    /// What kind of being wrote a message.
    SenderKind {
        /// The conversation's contact.
        Contact = 0 "Contact",
        /// A user.
        User = 1 "User",
        /// A bot.
        AgentBot = 2 "AgentBot",
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The conversation's contact, which stands in the snapshot or view already.
    Contact(ContactId),
    /// A user.
    User(UserRef),
}

impl Sender {
    /// What kind of being it is.
    pub fn kind(&self) -> SenderKind {
        match self {
            Self::Contact(_) => SenderKind::Contact,
            Self::User(_) => SenderKind::User,
        }
    }

    /// Its id among its kind.
    pub fn id(&self) -> i64 {
        match self {
            Self::Contact(id) => id.get(),
            Self::User(user) => user.id.get(),
        }
    }
}

/// A message. It stands whole in event snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its account.
    pub account_id: AccountId,
    /// Its inbox.
    pub inbox_id: InboxId,
    /// Its conversation's row.
    pub conversation_id: ConversationId,
    /// Its conversation's `id` on the wire.
    pub display_id: DisplayId,
    /// Through which presence of the contact.
    pub contact_inbox_id: ContactInboxId,
    /// Its place in the conversation: 1, 2, 3 ... without gaps.
    pub seq: i64,
    /// Who made it, and for whom.
    pub message_type: MessageType,
    /// Text; absent when it has attachments only.
    pub content: Option<String>,
    /// Wire name of its kind of content.
    pub content_type: String,
    /// Structured parts of the content.
    pub content_attributes: Attributes,
    /// System facts.
    pub additional_attributes: Attributes,
    /// Whether it is a note among agents.
    pub private: bool,
    /// How far it has come.
    pub status: MessageStatus,
    /// The provider's or caller's id, unique per contact inbox.
    pub source_id: Option<String>,
    /// Who wrote it; nobody for activities and templates.
    pub sender: Option<Sender>,
    /// Its files.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
