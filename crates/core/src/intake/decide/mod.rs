//! The rules of a conversation. Pure: a state and a command go in, the state after it and what
//! to write come out. SQL carries no rule, and no other place may.
//!
//! Messages made here have negative ids until `bind` gives them drawn ones.

mod activity;
mod assignment;
mod attributes;
mod contact_seen;
mod deletion;
mod labels;
mod liquid;
mod message;
mod message_status;
mod priority;
mod reply;
mod seen;
mod status;
mod submission;
pub(crate) mod templates;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub(super) use reply::{ReplyTo, bound as bound_reply};

use super::command::{Command, Outcome};
use super::state::{State, States};
use crate::attachment::NewFile;
use crate::attributes::Attributes;
use crate::error::{Error, Result};
use crate::event::{Change, EventName, Origin, Snapshot, Subject};
use crate::ids::{ConversationId, MessageId, ReceiverId};
use crate::model::{Contact, Message, MessageStatus, MessageType};
use crate::outbox::NewEvent;
use crate::receiver::Interest;
use crate::time::Timestamp;

/// What the rules may not change.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Now.
    pub now: Timestamp,
    /// Messages per conversation and minute.
    pub flood_per_minute: i64,
    /// Absolute URL under which the gateway is reached.
    pub public_url: &'a str,
}

/// What a batch of commands writes.
#[derive(Debug, Default)]
pub struct Decided {
    /// New messages; the n-th has the id `-n`.
    pub messages: Vec<Message>,
    /// Files of what is attached to new messages, over all of them; the n-th attachment has the id
    /// `-n`.
    pub files: Vec<NewFile>,
    /// Changed messages.
    pub changed: Vec<Message>,
    /// Those of them whose content was taken away.
    pub deleted: BTreeSet<MessageId>,
    /// Conversations that changed without an event.
    pub touched: BTreeSet<ConversationId>,
    /// Events in order.
    pub events: Vec<NewEvent>,
}

impl Decided {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.messages.is_empty() && self.touched.is_empty()
    }
}

/// Decides one command against the batch's states and adds what it writes to `decided`.
///
/// # Errors
/// A refusal changes neither states nor `decided`.
pub fn decide(
    states: &mut States,
    decided: &mut Decided,
    conversation_id: ConversationId,
    command: &Command,
    origin: &Origin,
    rules: Rules<'_>,
) -> Result<Outcome> {
    let state = states
        .conversations
        .get_mut(&conversation_id)
        .ok_or(Error::NotFound)?;
    let Some(contact) = states.contacts.get_mut(&state.conversation.contact_id) else {
        return Ok(Outcome::Moved);
    };
    let mut turn = Turn {
        state,
        contact,
        decided,
        origin,
        rules,
    };
    match command {
        Command::AnnounceContact => {
            turn.contact_event(EventName::ContactCreated, Vec::new());
            Ok(Outcome::Done)
        }
        Command::AnnounceConversation => {
            turn.conversation_event(EventName::ConversationCreated, Vec::new(), None);
            Ok(Outcome::Conversation(Box::new(
                turn.state.conversation.clone(),
            )))
        }
        Command::AddMessage(new) => {
            let stored = message::Stored {
                sources: &mut states.sources,
                messages: &states.messages,
            };
            message::add(&mut turn, stored, new)
        }
        Command::SetStatus(set) => Ok(status::set(&mut turn, set)),
        Command::SetMessageStatus(set) => message_status::set(&mut turn, &mut states.messages, set),
        Command::RetryMessage(id) => message_status::retry(&mut turn, &mut states.messages, *id),
        Command::DeleteMessage(id) => deletion::delete(&mut turn, &mut states.messages, *id),
        Command::SetPriority(set) => Ok(priority::set(&mut turn, set)),
        Command::Assign(assign) => Ok(assignment::assign(&mut turn, assign)),
        Command::SetLabels(set) => Ok(labels::set(&mut turn, set)),
        Command::SetCustomAttributes(new) => Ok(attributes::set(&mut turn, new)),
        Command::MarkSeen(user) => Ok(seen::mark(&mut turn, *user)),
        Command::MarkUnread => Ok(seen::unmark(&mut turn)),
        Command::ContactSaw(saw) => contact_seen::mark(&mut turn, &mut states.messages, saw),
        Command::Submit(answer) => submission::keep(&mut turn, &mut states.messages, answer),
    }
}

/// One command's turn at its conversation.
struct Turn<'a> {
    state: &'a mut State,
    contact: &'a mut Contact,
    decided: &'a mut Decided,
    origin: &'a Origin,
    rules: Rules<'a>,
}

