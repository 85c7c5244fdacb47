use std::borrow::Cow;

use serde::Serialize;

use super::attachment::AttachmentView;
use super::contact::ContactPush;
use super::form::{EmptyObject, Keep, copy, lend};
use super::user::UserPush;
use crate::attributes::Attributes;
use crate::ids::UserId;
use crate::model::{Contact, Conversation, Message, MessageStatus, Sender, SenderKind, UserRef};
use crate::time::Timestamp;

/// A message as REST answers it (contract, section 3: `S.Message`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Message))]
pub struct MessageView {
    /// Its id.
    pub id: i64,
    /// Text; null when it has attachments only.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub content: Option<String>,
    /// Its inbox.
    pub inbox_id: i64,
    /// The caller's own mark, in the answer to its creation only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub echo_id: Option<String>,
    /// Its conversation's `id`.
    pub conversation_id: i64,
    /// 0 incoming, 1 outgoing, 2 activity, 3 template.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3))]
    pub message_type: i16,
    /// Its kind of content.
    #[cfg_attr(feature = "openapi", schema(example = "text"))]
    pub content_type: String,
    /// How far it has come.
    pub status: MessageStatus,
    /// Structured parts of the content.
    pub content_attributes: Attributes,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// Whether it is a note among agents.
    pub private: bool,
    /// The provider's or caller's id.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub source_id: Option<String>,
    /// Who wrote it; left out for activities and templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub sender: Option<MessageSender<'static>>,
    /// Its files; left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub attachments: Option<Vec<AttachmentView<'static>>>,
}

impl MessageView {
    /// The view of a message in a conversation of `contact`. `echo_id` is the mark that the caller
    /// sent with it, if this answers its creation.
    pub fn new(message: &Message, contact: &Contact, echo_id: Option<String>) -> Self {
        Self {
            id: message.id.get(),
            content: message.content.clone(),
            inbox_id: message.inbox_id.get(),
            echo_id,
            conversation_id: message.display_id.get(),
            message_type: message.message_type.code(),
            content_type: message.content_type.clone(),
            status: message.status,
            content_attributes: message.content_attributes.clone(),
            created_at: message.created_at.unix(),
            private: message.private,
            source_id: message.source_id.clone(),
            sender: MessageSender::build(message, contact, copy),
            attachments: AttachmentView::all(message, copy),
        }
    }
}

/// A stored message and its contact: the answer of a door that found the conversation itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InboundStored {
    /// The message.
    #[serde(flatten)]
    pub message: MessageView,
    /// Its contact.
    pub contact_id: i64,
}

impl InboundStored {
    /// The answer about a message of `contact`.
    pub fn new(message: MessageView, contact: &Contact) -> Self {
        Self {
            message,
            contact_id: contact.id.get(),
        }
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum MessageSender<'a> {
    /// A user.
    User(UserPush<'a>),
    /// The conversation's contact.
    Contact(ContactPush<'a>),
}

impl<'a> MessageSender<'a> {
    /// Who wrote a message to or of `contact`; nobody wrote activities and templates.
    pub fn owned(message: &Message, contact: &Contact) -> Option<MessageSender<'static>> {
        MessageSender::build(message, contact, copy)
    }

    pub(super) fn build<'m>(
        message: &'m Message,
        contact: &'m Contact,
        keep: Keep<'m, 'a>,
    ) -> Option<Self> {
        Some(match message.sender.as_ref()? {
            Sender::Contact(_) => Self::Contact(ContactPush::build(contact, keep)),
            Sender::User(user) => Self::User(UserPush::build(user, keep)),
        })
    }
}

/// What a [`MessagePush`] shows of its surroundings.
#[derive(Debug, Clone, Copy)]
pub struct MessageContext<'a> {
    /// The message's conversation.
    pub conversation: &'a Conversation,
    /// Whose it is.
    pub contact: &'a Contact,
    /// The contact's id in the inbox.
    pub source_id: &'a str,
}

