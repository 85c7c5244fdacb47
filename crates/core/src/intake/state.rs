//! What the rules need to know of a conversation.

use std::collections::HashMap;
use std::sync::Arc;

use gatewright_store::hot::intake::{AnswersRow, Loaded};

use crate::attachment::Links;
use crate::channel::ReplyWindow;
use crate::error::{Error, Result};
use crate::event::{ConversationSnapshot, Newest, Snapshot};
use crate::ids::{ContactId, ConversationId, MessageId, UserId};
use crate::model::{
    AccountRef, Contact, ContactInbox, Conversation, ConversationStatus, Inbox, InboxRef, Message,
    MessageType, Priority, UserRef,
};
use crate::registry::Registry;
use crate::rows;
use crate::time::Timestamp;

/// A conversation and its surroundings, under lock.
#[derive(Debug, Clone)]
pub struct State {
    /// The row.
    pub conversation: Conversation,
    /// Whose it is; contacts are shared by conversations of a batch and kept in [`States`].
    pub contact_inbox: ContactInbox,
    /// The account.
    pub account: AccountRef,
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// The inbox as bodies name it.
    pub inbox_ref: InboxRef,
    /// How long the contact can be answered.
    pub reply_window: Option<f64>,
    /// Who answers it.
    pub assignee: Option<UserRef>,
    /// Free tags.
    pub labels: Vec<String>,
    /// The tags before the batch, once they changed.
    pub labels_before: Option<Vec<String>>,
    /// Whether the account's own attributes changed.
    pub attributes_changed: bool,
    /// As the batch found it.
    before: Standing,
    /// When the contact wrote within the last second in which it wrote, where it was asked for.
    pub incoming: Vec<Timestamp>,
    /// What was answered before, where it was asked for.
    pub answers: Option<Answers>,
    /// Newest public message, where it was asked for or made since.
    pub newest: Option<Message>,
    /// Times of earlier messages by `seq`, as far as they decide about flooding.
    pub recent: HashMap<i64, Timestamp>,
}

/// What of a conversation the indexes of lists have, and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing {
    status: ConversationStatus,
    priority: Option<Priority>,
    assignee_id: Option<UserId>,
    snoozed_until: Option<Timestamp>,
}

impl Standing {
    fn of(conversation: &Conversation) -> Self {
        Self {
            status: conversation.status,
            priority: conversation.priority,
            assignee_id: conversation.assignee_id,
            snoozed_until: conversation.snoozed_until,
        }
    }
}

/// What was answered in a conversation before: it decides about automatic answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// Whether it has an outgoing message, notes among them, or a template.
    pub answered: bool,
    /// When its newest template was made.
    pub last_template_at: Option<Timestamp>,
    /// When its newest public outgoing message was made, as far as five minutes matter.
    pub last_public_outgoing_at: Option<Timestamp>,
    /// Whether its contact was asked for its satisfaction.
    pub csat_asked: bool,
}

impl Answers {
    /// Counts a new message in.
    pub fn note(&mut self, message: &Message) {
        match message.message_type {
            MessageType::Outgoing => {
                self.answered = true;
                if !message.private {
                    self.last_public_outgoing_at = Some(message.created_at);
                }
            }
            MessageType::Template => {
                self.answered = true;
                self.last_template_at = Some(message.created_at);
                self.csat_asked |= message.content_type == "input_csat";
            }
            MessageType::Incoming | MessageType::Activity => {}
        }
    }
}

impl From<AnswersRow> for Answers {
    fn from(row: AnswersRow) -> Self {
        Self {
            answered: row.answered > 0,
            last_template_at: row.last_template_at.map(Timestamp),
            last_public_outgoing_at: row.last_public_outgoing_at.map(Timestamp),
            csat_asked: row.csat > 0,
        }
    }
}

/// Every conversation of a batch, with contacts and stored messages.
#[derive(Debug, Default)]
pub struct States {
    /// Conversations by row.
    pub conversations: HashMap<ConversationId, State>,
    /// Contacts.
    pub contacts: HashMap<ContactId, Contact>,
    /// Stored messages that were asked for, by id.
    pub messages: HashMap<MessageId, Message>,
    /// Stored messages by contact inbox and source id.
    pub sources: HashMap<(i64, String), Message>,
}

