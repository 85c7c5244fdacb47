//! Lock, load and write of the message path.

mod load;
mod postgres;
mod sqlite;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use serde::Serialize;

use super::row::{
    Apart, AttachmentRow, BlobRow, ContactInboxRow, ContactRow, ContactUpdate, ConversationUpdate,
    DeliveryRow, EventRow, IdempotencyRow, LabelGone, LabelRow, LoadedConversation, MessageRow,
    MessageUpdate,
};
use crate::Dialect;

/// Locks contacts, then conversations, each by id, until the transaction ends. On SQLite the
/// transaction holds the only write lock already.
///
/// # Errors
/// Database errors.
pub async fn lock<C: ConnectionTrait>(
    conn: &C,
    dialect: Dialect,
    contacts: &[i64],
    conversations: &[i64],
) -> Result<(), DbErr> {
    if dialect == Dialect::Sqlite {
        return Ok(());
    }
    let values = [
        Value::from(contacts.to_vec()),
        Value::from(conversations.to_vec()),
    ];
    let statement =
        Statement::from_sql_and_values(conn.get_database_backend(), postgres::LOCK, values);
    conn.execute_raw(statement).await.map(|_| ())
}

/// What to load for a batch.
#[derive(Debug, Default, Serialize)]
pub struct Wanted {
    /// Conversations, with their contacts and contact inboxes.
    pub conversations: Vec<i64>,
    /// Conversations whose newest public message is needed.
    pub newest: Vec<i64>,
    /// Conversations whose newest message of any kind, and of any kind but activity, is needed.
    pub tops: Vec<i64>,
    /// Stored messages, by id.
    pub messages: Vec<i64>,
    /// Source ids that may be stored already.
    pub sources: Vec<Source>,
    /// Conversations of which it is needed when the contact wrote within the last second in which
    /// it wrote.
    pub incoming: Vec<i64>,
    /// Conversations of which it is needed what decides about automatic answers.
    pub answers: Vec<i64>,
    /// How many messages will be added to which conversation.
    pub flood: Vec<Flood>,
    /// Receivers and lanes whose openness matters.
    pub lanes: Vec<Lane>,
    /// Messages per conversation and minute.
    pub flood_limit: i64,
}

/// A source id in the contact inbox of a conversation.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// The conversation.
    pub conversation_id: i64,
    /// The message's source id.
    pub source_id: String,
}

/// Messages to come in a conversation.
#[derive(Debug, Clone, Serialize)]
pub struct Flood {
    /// The conversation.
    pub conversation_id: i64,
    /// How many.
    pub count: i64,
}

/// A lane of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
pub struct Lane {
    /// The receiver.
    pub receiver_id: i64,
    /// The lane.
    pub lane: i64,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Conversations.
    pub conversations: Vec<LoadedConversation>,
    /// Their contacts.
    pub contacts: Vec<ContactRow>,
    /// Their contact inboxes.
    pub contact_inboxes: Vec<ContactInboxRow>,
    /// Newest public messages, stored messages asked for, and duplicates, in no order.
    pub messages: Vec<MessageRow>,
    /// Times of the messages that decide about flooding.
    pub flood: Vec<FloodRow>,
    /// Times of the contact's messages within the last second in which it wrote.
    pub incoming: Vec<FloodRow>,
    /// What decides about automatic answers.
    pub answers: Vec<AnswersRow>,
    /// Lanes that have an open delivery which is not late.
    pub open_lanes: Vec<Lane>,
}

/// Time of one message.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
pub struct FloodRow {
    /// The conversation.
    pub conversation_id: i64,
    /// The message's place in it.
    pub seq: i64,
    /// When it was made.
    pub created_at: i64,
}

/// What was answered in a conversation before.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
pub struct AnswersRow {
    /// The conversation.
    pub conversation_id: i64,
    /// 1 when it has an outgoing message or a template, else 0.
    pub answered: i64,
    /// When its newest template was made.
    pub last_template_at: Option<i64>,
    /// When its newest public outgoing message was made; not looked for beyond the messages that
    /// five minutes can hold.
    pub last_public_outgoing_at: Option<i64>,
    /// How many messages ask for satisfaction.
    pub csat: i64,
}

/// Loads in one driver call. Call it after [`lock`], in a statement of its own: a look-up within
/// the locking statement would miss what was committed while it waited.
///
/// # Errors
/// Database errors, and [`DbErr::Json`] when a row does not have its shape.
pub async fn load<C: ConnectionTrait>(
    conn: &C,
    dialect: Dialect,
    wanted: &Wanted,
) -> Result<Loaded, DbErr> {
    load::load(conn, dialect, wanted).await
}

/// Everything that one transaction of the message path writes.
#[derive(Debug, Default)]
pub struct Batch {
    /// New messages.
    pub messages: Vec<MessageRow>,
    /// Stored files of new messages.
    pub blobs: Vec<BlobRow>,
    /// What is attached to new messages.
    pub attachments: Vec<AttachmentRow>,
    /// Changed messages.
    pub message_updates: Vec<MessageUpdate>,
    /// Changed conversations.
    pub conversations: Vec<ConversationUpdate>,
    /// Conversations of which only that changed which every message changes: not the state, the
    /// priority, the assignee, the time to sleep or the attributes.
    pub active: Vec<ConversationUpdate>,
    /// Every label of conversations whose labels changed.
    pub labels: Vec<LabelRow>,
    /// Labels that are gone.
    pub labels_gone: Vec<LabelGone>,
    /// Changed contacts.
    pub contacts: Vec<ContactUpdate>,
    /// Events.
    pub events: Vec<EventRow>,
    /// Deliveries.
    pub deliveries: Vec<DeliveryRow>,
    /// Kept answers.
    pub idempotency: Vec<IdempotencyRow>,
}

