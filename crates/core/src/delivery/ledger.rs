use std::sync::Arc;
use std::time::Duration;

use gatewright_store::hot::delivery::{self as hot, Finish, LeasedRow};
use tokio::time::Instant;

use super::claimed::events_of;
use super::failure::MessageFailures;
use super::{Claimed, FailMessage};
use crate::error::Result;
use crate::ids::{DeliveryId, ReceiverId};
use crate::kernel::Kernel;
use crate::receiver::ReceiverState;
use crate::time::Timestamp;

/// Who leases which delivery and how it ended, in the database. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    pub(super) kernel: Arc<Kernel>,
    pub(super) failures: Arc<dyn FailMessage>,
}

/// A receiver with queued deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// The receiver.
    pub receiver_id: ReceiverId,
    /// Whether it is served.
    pub state: ReceiverState,
    /// When one of its deliveries is due first; one that waits behind another counts, too.
    pub oldest_due_at: Timestamp,
    /// While it is probed: when the next probe is due.
    pub probe_due_at: Option<Timestamp>,
}

/// A lease as it is taken: dated before the statement, so that this node gives up first.
pub(super) struct NewLease {
    pub(super) row: hot::Lease,
    until: Instant,
}

impl Ledger {
    /// A ledger that marks messages failed whose delivery to their channel died.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self::with_failures(kernel, Arc::new(MessageFailures))
    }

    /// A ledger that reports dead letters of messages to `failures` instead.
    pub fn with_failures(kernel: Arc<Kernel>, failures: Arc<dyn FailMessage>) -> Self {
        Self { kernel, failures }
    }

    /// What all use cases share.
    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    /// How long a lease lasts: the longest exchange and some slack.
    pub fn lease_length(&self) -> Duration {
        let config = &self.kernel.config.delivery;
        config.timeout + config.lease_slack
    }

    /// Makes what is due be told by PostgreSQL's clock, so that nodes need not agree on the time.
    /// SQLite has none of its own.
    ///
    /// # Errors
    /// Database errors.
    pub async fn agree_on_time(&self) -> Result<()> {
        if let Some(time) = hot::clock(self.kernel.db.read()).await? {
            self.kernel.clock.agree(Timestamp(time));
        }
        Ok(())
    }

    /// The receivers that have queued deliveries, whatever their state.
    ///
    /// # Errors
    /// Database errors.
    pub async fn backlog(&self) -> Result<Vec<Backlog>> {
        let rows = hot::backlog(self.kernel.db.read()).await?;
        Ok(rows
            .into_iter()
            .map(|row| Backlog {
                receiver_id: ReceiverId(row.receiver_id),
                state: ReceiverState::from_code(row.state).unwrap_or(ReceiverState::Removed),
                oldest_due_at: Timestamp(row.oldest_due_at),
                probe_due_at: row.probe_due_at.map(Timestamp),
            })
            .collect())
    }

    /// The active receivers that have something due.
    ///
    /// # Errors
    /// Database errors.
    pub async fn due_receivers(&self) -> Result<Vec<ReceiverId>> {
        let now = self.kernel.steady();
        let due = |row: &Backlog| row.state == ReceiverState::Active && row.oldest_due_at <= now;
        Ok(self
            .backlog()
            .await?
            .iter()
            .filter(|row| due(row))
            .map(|row| row.receiver_id)
            .collect())
    }

    /// Leases up to `limit` due heads of an active receiver, the longest due first.
    ///
    /// # Errors
    /// Database errors.
    pub async fn claim(&self, receiver_id: ReceiverId, limit: usize) -> Result<Vec<Claimed>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let lease = self.new_lease();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = hot::claim(self.kernel.db.write(), receiver_id.get(), limit, lease.row).await?;
        self.claimed(rows, &lease).await
    }

    /// Notes that an attempt of a channel without idempotent send starts; false when its lease
    /// does not last for `left` any more. What was noted is never repeated without a person.
    ///
    /// # Errors
    /// Database errors.
    pub async fn start(&self, claimed: &Claimed, left: Duration) -> Result<bool> {
        let (held, now) = (claimed.held(), self.kernel.steady().0);
        Ok(hot::start(self.kernel.db.write(), held, micros(left), now).await?)
    }

    /// Queues again what was leased and not started.
    ///
    /// # Errors
    /// Database errors.
    pub async fn give_back(&self, claimed: &[Claimed]) -> Result<()> {
        if claimed.is_empty() {
            return Ok(());
        }
        let held: Vec<hot::Held> = claimed.iter().map(Claimed::held).collect();
        hot::give_back(self.kernel.db.write(), &held).await?;
        Ok(())
    }

    /// Tells the other nodes that something is queued for these receivers.
    ///
    /// # Errors
    /// Database errors.
    pub async fn notify(&self, receivers: &[ReceiverId]) -> Result<()> {
        let ids: Vec<i64> = receivers.iter().map(|receiver| receiver.get()).collect();
        Ok(hot::notify(self.kernel.db.write(), &ids).await?)
    }

    pub(super) fn new_lease(&self) -> NewLease {
        let length = self.lease_length();
        NewLease {
            until: Instant::now() + length,
            row: hot::Lease {
                now: self.kernel.steady().0,
                token: self.kernel.random.number(),
                length: micros(length),
            },
        }
    }

    /// Leased rows with their events. One whose event cannot be read becomes a dead letter.
    pub(super) async fn claimed(
        &self,
        rows: Vec<LeasedRow>,
        lease: &NewLease,
    ) -> Result<Vec<Claimed>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids: Vec<i64> = rows.iter().map(|row| row.event_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let events = events_of(&hot::events(self.kernel.db.read(), &ids).await?);
        let token = lease.row.token;
        let mut claimed = Vec::with_capacity(rows.len());
        let mut broken = Vec::new();
        for row in rows {
            match events.get(&row.event_id) {
                Some(event) => {
                    claimed.push(Claimed::new(&row, Arc::clone(event), token, lease.until));
                }
                None => broken.push(dead(&row, token, self.kernel.now())),
            }
        }
        if !broken.is_empty() {
            hot::finish(self.kernel.db.write(), &broken).await?;
        }
        Ok(claimed)
    }
}

fn dead(row: &LeasedRow, token: i64, now: Timestamp) -> Finish {
    tracing::error!(delivery_id = row.id, "its event is gone or unreadable");
    Finish {
        id: DeliveryId(row.id).get(),
        token,
        state: super::DeliveryState::Dead.code(),
        due_at: row.due_at,
        attempts: row.attempts,
        late: row.late,
        status: None,
        error: Some("its event is gone or unreadable".to_owned()),
        attempt_at: now.0,
        duration_ms: 0,
        finished_at: Some(now.0),
    }
}

/// A length in microseconds.
pub(super) fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX)
}
