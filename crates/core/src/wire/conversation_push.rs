use serde::Serialize;

use super::contact::ContactPush;
use super::form::seconds;
use super::message::{MessageContext, MessagePush};
use super::user::UserPush;
use crate::attributes::Attributes;
use crate::event::{ConversationSnapshot, Newest};
use crate::model::{ContactInbox, ConversationStatus, Message, Priority, SenderKind};
use crate::time::{Timestamp, unix0};

/// A conversation in live streams and webhooks (contract, section 3: `S.ConvPush`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationPush<'a> {
    /// System facts.
    pub additional_attributes: &'a Attributes,
    /// Whether the contact can be answered now.
    pub can_reply: bool,
    /// Its channel's type on the wire.
    pub channel: &'a str,
    /// Its number within the account.
    pub id: i64,
    /// Its inbox.
    pub inbox_id: i64,
    /// Through which presence of the contact.
    pub contact_inbox: ContactInboxRecord<'a>,
    /// Its newest message that is neither activity nor private, or nothing.
    #[cfg_attr(feature = "openapi", schema(max_items = 1))]
    pub messages: Vec<MessagePush<'a>>,
    /// Free tags.
    pub labels: &'a [String],
    /// Its surroundings.
    pub meta: ConversationPushMeta<'a>,
    /// Its state.
    pub status: ConversationStatus,
    /// The account's own attributes.
    pub custom_attributes: &'a Attributes,
    /// Until when it is hidden, ISO 8601 with milliseconds.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub snoozed_until: Option<String>,
    /// Incoming messages since an agent last looked, at most 10.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 10))]
    pub unread_count: i16,
    /// When a person first answered, ISO 8601 with milliseconds.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub first_reply_created_at: Option<String>,
    /// How urgent it is.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub priority: Option<Priority>,
    /// Since when the contact waits for an answer, in Unix seconds; 0 when it does not.
    pub waiting_since: i64,
    /// When an agent last looked, in Unix seconds; 0 when never.
    pub agent_last_seen_at: i64,
    /// When the contact last looked, in Unix seconds; 0 when never.
    pub contact_last_seen_at: i64,
    /// Time of its newest message, in Unix seconds.
    pub last_activity_at: i64,
    /// The same as `last_activity_at`.
    pub timestamp: i64,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// When it last changed, in Unix seconds with their fraction.
    pub updated_at: f64,
}

impl<'a> ConversationPush<'a> {
    /// The form of a snapshot. `channel` is the channel's type on the wire, `beside` the message
    /// that stands beside the conversation in the event.
    pub fn new(
        of: &'a ConversationSnapshot,
        channel: &'a str,
        beside: Option<&'a Message>,
    ) -> Self {
        let row = &of.row;
        Self {
            additional_attributes: &row.additional_attributes,
            can_reply: of.can_reply,
            channel,
            id: row.display_id.get(),
            inbox_id: row.inbox_id.get(),
            contact_inbox: ContactInboxRecord::new(&of.contact_inbox),
            messages: newest(of, beside).into_iter().collect(),
            labels: &of.labels,
            meta: ConversationPushMeta::new(of),
            status: row.status,
            custom_attributes: &row.custom_attributes,
            snoozed_until: row.snoozed_until.map(Timestamp::iso),
            unread_count: row.unread_count,
            first_reply_created_at: row.first_reply_created_at.map(Timestamp::iso),
            priority: row.priority,
            waiting_since: unix0(row.waiting_since),
            agent_last_seen_at: unix0(row.agent_last_seen_at),
            contact_last_seen_at: unix0(row.contact_last_seen_at),
            last_activity_at: row.last_activity_at.unix(),
            timestamp: row.last_activity_at.unix(),
            created_at: row.created_at.unix(),
            updated_at: seconds(row.updated_at),
        }
    }
}

fn newest<'a>(
    of: &'a ConversationSnapshot,
    beside: Option<&'a Message>,
) -> Option<MessagePush<'a>> {
    let message = match &of.newest {
        Newest::None => None,
        Newest::Same => beside,
        Newest::Other(message) => Some(&**message),
    };
    let context = MessageContext {
        conversation: &of.row,
        contact: &of.contact,
        source_id: &of.contact_inbox.source_id,
    };
    message.map(|message| MessagePush::new(message, context))
}

/// The surroundings of a conversation, in live streams and webhooks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationPushMeta<'a> {
    /// Whose it is.
    pub sender: ContactPush<'a>,
    /// Who answers it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub assignee: Option<UserPush<'a>>,
    /// What kind of being answers it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub assignee_type: Option<SenderKind>,
    /// Always null.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub team: Option<TeamPush>,
    /// Whether the contact proved its identity.
    pub hmac_verified: bool,
}

impl<'a> ConversationPushMeta<'a> {
    fn new(of: &'a ConversationSnapshot) -> Self {
        Self {
            sender: ContactPush::new(&of.contact),
            assignee: of.assignee.as_ref().map(UserPush::new),
            assignee_type: of.assignee.as_ref().map(|_| SenderKind::User),
            team: None,
            hmac_verified: of.contact_inbox.hmac_verified,
        }
    }
}

/// A team in live streams and webhooks (contract, section 3: `S.TeamPush`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamPush {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// A contact's presence with all its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactInboxRecord<'a> {
    /// Its id.
    pub id: i64,
    /// The contact.
    pub contact_id: i64,
    /// The inbox.
    pub inbox_id: i64,
    /// The contact's id in the inbox.
    #[cfg_attr(feature = "openapi", schema(example = "crm-42"))]
    pub source_id: &'a str,
    /// When it was made, ISO 8601 with milliseconds.
    pub created_at: String,
    /// When it last changed, ISO 8601 with milliseconds.
    pub updated_at: String,
    /// Whether the contact proved its identity.
    pub hmac_verified: bool,
    /// Credential of the contact's live stream.
    pub pubsub_token: &'a str,
}

impl<'a> ContactInboxRecord<'a> {
    /// All columns of a presence.
    pub fn new(presence: &'a ContactInbox) -> Self {
        Self {
            id: presence.id.get(),
            contact_id: presence.contact_id.get(),
            inbox_id: presence.inbox_id.get(),
            source_id: &presence.source_id,
            created_at: presence.created_at.iso(),
            updated_at: presence.updated_at.iso(),
            hmac_verified: presence.hmac_verified,
            pubsub_token: &presence.pubsub_token,
        }
    }
}
