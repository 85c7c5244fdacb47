use gatewright_store::entity::{events, messages};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::claimed::event_of;
use super::record;
use super::{AttemptRecord, DeliveryFilter, DeliveryRecord};
use crate::error::{Error, Result};
use crate::event::{EventName, Origin};
use crate::ids::{AccountId, DeliveryId, EventId, MessageId};
use crate::time::Timestamp;

/// Every hop of a message, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The message.
    pub message_id: MessageId,
    /// Its place in the conversation.
    pub seq: i64,
    /// The provider's or caller's id.
    pub source_id: Option<String>,
    /// What happened to it.
    pub hops: Vec<Hop>,
    /// Where it was told of, the first delivery first.
    pub deliveries: Vec<DeliveryRecord>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: HopKind,
}

/// What happened at a hop.
#[derive(Debug, Clone, PartialEq)]
pub enum HopKind {
    /// The message was stored; from here on it is not lost.
    Stored,
    /// An event of it was written.
    Event {
        /// The event.
        id: EventId,
        /// Its name.
        name: EventName,
        /// Who made it happen.
        origin: Box<Origin>,
    },
    /// A delivery was queued for a receiver.
    Queued(DeliveryId),
    /// An attempt to deliver failed.
    Attempt(DeliveryId, Box<AttemptRecord>),
    /// A receiver took it.
    Delivered(DeliveryId),
    /// It is not tried any more.
    Dead(DeliveryId),
}

/// Deliveries that a trace shows.
const DELIVERIES_MAX: u64 = 100;

/// Events that a trace shows.
const EVENTS_MAX: u64 = 100;

/// The trace of a message of an account.
pub(super) async fn of(
    conn: &impl ConnectionTrait,
    account: AccountId,
    message_id: MessageId,
) -> Result<Trace> {
    let message = messages::Entity::find_by_id(message_id.get())
        .filter(messages::Column::AccountId.eq(account.get()))
        .one(conn)
        .await?
        .ok_or(Error::NotFound)?;
    let mut hops = vec![Hop {
        at: Timestamp(message.created_at),
        kind: HopKind::Stored,
    }];
    hops.extend(events_of(conn, account, message_id).await?);
    let filter = DeliveryFilter {
        message_id: Some(message_id),
        limit: DELIVERIES_MAX,
        ..DeliveryFilter::default()
    };
    let mut deliveries = record::list(conn, account, &filter).await?;
    deliveries.reverse();
    for delivery in &deliveries {
        hops.extend(delivery_hops(conn, delivery).await?);
    }
    // The sort is stable: what shares a time stays in the order of cause and effect.
    hops.sort_by_key(|hop| hop.at);
    Ok(Trace {
        message_id,
        seq: message.seq,
        source_id: message.source_id,
        hops,
        deliveries,
    })
}

async fn events_of(
    conn: &impl ConnectionTrait,
    account: AccountId,
    message_id: MessageId,
) -> Result<Vec<Hop>> {
    let rows = events::Entity::find()
        .filter(events::Column::AccountId.eq(account.get()))
        .filter(events::Column::MessageId.eq(message_id.get()))
        .order_by_asc(events::Column::Id)
        .limit(EVENTS_MAX)
        .all(conn)
        .await?;
    rows.into_iter()
        .map(|row| {
            let event = event_of(&super::log::hot_row(row))?;
            let kind = HopKind::Event {
                id: event.id,
                name: event.name,
                origin: Box::new(event.origin),
            };
            Ok(Hop {
                at: event.occurred_at,
                kind,
            })
        })
        .collect()
}

async fn delivery_hops(conn: &impl ConnectionTrait, delivery: &DeliveryRecord) -> Result<Vec<Hop>> {
    let id = delivery.id;
    let mut hops = vec![Hop {
        at: delivery.created_at,
        kind: HopKind::Queued(id),
    }];
    for attempt in record::attempts_of(conn, id).await? {
        hops.push(Hop {
            at: attempt.started_at,
            kind: HopKind::Attempt(id, Box::new(attempt)),
        });
    }
    let end = match delivery.state {
        super::DeliveryState::Delivered => Some(HopKind::Delivered(id)),
        super::DeliveryState::Dead => Some(HopKind::Dead(id)),
        _ => None,
    };
    if let (Some(at), Some(kind)) = (delivery.finished_at, end) {
        hops.push(Hop { at, kind });
    }
    Ok(hops)
}
