//! The seam between the write path and the delivery engine of this node.

use std::sync::Arc;

use tokio::time::Instant;

use crate::event::Event;
use crate::ids::{DeliveryId, ReceiverId};

/// The delivery engine, as the write path sees it.
pub trait Dispatch: Send + Sync {
    /// Reserves a slot for a delivery to this receiver, if there is a free one here now.
    fn reserve(&self, receiver: ReceiverId) -> Option<Slot>;

    /// Takes deliveries that were stored as leased to this node. Never blocks.
    fn born(&self, deliveries: Vec<Born>);

    /// Sends what is not worth keeping, once, if there is a place to spare for its receiver here
    /// now; else drops it. Never blocks. The event is not in the log.
    fn ephemeral(&self, receiver: ReceiverId, event: Arc<Event>);

    /// Says that queued deliveries of these receivers may be due.
    fn wake(&self, receivers: &[ReceiverId]);
}

/// A reserved place in a receiver's queue; dropping it frees the place.
pub struct Slot {
    release: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Slot {
    /// A slot that calls `release` when it is dropped.
    pub fn new(release: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self {
            release: Some(Box::new(release)),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            release();
        }
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

/// A delivery that was stored as leased to this node.
#[derive(Debug)]
pub struct Born {
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
    /// When the lease ends, by this node's monotonic clock.
    pub lease_until: Instant,
    /// Its place.
    pub slot: Slot,
}

/// A dispatch that takes nothing: every delivery stays queued in the database.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDispatch;

impl Dispatch for NoDispatch {
    fn reserve(&self, _: ReceiverId) -> Option<Slot> {
        None
    }

    fn born(&self, _: Vec<Born>) {}

    fn ephemeral(&self, _: ReceiverId, _: Arc<Event>) {}

    fn wake(&self, _: &[ReceiverId]) {}
}
