use std::collections::BTreeSet;

use gatewright_store::hot::delivery::{self as hot, SweptRow};
use sea_orm::DatabaseTransaction;

use super::claimed::events_of;
use super::failure::failing_message;
use super::ledger::micros;
use super::{DeliveryState, Ledger, schedule};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::ids::{DeliveryId, ReceiverId};
use crate::outbox::Recorded;
use crate::receiver::ReceiverState;
use crate::sabotage::{self, Bug};

/// What the sweeper did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Receivers whose deliveries were queued again.
    pub queued: BTreeSet<ReceiverId>,
    /// Deliveries that became dead letters.
    pub dead: Vec<DeliveryId>,
}

/// Rows per transaction.
const BATCH: i64 = 100;

/// Why a started attempt that nobody heard of again is not repeated.
const UNCERTAIN: &str = "uncertain: an attempt was started and its end is not known";

impl Ledger {
    /// Ends leases that ran out, and buries what is queued for receivers that are disabled or
    /// removed.
    ///
    /// # Errors
    /// Database errors; what was done before stays done.
    pub async fn sweep(&self) -> Result<Swept> {
        let mut swept = Swept::default();
        while self.expire_some(&mut swept).await? {}
        for row in self.backlog().await? {
            let reason = match row.state {
                ReceiverState::Disabled => "receiver disabled",
                ReceiverState::Removed => "receiver removed",
                ReceiverState::Active | ReceiverState::Probing => continue,
            };
            while self.bury_some(row.receiver_id, reason, &mut swept).await? {}
        }
        Ok(swept)
    }

    /// At the start of the only process of a SQLite database: ends the leases of earlier ones, and
    /// makes due what a clock that was set back since would make wait. On PostgreSQL leases of other
    /// nodes are left alone, and the clock is the database's.
    ///
    /// # Errors
    /// Database errors.
    pub async fn drop_leases(&self) -> Result<Swept> {
        let config = &self.kernel.config.delivery;
        let pause = schedule::longest(config).mul_f64(1.0 + config.jitter.max(0.0));
        let longest = micros(pause.max(config.probe_interval_max));
        hot::drop_leases(self.kernel.db.write(), self.kernel.steady().0, longest).await?;
        self.sweep().await
    }

    async fn expire_some(&self, swept: &mut Swept) -> Result<bool> {
        if sabotage::has(Bug::ForgetLease) {
            return Ok(false);
        }
        let tx = self.kernel.db.begin_write().await?;
        let rows = hot::expire(&tx, self.kernel.steady().0, UNCERTAIN, BATCH).await?;
        self.end(tx, rows, UNCERTAIN, swept).await
    }

    async fn bury_some(
        &self,
        receiver: ReceiverId,
        reason: &str,
        swept: &mut Swept,
    ) -> Result<bool> {
        let tx = self.kernel.db.begin_write().await?;
        let now = self.kernel.now().0;
        let rows = hot::bury(&tx, receiver.get(), now, reason, BATCH).await?;
        self.end(tx, rows, reason, swept).await
    }

    /// Commits a batch; whether there may be more.
    async fn end(
        &self,
        tx: DatabaseTransaction,
        rows: Vec<SweptRow>,
        reason: &str,
        swept: &mut Swept,
    ) -> Result<bool> {
        let recorded = self.fail_messages(&tx, &rows, reason).await?;
        tx.commit().await?;
        recorded.publish(&self.kernel);
        let more = rows.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
        for row in rows {
            if row.state == DeliveryState::Dead.code() {
                swept.dead.push(DeliveryId(row.id));
            } else {
                swept.queued.insert(ReceiverId(row.receiver_id));
            }
        }
        Ok(more)
    }

    /// Marks the messages failed whose delivery to their own channel died.
    pub(super) async fn fail_messages(
        &self,
        tx: &DatabaseTransaction,
        rows: &[SweptRow],
        reason: &str,
    ) -> Result<Recorded> {
        let mut recorded = Recorded::default();
        let dead: Vec<&SweptRow> = rows
            .iter()
            .filter(|row| row.state == DeliveryState::Dead.code())
            .collect();
        if dead.is_empty() {
            return Ok(recorded);
        }
        let mut receivers: Vec<i64> = dead.iter().map(|row| row.receiver_id).collect();
        receivers.sort_unstable();
        receivers.dedup();
        let healths = hot::health(tx, &receivers, &receivers).await?;
        let channels: BTreeSet<i64> = healths
            .iter()
            .filter(|row| row.kind == crate::receiver::ReceiverKind::Channel.code())
            .map(|row| row.id)
            .collect();
        let of_channels: Vec<&SweptRow> = dead
            .into_iter()
            .filter(|row| channels.contains(&row.receiver_id))
            .collect();
        let ids: Vec<i64> = of_channels.iter().map(|row| row.event_id).collect();
        if ids.is_empty() {
            return Ok(recorded);
        }
        let events = events_of(&hot::events(tx, &ids).await?);
        for row in of_channels {
            if let Some(event) = events.get(&row.event_id) {
                let receiver = ReceiverId(row.receiver_id);
                recorded.merge(self.fail_message(tx, event, reason, receiver).await?);
            }
        }
        Ok(recorded)
    }

    /// Marks the message of this event failed, if one fails with it.
    pub(super) async fn fail_message(
        &self,
        tx: &DatabaseTransaction,
        event: &Event,
        reason: &str,
        receiver: ReceiverId,
    ) -> Result<Recorded> {
        let Some(message_id) = failing_message(event) else {
            return Ok(Recorded::default());
        };
        match self
            .failures
            .fail_in(&self.kernel, tx, message_id, reason, receiver)
            .await
        {
            // The message's own affairs must not keep its delivery from ending.
            Err(Error::NotFound | Error::Unprocessable(_) | Error::Invalid(_)) => {
                tracing::warn!(%message_id, "a message could not be marked failed");
                Ok(Recorded::default())
            }
            result => result,
        }
    }
}