/// The tables of a batch, in the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Messages,
    Blobs,
    Attachments,
    MessageUpdates,
    Conversations,
    Active,
    LabelsGone,
    Labels,
    Contacts,
    Events,
    Deliveries,
    Idempotency,
}

/// Writes in one driver call, of statements for what there is alone: there are few such
/// combinations, so that each is prepared once.
///
/// # Errors
/// Database errors; a broken unique key among them.
pub async fn write<C: ConnectionTrait>(
    conn: &C,
    dialect: Dialect,
    batch: Batch,
) -> Result<(), DbErr> {
    let parts = batch.parts(dialect)?;
    if parts.is_empty() {
        return Ok(());
    }
    let sql = match dialect {
        Dialect::Sqlite => {
            let texts: Vec<&str> = parts.iter().map(|(part, _)| sqlite::text(*part)).collect();
            texts.join(";\n")
        }
        Dialect::Postgres => {
            let parts: Vec<(Part, usize)> = parts
                .iter()
                .map(|(part, values)| (*part, values.len()))
                .collect();
            postgres::text(&parts)
        }
    };
    let values = parts.into_iter().flat_map(|(_, values)| values);
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, values);
    conn.execute_raw(statement).await.map(|_| ())
}

impl Batch {
    /// What is not empty, with its parameters.
    fn parts(mut self, dialect: Dialect) -> Result<Vec<(Part, Vec<Value>)>, DbErr> {
        let mut parts = Parts::default();
        parts.add(Part::Messages, &self.messages)?;
        parts.add(Part::Blobs, &self.blobs)?;
        parts.add(Part::Attachments, &self.attachments)?;
        parts.add(Part::MessageUpdates, &self.message_updates)?;
        parts.add(Part::Conversations, &self.conversations)?;
        parts.add(Part::Active, &self.active)?;
        parts.add(Part::LabelsGone, &self.labels_gone)?;
        parts.add(Part::Labels, &self.labels)?;
        parts.add(Part::Contacts, &self.contacts)?;
        let snapshots = self.snapshots(dialect);
        parts.add(Part::Events, &self.events)?;
        parts.add(Part::Deliveries, &self.deliveries)?;
        parts.add(Part::Idempotency, &self.idempotency)?;
        if dialect == Dialect::Postgres {
            parts.and(
                Part::MessageUpdates,
                ids(&self.message_updates, |row| row.id),
            );
            parts.and(Part::Conversations, ids(&self.conversations, |row| row.id));
            parts.and(Part::Active, ids(&self.active, |row| row.id));
            parts.and(
                Part::LabelsGone,
                ids(&self.labels_gone, |row| row.conversation_id),
            );
            parts.and(Part::Contacts, ids(&self.contacts, |row| row.id));
        }
        match dialect {
            Dialect::Sqlite => parts.and_before(Part::Events, snapshots),
            Dialect::Postgres => parts.and(Part::Events, snapshots),
        }
        Ok(parts.0)
    }

    /// The snapshots of the events as a parameter: an array, or on SQLite all in one.
    fn snapshots(&mut self, dialect: Dialect) -> Value {
        let snapshots = self.events.iter_mut().map(|event| &mut event.snapshot);
        match dialect {
            Dialect::Sqlite => {
                let mut all = Vec::new();
                snapshots.for_each(|snapshot| snapshot.append_to(&mut all));
                all.into()
            }
            Dialect::Postgres => snapshots.map(Apart::take).collect::<Vec<String>>().into(),
        }
    }
}

#[derive(Default)]
struct Parts(Vec<(Part, Vec<Value>)>);

impl Parts {
    fn add<T: Serialize>(&mut self, part: Part, rows: &[T]) -> Result<(), DbErr> {
        if !rows.is_empty() {
            self.0.push((part, vec![json(rows)?]));
        }
        Ok(())
    }

    /// One more parameter of a part that is there.
    fn and(&mut self, part: Part, value: Value) {
        if let Some(values) = self.values(part) {
            values.push(value);
        }
    }

    /// One more parameter of a part that is there, before its rows.
    fn and_before(&mut self, part: Part, value: Value) {
        if let Some(values) = self.values(part) {
            values.insert(0, value);
        }
    }

    fn values(&mut self, part: Part) -> Option<&mut Vec<Value>> {
        let found = self.0.iter_mut().find(|(there, _)| *there == part);
        found.map(|(_, values)| values)
    }
}

fn ids<T>(rows: &[T], id: impl Fn(&T) -> i64) -> Value {
    rows.iter().map(id).collect::<Vec<i64>>().into()
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<Value, DbErr> {
    serde_json::to_string(value)
        .map(Value::from)
        .map_err(|error| DbErr::Json(error.to_string()))
}
