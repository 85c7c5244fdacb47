//! A message's status is reported, or it is sent again.

use std::collections::HashMap;

use serde_json::Value;

use super::super::command::{Outcome, SetMessageStatus};
use super::Turn;
use crate::attributes::Attributes;
use crate::error::{Error, Result};
use crate::event::EventName;
use crate::ids::{MessageId, ReceiverId};
use crate::model::{Message, MessageStatus, MessageType};

type Messages = HashMap<MessageId, Message>;

pub(super) fn set(
    turn: &mut Turn<'_>,
    messages: &mut Messages,
    set: &SetMessageStatus,
) -> Result<Outcome> {
    let message = find(turn, messages, set.message_id)?;
    let mut changed = message.clone();
    if allowed(message.status, set.status) {
        changed.status = set.status;
        changed.content_attributes = with_error(message, set);
    }
    store(turn, messages, changed, set.except)
}

/// The status becomes `sent` and the error is forgotten; the delivery is replayed by the caller.
pub(super) fn retry(
    turn: &mut Turn<'_>,
    messages: &mut Messages,
    id: MessageId,
) -> Result<Outcome> {
    let mut changed = find(turn, messages, id)?.clone();
    changed.status = MessageStatus::Sent;
    changed.content_attributes = Attributes::default();
    store(turn, messages, changed, None)
}

/// The contact has seen a message that was on its way to it. What failed, and what is gone, stays
/// as it is.
pub(super) fn arrive(turn: &mut Turn<'_>, messages: &mut Messages, id: MessageId) -> Result<()> {
    let Ok(message) = find(turn, messages, id) else {
        return Ok(());
    };
    let on_its_way = matches!(
        message.status,
        MessageStatus::Sent | MessageStatus::Delivered
    );
    if message.message_type == MessageType::Incoming || !on_its_way {
        return Ok(());
    }
    let mut changed = message.clone();
    changed.status = MessageStatus::Read;
    store(turn, messages, changed, None).map(drop)
}

pub(super) fn find<'m>(
    turn: &Turn<'_>,
    messages: &'m Messages,
    id: MessageId,
) -> Result<&'m Message> {
    messages
        .get(&id)
        .filter(|message| message.conversation_id == turn.state.conversation.id)
        .ok_or(Error::NotFound)
}

/// What was read stays read, unless sending it turns out to have failed.
fn allowed(from: MessageStatus, to: MessageStatus) -> bool {
    from != MessageStatus::Read || matches!(to, MessageStatus::Read | MessageStatus::Failed)
}

/// The error stands while the status is `failed`, and is null once it has left it.
fn with_error(message: &Message, set: &SetMessageStatus) -> Attributes {
    let mut map = message.content_attributes.to_map();
    if set.status == MessageStatus::Failed {
        if let Some(error) = &set.external_error {
            map.insert("external_error".to_owned(), Value::String(error.clone()));
        }
    } else if map.contains_key("external_error") {
        map.insert("external_error".to_owned(), Value::Null);
    }
    map.into()
}

pub(super) fn store(
    turn: &mut Turn<'_>,
    messages: &mut Messages,
    mut changed: Message,
    except: Option<ReceiverId>,
) -> Result<Outcome> {
    let stored = find(turn, messages, changed.id)?;
    if *stored != changed {
        changed.updated_at = turn.rules.now;
        if turn
            .state
            .newest
            .as_ref()
            .is_some_and(|newest| newest.id == changed.id)
        {
            turn.state.newest = Some(changed.clone());
        }
        messages.insert(changed.id, changed.clone());
        turn.decided.changed.push(changed.clone());
        turn.message_event(EventName::MessageUpdated, changed.clone(), except);
    }
    let contact = Box::new(turn.contact.clone());
    Ok(Outcome::Message {
        message: Box::new(changed),
        contact,
        replayed: false,
    })
}