impl Turn<'_> {
    /// A message of this conversation that nobody wrote yet.
    fn new_message(&self, message_type: MessageType, content: Option<String>) -> Message {
        let row = &self.state.conversation;
        Message {
            id: MessageId(0),
            account_id: row.account_id,
            inbox_id: row.inbox_id,
            conversation_id: row.id,
            display_id: row.display_id,
            contact_inbox_id: row.contact_inbox_id,
            seq: 0,
            message_type,
            content,
            content_type: "text".to_owned(),
            content_attributes: Attributes::default(),
            additional_attributes: Attributes::default(),
            private: false,
            status: MessageStatus::Sent,
            source_id: None,
            sender: None,
            attachments: Vec::new(),
            created_at: self.rules.now,
            updated_at: self.rules.now,
        }
    }

    /// Stores a message: gives it its place and moves the conversation's marks.
    fn push_message(&mut self, mut message: Message) -> Message {
        let row = &mut self.state.conversation;
        row.last_seq += 1;
        message.seq = row.last_seq;
        let number = i64::try_from(self.decided.messages.len()).unwrap_or(i64::MAX) + 1;
        message.id = MessageId(-number);
        row.last_activity_at = row.last_activity_at.max(message.created_at);
        if message.message_type != MessageType::Activity {
            row.last_non_activity_message_id = Some(message.id);
            if !message.private {
                row.last_public_message_id = Some(message.id);
                self.state.newest = Some(message.clone());
            }
        }
        self.state.recent.insert(message.seq, message.created_at);
        if let Some(answers) = &mut self.state.answers {
            answers.note(&message);
        }
        self.decided.messages.push(message.clone());
        message
    }

    /// Marks the conversation as changed and completes the list of changes.
    fn touch(&mut self, changes: &mut Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let row = &mut self.state.conversation;
        let previous = row.updated_at;
        row.updated_at = self.rules.now;
        changes.push(Change::new(
            "updated_at",
            previous.iso(),
            self.rules.now.iso(),
        ));
    }

    /// The conversation as it is now.
    fn outcome(&self) -> Outcome {
        Outcome::Conversation(Box::new(self.state.conversation.clone()))
    }

    /// Reports changes, if there are any, behind the lines that tell of them.
    fn updated(&mut self, mut changes: Vec<Change>, lines: impl IntoIterator<Item = String>) {
        if changes.is_empty() {
            return;
        }
        self.touch(&mut changes);
        for line in lines {
            activity::add(self, line);
        }
        self.conversation_event(EventName::ConversationUpdated, changes, None);
    }

    fn conversation_event(
        &mut self,
        name: EventName,
        changes: Vec<Change>,
        except: Option<ReceiverId>,
    ) {
        self.event(name, None, changes, except);
    }

    fn message_event(&mut self, name: EventName, message: Message, except: Option<ReceiverId>) {
        self.event(name, Some(message), Vec::new(), except);
    }

    fn event(
        &mut self,
        name: EventName,
        message: Option<Message>,
        changes: Vec<Change>,
        except: Option<ReceiverId>,
    ) {
        let row = &self.state.conversation;
        let interest = Interest {
            name,
            inbox_id: Some(row.inbox_id),
            message: message
                .as_ref()
                .map(|message| (message.message_type, message.private)),
            except,
        };
        let subject = Subject {
            inbox_id: Some(row.inbox_id),
            conversation_id: Some(row.id),
            display_id: Some(row.display_id),
            contact_id: None,
            message_id: message.as_ref().map(|message| message.id),
        };
        let mut snapshot = self.state.snapshot(self.contact, message, self.rules.now);
        snapshot.changes = changes;
        snapshot.survey_url = self.survey_url(&snapshot);
        self.decided.events.push(NewEvent {
            account_id: self.state.account.id,
            name,
            subject,
            interest,
            occurred_at: self.rules.now,
            origin: self.origin.clone(),
            snapshot,
        });
    }

    /// Where the contact answers, when the event is about a question for satisfaction.
    fn survey_url(&self, snapshot: &Snapshot) -> Option<String> {
        let message = snapshot.message.as_ref()?;
        let uuid = &self.state.conversation.uuid;
        (message.content_type == "input_csat")
            .then(|| format!("{}/survey/responses/{uuid}", self.rules.public_url))
    }

    fn contact_event(&mut self, name: EventName, changes: Vec<Change>) {
        self.decided.events.push(crate::outbox::contact_event(
            name,
            &self.state.account,
            self.contact,
            changes,
            self.origin.clone(),
            self.rules.now,
        ));
    }
}
