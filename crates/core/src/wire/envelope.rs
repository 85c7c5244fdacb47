use serde::Serialize;

use super::event::webhook_body;
use crate::attributes::Attributes;
use crate::event::{Event, EventName, Origin, OriginKind};
use crate::ids::{TokenId, UserId};

/// An event as our own API lists it: its place in the log, what it is about, and the same body
/// that webhooks get.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Event))]
pub struct EventView {
    /// Its id; rises with the log.
    pub id: i64,
    /// What happened.
    pub name: EventName,
    /// The message's place in its conversation: 1, 2, 3 ... without gaps.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub seq: Option<i64>,
    /// When, ISO 8601 with milliseconds.
    pub occurred_at: String,
    /// Its account.
    pub account_id: i64,
    /// The inbox.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub inbox_id: Option<i64>,
    /// The conversation's number within the account.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub conversation_id: Option<i64>,
    /// The contact.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub contact_id: Option<i64>,
    /// The message, of message events.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub message_id: Option<i64>,
    /// Who made it happen.
    pub origin: OriginView,
    /// The body that webhooks get.
    pub data: Attributes,
}

/// Who made an event happen, so that callers can skip their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = EventOrigin))]
pub struct OriginView {
    /// Through which door: `public`, `api`, `channel` or `system`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "api"))]
    pub kind: OriginKind,
    /// The token that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub token_id: Option<i64>,
    /// The user who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub user_id: Option<i64>,
    /// The caller's own mark of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub echo_id: Option<String>,
}

/// The view of an event in our own API.
pub fn envelope(event: &Event) -> EventView {
    let of = &event.snapshot;
    let conversation = of.conversation.as_ref();
    let contact = of.contact.as_ref().or(conversation.map(|c| &c.contact));
    let message = of.message.as_ref();
    let body = String::from_utf8_lossy(&webhook_body(event)).into_owned();
    EventView {
        id: event.id.get(),
        name: event.name,
        seq: message.map(|message| message.seq),
        occurred_at: event.occurred_at.iso(),
        account_id: event.account_id.get(),
        inbox_id: of.inbox.as_ref().map(|inbox| inbox.id.get()),
        conversation_id: conversation.map(|c| c.row.display_id.get()),
        contact_id: contact.map(|contact| contact.id.get()),
        message_id: message.map(|message| message.id.get()),
        origin: OriginView::new(&event.origin),
        data: Attributes::from_text(body),
    }
}

impl OriginView {
    fn new(origin: &Origin) -> Self {
        Self {
            kind: origin.kind,
            token_id: origin.token_id.map(TokenId::get),
            user_id: origin.user_id.map(UserId::get),
            echo_id: origin.echo_id.clone(),
        }
    }
}
