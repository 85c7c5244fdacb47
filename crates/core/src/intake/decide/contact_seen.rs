//! The contact has looked.

use std::collections::HashMap;

use super::super::command::{ContactSaw, Outcome};
use super::{Turn, message_status};
use crate::error::Result;
use crate::ids::MessageId;
use crate::model::Message;

/// Moves the mark on, never back, and says that what was on its way is read. The mark itself is no
/// event of the log.
pub(super) fn mark(
    turn: &mut Turn<'_>,
    messages: &mut HashMap<MessageId, Message>,
    saw: &ContactSaw,
) -> Result<Outcome> {
    let row = &mut turn.state.conversation;
    if row.contact_last_seen_at.is_none_or(|at| at < saw.at) {
        row.contact_last_seen_at = Some(saw.at);
        row.updated_at = turn.rules.now;
        turn.decided.touched.insert(row.id);
    }
    for id in &saw.messages {
        message_status::arrive(turn, messages, *id)?;
    }
    Ok(Outcome::Done)
}
