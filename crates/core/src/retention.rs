//! What is kept no longer: removed by its age, in transactions of few rows with a pause after each,
//! so that whoever stores messages meanwhile waits little.
//!
//! | what | how long | where |
//! |---|---|---|
//! | events, deliveries, attempts, dead letters | `retention.events`, `retention.dead_letters` | [`crate::delivery::Ledger::prune`] |
//! | answers kept for an `Idempotency-Key` | `http.idempotency_ttl` | [`crate::idempotency`] |
//! | requests of providers, and their keys | `retention.inbound`, `retention.dead_letters` | `inbound` |
//! | uploads that no message took, rows and files | `retention.uploads` | `uploads` |
//! | files without a row | a day | [`crate::attachment::Attachments::sweep`] |

mod inbound;
#[cfg(test)]
mod tests;
mod uploads;

use std::sync::Arc;

use crate::attachment::Attachments;
use crate::error::Result;
use crate::idempotency;
use crate::kernel::Kernel;

/// Removes what is too old. Keeps in memory how far it has come where nothing old can turn up again.
pub struct Pruner {
    kernel: Arc<Kernel>,
    uploads: uploads::Cursor,
}

impl Pruner {
    /// A pruner that has seen nothing yet.
    pub fn new(kernel: Arc<Kernel>) -> Self {
        Self {
            kernel,
            uploads: uploads::Cursor::default(),
        }
    }

    /// Removes everything that is too old now. What fails is logged, and looked for again next
    /// time; dropped in between, it has removed less.
    pub async fn run(&mut self) {
        told("answers", self.answers().await);
        told(
            "inbound requests",
            inbound::prune_requests(&self.kernel).await,
        );
        told("inbound keys", inbound::prune_keys(&self.kernel).await);
        told("uploads", self.uploads.prune(&self.kernel).await);
        let files = Attachments::new(Arc::clone(&self.kernel));
        told("files that nobody has", files.sweep().await);
    }

    async fn answers(&self) -> Result<u64> {
        let mut removed = 0;
        loop {
            let (some, more) = idempotency::prune_some(&self.kernel).await?;
            removed += some;
            if !more {
                return Ok(removed);
            }
            self.kernel.breathe().await;
        }
    }
}

/// Counts in `gatewright_pruned_total{what}`, and logs.
fn told(what: &'static str, pruned: Result<u64>) {
    match pruned {
        Ok(0) => {}
        Ok(removed) => {
            metrics::counter!("gatewright_pruned_total", "what" => what).increment(removed);
            tracing::info!(what, removed, "what is kept no longer was removed");
        }
        Err(error) => tracing::warn!(
            what,
            error = &error as &dyn std::error::Error,
            "what is kept no longer could not be removed"
        ),
    }
}
