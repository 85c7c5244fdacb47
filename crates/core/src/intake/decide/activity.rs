//! Lines about what happened (contract, section 8).

use super::super::command::Actor;
use super::Turn;
use crate::event::EventName;
use crate::model::{Contact, ConversationStatus, MessageType, Priority, UserRef};

pub(super) const SYSTEM_REOPENED: &str =
    "System reopened the conversation due to a new incoming message.";

pub(super) fn add(turn: &mut Turn<'_>, content: String) {
    let message = turn.new_message(MessageType::Activity, Some(content));
    let message = turn.push_message(message);
    turn.message_event(EventName::MessageCreated, message, None);
}

pub(super) fn status_changed(
    status: ConversationStatus,
    actor: &Actor,
    contact: &Contact,
) -> String {
    let name = match actor {
        Actor::User { user, .. } => &user.name,
        Actor::Contact => {
            return match status {
                ConversationStatus::Resolved => {
                    format!("Conversation was resolved by {}", contact.name)
                }
                _ => SYSTEM_REOPENED.to_owned(),
            };
        }
    };
    match status {
        ConversationStatus::Resolved => format!("Conversation was marked resolved by {name}"),
        ConversationStatus::Open => format!("Conversation was reopened by {name}"),
        ConversationStatus::Pending => format!("Conversation was marked as pending by {name}"),
        ConversationStatus::Snoozed => format!("Conversation was snoozed by {name}"),
    }
}

pub(super) fn self_assigned(user: &UserRef) -> String {
    format!("{} self-assigned this conversation", user.name)
}

/// Who answers now, as the one who decided it is told.
pub(super) fn assigned(assignee: Option<&UserRef>, by: &UserRef) -> String {
    match assignee {
        Some(user) if user.id == by.id => self_assigned(user),
        Some(user) => format!("Assigned to {} by {}", user.name, by.name),
        None => format!("Conversation unassigned by {}", by.name),
    }
}

pub(super) fn priority(by: &UserRef, from: Option<Priority>, to: Option<Priority>) -> String {
    let name = &by.name;
    match (from, to) {
        (None, Some(to)) => format!("{name} set the priority to {}", to.as_str()),
        (Some(from), Some(to)) => {
            let (from, to) = (from.as_str(), to.as_str());
            format!("{name} changed the priority from {from} to {to}")
        }
        (_, None) => format!("{name} removed the priority"),
    }
}

pub(super) fn labels_added(by: &UserRef, labels: &[&str]) -> String {
    format!("{} added {}", by.name, labels.join(", "))
}

pub(super) fn labels_removed(by: &UserRef, labels: &[&str]) -> String {
    format!("{} removed {}", by.name, labels.join(", "))
}
