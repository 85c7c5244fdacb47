use gatewright_store::hot::delivery as hot;

use super::Ledger;
use crate::error::Result;

/// Events looked at per query.
const WINDOW: i64 = 500;

impl Ledger {
    /// Removes old events with their deliveries and attempts, a batch per transaction, and answers
    /// how many events went: see [`crate::config::RetentionConfig`]. What is still to be delivered
    /// stays.
    ///
    /// # Errors
    /// Database errors; what was removed before stays removed.
    pub async fn prune(&self) -> Result<u64> {
        let (now, retention) = (self.kernel.now(), &self.kernel.config.retention);
        let old = now.minus(retention.events).0;
        let dead_before = now.minus(retention.dead_letters).0;
        let batch = usize::try_from(self.kernel.batch()).unwrap_or(1).max(1);
        let (mut after, mut pruned) = (0, 0);
        loop {
            let rows = hot::prune_window(self.kernel.db.read(), dead_before, after, WINDOW).await?;
            let Some(last) = rows.last() else {
                return Ok(pruned);
            };
            after = last.id;
            let gone: Vec<i64> = rows
                .iter()
                .filter(|row| row.occurred_at < old && !row.kept)
                .map(|row| row.id)
                .collect();
            for some in gone.chunks(batch) {
                let tx = self.kernel.db.begin_write().await?;
                pruned += hot::prune(&tx, some, dead_before).await?;
                tx.commit().await?;
                self.kernel.breathe().await;
            }
            // Ids rise with time, so a window without old events is followed by young ones only.
            if rows.iter().all(|row| row.occurred_at >= old) {
                return Ok(pruned);
            }
        }
    }
}
