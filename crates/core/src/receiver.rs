//! Receivers: who is told what happened.

pub mod repo;

use std::sync::Arc;

use crate::event::EventName;
use crate::ids::{AccountId, InboxId, ReceiverId};
use crate::model::MessageType;

coded! {
    /// What kind of receiver it is.
    ReceiverKind {
        /// The channel of an inbox.
        Channel = 0 "channel",
        /// A webhook of the account.
        Webhook = 1 "webhook",
        /// A bot.
        AgentBot = 2 "agent_bot",
        /// An action of an automation rule.
        Automation = 3 "automation",
    }
}

coded! {
    /// Whether a receiver is served.
    ReceiverState {
        /// It is.
        Active = 0 "active",
        /// It failed several times in a row; one delivery at a time tries whether it is back.
        Probing = 1 "probing",
        /// It failed for days or asked for it; a person must switch it on again.
        Disabled = 2 "disabled",
        /// Its webhook or inbox is gone.
        Removed = 3 "removed",
    }
}

/// What the write path needs to know of a receiver.
#[derive(Debug, Clone, PartialEq)]
pub struct Receiver {
    /// Its id.
    pub id: ReceiverId,
    /// Its account.
    pub account_id: AccountId,
    /// What kind it is.
    pub kind: ReceiverKind,
    /// The inbox whose channel it is.
    pub inbox_id: Option<InboxId>,
    /// Events it wants; channels want all of their inbox.
    pub subscriptions: Vec<EventName>,
    /// For channels: whether it takes messages instead of events.
    pub message_shaped: bool,
    /// Whether a delivery may be handed to it at once.
    pub state: ReceiverState,
}

/// The receivers of one account that are not removed or disabled.
pub type Receivers = Arc<[Receiver]>;

/// What decides whether an event is for a receiver.
#[derive(Debug, Clone, Copy)]
pub struct Interest {
    /// What happened.
    pub name: EventName,
    /// In which inbox.
    pub inbox_id: Option<InboxId>,
    /// With message events: the message's type and whether it is a private note.
    pub message: Option<(MessageType, bool)>,
    /// A receiver that is not told: the one whose failure the event reports.
    pub except: Option<ReceiverId>,
}

impl Receiver {
    /// Whether an event is for this receiver (contract, section 7.2).
    pub fn wants(&self, interest: &Interest) -> bool {
        let activity = matches!(interest.message, Some((MessageType::Activity, _)));
        if activity || interest.except == Some(self.id) {
            return false;
        }
        match self.kind {
            ReceiverKind::Channel => {
                self.inbox_id.is_some()
                    && self.inbox_id == interest.inbox_id
                    && self.channel_wants(interest)
            }
            _ => self.subscriptions.contains(&interest.name),
        }
    }

    fn channel_wants(&self, interest: &Interest) -> bool {
        if self.message_shaped {
            return interest.name == EventName::MessageCreated
                && matches!(
                    interest.message,
                    Some((MessageType::Outgoing | MessageType::Template, false))
                );
        }
        matches!(
            interest.name,
            EventName::ConversationCreated
                | EventName::ConversationStatusChanged
                | EventName::ConversationUpdated
                | EventName::MessageCreated
                | EventName::MessageUpdated
                | EventName::ConversationTypingOn
                | EventName::ConversationTypingOff
        )
    }
}
