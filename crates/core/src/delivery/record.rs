use gatewright_store::entity::{attempts, conversations, deliveries, events, receivers, webhooks};
use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use super::Installation;
use crate::error::{Error, Result};
use crate::event::EventName;
use crate::ids::{
    AccountId, ConversationId, DeliveryId, DisplayId, EventId, InboxId, MessageId, ReceiverId,
    WebhookId,
};
use crate::receiver::{ReceiverKind, ReceiverState};
use crate::time::Timestamp;

coded! {
    /// How far a delivery has come.
    DeliveryState {
        /// It waits.
        Queued = 0 "queued",
        /// A node has it and may be sending it.
        Leased = 1 "leased",
        /// The receiver took it.
        Delivered = 2 "delivered",
        /// It is not tried any more, unless a person asks for it.
        Dead = 3 "dead",
    }
}

/// A delivery as administrators see it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRecord {
    /// Its id.
    pub id: DeliveryId,
    /// The `webhook-id` under which receivers know it.
    pub webhook_id: String,
    /// The event.
    pub event_id: EventId,
    /// What happened.
    pub event: EventName,
    /// In which inbox.
    pub inbox_id: Option<InboxId>,
    /// In which conversation (its row).
    pub conversation_id: Option<ConversationId>,
    /// The message it is about.
    pub message_id: Option<MessageId>,
    /// To whom.
    pub receiver_id: ReceiverId,
    /// What kind of receiver that is.
    pub receiver_kind: ReceiverKind,
    /// Whether it is served.
    pub receiver_state: ReceiverState,
    /// The account webhook behind the receiver.
    pub webhook: Option<WebhookId>,
    /// Where to.
    pub url: Option<String>,
    /// How far it has come.
    pub state: DeliveryState,
    /// Whether it has left its order.
    pub late: bool,
    /// How often it was replayed.
    pub replays: i32,
    /// Attempts since it was queued or replayed.
    pub attempts: i32,
    /// When the next attempt is due, while it is queued.
    pub next_attempt_at: Option<Timestamp>,
    /// HTTP status of the last attempt.
    pub last_status: Option<i32>,
    /// What went wrong in the last attempt.
    pub last_error: Option<String>,
    /// When the last attempt began.
    pub last_attempt_at: Option<Timestamp>,
    /// How long the last attempt took, in milliseconds.
    pub last_duration_ms: Option<i32>,
    /// When it was delivered or died.
    pub finished_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// Which attempt it was, from 1; a replay counts anew.
    pub number: i32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: i32,
    /// `retry`, `exhausted`, `uncertain`, `failed` or `disabled`.
    pub outcome: String,
    /// HTTP status.
    pub status: Option<i32>,
    /// What went wrong.
    pub error: Option<String>,
    /// Beginning of the receiver's answer.
    pub response_excerpt: Option<String>,
}

/// A delivery with its failed attempts, the first one first.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryWithAttempts {
    /// The delivery.
    pub delivery: DeliveryRecord,
    /// Its failed attempts.
    pub attempts: Vec<AttemptRecord>,
}

/// Which deliveries to list. What is not set does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// How far they have come.
    pub state: Option<DeliveryState>,
    /// To whom.
    pub receiver_id: Option<ReceiverId>,
    /// To which account webhook.
    pub webhook_id: Option<WebhookId>,
    /// About what happened in which inbox.
    pub inbox_id: Option<InboxId>,
    /// About what happened in which conversation.
    pub conversation_id: Option<DisplayId>,
    /// About what.
    pub event: Option<EventName>,
    /// About which message.
    pub message_id: Option<MessageId>,
    /// Made at or after.
    pub since: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
    /// Older than this one: the last of the page before.
    pub before: Option<DeliveryId>,
    /// How many, 1 to 100; 25 when it is 0.
    pub limit: u64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    event_id: i64,
    event: String,
    inbox_id: Option<i64>,
    conversation_id: Option<i64>,
    message_id: Option<i64>,
    receiver_id: i64,
    kind: i16,
    receiver_state: i16,
    webhook: Option<i64>,
    url: Option<String>,
    state: i16,
    late: bool,
    replays: i32,
    attempts: i32,
    due_at: i64,
    last_status: Option<i32>,
    last_error: Option<String>,
    last_attempt_at: Option<i64>,
    last_duration_ms: Option<i32>,
    finished_at: Option<i64>,
    created_at: i64,
}

/// The deliveries of an account that match, the newest first.
pub(super) async fn list(
    conn: &impl ConnectionTrait,
    account: AccountId,
    filter: &DeliveryFilter,
) -> Result<Vec<DeliveryRecord>> {
    let limit = match filter.limit {
        0 => 25,
        limit => Ord::min(limit, 100),
    };
    let query = matching(account, filter)
        .order_by_desc(deliveries::Column::Id)
        .limit(limit);
    read(conn, query).await
}

/// One delivery of an account.
pub(super) async fn find(
    conn: &impl ConnectionTrait,
    account: AccountId,
    id: DeliveryId,
) -> Result<Option<DeliveryRecord>> {
    let query = of_account(account).filter(deliveries::Column::Id.eq(id.get()));
    Ok(read(conn, query).await?.pop())
}

