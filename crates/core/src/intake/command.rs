//! What can be asked of a conversation.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::attachment::NewAttachment;
use crate::attributes::Attributes;
use crate::event::Origin;
use crate::idempotency::Claim;
use crate::ids::{ContactId, ConversationId, MessageId, ReceiverId, UserId};
use crate::model::{
    AccountRef, Contact, Conversation, ConversationStatus, Inbox, Message, MessageStatus,
    MessageType, Priority, UserRef,
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
    /// Take a message's content and files away; its row stays.
    DeleteMessage(MessageId),
    /// Set or clear how urgent it is.
    SetPriority(SetPriority),
    /// Give it to somebody, or to nobody.
    Assign(Assign),
    /// Replace its labels.
    SetLabels(SetLabels),
    /// Replace the account's own attributes.
    SetCustomAttributes(Attributes),
    /// An agent has seen it.
    MarkSeen(UserId),
    /// The contact's newest message shall count as not seen.
    MarkUnread,
    /// Note that the contact has looked.
    ContactSaw(ContactSaw),
    /// Keep what the contact answered to a message.
    Submit(Submission),
}

impl Command {
    /// About how many bytes it holds, for the ceiling of what is queued.
    pub(crate) fn bytes(&self) -> usize {
        let texts = match self {
            Self::AddMessage(new) => {
                new.content.as_ref().map_or(0, String::len)
                    + new.content_attributes.bytes()
                    + new.additional_attributes.bytes()
            }
            Self::SetCustomAttributes(attributes) => attributes.bytes(),
            Self::Submit(submission) => {
                serde_json::to_vec(&submission.attributes).map_or(0, |text| text.len())
            }
            _ => 0,
        };
        std::mem::size_of::<Job>() + texts
    }

    /// How the answer is kept, if it is.
    pub(crate) fn kept_answer(&self) -> Option<&KeptAnswer> {
        match self {
            Self::AddMessage(new) => new.answer.as_ref(),
            _ => None,
        }
    }
}

/// The contact's look at a conversation.
#[derive(Debug, Clone)]
pub struct ContactSaw {
    /// When.
    pub at: Timestamp,
    /// Messages to the contact that it has seen by then; those on their way are read from now on.
    pub messages: Vec<MessageId>,
}

/// What a contact answered to a message: a form, a choice, a rating.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The message.
    pub message_id: MessageId,
    /// Its content attributes that change.
    pub attributes: Map<String, Value>,
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
    /// The user who posts it: the sender of an outgoing message; `None` for what the contact or
    /// the gateway itself says.
    pub author: Option<UserRef>,
    /// What is attached.
    pub attachments: Vec<NewAttachment>,
    /// Refuse with [`Outcome::Resolved`] instead of reopening: the caller then chooses another
    /// conversation.
    pub unless_resolved: bool,
    /// Keep the answer under the request's `Idempotency-Key`.
    pub answer: Option<KeptAnswer>,
}

/// How the answer to a message's creation is kept.
#[derive(Debug, Clone)]
pub struct KeptAnswer {
    /// The key.
    pub claim: Claim,
    /// Whether the answer names the contact, too, as that of a door does.
    pub with_contact: bool,
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

/// A change of urgency.
#[derive(Debug, Clone)]
pub struct SetPriority {
    /// How urgent it is; `None` = not said.
    pub priority: Option<Priority>,
    /// Who does it.
    pub by: UserRef,
}

/// A change of who answers.
#[derive(Debug, Clone)]
pub struct Assign {
    /// Who answers; `None` = nobody.
    pub assignee: Option<UserRef>,
    /// Who does it.
    pub by: UserRef,
}

/// A change of labels.
#[derive(Debug, Clone)]
pub struct SetLabels {
    /// All its labels, in order, each once.
    pub labels: Vec<String>,
    /// Who does it.
    pub by: UserRef,
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