/// A message in live streams and within conversations (contract, section 3: `S.MessagePush`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePush<'a> {
    /// Its id.
    pub id: i64,
    /// Text; null when it has attachments only.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub content: Option<Cow<'a, str>>,
    /// Its account.
    pub account_id: i64,
    /// Its inbox.
    pub inbox_id: i64,
    /// Its conversation's `id`.
    pub conversation_id: i64,
    /// 0 incoming, 1 outgoing, 2 activity, 3 template.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 3))]
    pub message_type: i16,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// When it last changed, ISO 8601 with milliseconds.
    pub updated_at: String,
    /// Whether it is a note among agents.
    pub private: bool,
    /// How far it has come.
    pub status: MessageStatus,
    /// The provider's or caller's id.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub source_id: Option<Cow<'a, str>>,
    /// Its kind of content.
    pub content_type: Cow<'a, str>,
    /// Structured parts of the content.
    pub content_attributes: Attributes,
    /// What kind of being wrote it; null for activities and templates.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub sender_type: Option<SenderKind>,
    /// Its writer's id among that kind.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub sender_id: Option<i64>,
    /// Always empty.
    pub external_source_ids: EmptyObject,
    /// System facts.
    pub additional_attributes: Attributes,
    /// The same as `content`.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub processed_message_content: Option<Cow<'a, str>>,
    /// Always empty.
    pub sentiment: EmptyObject,
    /// Its conversation in short.
    pub conversation: MessagePushConversation<'a>,
    /// The caller's own mark, in live streams only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub echo_id: Option<Cow<'a, str>>,
    /// Its files; left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub attachments: Option<Vec<AttachmentView<'a>>>,
    /// Who wrote it; left out for activities and templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub sender: Option<MessageSender<'a>>,
}

/// A conversation within a [`MessagePush`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePushConversation<'a> {
    /// Who answers it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub assignee_id: Option<i64>,
    /// Incoming messages since an agent last looked, at most 10.
    pub unread_count: i16,
    /// Time of its newest message, in Unix seconds.
    pub last_activity_at: i64,
    /// Through which presence of the contact.
    pub contact_inbox: MessagePushContactInbox<'a>,
}

/// A contact's presence within a [`MessagePush`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagePushContactInbox<'a> {
    /// The contact's id in the inbox.
    pub source_id: Cow<'a, str>,
}

impl<'a> MessagePush<'a> {
    /// The form that borrows from the message.
    pub fn new(message: &'a Message, context: MessageContext<'a>) -> Self {
        Self::build(message, context, lend)
    }

    fn build<'m>(message: &'m Message, at: MessageContext<'m>, keep: Keep<'m, 'a>) -> Self {
        Self {
            id: message.id.get(),
            content: message.content.as_deref().map(keep),
            account_id: message.account_id.get(),
            inbox_id: message.inbox_id.get(),
            conversation_id: message.display_id.get(),
            message_type: message.message_type.code(),
            created_at: message.created_at.unix(),
            updated_at: message.updated_at.iso(),
            private: message.private,
            status: message.status,
            source_id: message.source_id.as_deref().map(keep),
            content_type: keep(&message.content_type),
            content_attributes: message.content_attributes.clone(),
            sender_type: message.sender.as_ref().map(Sender::kind),
            sender_id: message.sender.as_ref().map(Sender::id),
            external_source_ids: EmptyObject {},
            additional_attributes: message.additional_attributes.clone(),
            processed_message_content: message.content.as_deref().map(keep),
            sentiment: EmptyObject {},
            conversation: MessagePushConversation::build(at, keep),
            echo_id: None,
            attachments: AttachmentView::all(message, keep),
            sender: MessageSender::build(message, at.contact, keep),
        }
    }
}

impl MessagePush<'static> {
    /// The form that stands alone.
    pub fn owned(message: &Message, context: MessageContext<'_>) -> Self {
        Self::build(message, context, copy)
    }
}

impl<'a> MessagePushConversation<'a> {
    fn build<'m>(at: MessageContext<'m>, keep: Keep<'m, 'a>) -> Self {
        Self {
            assignee_id: at.conversation.assignee_id.map(UserId::get),
            unread_count: at.conversation.unread_count,
            last_activity_at: at.conversation.last_activity_at.unix(),
            contact_inbox: MessagePushContactInbox {
                source_id: keep(at.source_id),
            },
        }
    }
}

/// `meta` of the message list (contract, section 4.3).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagesMeta {
    /// The conversation's tags.
    pub labels: Vec<String>,
    /// Its system facts.
    pub additional_attributes: Attributes,
    /// Whose it is.
    pub contact: ContactPush<'static>,
    /// Who answers it; left out when nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub assignee: Option<UserPush<'static>>,
    /// When an agent last looked, ISO 8601 with milliseconds.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub agent_last_seen_at: Option<String>,
    /// When the assignee last looked, ISO 8601 with milliseconds.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub assignee_last_seen_at: Option<String>,
}

impl MessagesMeta {
    /// The head of the message list of a conversation.
    pub fn new(
        conversation: &Conversation,
        contact: &Contact,
        labels: Vec<String>,
        assignee: Option<&UserRef>,
    ) -> Self {
        Self {
            labels,
            additional_attributes: conversation.additional_attributes.clone(),
            contact: ContactPush::owned(contact),
            assignee: assignee.map(UserPush::owned),
            agent_last_seen_at: conversation.agent_last_seen_at.map(Timestamp::iso),
            assignee_last_seen_at: conversation.assignee_last_seen_at.map(Timestamp::iso),
        }
    }
}
