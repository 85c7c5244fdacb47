//! What can be asked of a conversation.

use std::sync::Arc;

use crate::attachment::NewAttachment;
use crate::attributes::Attributes;
use crate::event::Origin;
use crate::ids::{ContactId, ConversationId, MessageId, ReceiverId};
use crate::model::{
    AccountRef, Contact, Conversation, ConversationStatus, Inbox, Message, MessageStatus,
    MessageType, UserRef,
};
use crate::receiver::Receivers;
use crate::time::Timestamp;

/// One command for one conversation, with what was looked up for it.
#[derive(Debug, Clone)]
pub struct Job {
    /// The account.
    pub account: AccountRef,
    /// The conversation's inbox.
    pub inbox: Arc<Inbox>,
    /// Who is told.
    pub receivers: Receivers,
    /// The conversation's row.
    pub conversation_id: ConversationId,
    /// Its contact, as it was found; the command fails over when it has moved since.
    pub contact_id: ContactId,
    /// Who asks.
    pub origin: Origin,
    /// What is asked.
    pub command: Command,
}

/// What is asked of a conversation.
#[derive(Debug, Clone)]
pub enum Command {
    /// Say that the contact was made in this transaction.
    AnnounceContact,
    /// Say that the conversation was made in this transaction.
    AnnounceConversation,
    /// Store a message.
    AddMessage(Box<NewMessage>),
    /// Set or toggle the status.
    SetStatus(SetStatus),
    /// Set how far a message has come.
    SetMessageStatus(SetMessageStatus),
    /// Send a failed message again.
    RetryMessage(MessageId),
}

/// A message to store.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Who made it, and for whom.
    pub message_type: MessageType,
    /// Text.
    pub content: Option<String>,
    /// Wire name of its kind of content.
    pub content_type: String,
    /// Structured parts of the content.
    pub content_attributes: Attributes,
    /// System facts.
    pub additional_attributes: Attributes,
    /// Whether it is a note among agents.
    pub private: bool,
    /// The provider's or caller's id; never blank.
    pub source_id: Option<String>,
    /// Who wrote an outgoing message. Incoming messages are the contact's.
    pub author: Option<UserRef>,
    /// What is attached.
    pub attachments: Vec<NewAttachment>,
    /// Refuse with [`Outcome::Resolved`] instead of reopening: the caller then chooses another
    /// conversation.
    pub unless_resolved: bool,
}

/// A change of status.
#[derive(Debug, Clone)]
pub struct SetStatus {
    /// The new status; `None` = resolved if it is open, else open.
    pub status: Option<ConversationStatus>,
    /// Until when, with `snoozed`.
    pub snoozed_until: Option<Timestamp>,
    /// Who does it.
    pub actor: Actor,
}

/// Who does something to a conversation.
#[derive(Debug, Clone)]
pub enum Actor {
    /// A user; one who is only an agent takes over what it opens.
    User {
        /// The user.
        user: UserRef,
        /// Whether it becomes the assignee of what it opens.
        takes_over: bool,
    },
    /// The conversation's contact.
    Contact,
}

/// A report on a message's way.
#[derive(Debug, Clone)]
pub struct SetMessageStatus {
    /// The message.
    pub message_id: MessageId,
    /// How far it has come.
    pub status: MessageStatus,
    /// What went wrong, with `failed`.
    pub external_error: Option<String>,
    /// The receiver whose failure this reports; it is not told.
    pub except: Option<ReceiverId>,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Nothing to show.
    Done,
    /// The message, as it is now.
    Message {
        /// The message.
        message: Box<Message>,
        /// The conversation's contact.
        contact: Box<Contact>,
        /// Whether it was stored by an earlier request with the same `source_id`.
        replayed: bool,
    },
    /// The conversation, as it is now.
    Conversation(Box<Conversation>),
    /// The conversation is resolved and must not be reopened by this command.
    Resolved,
    /// The conversation's contact has changed since it was looked up; look it up again.
    Moved,
}
