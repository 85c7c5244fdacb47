//! A message is added.

use std::collections::HashMap;

use super::super::command::{NewMessage, Outcome};
use super::{Turn, activity, liquid, reply, templates};
use crate::attachment::NewAttachment;
use crate::error::{Error, Result};
use crate::event::{Change, EventName};
use crate::ids::{AttachmentId, MessageId};
use crate::model::{Attachment, ConversationStatus, Message, MessageType, Sender, UserRef};
use crate::sabotage::{self, Bug};
use crate::time::{Timestamp, iso_or_null};

/// What is stored already and may matter to a new message.
pub(super) struct Stored<'a> {
    /// By contact inbox and source id.
    pub(super) sources: &'a mut HashMap<(i64, String), Message>,
    /// By id.
    pub(super) messages: &'a HashMap<MessageId, Message>,
}

pub(super) const UNREAD_MAX: i16 = 10;

pub(super) fn add(turn: &mut Turn<'_>, stored: Stored<'_>, new: &NewMessage) -> Result<Outcome> {
    let Stored { sources, messages } = stored;
    let key = new
        .source_id
        .as_ref()
        .map(|source_id| (turn.state.contact_inbox.id.get(), source_id.clone()));
    let known = key.as_ref().and_then(|key| sources.get(key));
    if let Some(stored) = known.filter(|_| !sabotage::has(Bug::SkipDuplicateLookUp)) {
        return Ok(outcome(turn, stored.clone(), true));
    }
    let incoming = new.message_type == MessageType::Incoming;
    let resolved = turn.state.conversation.status == ConversationStatus::Resolved;
    if new.unless_resolved && resolved {
        return Ok(Outcome::Resolved);
    }
    refuse_flood(turn)?;

    let mut message = build(turn, new)?;
    message.content_attributes = reply::filled(
        &new.content_attributes,
        &reply::Among {
            conversation_id: message.conversation_id,
            contact_inbox_id: message.contact_inbox_id,
            messages,
            sources,
        },
    );
    let reopened = if incoming { reopen(turn) } else { None };
    message.attachments = attach(turn, &new.attachments);
    let message = turn.push_message(message);
    if let Some(key) = key {
        sources.insert(key, message.clone());
    }
    let contact_changes = if incoming {
        contact_wrote(turn, &message)
    } else {
        Vec::new()
    };
    let mut changes: Vec<Change> = reopened.clone().unwrap_or_default();
    changes.extend(if incoming {
        start_waiting(turn)
    } else {
        answer(turn, new)
    });
    turn.touch(&mut changes);
    report(turn, reopened.is_some(), &message, changes, contact_changes);
    if incoming {
        templates::answer(turn);
    }
    Ok(outcome(turn, message, false))
}

/// The order that clients of the contract know: a status change before its message, any other
/// change of the conversation after it, the contact last.
fn report(
    turn: &mut Turn<'_>,
    reopened: bool,
    message: &Message,
    changes: Vec<Change>,
    contact_changes: Vec<Change>,
) {
    if reopened {
        turn.conversation_event(EventName::ConversationStatusChanged, changes.clone(), None);
        turn.conversation_event(EventName::ConversationUpdated, changes, None);
        turn.message_event(EventName::MessageCreated, message.clone(), None);
        activity::add(turn, activity::SYSTEM_REOPENED.to_owned());
    } else {
        turn.message_event(EventName::MessageCreated, message.clone(), None);
        if !changes.is_empty() {
            turn.conversation_event(EventName::ConversationUpdated, changes, None);
        }
    }
    if !contact_changes.is_empty() {
        turn.contact_event(EventName::ContactUpdated, contact_changes);
    }
}

fn outcome(turn: &Turn<'_>, message: Message, replayed: bool) -> Outcome {
    let contact = Box::new(turn.contact.clone());
    Outcome::Message {
        message: Box::new(message),
        contact,
        replayed,
    }
}