/// The failed attempts of a delivery, the first one first.
pub(super) async fn attempts_of(
    conn: &impl ConnectionTrait,
    id: DeliveryId,
) -> Result<Vec<AttemptRecord>> {
    let rows = attempts::Entity::find()
        .filter(attempts::Column::DeliveryId.eq(id.get()))
        .order_by_asc(attempts::Column::Id)
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| AttemptRecord {
            number: row.number,
            started_at: Timestamp(row.started_at),
            duration_ms: row.duration_ms,
            outcome: row.outcome,
            status: row.status,
            error: row.error,
            response_excerpt: row.response_excerpt,
        })
        .collect())
}

fn of_account(account: AccountId) -> Select<deliveries::Entity> {
    use deliveries::Column;
    let event = deliveries::Entity::belongs_to(events::Entity)
        .from(Column::EventId)
        .to(events::Column::Id)
        .into();
    let receiver = deliveries::Entity::belongs_to(receivers::Entity)
        .from(Column::ReceiverId)
        .to(receivers::Column::Id)
        .into();
    let webhook = deliveries::Entity::belongs_to(webhooks::Entity)
        .from(Column::ReceiverId)
        .to(webhooks::Column::ReceiverId)
        .into();
    deliveries::Entity::find()
        .join(JoinType::InnerJoin, event)
        .join(JoinType::InnerJoin, receiver)
        .join(JoinType::LeftJoin, webhook)
        .column_as(events::Column::Name, "event")
        .column_as(events::Column::InboxId, "inbox_id")
        .column_as(events::Column::ConversationId, "conversation_id")
        .column_as(events::Column::MessageId, "message_id")
        .column_as(receivers::Column::Kind, "kind")
        .column_as(receivers::Column::State, "receiver_state")
        .column_as(receivers::Column::Url, "url")
        .column_as(webhooks::Column::Id, "webhook")
        .filter(Column::AccountId.eq(account.get()))
}

/// As the partial index has it: a parameter would hide that it fits.
pub(super) fn in_state(state: DeliveryState) -> SimpleExpr {
    let is = deliveries::Column::State.eq(state.code());
    match state {
        DeliveryState::Delivered => is,
        _ => is.and(Expr::cust("deliveries.state <> 2")),
    }
}

fn matching(account: AccountId, filter: &DeliveryFilter) -> Select<deliveries::Entity> {
    use deliveries::Column;
    let mut query = of_account(account);
    let conditions = [
        filter.state.map(in_state),
        filter.receiver_id.map(|id| Column::ReceiverId.eq(id.get())),
        filter
            .webhook_id
            .map(|id| webhooks::Column::Id.eq(id.get())),
        filter
            .inbox_id
            .map(|id| events::Column::InboxId.eq(id.get())),
        filter
            .conversation_id
            .map(|id| events::Column::ConversationId.in_subquery(conversation(account, id))),
        filter
            .event
            .map(|name| events::Column::Name.eq(name.as_str())),
        filter
            .message_id
            .map(|id| events::Column::MessageId.eq(id.get())),
        filter.since.map(|time| Column::CreatedAt.gte(time.0)),
        filter.until.map(|time| Column::CreatedAt.lt(time.0)),
        filter.before.map(|id| Column::Id.lt(id.get())),
    ];
    for condition in conditions.into_iter().flatten() {
        query = query.filter(condition);
    }
    query
}

/// The row of a conversation of the account.
fn conversation(account: AccountId, id: DisplayId) -> SelectStatement {
    conversations::Entity::find()
        .select_only()
        .column(conversations::Column::Id)
        .filter(conversations::Column::AccountId.eq(account.get()))
        .filter(conversations::Column::DisplayId.eq(id.get()))
        .into_query()
}

async fn read(
    conn: &impl ConnectionTrait,
    query: Select<deliveries::Entity>,
) -> Result<Vec<DeliveryRecord>> {
    let rows = query.into_model::<Row>().all(conn).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let installation = Installation::load(conn).await?;
    rows.into_iter()
        .map(|row| record(row, &installation))
        .collect()
}

fn record(row: Row, installation: &Installation) -> Result<DeliveryRecord> {
    let unknown = || Error::internal("a stored delivery has an unknown number or name");
    let state = DeliveryState::from_code(row.state).ok_or_else(unknown)?;
    Ok(DeliveryRecord {
        id: DeliveryId(row.id),
        webhook_id: installation.webhook_id(DeliveryId(row.id)),
        event_id: EventId(row.event_id),
        event: EventName::from_name(&row.event).ok_or_else(unknown)?,
        inbox_id: row.inbox_id.map(InboxId),
        conversation_id: row.conversation_id.map(ConversationId),
        message_id: row.message_id.map(MessageId),
        receiver_id: ReceiverId(row.receiver_id),
        receiver_kind: ReceiverKind::from_code(row.kind).ok_or_else(unknown)?,
        receiver_state: ReceiverState::from_code(row.receiver_state).ok_or_else(unknown)?,
        webhook: row.webhook.map(WebhookId),
        url: row.url,
        state,
        late: row.late,
        replays: row.replays,
        attempts: row.attempts,
        next_attempt_at: (state == DeliveryState::Queued).then_some(Timestamp(row.due_at)),
        last_status: row.last_status,
        last_error: row.last_error,
        last_attempt_at: row.last_attempt_at.map(Timestamp),
        last_duration_ms: row.last_duration_ms,
        finished_at: row.finished_at.map(Timestamp),
        created_at: Timestamp(row.created_at),
    })
}
