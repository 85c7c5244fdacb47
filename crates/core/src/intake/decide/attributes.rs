//! The account's own attributes of a conversation are replaced.

use super::super::command::Outcome;
use super::Turn;
use crate::attributes::Attributes;
use crate::event::Change;

pub(super) fn set(turn: &mut Turn<'_>, new: &Attributes) -> Outcome {
    let row = &mut turn.state.conversation;
    if row.custom_attributes != *new {
        let previous = std::mem::replace(&mut row.custom_attributes, new.clone());
        turn.state.attributes_changed = true;
        let change = Change::new("custom_attributes", previous.to_value(), new.to_value());
        turn.updated(vec![change], None);
    }
    turn.outcome()
}
