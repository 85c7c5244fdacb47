use serde::Serialize;

use super::contact::ContactView;
use super::form::seconds;
use super::message::{MessageContext, MessagePush};
use super::user::AgentView;
use crate::attributes::Attributes;
use crate::model::{
    Contact, ContactInbox, Conversation, ConversationStatus, Message, Priority, SenderKind,
};
use crate::time::{Timestamp, unix0};

/// What a [`ConversationView`] is made of.
#[derive(Debug, Clone)]
pub struct ConversationParts<'a> {
    /// The row.
    pub row: &'a Conversation,
    /// Whose it is.
    pub contact: &'a Contact,
    /// Through which presence.
    pub contact_inbox: &'a ContactInbox,
    /// Free tags.
    pub labels: Vec<String>,
    /// Who answers it; nobody when the user has left the account.
    pub assignee: Option<AgentView>,
    /// Its channel's type on the wire.
    pub channel: &'a str,
    /// Its newest message of any kind.
    pub newest: Option<&'a Message>,
    /// Its newest message that is not activity.
    pub last_non_activity: Option<&'a Message>,
    /// Whether the contact can be answered now.
    pub can_reply: bool,
}

impl<'a> ConversationParts<'a> {
    fn push(&self, message: &'a Message) -> MessagePush<'static> {
        let context = MessageContext {
            conversation: self.row,
            contact: self.contact,
            source_id: &self.contact_inbox.source_id,
        };
        MessagePush::owned(message, context)
    }
}

/// A conversation as REST answers it (contract, section 3: `S.Conversation`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Conversation))]
pub struct ConversationView {
    /// Its surroundings.
    pub meta: ConversationMeta,
    /// Its number within the account.
    pub id: i64,
    /// Its newest message of any kind, or nothing.
    #[cfg_attr(feature = "openapi", schema(max_items = 1))]
    pub messages: Vec<MessagePush<'static>>,
    /// Its account.
    pub account_id: i64,
    /// Its global id.
    pub uuid: String,
    /// System facts.
    pub additional_attributes: Attributes,
    /// When an agent last looked, in Unix seconds; 0 when never.
    pub agent_last_seen_at: i64,
    /// When the assignee last looked, in Unix seconds; 0 when never.
    pub assignee_last_seen_at: i64,
    /// Whether the contact can be answered now.
    pub can_reply: bool,
    /// When the contact last looked, in Unix seconds; 0 when never.
    pub contact_last_seen_at: i64,
    /// The account's own attributes.
    pub custom_attributes: Attributes,
    /// Its inbox.
    pub inbox_id: i64,
    /// Free tags.
    pub labels: Vec<String>,
    /// Whether its contact is blocked.
    pub muted: bool,
    /// Until when it is hidden, ISO 8601 with milliseconds.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub snoozed_until: Option<String>,
    /// Its state.
    pub status: ConversationStatus,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// When it last changed, in Unix seconds with their fraction.
    #[cfg_attr(feature = "openapi", schema(example = 1_754_561_394.726_519))]
    pub updated_at: f64,
    /// The same as `last_activity_at`.
    pub timestamp: i64,
    /// When a person first answered, in Unix seconds; 0 when never.
    pub first_reply_created_at: i64,
    /// Incoming messages since an agent last looked, at most 10.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 10))]
    pub unread_count: i16,
    /// Its newest message that is not activity.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub last_non_activity_message: Option<MessagePush<'static>>,
    /// Time of its newest message, in Unix seconds.
    pub last_activity_at: i64,
    /// How urgent it is.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub priority: Option<Priority>,
    /// Since when the contact waits for an answer, in Unix seconds; 0 when it does not.
    pub waiting_since: i64,
    /// Always null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub sla_policy_id: Option<i64>,
}

impl ConversationView {
    /// The view of a conversation.
    pub fn new(parts: ConversationParts<'_>) -> Self {
        let row = parts.row;
        Self {
            messages: parts.newest.map(|m| parts.push(m)).into_iter().collect(),
            last_non_activity_message: parts.last_non_activity.map(|m| parts.push(m)),
            id: row.display_id.get(),
            account_id: row.account_id.get(),
            uuid: row.uuid.clone(),
            additional_attributes: row.additional_attributes.clone(),
            agent_last_seen_at: unix0(row.agent_last_seen_at),
            assignee_last_seen_at: unix0(row.assignee_last_seen_at),
            can_reply: parts.can_reply,
            contact_last_seen_at: unix0(row.contact_last_seen_at),
            custom_attributes: row.custom_attributes.clone(),
            inbox_id: row.inbox_id.get(),
            muted: parts.contact.blocked,
            snoozed_until: row.snoozed_until.map(Timestamp::iso),
            status: row.status,
            created_at: row.created_at.unix(),
            updated_at: seconds(row.updated_at),
            timestamp: row.last_activity_at.unix(),
            first_reply_created_at: unix0(row.first_reply_created_at),
            unread_count: row.unread_count,
            last_activity_at: row.last_activity_at.unix(),
            priority: row.priority,
            waiting_since: unix0(row.waiting_since),
            sla_policy_id: None,
            meta: ConversationMeta {
                sender: ContactView::new(parts.contact, None),
                channel: parts.channel.to_owned(),
                assignee_type: parts.assignee.as_ref().map(|_| SenderKind::User),
                assignee: parts.assignee,
                hmac_verified: parts.contact_inbox.hmac_verified,
            },
            labels: parts.labels,
        }
    }
}

/// The surroundings of a conversation, in REST.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationMeta {
    /// Whose it is.
    pub sender: ContactView,
    /// Its channel's type on the wire.
    pub channel: String,
    /// Who answers it; left out when nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub assignee: Option<AgentView>,
    /// What kind of being answers it; left out when nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub assignee_type: Option<SenderKind>,
    /// Whether the contact proved its identity.
    pub hmac_verified: bool,
}

/// What `toggle_status` answers within `payload` (contract, section 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ToggleStatus))]
pub struct StatusToggled {
    /// Whether it worked; null when a bot handed over.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub success: Option<bool>,
    /// The conversation's `id`.
    pub conversation_id: i64,
    /// Its state now.
    pub current_status: ConversationStatus,
    /// Until when it is hidden, ISO 8601 with milliseconds.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub snoozed_until: Option<String>,
}

impl StatusToggled {
    /// The answer for a conversation that was changed.
    pub fn new(conversation: &Conversation) -> Self {
        Self {
            success: Some(true),
            conversation_id: conversation.display_id.get(),
            current_status: conversation.status,
            snoozed_until: conversation.snoozed_until.map(Timestamp::iso),
        }
    }
}
