//! Events: what happened, kept as one snapshot from which every body is rendered.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::attributes::Attributes;
use crate::ids::{
    AccountId, ContactId, ConversationId, DisplayId, EventId, InboxId, MessageId, TokenId, UserId,
};
use crate::intake::decide::templates::CSAT;
use crate::model::{
    AccountRef, Contact, ContactInbox, Conversation, InboxPreferences, InboxRef, Message, UserRef,
};
use crate::time::Timestamp;

coded! {
    /// What happened. The wire name is the `event` of webhook bodies.
    EventName {
        /// A conversation was made.
        ConversationCreated = 0 "conversation_created",
        /// Its status changed.
        ConversationStatusChanged = 1 "conversation_status_changed",
        /// Another attribute of it changed, too.
        ConversationUpdated = 2 "conversation_updated",
        /// A message was stored.
        MessageCreated = 3 "message_created",
        /// A stored message changed.
        MessageUpdated = 4 "message_updated",
        /// A contact was made.
        ContactCreated = 5 "contact_created",
        /// A contact changed.
        ContactUpdated = 6 "contact_updated",
        /// A widget was opened.
        WebwidgetTriggered = 7 "webwidget_triggered",
        /// An inbox was made.
        InboxCreated = 8 "inbox_created",
        /// An inbox changed.
        InboxUpdated = 9 "inbox_updated",
        /// Somebody began to type.
        ConversationTypingOn = 10 "conversation_typing_on",
        /// Somebody stopped typing.
        ConversationTypingOff = 11 "conversation_typing_off",
        /// A receiver failed for too long and was switched off.
        ReceiverDisabled = 12 "receiver_disabled",
    }
}

/// An event of the log.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id; the log's order.
    pub id: EventId,
    /// Its account.
    pub account_id: AccountId,
    /// What happened.
    pub name: EventName,
    /// When.
    pub occurred_at: Timestamp,
    /// Who made it happen.
    pub origin: Origin,
    /// The rows after the change.
    pub snapshot: Snapshot,
}

/// Who made an event happen, so that callers can skip their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Through which door.
    pub kind: OriginKind,
    /// The token that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_id: Option<TokenId>,
    /// The user who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The caller's own mark of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo_id: Option<String>,
}

/// Through which door an event was made to happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginKind {
    /// The public client API.
    Public,
    /// A caller with a token.
    #[default]
    Api,
    /// A channel.
    Channel,
    /// The gateway itself.
    System,
}

/// The rows after a change: everything that a body shows, and nothing that is read later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Version of this shape.
    pub v: u8,
    /// The account.
    pub account: AccountRef,
    /// The inbox, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox: Option<InboxRef>,
    /// The contact that changed, of contact events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The conversation, of conversation and message events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Box<ConversationSnapshot>>,
    /// The message, of message events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<Message>>,
    /// The inbox's settings, of inbox events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox_settings: Option<Box<InboxSettings>>,
    /// Who types, of typing events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typing: Option<Typing>,
    /// The receiver, of receiver events: its id, kind, URL and the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Value>,
    /// Where the contact answers, when the message asks for its satisfaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey_url: Option<String>,
    /// What changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

impl Snapshot {
    /// The current version of the shape.
    pub const VERSION: u8 = 1;

    /// A snapshot of an account with nothing else in it.
    pub fn new(account: AccountRef) -> Self {
        Self {
            v: Self::VERSION,
            account,
            inbox: None,
            contact: None,
            conversation: None,
            message: None,
            inbox_settings: None,
            typing: None,
            receiver: None,
            survey_url: None,
            changes: Vec::new(),
        }
    }
}

impl Event {
    /// About how many bytes it holds, for the ceiling of what is on its way.
    pub fn bytes(&self) -> usize {
        std::mem::size_of::<Self>() + self.snapshot.bytes()
    }
}

