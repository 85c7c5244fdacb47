//! What waits for a receiver is given up.

use std::sync::Arc;

use gatewright_store::hot::delivery as hot;

use super::{Deliveries, Ledger};
use crate::caller::Caller;
use crate::error::Result;
use crate::ids::ReceiverId;
use crate::transaction::transact;

/// Deliveries per transaction.
const BATCH: i64 = 100;

/// Transactions per call.
const BATCHES: usize = 50;

/// What deliveries say that were given up.
const REASON: &str = "purged";

/// What one call has given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purged {
    /// How many deliveries.
    pub dead: u64,
    /// Whether there may be more, for another call.
    pub more: bool,
}

impl Deliveries {
    /// Makes dead letters of what is queued for a receiver, some per transaction; they can be
    /// replayed. A long queue takes several calls. What is being sent meanwhile ends as it ends.
    ///
    /// # Errors
    /// [`crate::error::Denied::Policy`]; [`crate::Error::NotFound`].
    pub async fn purge(&self, caller: &Caller, receiver: ReceiverId) -> Result<Purged> {
        caller.require_administrator()?;
        self.receiver_state(caller.account_id(), receiver).await?;
        let ledger = Ledger::new(Arc::clone(&self.kernel));
        let mut dead = 0;
        for _ in 0..BATCHES {
            let buried = self.bury(&ledger, receiver).await?;
            dead += buried;
            if buried < BATCH.unsigned_abs() {
                return Ok(Purged { dead, more: false });
            }
        }
        Ok(Purged { dead, more: true })
    }

    async fn bury(&self, ledger: &Ledger, receiver: ReceiverId) -> Result<u64> {
        let (kernel, now) = (&self.kernel, self.kernel.now().0);
        let (buried, recorded) = transact!(kernel, |tx| {
            let rows = hot::bury(tx, receiver.get(), now, REASON, BATCH).await?;
            let recorded = ledger.fail_messages(tx, &rows, REASON).await?;
            Ok((rows.len(), recorded))
        })
        .await?;
        recorded.publish(kernel);
        Ok(u64::try_from(buried).unwrap_or(u64::MAX))
    }
}
