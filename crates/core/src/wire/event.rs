use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::attachment::AttachmentView;
use super::contact::{ContactHook, NamedRef};
use super::conversation_push::ConversationPush;
use super::form::{Changes, lend};
use super::user::{HookSender, UserHook};
use crate::attributes::Attributes;
use crate::event::{Event, EventName, InboxSettings, Snapshot, Typing};
use crate::model::{Message, MessageType, Sender, WorkingHour};

/// The exact bytes of an event's body, the same for account webhooks and channel callbacks
/// (contract, section 7.3). Equal events give equal bytes, also after a reload from the log.
///
/// # Panics
/// Never: nothing in a body can fail to be written as JSON.
pub fn webhook_body(event: &Event) -> Vec<u8> {
    serde_json::to_vec(&EventBody::new(event)).expect("every key of a body is text")
}

/// The body of an event, of the shape that its name asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum EventBody<'a> {
    /// Of `message_created` and `message_updated`.
    Message(Box<MessageEvent<'a>>),
    /// Of `conversation_created`, `_updated` and `_status_changed`.
    Conversation(Box<ConversationEvent<'a>>),
    /// Of `contact_created` and `contact_updated`.
    Contact(ContactEvent<'a>),
    /// Of `conversation_typing_on` and `_off`.
    Typing(Box<TypingEvent<'a>>),
    /// Of `inbox_created` and `inbox_updated`.
    Inbox(Box<InboxEvent<'a>>),
    /// Of `receiver_disabled`, and of a snapshot that lacks what the event's name asks for: a
    /// broken row must not stop the deliveries behind it.
    Receiver(ReceiverEvent<'a>),
}

impl<'a> EventBody<'a> {
    /// The body of an event.
    pub fn new(event: &'a Event) -> Self {
        let of = &event.snapshot;
        Self::of_kind(event.name, of).unwrap_or_else(|| Self::Receiver(receiver(event.name, of)))
    }

    fn of_kind(name: EventName, of: &'a Snapshot) -> Option<Self> {
        use EventName as E;
        Some(match name {
            E::MessageCreated | E::MessageUpdated => Self::Message(Box::new(message(name, of)?)),
            E::ConversationCreated | E::ConversationUpdated | E::ConversationStatusChanged => {
                Self::Conversation(Box::new(conversation(name, of)?))
            }
            E::ContactCreated | E::ContactUpdated => Self::Contact(contact(name, of)?),
            E::ConversationTypingOn | E::ConversationTypingOff => {
                Self::Typing(Box::new(typing(name, of)?))
            }
            E::InboxCreated | E::InboxUpdated => Self::Inbox(Box::new(inbox(name, of)?)),
            E::ReceiverDisabled | E::WebwidgetTriggered => return None,
        })
    }
}

/// Body of `message_created` and `message_updated`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageEvent<'a> {
    /// Its account.
    pub account: NamedRef<'a>,
    /// System facts.
    pub additional_attributes: &'a Attributes,
    /// Structured parts of the content.
    pub content_attributes: &'a Attributes,
    /// Its kind of content.
    pub content_type: &'a str,
    /// Text; null when it has attachments only.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub content: Option<Cow<'a, str>>,
    /// Its conversation.
    pub conversation: ConversationPush<'a>,
    /// When it was made, ISO 8601 with milliseconds.
    pub created_at: String,
    /// Its id.
    pub id: i64,
    /// Its inbox.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub inbox: Option<NamedRef<'a>>,
    /// Who made it, and for whom; a text here, a number elsewhere.
    pub message_type: MessageType,
    /// Whether it is a note among agents.
    pub private: bool,
    /// Who wrote it; null for templates.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub sender: Option<HookSender<'a>>,
    /// The provider's or caller's id.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub source_id: Option<&'a str>,
    /// Its files; left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub attachments: Option<Vec<AttachmentView<'a>>>,
    /// What happened.
    pub event: EventName,
}

fn message(event: EventName, of: &Snapshot) -> Option<MessageEvent<'_>> {
    let message = of.message.as_deref()?;
    Some(MessageEvent {
        account: (&of.account).into(),
        additional_attributes: &message.additional_attributes,
        content_attributes: &message.content_attributes,
        content_type: &message.content_type,
        content: of.message_content(),
        conversation: conversation_push(of)?,
        created_at: message.created_at.iso(),
        id: message.id.get(),
        inbox: of.inbox.as_ref().map(NamedRef::from),
        message_type: message.message_type,
        private: message.private,
        sender: sender(message, of),
        source_id: message.source_id.as_deref(),
        attachments: AttachmentView::all(message, lend),
        event,
    })
}

fn sender<'a>(message: &'a Message, of: &'a Snapshot) -> Option<HookSender<'a>> {
    match message.sender.as_ref()? {
        Sender::User(user) => Some(HookSender::User(UserHook::new(user))),
        Sender::Contact(_) => conversation_contact(of),
    }
}

fn conversation_contact(of: &Snapshot) -> Option<HookSender<'_>> {
    let contact = &of.conversation.as_ref()?.contact;
    Some(HookSender::Contact(ContactHook::new(contact, &of.account)))
}

fn conversation_push(of: &Snapshot) -> Option<ConversationPush<'_>> {
    let channel = of.inbox.as_ref().map_or("", |inbox| &inbox.wire_type);
    let message = of.message.as_deref();
    Some(ConversationPush::new(
        of.conversation.as_deref()?,
        channel,
        message,
    ))
}

/// Body of `conversation_created`, `conversation_updated` and `conversation_status_changed`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationEvent<'a> {
    /// The conversation's own keys.
    #[serde(flatten)]
    pub conversation: ConversationPush<'a>,
    /// What happened.
    pub event: EventName,
    /// What changed: of `conversation_updated`; null in `conversation_status_changed`.
    #[serde(skip_serializing_if = "Changes::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Object>>))]
    pub changed_attributes: Changes<'a>,
}

