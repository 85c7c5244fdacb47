use std::collections::HashMap;
use std::sync::Arc;

use gatewright_store::hot::delivery::{EventRow, Held, LeasedRow};
use tokio::time::Instant;

use crate::dispatch::Born;
use crate::error::{Error, Result};
use crate::event::{Event, EventName};
use crate::ids::{AccountId, DeliveryId, EventId, ReceiverId};
use crate::time::Timestamp;

/// A delivery that this node may send now.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its id.
    pub id: DeliveryId,
    /// To whom.
    pub receiver_id: ReceiverId,
    /// What happened.
    pub event: Arc<Event>,
    /// The order it keeps.
    pub lane: Option<i64>,
    /// Proof of the lease.
    pub lease_token: i64,
    /// When the lease ends by this node's monotonic clock; never after the database's own end.
    pub lease_until: Instant,
    /// Attempts made so far.
    pub attempts: u32,
    /// Whether it has left its lane.
    pub late: bool,
    /// Whether a person asked for it again.
    pub replay: bool,
    /// When it was due.
    pub due_at: Timestamp,
    /// Set when it is the one that tries whether its receiver is back.
    pub probe: Option<Probe>,
}

/// The attempt that tries whether a receiver is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Whether the delivery was due, so that a failure uses up an attempt.
    pub due: bool,
}

impl Claimed {
    /// Its lease, as the database checks it.
    pub(super) fn held(&self) -> Held {
        Held {
            id: self.id.get(),
            token: self.lease_token,
        }
    }

    pub(super) fn new(row: &LeasedRow, event: Arc<Event>, token: i64, until: Instant) -> Self {
        Self {
            id: DeliveryId(row.id),
            receiver_id: ReceiverId(row.receiver_id),
            event,
            lane: row.lane,
            lease_token: token,
            lease_until: until,
            attempts: u32::try_from(row.attempts).unwrap_or(0),
            late: row.late,
            replay: row.replays > 0,
            due_at: Timestamp(row.due_at),
            probe: None,
        }
    }
}

impl From<&Born> for Claimed {
    fn from(born: &Born) -> Self {
        Self {
            id: born.id,
            receiver_id: born.receiver_id,
            due_at: born.event.occurred_at,
            event: Arc::clone(&born.event),
            lane: born.lane,
            lease_token: born.lease_token,
            lease_until: born.lease_until,
            attempts: 0,
            late: false,
            replay: false,
            probe: None,
        }
    }
}

/// Reads an event of the log.
pub(super) fn event_of(row: &EventRow) -> Result<Event> {
    let name = EventName::from_name(&row.name)
        .ok_or_else(|| Error::internal(format!("event {} has an unknown name", row.id)))?;
    Ok(Event {
        id: EventId(row.id),
        account_id: AccountId(row.account_id),
        name,
        occurred_at: Timestamp(row.occurred_at),
        origin: serde_json::from_str(&row.origin)?,
        snapshot: serde_json::from_str(&row.snapshot)?,
    })
}

/// Reads events, each once. One that cannot be read is logged and left out.
pub(super) fn events_of(rows: &[EventRow]) -> HashMap<i64, Arc<Event>> {
    let read = |row: &EventRow| match event_of(row) {
        Ok(event) => Some((row.id, Arc::new(event))),
        Err(error) => {
            tracing::error!(event_id = row.id, %error, "a stored event cannot be read");
            None
        }
    };
    rows.iter().filter_map(read).collect()
}
