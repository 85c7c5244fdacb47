//! A conversation becomes more or less urgent.

use serde_json::Value;

use super::super::command::{Outcome, SetPriority};
use super::{Turn, activity};
use crate::event::Change;
use crate::model::Priority;

pub(super) fn set(turn: &mut Turn<'_>, set: &SetPriority) -> Outcome {
    let previous = turn.state.conversation.priority;
    if previous != set.priority {
        turn.state.conversation.priority = set.priority;
        let change = Change::new("priority", name(previous), name(set.priority));
        let line = activity::priority(&set.by, previous, set.priority);
        turn.updated(vec![change], [line]);
    }
    turn.outcome()
}

fn name(priority: Option<Priority>) -> Value {
    priority.map_or(Value::Null, |priority| priority.as_str().into())
}