impl Snapshot {
    /// The parts that may be large; the others together are less than [`Self::SMALL_BYTES`].
    fn bytes(&self) -> usize {
        let contact = |contact: &Contact| {
            contact.additional_attributes.bytes() + contact.custom_attributes.bytes()
        };
        let message = |message: &Message| {
            message.content.as_ref().map_or(0, String::len)
                + message.content_attributes.bytes()
                + message.additional_attributes.bytes()
        };
        let conversation = |conversation: &ConversationSnapshot| {
            let newest = match &conversation.newest {
                Newest::Other(newest) => message(newest),
                Newest::None | Newest::Same => 0,
            };
            let row = &conversation.row;
            row.additional_attributes.bytes()
                + row.custom_attributes.bytes()
                + contact(&conversation.contact)
                + newest
        };
        Self::SMALL_BYTES
            + self.contact.as_ref().map_or(0, contact)
            + self.conversation.as_deref().map_or(0, conversation)
            + self.message.as_deref().map_or(0, message)
    }

    const SMALL_BYTES: usize = 4096;

    /// The message's text as its receivers get it: a question for satisfaction carries its link.
    pub fn message_content(&self) -> Option<Cow<'_, str>> {
        let content = self.message.as_ref()?.content.as_deref();
        let Some(url) = &self.survey_url else {
            return content.map(Cow::Borrowed);
        };
        Some(Cow::Owned(match content {
            None | Some(CSAT) => format!("Please rate this conversation, {url}"),
            Some(text) => format!("{text} {url}"),
        }))
    }
}

/// A conversation with what its bodies show of its surroundings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationSnapshot {
    /// The row.
    pub row: Conversation,
    /// Whose it is.
    pub contact: Contact,
    /// Through which presence.
    pub contact_inbox: ContactInbox,
    /// Who answers it.
    #[serde(default)]
    pub assignee: Option<UserRef>,
    /// Free tags.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether the contact can be answered now.
    pub can_reply: bool,
    /// The newest message that is neither activity nor private.
    #[serde(default)]
    pub newest: Newest,
}

/// The newest public message of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newest {
    /// It has none.
    #[default]
    None,
    /// It is the message that stands beside the conversation in the snapshot.
    Same,
    /// It is this one.
    Other(Box<Message>),
}

/// What the events of an inbox show of it. No secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboxSettings {
    /// General settings.
    pub preferences: InboxPreferences,
    /// Whether a contact has only one conversation at a time.
    pub lock_to_single_conversation: bool,
    /// Those settings of its channel that everybody in the account may see.
    pub channel: Attributes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Who types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// A user; the conversation's contact when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserRef>,
    /// Whether it will be a note among agents.
    pub is_private: bool,
}

/// An attribute that changed, with its values in wire form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Name of the attribute.
    pub attribute: String,
    /// Its value before.
    pub previous: Value,
    /// Its value now.
    pub current: Value,
}

impl Change {
    /// A change of `attribute`.
    pub fn new(attribute: &str, previous: impl Into<Value>, current: impl Into<Value>) -> Self {
        Self {
            attribute: attribute.to_owned(),
            previous: previous.into(),
            current: current.into(),
        }
    }
}

/// What an event is about, for the log's columns and for lanes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subject {
    /// The inbox.
    pub inbox_id: Option<InboxId>,
    /// The conversation's row.
    pub conversation_id: Option<ConversationId>,
    /// The conversation's `id` on the wire.
    pub display_id: Option<DisplayId>,
    /// The contact, of contact events.
    pub contact_id: Option<ContactId>,
    /// The message.
    pub message_id: Option<MessageId>,
}

impl Subject {
    /// The order that deliveries of the event keep: the conversation's id, minus the contact's id,
    /// or none.
    pub fn lane(&self) -> Option<i64> {
        self.conversation_id
            .map(ConversationId::get)
            .or(self.contact_id.map(|contact| -contact.get()))
    }
}
