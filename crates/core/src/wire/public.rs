use serde::Serialize;

use super::attachment::AttachmentView;
use super::contact::ContactRecord;
use super::form::copy;
use super::message::MessageSender;
use crate::attributes::Attributes;
use crate::model::{Contact, ContactInbox, Conversation, ConversationStatus, Message};
use crate::time::unix0;

/// A contact as the public client API answers its creation (contract, section 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicContact {
    /// Its id in the inbox: its credential in later calls.
    pub source_id: String,
    /// Credential of its live stream.
    pub pubsub_token: String,
    /// Its id.
    pub id: i64,
    /// Name; may be empty.
    pub name: String,
    /// Address in lower case.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub email: Option<String>,
    /// E.164.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub phone_number: Option<String>,
}

impl PublicContact {
    /// The view of a contact in one inbox.
    pub fn new(contact: &Contact, presence: &ContactInbox) -> Self {
        Self {
            source_id: presence.source_id.clone(),
            pubsub_token: presence.pubsub_token.clone(),
            id: contact.id.get(),
            name: contact.name.clone(),
            email: contact.email.clone(),
            phone_number: contact.phone_number.clone(),
        }
    }
}

/// A message as the public client API answers it (contract, section 3: `S.PublicMessage`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicMessage {
    /// Its id.
    pub id: i64,
    /// Text; null when it has attachments only.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub content: Option<String>,
    /// 0 incoming, 1 outgoing, 3 template.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3))]
    pub message_type: i16,
    /// Its kind of content.
    pub content_type: String,
    /// Structured parts of the content.
    pub content_attributes: Attributes,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// Its conversation's `id`.
    pub conversation_id: i64,
    /// Its files; left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub attachments: Option<Vec<AttachmentView<'static>>>,
    /// Who wrote it; left out for templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub sender: Option<MessageSender<'static>>,
}

impl PublicMessage {
    /// The view of a message in a conversation of `contact`.
    pub fn new(message: &Message, contact: &Contact) -> Self {
        Self {
            id: message.id.get(),
            content: message.content.clone(),
            message_type: message.message_type.code(),
            content_type: message.content_type.clone(),
            content_attributes: message.content_attributes.clone(),
            created_at: message.created_at.unix(),
            conversation_id: message.display_id.get(),
            attachments: AttachmentView::all(message, copy),
            sender: MessageSender::build(message, contact, copy),
        }
    }
}

/// A conversation as the public client API answers it (contract, section 5: PC).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicConversation {
    /// Its number within the account.
    pub id: i64,
    /// Its global id.
    pub uuid: String,
    /// Its inbox.
    pub inbox_id: i64,
    /// When the contact last looked, in Unix seconds; 0 when never.
    pub contact_last_seen_at: i64,
    /// Its state.
    pub status: ConversationStatus,
    /// When an agent last looked, in Unix seconds; 0 when never.
    pub agent_last_seen_at: i64,
    /// All its messages that are neither activity nor private, oldest first.
    pub messages: Vec<PublicMessage>,
    /// Whose it is.
    pub contact: ContactRecord,
}

impl PublicConversation {
    /// The view of a conversation of `contact`; `messages` are its public ones, oldest first.
    pub fn new(row: &Conversation, contact: &Contact, messages: &[Message]) -> Self {
        let views = messages.iter().map(|m| PublicMessage::new(m, contact));
        Self {
            id: row.display_id.get(),
            uuid: row.uuid.clone(),
            inbox_id: row.inbox_id.get(),
            contact_last_seen_at: unix0(row.contact_last_seen_at),
            status: row.status,
            agent_last_seen_at: unix0(row.agent_last_seen_at),
            messages: views.collect(),
            contact: ContactRecord::new(contact),
        }
    }
}
