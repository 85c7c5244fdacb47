//! Agents look at a conversation. That is no event, and no change of the conversation's time.

use std::time::Duration;

use super::super::command::Outcome;
use super::Turn;
use super::message::UNREAD_MAX;
use crate::ids::UserId;

/// A user has seen everything.
pub(super) fn mark(turn: &mut Turn<'_>, user: UserId) -> Outcome {
    let now = Some(turn.rules.now);
    let row = &mut turn.state.conversation;
    row.agent_last_seen_at = now;
    if row.assignee_id == Some(user) {
        row.assignee_last_seen_at = now;
    }
    row.unread_count = 0;
    turn.decided.touched.insert(row.id);
    turn.outcome()
}

/// Everything was last seen one second before the contact last wrote.
pub(super) fn unmark(turn: &mut Turn<'_>) -> Outcome {
    let row = &mut turn.state.conversation;
    let seen = (row.last_incoming_at).map(|at| at.minus(Duration::from_secs(1)));
    row.agent_last_seen_at = seen;
    row.assignee_last_seen_at = seen;
    let unread = turn.state.incoming.iter().filter(|at| Some(**at) > seen);
    let unread = if seen.is_some() { unread.count() } else { 0 };
    row.unread_count = i16::try_from(unread).unwrap_or(UNREAD_MAX).min(UNREAD_MAX);
    turn.decided.touched.insert(row.id);
    turn.outcome()
}
