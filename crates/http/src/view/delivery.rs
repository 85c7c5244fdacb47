use gatewright_core::Timestamp;
use gatewright_core::delivery::{
    AttemptRecord, DeliveryRecord, DeliveryWithAttempts, Hop, HopKind, Trace,
};
use gatewright_core::ids::{InboxId, MessageId, WebhookId};
use serde::Serialize;
use utoipa::ToSchema;

/// A delivery: one event on its way to one receiver.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryView {
    /// Its id.
    pub id: i64,
    /// The `webhook-id` under which the receiver knows it; equal over attempts and replays.
    pub webhook_id: String,
    /// The event's id in the log.
    pub event_id: i64,
    /// What happened.
    #[schema(example = "message_created")]
    pub event: &'static str,
    /// In which inbox.
    pub inbox_id: Option<i64>,
    /// The message it is about.
    pub message_id: Option<i64>,
    /// To whom.
    pub receiver_id: i64,
    /// `channel`, `webhook`, `agent_bot` or `automation`.
    #[schema(example = "webhook")]
    pub receiver_kind: &'static str,
    /// `active`, `probing`, `disabled` or `removed`.
    #[schema(example = "active")]
    pub receiver_state: &'static str,
    /// The account webhook behind the receiver.
    pub receiver_webhook_id: Option<i64>,
    /// Where to.
    pub url: Option<String>,
    /// `queued`, `leased`, `delivered` or `dead`.
    #[schema(example = "delivered")]
    pub state: &'static str,
    /// Whether it has left its order.
    pub late: bool,
    /// How often it was replayed.
    pub replays: i32,
    /// Attempts since it was queued or replayed.
    pub attempts: i32,
    /// When the next attempt is due, while it is queued: ISO 8601.
    pub next_attempt_at: Option<String>,
    /// HTTP status of the last attempt.
    pub last_status: Option<i32>,
    /// What went wrong in the last attempt.
    pub last_error: Option<String>,
    /// When the last attempt began: ISO 8601.
    pub last_attempt_at: Option<String>,
    /// How long the last attempt took, in milliseconds.
    pub last_duration_ms: Option<i32>,
    /// When it was delivered or died: ISO 8601.
    pub finished_at: Option<String>,
    /// When it was made: ISO 8601.
    pub created_at: String,
}

/// A failed attempt.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub struct AttemptView {
    /// Which attempt it was, from 1; a replay counts anew.
    pub number: i32,
    /// When it began: ISO 8601.
    pub started_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: i32,
    /// `retry`, `exhausted`, `uncertain`, `failed` or `disabled`.
    #[schema(example = "retry")]
    pub outcome: String,
    /// HTTP status.
    pub status: Option<i32>,
    /// What went wrong.
    pub error: Option<String>,
    /// Beginning of the receiver's answer.
    pub response_excerpt: Option<String>,
}

/// A delivery with its failed attempts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeliveryDetail)]
pub struct DeliveryDetailView {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// Its failed attempts, the first one first.
    pub failed_attempts: Vec<AttemptView>,
}

/// Every hop of a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MessageTrace)]
pub struct TraceView {
    /// The message.
    pub message_id: i64,
    /// Its place in the conversation.
    pub seq: i64,
    /// The provider's or caller's id.
    pub source_id: Option<String>,
    /// What happened to it, in the order of time.
    pub hops: Vec<HopView>,
    /// Where it was told of.
    pub deliveries: Vec<DeliveryView>,
}

/// One thing that happened to a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TraceHop)]
pub struct HopView {
    /// When: ISO 8601.
    pub at: String,
    /// `stored`, `event`, `queued`, `attempt`, `delivered` or `dead`.
    #[schema(example = "stored")]
    pub hop: &'static str,
    /// With `event`: its id in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<i64>,
    /// With `event`: its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'static str>,
    /// With `queued`, `attempt`, `delivered` and `dead`: the delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_id: Option<i64>,
    /// With `attempt`: how it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptView>,
}

fn iso(time: Option<Timestamp>) -> Option<String> {
    time.map(Timestamp::iso)
}

impl From<DeliveryRecord> for DeliveryView {
    fn from(record: DeliveryRecord) -> Self {
        Self {
            id: record.id.get(),
            webhook_id: record.webhook_id,
            event_id: record.event_id.get(),
            event: record.event.as_str(),
            inbox_id: record.inbox_id.map(InboxId::get),
            message_id: record.message_id.map(MessageId::get),
            receiver_id: record.receiver_id.get(),
            receiver_kind: record.receiver_kind.as_str(),
            receiver_state: record.receiver_state.as_str(),
            receiver_webhook_id: record.webhook.map(WebhookId::get),
            url: record.url,
            state: record.state.as_str(),
            late: record.late,
            replays: record.replays,
            attempts: record.attempts,
            next_attempt_at: iso(record.next_attempt_at),
            last_status: record.last_status,
            last_error: record.last_error,
            last_attempt_at: iso(record.last_attempt_at),
            last_duration_ms: record.last_duration_ms,
            finished_at: iso(record.finished_at),
            created_at: record.created_at.iso(),
        }
    }
}

impl From<AttemptRecord> for AttemptView {
    fn from(record: AttemptRecord) -> Self {
        Self {
            number: record.number,
            started_at: record.started_at.iso(),
            duration_ms: record.duration_ms,
            outcome: record.outcome,
            status: record.status,
            error: record.error,
            response_excerpt: record.response_excerpt,
        }
    }
}

impl From<DeliveryWithAttempts> for DeliveryDetailView {
    fn from(found: DeliveryWithAttempts) -> Self {
        Self {
            delivery: found.delivery.into(),
            failed_attempts: found.attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}

impl From<Trace> for TraceView {
    fn from(trace: Trace) -> Self {
        Self {
            message_id: trace.message_id.get(),
            seq: trace.seq,
            source_id: trace.source_id,
            hops: trace.hops.into_iter().map(HopView::from).collect(),
            deliveries: trace
                .deliveries
                .into_iter()
                .map(DeliveryView::from)
                .collect(),
        }
    }
}

impl From<Hop> for HopView {
    fn from(hop: Hop) -> Self {
        let mut view = Self {
            at: hop.at.iso(),
            hop: "stored",
            event_id: None,
            event: None,
            delivery_id: None,
            attempt: None,
        };
        match hop.kind {
            HopKind::Stored => {}
            HopKind::Event { id, name, .. } => {
                view.hop = "event";
                view.event_id = Some(id.get());
                view.event = Some(name.as_str());
            }
            HopKind::Queued(id) => view.of("queued", id.get()),
            HopKind::Attempt(id, attempt) => {
                view.of("attempt", id.get());
                view.attempt = Some((*attempt).into());
            }
            HopKind::Delivered(id) => view.of("delivered", id.get()),
            HopKind::Dead(id) => view.of("dead", id.get()),
        }
        view
    }
}

impl HopView {
    fn of(&mut self, hop: &'static str, delivery_id: i64) {
        self.hop = hop;
        self.delivery_id = Some(delivery_id);
    }
}
