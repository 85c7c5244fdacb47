//! A conversation's status is set.

use super::super::command::{Actor, Outcome, SetStatus};
use super::message::set_time;
use super::{Turn, activity, templates};
use crate::event::{Change, EventName};
use crate::model::{Conversation, ConversationStatus};
use crate::time::Timestamp;

pub(super) fn set(turn: &mut Turn<'_>, set: &SetStatus) -> Outcome {
    let current = turn.state.conversation.status;
    let status = set.status.unwrap_or(match current {
        ConversationStatus::Open => ConversationStatus::Resolved,
        _ => ConversationStatus::Open,
    });
    let until = set
        .snoozed_until
        .filter(|_| status == ConversationStatus::Snoozed);
    let mut changes = apply(&mut turn.state.conversation, status, until);
    let taken_over = take_over(turn, set, status, &mut changes);
    turn.touch(&mut changes);
    if current != status {
        activity::add(
            turn,
            activity::status_changed(status, &set.actor, turn.contact),
        );
        turn.conversation_event(EventName::ConversationStatusChanged, changes.clone(), None);
    }
    if taken_over && let Actor::User { user, .. } = &set.actor {
        activity::add(turn, activity::self_assigned(user));
    }
    if !changes.is_empty() {
        turn.conversation_event(EventName::ConversationUpdated, changes, None);
    }
    if current != status && status == ConversationStatus::Resolved {
        templates::ask_for_satisfaction(turn);
    }
    turn.outcome()
}

/// An agent who opens a conversation becomes its assignee.
fn take_over(
    turn: &mut Turn<'_>,
    set: &SetStatus,
    status: ConversationStatus,
    changes: &mut Vec<Change>,
) -> bool {
    let Actor::User {
        user,
        takes_over: true,
    } = &set.actor
    else {
        return false;
    };
    let row = &mut turn.state.conversation;
    if status != ConversationStatus::Open || row.assignee_id == Some(user.id) {
        return false;
    }
    let previous = row.assignee_id.replace(user.id);
    changes.push(Change::new(
        "assignee_id",
        previous.map(crate::ids::UserId::get),
        user.id.get(),
    ));
    turn.state.assignee = Some(user.clone());
    true
}

/// Sets the status and what follows from it: leaving `snoozed` ends its date, and resolving ends
/// the waiting.
pub(super) fn apply(
    row: &mut Conversation,
    status: ConversationStatus,
    snoozed_until: Option<Timestamp>,
) -> Vec<Change> {
    let mut changes = Vec::new();
    if row.status != status {
        changes.push(Change::new("status", row.status.as_str(), status.as_str()));
        row.status = status;
    }
    if row.snoozed_until != snoozed_until {
        changes.push(set_time(
            "snoozed_until",
            &mut row.snoozed_until,
            snoozed_until,
        ));
    }
    if status == ConversationStatus::Resolved && row.waiting_since.is_some() {
        changes.push(set_time("waiting_since", &mut row.waiting_since, None));
    }
    changes
}
