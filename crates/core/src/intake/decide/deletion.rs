//! A message is taken back. Its row stays, so that ids and places never disappear.

use std::collections::HashMap;

use serde_json::json;

use super::super::command::Outcome;
use super::{Turn, message_status};
use crate::error::Result;
use crate::ids::MessageId;
use crate::model::Message;

const DELETED: &str = "This message was deleted";

pub(super) fn delete(
    turn: &mut Turn<'_>,
    messages: &mut HashMap<MessageId, Message>,
    id: MessageId,
) -> Result<Outcome> {
    let mut changed = message_status::find(turn, messages, id)?.clone();
    changed.content = Some(DELETED.to_owned());
    "text".clone_into(&mut changed.content_type);
    changed.content_attributes = json!({ "deleted": true }).into();
    changed.attachments.clear();
    let outcome = message_status::store(turn, messages, changed, None)?;
    turn.decided.deleted.insert(id);
    Ok(outcome)
}
