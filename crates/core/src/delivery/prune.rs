use std::time::Duration;

use gatewright_store::hot::delivery as hot;

use super::Ledger;
use crate::error::Result;

/// How long what happened is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Events and their deliveries. What is open or a dead letter keeps its event longer.
    pub events: Duration,
    /// Dead letters, from when they died.
    pub dead_letters: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |n: u64| Duration::from_secs(n * 24 * 3600);
        Self {
            events: days(7),
            dead_letters: days(30),
        }
    }
}

/// Events looked at per query.
const WINDOW: i64 = 500;

impl Ledger {
    /// Removes old events with their deliveries and attempts, a batch per transaction, and answers
    /// how many events went. What is still to be delivered stays.
    ///
    /// # Errors
    /// Database errors; what was removed before stays removed.
    pub async fn prune(&self, retention: Retention) -> Result<u64> {
        let now = self.kernel.now();
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
