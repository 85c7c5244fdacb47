//! A conversation is given to somebody.

use super::super::command::{Assign, Outcome};
use super::{Turn, activity};
use crate::event::Change;
use crate::ids::UserId;

pub(super) fn assign(turn: &mut Turn<'_>, assign: &Assign) -> Outcome {
    let row = &mut turn.state.conversation;
    let assignee_id = assign.assignee.as_ref().map(|user| user.id);
    let previous = std::mem::replace(&mut row.assignee_id, assignee_id);
    if previous != assignee_id {
        let number = |id: Option<UserId>| id.map(UserId::get);
        turn.state.assignee.clone_from(&assign.assignee);
        let change = Change::new("assignee_id", number(previous), number(assignee_id));
        let line = activity::assigned(assign.assignee.as_ref(), &assign.by);
        turn.updated(vec![change], [line]);
    }
    turn.outcome()
}