fn conversation(event: EventName, of: &Snapshot) -> Option<ConversationEvent<'_>> {
    Some(ConversationEvent {
        conversation: conversation_push(of)?,
        event,
        changed_attributes: match event {
            EventName::ConversationUpdated => Changes::List(&of.changes),
            EventName::ConversationStatusChanged => Changes::Null,
            _ => Changes::Absent,
        },
    })
}

/// Body of `contact_created` and `contact_updated`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactEvent<'a> {
    /// The contact's own keys.
    #[serde(flatten)]
    pub contact: ContactHook<'a>,
    /// What happened.
    pub event: EventName,
    /// What changed: of `contact_updated`.
    #[serde(skip_serializing_if = "Changes::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>, required = false))]
    pub changed_attributes: Changes<'a>,
}

fn contact(event: EventName, of: &Snapshot) -> Option<ContactEvent<'_>> {
    Some(ContactEvent {
        contact: ContactHook::new(of.contact.as_ref()?, &of.account),
        event,
        changed_attributes: changes_if(event == EventName::ContactUpdated, of),
    })
}

fn changes_if(updated: bool, of: &Snapshot) -> Changes<'_> {
    if updated {
        Changes::List(&of.changes)
    } else {
        Changes::Absent
    }
}

/// Body of `conversation_typing_on` and `conversation_typing_off`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypingEvent<'a> {
    /// What happened.
    pub event: EventName,
    /// Who types.
    pub user: HookSender<'a>,
    /// Where.
    pub conversation: ConversationPush<'a>,
    /// Whether it will be a note among agents.
    pub is_private: bool,
}

