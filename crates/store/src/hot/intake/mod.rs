//! Lock, load and write of the message path.

mod load;
mod write;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use serde::Serialize;

use super::columns::{Row, parameters};

use super::row::{
    Apart, AttachmentRow, BlobRow, ContactInboxRow, ContactRow, ContactUpdate, ConversationUpdate,
    DeliveryRow, EventRow, IdempotencyRow, LabelGone, LabelRow, LoadedConversation, LoadedMessage,
    MessageRow, MessageUpdate,
};
use crate::Dialect;
use crate::sequence::{Ahead, Sequence};

/// Locks contacts, then conversations, each by id, until the transaction ends. On PostgreSQL it
/// draws what is expected in the same call, after the locks; on SQLite the transaction holds the only
/// write lock already, and drawing costs no way to another process.
///
/// # Errors
/// Database errors.
pub async fn lock<C: ConnectionTrait>(
    conn: &C,
    dialect: Dialect,
    contacts: &[i64],
    conversations: &[i64],
    expected: Expected,
) -> Result<Ahead, DbErr> {
    // What decides how much is read stands in queries of its own: PostgreSQL plans a statement anew
    // each time when it can look into its parameters. And ids wait for the locks, by the count.
    const LOCK: &str = "\
WITH t AS MATERIALIZED (
  SELECT id FROM contacts WHERE id = ANY(ARRAY(SELECT unnest($1::bigint[])))
  ORDER BY id FOR UPDATE),
c AS MATERIALIZED (
  SELECT id FROM conversations WHERE id = ANY(ARRAY(SELECT unnest($2::bigint[])))
  AND (SELECT count(*) FROM t) >= 0
  ORDER BY id FOR UPDATE),
locked AS MATERIALIZED (SELECT count(*) FROM c)
SELECT
  ARRAY(SELECT nextval('messages_id_seq') FROM locked, generate_series(1, $3 + 0 * locked.count)),
  ARRAY(SELECT nextval('events_id_seq') FROM locked, generate_series(1, $4 + 0 * locked.count)),
  ARRAY(SELECT nextval('deliveries_id_seq') FROM locked, generate_series(1, $5 + 0 * locked.count))";
    let mut ahead = Ahead::default();
    if dialect == Dialect::Sqlite {
        return Ok(ahead);
    }
    let values = [
        Value::from(contacts.to_vec()),
        Value::from(conversations.to_vec()),
        Value::from(expected.messages),
        Value::from(expected.events),
        Value::from(expected.deliveries),
    ];
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), LOCK, values);
    if let Some(row) = conn.query_one_raw(statement).await? {
        let (messages, events, deliveries) = row.try_get_many_by_index()?;
        ahead.add(Sequence::Messages, messages);
        ahead.add(Sequence::Events, events);
        ahead.add(Sequence::Deliveries, deliveries);
    }
    Ok(ahead)
}

/// How many ids a batch will take, as far as that can be told before anything is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Expected {
    /// Of messages.
    pub messages: i64,
    /// Of events.
    pub events: i64,
    /// Of deliveries.
    pub deliveries: i64,
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
    pub messages: Vec<LoadedMessage>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    let (parts, values): (Vec<Part>, Vec<Vec<Value>>) = parts.into_iter().unzip();
    let text = text(dialect, &parts);
    let values = values.into_iter().flatten();
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), &*text, values);
    conn.execute_raw(statement).await.map(|_| ())
}

/// The text for these parts, made once.
fn text(dialect: Dialect, parts: &[Part]) -> Arc<str> {
    type Texts = HashMap<(Dialect, Vec<Part>), Arc<str>>;
    static MADE: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let text = made
        .entry((dialect, parts.to_vec()))
        .or_insert_with(|| write::text(dialect, parts).into());
    Arc::clone(text)
}

impl Batch {
    /// What is not empty, with its parameters.
    fn parts(mut self, dialect: Dialect) -> Result<Vec<(Part, Vec<Value>)>, DbErr> {
        let mut parts = Parts {
            dialect,
            parts: Vec::new(),
        };
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
        if let Some(values) = parts.add(Part::Events, &self.events)? {
            match dialect {
                Dialect::Sqlite => values.insert(0, snapshots),
                Dialect::Postgres => values.push(snapshots),
            }
        }
        parts.add(Part::Deliveries, &self.deliveries)?;
        parts.add(Part::Idempotency, &self.idempotency)?;
        Ok(parts.parts)
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

struct Parts {
    dialect: Dialect,
    parts: Vec<(Part, Vec<Value>)>,
}

impl Parts {
    /// Adds a part that has rows; its parameters, to add more.
    fn add<R: Row>(&mut self, part: Part, rows: &[R]) -> Result<Option<&mut Vec<Value>>, DbErr> {
        if rows.is_empty() {
            return Ok(None);
        }
        let values = parameters(self.dialect, part.columns(), rows)?;
        self.parts.push((part, values));
        Ok(self.parts.last_mut().map(|(_, values)| values))
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<Value, DbErr> {
    serde_json::to_string(value)
        .map(Value::from)
        .map_err(|error| DbErr::Json(error.to_string()))
}