/// With a limit of 200, message 201 is refused while message 1 is younger than a minute.
fn refuse_flood(turn: &Turn<'_>) -> Result<()> {
    let seq = turn.state.conversation.last_seq + 1 - turn.rules.flood_per_minute;
    let minute = std::time::Duration::from_mins(1);
    match turn.state.recent.get(&seq) {
        Some(at) if turn.rules.now.since(*at) < minute => Err(Error::Unprocessable(
            "Validation failed: Too many messages".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// An incoming message opens what is snoozed or resolved, unless the contact is blocked.
fn reopen(turn: &mut Turn<'_>) -> Option<Vec<Change>> {
    let row = &mut turn.state.conversation;
    let sleeps = matches!(
        row.status,
        ConversationStatus::Resolved | ConversationStatus::Snoozed
    );
    if !sleeps || turn.contact.blocked {
        return None;
    }
    Some(super::status::apply(row, ConversationStatus::Open, None))
}

fn build(turn: &Turn<'_>, new: &NewMessage) -> Result<Message> {
    let contact = Sender::Contact(turn.state.conversation.contact_id);
    let sender = match new.message_type {
        MessageType::Incoming => Some(contact),
        MessageType::Outgoing => new.author.clone().map(Sender::User),
        // Posted by a caller they are the contact's (contract, section 4.3); the gateway's own have
        // no author and no sender.
        MessageType::Activity | MessageType::Template => new.author.as_ref().map(|_| contact),
    };
    let mut message = turn.new_message(new.message_type, new.content.clone());
    message.content_type.clone_from(&new.content_type);
    message.additional_attributes = new.additional_attributes.clone();
    message.private = new.private;
    message.source_id.clone_from(&new.source_id);
    message.sender = sender;
    if matches!(
        new.message_type,
        MessageType::Outgoing | MessageType::Template
    ) {
        fill_in(turn, new, &mut message).map_err(|liquid::TooLong| {
            let text = "Validation failed: Content is too long (maximum is 150000 characters)";
            Error::Unprocessable(text.to_owned())
        })?;
    }
    Ok(message)
}

/// Fills in the variables of the content and of a template's parameters.
fn fill_in(
    turn: &Turn<'_>,
    new: &NewMessage,
    message: &mut Message,
) -> Result<(), liquid::TooLong> {
    let scope = scope(turn, new.author.as_ref());
    if let Some(text) = &message.content
        && let Some(expanded) = liquid::expand(text, &scope)?
    {
        message.content = Some(expanded);
    }
    if message.additional_attributes.as_str().contains("{{") {
        let mut map = message.additional_attributes.to_map();
        if let Some(params) = map
            .get_mut("template_params")
            .and_then(|params| params.get_mut("processed_params"))
        {
            *params = liquid::expand_value(params, &scope)?;
            message.additional_attributes = map.into();
        }
    }
    Ok(())
}

/// What variables stand for in a text that this user, or nobody, writes.
pub(super) fn scope<'a>(turn: &'a Turn<'_>, agent: Option<&'a UserRef>) -> liquid::Scope<'a> {
    liquid::Scope {
        contact: turn.contact,
        agent,
        conversation: &turn.state.conversation,
        inbox: &turn.state.inbox_ref.name,
        account: &turn.state.account.name,
    }
}

/// What is attached, in order, as it will be shown.
fn attach(turn: &mut Turn<'_>, new: &[NewAttachment]) -> Vec<Attachment> {
    let files = &mut turn.decided.files;
    let mut attached = Vec::with_capacity(new.len());
    for NewAttachment { shown, file } in new {
        files.push(file.clone());
        let number = i64::try_from(files.len()).unwrap_or(i64::MAX);
        attached.push(Attachment {
            id: AttachmentId(-number),
            ..shown.clone()
        });
    }
    attached
}

fn contact_wrote(turn: &mut Turn<'_>, message: &Message) -> Vec<Change> {
    let row = &mut turn.state.conversation;
    row.unread_count = (row.unread_count + 1).min(UNREAD_MAX);
    row.last_incoming_at = Some(message.created_at);
    turn.state.incoming.push(message.created_at);
    let now = turn.rules.now;
    let contact = &mut *turn.contact;
    let changes = vec![
        Change::new(
            "last_activity_at",
            iso_or_null(contact.last_activity_at),
            now.iso(),
        ),
        Change::new("updated_at", contact.updated_at.iso(), now.iso()),
    ];
    contact.last_activity_at = Some(now);
    contact.updated_at = now;
    changes
}

fn start_waiting(turn: &mut Turn<'_>) -> Vec<Change> {
    let row = &mut turn.state.conversation;
    if row.waiting_since.is_some() {
        return Vec::new();
    }
    vec![set_time(
        "waiting_since",
        &mut row.waiting_since,
        Some(turn.rules.now),
    )]
}

/// A public answer of a person ends the waiting; the first one is remembered.
fn answer(turn: &mut Turn<'_>, new: &NewMessage) -> Vec<Change> {
    let by_person = new.message_type == MessageType::Outgoing && new.author.is_some();
    if !by_person || new.private || is_automatic(new) {
        return Vec::new();
    }
    let row = &mut turn.state.conversation;
    let mut changes = Vec::new();
    if row.first_reply_created_at.is_none() {
        let first = Some(turn.rules.now);
        changes.push(set_time(
            "first_reply_created_at",
            &mut row.first_reply_created_at,
            first,
        ));
    }
    if row.waiting_since.is_some() {
        changes.push(set_time("waiting_since", &mut row.waiting_since, None));
    }
    changes
}

fn is_automatic(new: &NewMessage) -> bool {
    !new.content_attributes.is_empty()
        && new
            .content_attributes
            .to_map()
            .contains_key("automation_rule_id")
        || !new.additional_attributes.is_empty()
            && new
                .additional_attributes
                .to_map()
                .contains_key("campaign_id")
}

/// Sets a time and says how it changed.
pub(super) fn set_time(
    name: &str,
    place: &mut Option<Timestamp>,
    value: Option<Timestamp>,
) -> Change {
    let previous = std::mem::replace(place, value);
    Change::new(name, iso_or_null(previous), iso_or_null(value))
}
