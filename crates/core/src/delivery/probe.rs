use gatewright_store::hot::delivery as hot;

use super::ledger::micros;
use super::{Claimed, Ledger, Probe};
use crate::error::Result;
use crate::ids::ReceiverId;

impl Ledger {
    /// Leases the delivery that tries whether a receiver is back; none when it is not its time,
    /// another node does it, or nothing waits.
    ///
    /// Of the heads, the one tried least recently is taken, the oldest of those never tried: one
    /// delivery that its receiver cannot digest must not keep the receiver closed for all others.
    ///
    /// # Errors
    /// Database errors.
    pub async fn probe(&self, receiver_id: ReceiverId) -> Result<Option<Claimed>> {
        let lease = self.new_lease();
        let now = self.kernel.steady();
        let tx = self.kernel.db.begin_write().await?;
        let length = micros(self.lease_length());
        if !hot::take_probe(&tx, receiver_id.get(), now.0, length).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        let Some(row) = hot::claim_probe(&tx, receiver_id.get(), lease.row).await? else {
            tx.rollback().await?;
            return Ok(None);
        };
        tx.commit().await?;
        let due = row.due_at <= now.0;
        let claimed = self.claimed(vec![row], &lease).await?.pop();
        Ok(claimed.map(|claimed| Claimed {
            probe: Some(Probe { due }),
            ..claimed
        }))
    }
}
