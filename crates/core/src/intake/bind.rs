//! Drawn ids take the place of the negative ones that the rules gave.

use super::decide::{Decided, bound_reply};
use super::state::States;
use crate::event::Newest;
use crate::ids::{AttachmentId, MessageId};
use crate::model::{Conversation, Message};
use crate::outbox::NewEvent;

/// Ids for what is new in one batch, in its order.
pub(super) struct Bound<'a> {
    pub(super) messages: &'a [i64],
    pub(super) attachments: &'a [i64],
}

impl Bound<'_> {
    pub(super) fn decided(&self, decided: &mut Decided) {
        decided
            .messages
            .iter_mut()
            .for_each(|message| self.message(message));
        decided
            .events
            .iter_mut()
            .for_each(|event| self.event(event));
    }

    pub(super) fn states(&self, states: &mut States) {
        states
            .conversations
            .values_mut()
            .for_each(|state| self.row(&mut state.conversation));
    }

    pub(super) fn message(&self, message: &mut Message) {
        message.id = self.id(message.id);
        for attachment in &mut message.attachments {
            attachment.id = AttachmentId(drawn(self.attachments, attachment.id.get()));
        }
        // A message may answer one of its own batch, whose id was not drawn yet.
        if let Some(attributes) = bound_reply(&message.content_attributes, |id| self.id(id)) {
            message.content_attributes = attributes;
        }
    }

    pub(super) fn row(&self, row: &mut Conversation) {
        row.last_public_message_id = row.last_public_message_id.map(|id| self.id(id));
        row.last_non_activity_message_id = row.last_non_activity_message_id.map(|id| self.id(id));
    }

    fn event(&self, event: &mut NewEvent) {
        event.subject.message_id = event.subject.message_id.map(|id| self.id(id));
        if let Some(message) = &mut event.snapshot.message {
            self.message(message);
        }
        if let Some(conversation) = &mut event.snapshot.conversation {
            self.row(&mut conversation.row);
            if let Newest::Other(newest) = &mut conversation.newest {
                self.message(newest);
            }
        }
    }

    fn id(&self, id: MessageId) -> MessageId {
        MessageId(drawn(self.messages, id.get()))
    }
}

/// The drawn id in place of a negative one; others stay.
fn drawn(ids: &[i64], id: i64) -> i64 {
    if id >= 0 {
        return id;
    }
    let index = usize::try_from(-id - 1).unwrap_or(usize::MAX);
    ids.get(index).copied().unwrap_or(id)
}