fn typing(event: EventName, of: &Snapshot) -> Option<TypingEvent<'_>> {
    let user = match of.typing.as_ref().and_then(|typing| typing.user.as_ref()) {
        Some(user) => HookSender::User(UserHook::new(user)),
        None => conversation_contact(of)?,
    };
    Some(TypingEvent {
        event,
        user,
        conversation: conversation_push(of)?,
        is_private: of
            .typing
            .as_ref()
            .is_some_and(|Typing { is_private, .. }| *is_private),
    })
}

/// Body of `inbox_created` and `inbox_updated`. It shows neither id nor name (contract).
#[expect(clippy::struct_excessive_bools, reason = "the contract's shape")]
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InboxEvent<'a> {
    /// Hint for clients.
    pub allow_messages_after_resolved: bool,
    /// Whether a contact has only one conversation at a time.
    pub lock_to_single_conversation: bool,
    /// How conversations are assigned.
    pub auto_assignment_config: &'a Attributes,
    /// Whether new conversations are assigned by themselves.
    pub enable_auto_assignment: bool,
    /// Whether to ask for an address.
    pub enable_email_collect: bool,
    /// Whether the first message is greeted.
    pub greeting_enabled: bool,
    /// The greeting.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub greeting_message: Option<&'a str>,
    /// Whether to ask for satisfaction.
    pub csat_survey_enabled: bool,
    /// Name of the business.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub business_name: Option<&'a str>,
    /// `friendly` or `professional`.
    pub sender_name_type: &'a str,
    /// IANA name.
    pub timezone: &'a str,
    /// Answer outside of working hours.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub out_of_office_message: Option<&'a str>,
    /// Whether working hours count.
    pub working_hours_enabled: bool,
    /// One entry a day, Sunday first.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub working_hours: &'a [WorkingHour],
    /// When it was made, ISO 8601 with milliseconds.
    pub created_at: String,
    /// When it last changed, ISO 8601 with milliseconds.
    pub updated_at: String,
    /// Those settings of its channel that everybody in the account may see.
    pub channel: &'a Attributes,
    /// What happened.
    pub event: EventName,
    /// What changed: of `inbox_updated`.
    #[serde(skip_serializing_if = "Changes::is_absent")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>, required = false))]
    pub changed_attributes: Changes<'a>,
}

fn inbox(event: EventName, of: &Snapshot) -> Option<InboxEvent<'_>> {
    let InboxSettings {
        preferences: p,
        lock_to_single_conversation,
        channel,
        created_at,
        updated_at,
    } = of.inbox_settings.as_deref()?;
    Some(InboxEvent {
        allow_messages_after_resolved: p.allow_messages_after_resolved,
        lock_to_single_conversation: *lock_to_single_conversation,
        auto_assignment_config: &p.auto_assignment_config,
        enable_auto_assignment: p.enable_auto_assignment,
        enable_email_collect: p.enable_email_collect,
        greeting_enabled: p.greeting_enabled,
        greeting_message: p.greeting_message.as_deref(),
        csat_survey_enabled: p.csat_survey_enabled,
        business_name: p.business_name.as_deref(),
        sender_name_type: &p.sender_name_type,
        timezone: &p.timezone,
        out_of_office_message: p.out_of_office_message.as_deref(),
        working_hours_enabled: p.working_hours_enabled,
        working_hours: &p.working_hours,
        created_at: created_at.iso(),
        updated_at: updated_at.iso(),
        channel,
        event,
        changed_attributes: changes_if(event == EventName::InboxUpdated, of),
    })
}

/// Body of `receiver_disabled`, an event of our own.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiverEvent<'a> {
    /// What happened.
    pub event: EventName,
    /// The account.
    pub account: NamedRef<'a>,
    /// The receiver: its id, kind, URL and the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object, required = false))]
    pub receiver: Option<&'a Value>,
}

fn receiver(event: EventName, of: &Snapshot) -> ReceiverEvent<'_> {
    ReceiverEvent {
        event,
        account: (&of.account).into(),
        receiver: of.receiver.as_ref(),
    }
}