impl States {
    /// Puts together what was loaded. Inboxes and accounts come with the jobs.
    ///
    /// # Errors
    /// [`Error::Internal`] for rows that do not fit together.
    pub fn new(
        loaded: Loaded,
        surroundings: &HashMap<ConversationId, Surroundings>,
        links: &Links<'_>,
    ) -> Result<Self> {
        let mut states = Self::default();
        for row in loaded.contacts {
            let contact = rows::contact(row)?;
            states.contacts.insert(contact.id, contact);
        }
        let contact_inboxes: HashMap<_, _> = loaded
            .contact_inboxes
            .into_iter()
            .map(|row| (row.id, rows::contact_inbox(row)))
            .collect();
        for loaded in loaded.conversations {
            let conversation = rows::conversation(loaded.row)?;
            let around = surroundings
                .get(&conversation.id)
                .ok_or_else(|| Error::internal("a conversation was loaded that nobody wants"))?;
            let contact_inbox = contact_inboxes
                .get(&conversation.contact_inbox_id.get())
                .cloned()
                .ok_or_else(|| Error::internal("a conversation has no contact inbox"))?;
            let state = State::new(conversation, contact_inbox, around, loaded.labels)
                .with_assignee(loaded.assignee.map(rows::user));
            states.conversations.insert(state.conversation.id, state);
        }
        for row in loaded.messages {
            states.add_message(rows::message(row, links)?);
        }
        for row in loaded.flood {
            if let Some(state) = states.of(row.conversation_id) {
                state.recent.insert(row.seq, Timestamp(row.created_at));
            }
        }
        for row in loaded.incoming {
            if let Some(state) = states.of(row.conversation_id) {
                state.incoming.push(Timestamp(row.created_at));
            }
        }
        for row in loaded.answers {
            if let Some(state) = states.of(row.conversation_id) {
                state.answers = Some(row.into());
            }
        }
        Ok(states)
    }

    fn of(&mut self, conversation_id: i64) -> Option<&mut State> {
        self.conversations.get_mut(&ConversationId(conversation_id))
    }

    fn add_message(&mut self, message: Message) {
        if let Some(source_id) = &message.source_id {
            self.sources.insert(
                (message.contact_inbox_id.get(), source_id.clone()),
                message.clone(),
            );
        }
        if let Some(state) = self.conversations.get_mut(&message.conversation_id)
            && state.conversation.last_public_message_id == Some(message.id)
        {
            state.newest = Some(message.clone());
        }
        self.messages.insert(message.id, message);
    }
}

/// What a job knows of its conversation's surroundings.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The account.
    pub account: AccountRef,
    /// The inbox.
    pub inbox: Arc<Inbox>,
    /// Its channel's type on the wire.
    pub wire_type: String,
    /// Its channel's reply window.
    pub reply_window: ReplyWindow,
}

impl Surroundings {
    /// Of a conversation in this inbox.
    pub fn new(registry: &Registry, account: &AccountRef, inbox: &Arc<Inbox>) -> Self {
        let descriptor = registry.descriptor(&inbox.channel);
        Self {
            account: account.clone(),
            inbox: Arc::clone(inbox),
            wire_type: registry.wire_type(&inbox.channel).to_owned(),
            reply_window: descriptor.map_or(ReplyWindow::None, |descriptor| {
                descriptor.reply_window.clone()
            }),
        }
    }
}

impl State {
    fn new(
        conversation: Conversation,
        contact_inbox: ContactInbox,
        around: &Surroundings,
        labels: Vec<String>,
    ) -> Self {
        Self {
            before: Standing::of(&conversation),
            conversation,
            contact_inbox,
            account: around.account.clone(),
            inbox: Arc::clone(&around.inbox),
            inbox_ref: InboxRef {
                id: around.inbox.id,
                name: around.inbox.name.clone(),
                wire_type: around.wire_type.clone(),
            },
            reply_window: around.reply_window.hours(&around.inbox.settings),
            assignee: None,
            labels,
            labels_before: None,
            attributes_changed: false,
            incoming: Vec::new(),
            answers: None,
            newest: None,
            recent: HashMap::new(),
        }
    }

    /// Whether more changed than what every message changes.
    pub(super) fn stands_elsewhere(&self) -> bool {
        self.attributes_changed || self.before != Standing::of(&self.conversation)
    }

    fn with_assignee(mut self, assignee: Option<UserRef>) -> Self {
        self.assignee = assignee;
        self
    }

    /// Whether the contact can be answered at `now`.
    pub fn can_reply(&self, now: Timestamp) -> bool {
        can_reply(self.reply_window, self.conversation.last_incoming_at, now)
    }

    /// The snapshot of an event of this conversation, about `message` if there is one.
    pub fn snapshot(
        &self,
        contact: &Contact,
        message: Option<Message>,
        now: Timestamp,
    ) -> Snapshot {
        let newest = match (&self.newest, &message) {
            (Some(newest), Some(message)) if newest.id == message.id => Newest::Same,
            (Some(newest), _) => Newest::Other(Box::new(newest.clone())),
            (None, _) => Newest::None,
        };
        let mut snapshot = Snapshot::new(self.account.clone());
        snapshot.inbox = Some(self.inbox_ref.clone());
        snapshot.message = message.map(Box::new);
        snapshot.conversation = Some(Box::new(ConversationSnapshot {
            row: self.conversation.clone(),
            contact: contact.clone(),
            contact_inbox: self.contact_inbox.clone(),
            assignee: self.assignee.clone(),
            labels: self.labels.clone(),
            can_reply: self.can_reply(now),
            newest,
        }));
        snapshot
    }
}

/// Whether a contact that last wrote at `last_incoming_at` can be answered at `now`.
pub fn can_reply(
    window_hours: Option<f64>,
    last_incoming_at: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let Some(hours) = window_hours else {
        return true;
    };
    last_incoming_at.is_some_and(|at| now.since(at).as_secs_f64() < hours * 3600.0)
}
